"""Rows with fewer cells than the header, left out or filled up by request; every other line stays where it was."""

from __future__ import annotations

import csv
import io

from tsforecast.data.notes import Note
from tsforecast.data.sources.dialect import Dialect
from tsforecast.data.words import counted


def without_short_rows(data: bytes, dialect: Dialect, how: str) -> tuple[bytes, int, tuple[Note, ...]]:
    """Text without its short rows, how many there were, and a sentence about them.

    Args:
        data: Decoded text of the file.
        dialect: How it is written.
        how: ``skip`` leaves such rows out, ``fill`` gives them empty cells at their end.
    """
    lines = list(io.StringIO(data.decode(), newline=""))
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    width, start, found, header = len(dialect.names), 0, [], dialect.has_header
    try:
        for row in reader:
            end = reader.line_num
            if row and not header and len(row) < width:
                found.append(start + 1)
                last = lines[end - 1].rstrip("\r\n")
                missing = dialect.delimiter * (width - len(row))
                lines[start:end] = (
                    ["\n"] * (end - start)
                    if how == "skip"
                    else [*lines[start : end - 1], f"{last}{missing}\n"]
                )
            header = header and not row
            start = end
    except csv.Error:
        return data, 0, ()  # whoever parses it next says what is wrong
    if not found:
        return data, 0, ()
    done = "left out" if how == "skip" else "filled up with empty cells"
    first = f"line {found[0]}" if len(found) == 1 else f"the first is line {found[0]}"
    text = f"{counted(len(found), 'row')} with fewer cells than the header {done}, {first}"
    return "".join(lines).encode(), len(found), (Note(text, warning=True),)
