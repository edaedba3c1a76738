"""Bytes as they come in, piece by piece, so that a line without end is refused before it fills the memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from tsforecast.data.sources.dialect import LONGEST_LINE
from tsforecast.errors import DataError

PIECE = 1 << 20
"""Bytes that are read at once; at most half of the longest line."""

PARQUET = b"PAR1"
ARROW = b"ARROW1"
ARROW_STREAM = b"\xff\xff\xff\xff"
"""First bytes of files of columns; a stream is what one program sends another, in files called ``.arrows``."""

_END = ord("\n")

_NO_LINES = (
    PARQUET,
    ARROW,
    ARROW_STREAM,
    b"FEA1",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"SQLite",
)
"""First bytes of files that have no lines."""


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Read a stream to its end."""
    while piece := stream.read(PIECE):
        yield piece


def with_short_lines(parts: Iterable[bytes], name: str, longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """Pass pieces of a file on as long as its lines are those of a table.

    Args:
        parts: Of one file in order.
        name: What messages call it.
        longest: Bytes that a line may have.

    Raises:
        DataError: A line is longer.
    """
    return (part for part, _ in with_lines(parts, name, longest))


def with_lines(parts: Iterable[bytes], name: str, longest: int = LONGEST_LINE) -> Iterator[tuple[bytes, int]]:
    """Do what `with_short_lines` does, and count the lines that have ended with each piece; 0 where there are none."""
    line, lines, has_lines = 0, 0, True
    for number, part in enumerate(parts):
        has_lines = has_lines and not (number == 0 and has_no_lines(part))
        if has_lines:
            ends = [end for end in (part.find(b"\n"), part.find(b"\r")) if end >= 0]
            if line + (min(ends) if ends else len(part)) > longest:
                raise too_long(name, lines + 1, longest)
            last = max(part.rfind(b"\n"), part.rfind(b"\r"))
            line = len(part) - last - 1 if ends else line + len(part)
            # Faster than bytes can count what there is much of.
            lines += int(np.count_nonzero(np.frombuffer(part, dtype=np.uint8) == _END))
        yield part, lines


def has_no_lines(head: bytes) -> bool:
    """Whether a file that begins so is no text."""
    return head.startswith(_NO_LINES)


def too_long(name: str, line: int, longest: int) -> DataError:
    """Describe a line that nobody wrote by hand."""
    return DataError(
        f"a line is longer than {longest >> 20} MiB",
        hint="check that this is a table, and that its lines end",
        file=name,
        line=line,
    )
