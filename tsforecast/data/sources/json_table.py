"""JSON lines: one object per line, its cells kept as they are written, so that they read as those of a CSV file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tsforecast.data.arrow import from_texts
from tsforecast.data.sources.dialect import decode
from tsforecast.data.table import Table
from tsforecast.data.words import printable, quoted
from tsforecast.errors import DataError

_FLATTEN = (
    '. as $o | reduce paths(type != "object" and type != "array") as $p '
    '({}; .[$p | map(tostring) | join(".")] = ($o | getpath($p)))'
)
"""Program for jq: values of all levels under joined keys, so that none overwrites another of the same name."""
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
    rows = JsonRows(source)
    rows.add(data)
    return Table(
        source=source,
        columns=rows.columns(),
        rows=len(rows.lines),
        line_of=lambda row: rows.lines[row],
        notes=notes,
    )


class JsonRows:
    """Rows of JSON lines, every cell as it is written.

    Attributes:
        lines: Physical line of each row.
    """

    def __init__(self, source: str, names: Iterable[str] = ()) -> None:
        """Begin with no rows.

        Args:
            source: What messages call the file.
            names: Keys of rows above.
        """
        self._source = source
        self._cells: dict[str, list[str]] = {name: [] for name in names}
        self.lines: list[int] = []

    def add(self, text: bytes, above: int = 0) -> None:
        """Take in some lines.

        Args:
            text: UTF-8, cut at the ends of lines.
            above: Lines of the file above them.

        Raises:
            DataError: A line is no object, or holds more than plain values.
        """
        for number, line in enumerate(text.split(b"\n"), start=above + 1):
            if line.strip():
                self._add(_cells(line, self._source, number))
                self.lines.append(number)

    def columns(self) -> dict[str, Any]:
        """Give the column of each key, "" where a row lacks it."""
        return {name: from_texts(cells) for name, cells in self._cells.items()}

    def _add(self, row: dict[str, str]) -> None:
        for key, cell in row.items():
            if key not in self._cells:
                self._cells[key] = [""] * len(self.lines)
            self._cells[key].append(cell)
        for column in self._cells.values():
            if len(column) == len(self.lines):
                column.append("")
        if len(self._cells) > _MOST_KEYS:
            raise DataError(
                f"{self._source} has more than {_MOST_KEYS} different keys",
                hint="one row per series and time needs few",
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
    if b"\\ud" in line or b"\\uD" in line:
        _refuse_half_letters(found, source, number)
    return found


def _refuse_half_letters(row: dict[str, str], source: str, number: int) -> None:
    r"""Refuse ``\ud83d`` without the other half of its letter, for which there is no text."""
    for key, cell in row.items():
        try:
            (key + cell).encode()
        except UnicodeEncodeError:
            raise DataError(
                f"key {quoted(key)} holds half a letter, a \\u escape without the one that belongs to it",
                hint="write the file again with whole letters; \\ud83d\\ude00 is one",
                file=source,
                line=number,
            ) from None


def _flattening(key: str, value: Any) -> str:
    """Command that gives every value inside of objects a key of its own, "" where the value is no object."""
    if not (isinstance(value, list) and value and all(isinstance(one, tuple) for one in value)):
        return ""
    return f"; jq -c '{_FLATTEN}' FILE gives every value its own, such as {quoted(f'{key}.{value[0][0]}')}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
