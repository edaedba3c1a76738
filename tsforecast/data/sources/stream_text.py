"""The text of a large table: decoded, and without what stands above its header, a piece at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from tsforecast.data.notes import Note
from tsforecast.data.sources.dialect import (
    CONTROLS,
    WINDOWS_ONLY,
    marked_encoding,
    marked_note,
    unmarked_encoding,
    without_preamble,
)
from tsforecast.data.sources.streams import Stream


class OddError(Exception):
    """Something that the reader of small files understands, or refuses with a reason."""


class OtherEncodingError(OddError):
    """Bytes that are no UTF-8, and nobody has said what else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeText:
    """A stream, and how its bytes become text.

    Attributes:
        stream: The file.
        encoding: Of its text, None for that of its mark, or for UTF-8.
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
            Its beginning, all of it in UTF-8 a piece at a time, and what had to be decided.

        Raises:
            OddError: It cannot be decoded.
            OtherEncodingError: It is not UTF-8, and neither marked nor named.
            DataError: It cannot be unpacked.
        """
        stored = self.stream.parts(sha256)
        first = next(stored, b"")
        marked = marked_encoding(first)
        encoding = self.encoding or marked
        notes = (marked_note(self.stream.name, marked),) if marked and not self.encoding else self.notes
        parts = chain([first], stored)
        decoded = _decoded(parts, encoding) if encoding else _checked(parts)
        head = next(decoded, b"").removeprefix(codecs.BOM_UTF8)
        head, comments = without_preamble(head, self.skip_rows)
        return head, chain([head], decoded), (*notes, *comments)

    def lines(self) -> Iterable[str]:
        """Give its lines, each with its end."""
        _, parts, _ = self.opened()
        return io.TextIOWrapper(as_file(parts), encoding="utf-8", newline="")


def in_found_encoding(text: LargeText) -> LargeText:
    """Text that is no UTF-8 in the encoding that a small file like it is read in.

    Raises:
        OddError: None fits.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
    windows = False
    for part in text.stream.parts():
        # UTF-8 in another place is a reason to ask.
        if CONTROLS.search(part) or not decoder.decode(part).isascii():
            raise OddError
        windows = windows or WINDOWS_ONLY.search(part) is not None
    encoding, note = unmarked_encoding(text.stream.name, _first_other_line(text.stream), windows=windows)
    return replace(text, encoding=encoding, notes=(note,))


def _first_other_line(stream: Stream) -> int:
    """Line of the first byte that is no UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    try:
        for part in stream.parts():
            decoder.decode(part)
            line += part.count(b"\n")
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
    return line


def as_file(parts: Iterator[bytes]) -> io.BufferedReader:
    """Pieces of a file as an open one."""
    return io.BufferedReader(_Pieces(parts))


def _checked(parts: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for part in parts:
            if not part.isascii() or decoder.getstate()[0]:
                decoder.decode(part)
            yield part
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        raise OtherEncodingError from None


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
