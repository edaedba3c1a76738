"""Tables too large to be held as text: read and unpacked a piece at a time, as often as somebody looks."""

from __future__ import annotations

import io
import os
import stat
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.sources.intake import pieces, with_short_lines
from tsforecast.data.sources.paths import STDIN
from tsforecast.data.sources.source import RawSource, access, raw_source, standard_input
from tsforecast.data.sources.unpacking import MOST_BYTES, PastSmallError, packed_as, unpacked
from tsforecast.data.sources.workbook import is_workbook_file, is_workbook_stream
from tsforecast.data.words import printable
from tsforecast.errors import DataError

LARGE = 64 << 20
"""Plain files from this size on are streams (bytes)."""

PACKED = 1 << 20
"""Compressed files from this size on are, for they may unpack to a hundred times as much (bytes)."""

PIPED = 16 << 20
"""Bytes of a pipe, or out of a compressed file, that are taken into memory before it is one."""

_HEAD = 8
"""Bytes that tell how a file is compressed."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A table as it came.

    Attributes:
        name: What messages call it.
        path: The file, empty for standard input.
        kind: How it is compressed, None for plain text.
        size: As it is stored (bytes).
        opened: Opens it at its beginning.
    """

    name: str
    path: str
    kind: str | None
    size: int
    opened: Callable[[], BinaryIO]

    def parts(self, sha256: Any = None) -> Generator[bytes]:
        """Give its content a piece at a time.

        Args:
            sha256: Hash that takes the bytes in as they are stored.

        Raises:
            DataError: A line is too long, or what is packed is damaged or unpacks past the limit.
        """
        with self.opened() as file:
            if self.kind is not None and sha256 is not None:
                for part in pieces(file):
                    sha256.update(part)
                file.seek(0)
            if self.kind is not None:
                yield from unpacked(file, self.kind, self.name, self.size)
                return
            for part in with_short_lines(pieces(file), self.name):
                if sha256 is not None:
                    sha256.update(part)
                yield part

    def load(self, most: int = MOST_BYTES) -> RawSource:
        """Take all of it into the memory.

        Args:
            most: Bytes that may come out of packed ones.

        Raises:
            PastSmallError: There are more.
            AccessError: It does not fit, or cannot be read.
            DataError: It is cut off, or no table at all.
        """
        refuse_beyond_memory(self.size, self.name)
        with access(Path(self.path), self.name), self.opened() as file:
            data = b"".join(with_short_lines(pieces(file), self.name))
        return raw_source(self.name, data, self.path, most)


def hold(source: str | Path) -> RawSource | Stream:
    """Read a small table; hold a large one so that it can be read a piece at a time.

    Args:
        source: A path, or ``-`` for standard input.

    Raises:
        AccessError: It cannot be read.
        DataError: It is empty, cut off, or no table at all.
    """
    if str(source) == STDIN:
        return _from_pipe(standard_input(), "stdin", "")
    path, name = Path(source), printable(source, limit=400)
    with access(path, name):
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            with path.open("rb") as file:
                kind = packed_as(file.read(_HEAD))
            stream = Stream(name, str(path), kind, status.st_size, lambda: path.open("rb"))
            if status.st_size < (LARGE if kind is None else PACKED) or is_workbook_file(path):
                with suppress(PastSmallError):
                    return stream.load(PIPED)
            return stream
        with path.open("rb") as pipe:
            return _from_pipe(pipe, name, str(path))


def _from_pipe(pipe: BinaryIO, name: str, path: str) -> RawSource | Stream:
    """Read a pipe to its end; past its first bytes into a file without a name, for it comes only once."""
    coming = with_short_lines(pieces(pipe), name)
    first, size = [], 0
    for part in coming:
        first.append(part)
        size += len(part)
        if size >= PIPED:
            return _kept(chain(first, coming), name, path)
    try:
        return raw_source(name, b"".join(first), path, PIPED)
    except PastSmallError:
        return _kept(iter(first), name, path)


def _kept(coming: Iterator[bytes], name: str, path: str) -> RawSource | Stream:
    spool = _Spool()
    for part in coming:
        if not spool.add(part):
            # No folder for temporary files, or no room there: the memory must do.
            return raw_source(name, b"".join((*pieces(spool.opened()), part, *coming)), path)
        if spool.size > MOST_BYTES:
            raise DataError(
                f"{name} has more than {MOST_BYTES >> 30} GiB", hint="write it to a file, and split that"
            )
    head = spool.read(0, _HEAD)
    stream = Stream(name, path, packed_as(head), spool.size, spool.opened)
    return stream.load() if is_workbook_stream(spool.opened()) else stream


class _Spool:
    """A temporary file without a name, of which there may be several readers."""

    def __init__(self) -> None:
        self.size = 0
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None

    def add(self, part: bytes) -> bool:
        """Write at the end, False where that is not possible."""
        import tempfile  # brings much along that only pipes need

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the table
                weakref.finalize(self, self._file.close)
            with self._lock:
                self._file.seek(self.size)
                left = memoryview(part)
                while left:
                    left = left[self._file.write(left) :]
        except OSError:
            return False
        self.size += len(part)
        return True

    def read(self, start: int, count: int) -> bytes:
        """Read from a place on."""
        if self._file is None:
            return b""
        with self._lock:
            self._file.seek(start)
            return self._file.read(min(count, self.size - start))

    def opened(self) -> BinaryIO:
        """Open it at its beginning."""
        return io.BufferedReader(_SpoolReader(self))


class _SpoolReader(io.RawIOBase):
    def __init__(self, spool: _Spool) -> None:
        super().__init__()
        self._spool = spool
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._spool.size}[whence]
        self._place = max(start + offset, 0)
        return self._place

    def readinto(self, buffer: Any) -> int:
        part = self._spool.read(self._place, len(buffer))
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)
