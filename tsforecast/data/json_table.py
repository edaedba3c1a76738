"""JSON lines: one object per line, its cells kept as they are written, so that they read as those of a CSV file."""

from __future__ import annotations

import json
import re
from typing import Any

from tsforecast.data.arrow import from_texts
from tsforecast.data.dialect import decode
from tsforecast.data.tables import Table
from tsforecast.data.words import printable, quoted
from tsforecast.errors import DataError

_PLAIN_KEY = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_MOST_KEYS = 10_000
"""Keys that all objects of a file may have together."""


def is_json(content: bytes) -> bool:
    """Whether a file begins as JSON does."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_json_lines(content: bytes, source: str) -> Table:
    """Table from one object per line; a key that is absent is an empty cell.

    Raises:
        DataError: A line is no object, or holds more than plain values.
    """
    data, notes = decode(content, source)
    columns: dict[str, list[str]] = {}
    lines: list[int] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        for key, cell in _cells(line, source, number).items():
            if key not in columns:
                columns[key] = [""] * len(lines)
            columns[key].append(cell)
        lines.append(number)
        for column in columns.values():
            if len(column) < len(lines):
                column.append("")
        if len(columns) > _MOST_KEYS:
            raise DataError(
                f"{source} has more than {_MOST_KEYS} different keys",
                hint="one row per series and time needs few",
            )
    return Table(
        source=source,
        columns={name: from_texts(cells) for name, cells in columns.items()},
        rows=len(lines),
        line_of=lambda row: lines[row],
        notes=notes,
    )


def _cells(line: bytes, source: str, number: int) -> dict[str, str]:
    try:
        row = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=lambda pairs: pairs
        )
    except (ValueError, RecursionError) as error:
        hint = "write one object per line; jq -c '.[]' FILE does that"
        what = "is not closed in its line" if line.lstrip()[:1] in (b"[", b"{") else "is no JSON"
        column = getattr(error, "colno", None)
        raise DataError(f"the line {what}", hint=hint, file=source, line=number, column=column) from None
    if not line.lstrip().startswith(b"{"):
        raise DataError(
            f"the line holds {quoted(printable(line[:40].decode(errors='replace')))}, not an object",
            hint="write one object per line; jq -c '.[]' FILE does that",
            file=source,
            line=number,
        )
    found: dict[str, str] = {}
    for key, value in row:
        if key in found or isinstance(value, list):
            problem = "stands twice" if key in found else "holds more than one value"
            raise DataError(
                f"key {quoted(key)} {problem}",
                hint=f"give every key one plain value{_flattening(key, value)}",
                file=source,
                line=number,
            )
        found[key] = _text(value)
    return found


def _flattening(key: str, value: Any) -> str:
    """Command that lifts what stands in an object one level up, "" where the value is none."""
    inside = isinstance(value, list) and value and all(isinstance(one, tuple) for one in value)
    if not inside or not _PLAIN_KEY.fullmatch(key):
        return ""
    return f"; jq -c '. + .{key} | del(.{key})' FILE puts the keys in {quoted(key)} beside the others"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
