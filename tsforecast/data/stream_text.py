"""The text of a large table: decoded, and without what stands above its header, a piece at a time."""

from __future__ import annotations

import codecs
import io
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tsforecast.data.dialect import marked_encoding, marked_note, without_preamble
from tsforecast.data.panel import Note
from tsforecast.data.streams import Stream


class OddError(Exception):
    """Something that the reader of small files understands, or refuses with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeText:
    """A stream, and how its bytes become text.

    Attributes:
        stream: The file.
        encoding: Of its text, None for that of its mark, or UTF-8.
        skip_rows: Lines above the header that are no table.
        notes: How the encoding was found.
    """

    stream: Stream
    encoding: str | None = None
    skip_rows: int = 0
    notes: tuple[Note, ...] = ()

    def opened(self, sha256: Any = None) -> tuple[bytes, Iterator[bytes], tuple[Note, ...]]:
        """Open it at its beginning.

        Args:
            sha256: Hash that takes the bytes in as they are stored.

        Returns:
            Its beginning, all of it a piece at a time, and what had to be decided; UTF-8 unless its pieces are no
            text.

        Raises:
            OddError: It cannot be decoded.
            DataError: It cannot be unpacked.
        """
        stored = self.stream.parts(sha256)
        first = next(stored, b"")
        marked = marked_encoding(first)
        encoding = self.encoding or marked
        notes = (marked_note(self.stream.name, marked),) if marked and not self.encoding else self.notes
        parts = chain([first], stored)
        decoded = _decoded(parts, encoding) if encoding else parts
        head = next(decoded, b"").removeprefix(codecs.BOM_UTF8)
        head, comments = without_preamble(head, self.skip_rows)
        return head, chain([head], decoded), (*notes, *comments)

    def lines(self) -> Iterable[str]:
        """Give its lines, each with its end."""
        _, parts, _ = self.opened()
        return io.TextIOWrapper(as_file(parts), encoding="utf-8", newline="")


def as_file(parts: Iterator[bytes]) -> io.BufferedReader:
    """Pieces of a file as an open one."""
    return io.BufferedReader(_Pieces(parts))


def _decoded(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    try:
        if not isinstance("".encode(encoding), bytes):
            raise OddError
        decoder = codecs.getincrementaldecoder(encoding)()
        for part in parts:
            yield decoder.decode(part).encode()
        yield decoder.decode(b"", True).encode()
    except (LookupError, UnicodeError):
        raise OddError from None


class Stoppable:
    """Pieces of a file that end as soon as nobody wants more of them, also for a thread that reads ahead."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._lock:
            return next(self._parts)

    def stop(self) -> None:
        """End them, after the one that is just being read."""
        with self._lock:
            self._parts = iter(())


class _Pieces(io.RawIOBase):
    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
