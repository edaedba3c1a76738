"""The text of a large table: decoded, and without what stands above its header, a piece at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.dialect import marked_encoding, marked_note, without_preamble
from tsforecast.data.panel import Note
from tsforecast.data.streams import Stream


class OddError(Exception):
    """Something that the reader of small files understands, or refuses with a reason."""


def text_of(
    stream: Stream, settings: DataSettings, sha256: Any = None
) -> tuple[bytes, Iterator[bytes], tuple[Note, ...]]:
    """Open the text of a stream.

    Args:
        stream: The file.
        settings: Its encoding, and lines to pass over.
        sha256: Hash that takes the bytes in as they are stored.

    Returns:
        Its beginning, all of it a piece at a time, and what had to be decided; UTF-8 unless its pieces are no text.

    Raises:
        OddError: It cannot be decoded.
        DataError: It cannot be unpacked.
    """
    stored = stream.parts(sha256)
    first = next(stored, b"")
    marked = marked_encoding(first)
    encoding = settings.encoding or marked
    notes = (marked_note(stream.name, marked),) if marked and not settings.encoding else ()
    parts = chain([first], stored)
    decoded = _decoded(parts, encoding) if encoding else parts
    head = next(decoded, b"").removeprefix(codecs.BOM_UTF8)
    head, comments = without_preamble(head, settings.skip_rows)
    return head, chain([head], decoded), (*notes, *comments)


def lines_in(stream: Stream, settings: DataSettings) -> Iterable[str]:
    """Lines of a stream, each with its end."""
    _, parts, _ = text_of(stream, settings)
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
