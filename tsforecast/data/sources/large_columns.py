"""The columns of a large table: which are floats from the first, and all of them gathered from its pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.arrow import give_back_memory
from tsforecast.data.cell_errors import CellError
from tsforecast.data.column_names import is_id_name, time_rank
from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.panel import Schema
from tsforecast.data.sources.gathering import Numbers, Texts
from tsforecast.data.sources.streams import Stream
from tsforecast.data.table import Table
from tsforecast.data.values.column_kinds import kinds_of
from tsforecast.data.values.numbers import LARGEST, beyond, to_floats
from tsforecast.data.values.numeric_columns import has_fractions

HEAD = 1 << 20
"""Bytes that decide how a large file is read."""

_OFTEN = 32
"""Pieces between two looks at the memory that is free."""

_SURPLUS = 1.05
"""Rows that are made room for, beside those that the first ones let expect."""


class OtherCellsError(Exception):
    """A column of floats holds something else, further down."""


def float_columns(first: Table, settings: DataSettings, like: Schema | None) -> dict[str, str]:
    """Columns that are read as floats, and the decimal mark that they show; all others are text.

    Args:
        first: The first rows, their numbers plain.
        settings: How the table is written.
        like: What a model remembers of its own table.
    """
    kinds = kinds_of(first)
    shown = {
        column: _decimal_of(first, column)
        for column in first.names
        if kinds[column] == "number" and not (is_id_name(column) or _may_be_time(column, settings))
    }
    if like is not None and (like.decimal or like.thousands):
        # What differs from the model's table is judged by its text.
        shown = {column: mark for column, mark in shown.items() if mark == like.decimal}
    return {column: mark for column, mark in shown.items() if mark}


def decimals_of(columns: Mapping[str, Any], floats: Mapping[str, str]) -> dict[str, str]:
    """Decimal marks that columns of floats prove, as `Table` wants them."""
    return {name: mark for name, mark in floats.items() if mark != "." or has_fractions(columns[name])}


def expected_rows(stream: Stream, rows: int, size: int) -> int:
    """Rows of a file, a little more than its beginning lets expect; 0 where its packed size says nothing.

    Args:
        stream: The file.
        rows: How many rows its beginning holds.
        size: Bytes of that beginning.
    """
    return 0 if stream.kind is not None else int(_SURPLUS * stream.size * rows / size)


class Gathering:
    """Columns that come piece by piece."""

    def __init__(self, names: Iterable[str], floats: Iterable[str], source: str, expected: int = 0) -> None:
        """Begin with no rows.

        Args:
            names: Of the columns; others may come later, and are text that is empty until then.
            floats: Those that hold numbers.
            source: What messages call the table.
            expected: Rows that will come, about.
        """
        kept = frozenset(floats)
        self._columns: dict[str, Numbers | Texts] = {
            name: Numbers(expected) if name in kept else Texts(expected) for name in names
        }
        self._source = source
        self._floats = len(kept)
        self._pieces = 0
        self.rows = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Columns by first appearance."""
        return tuple(self._columns)

    def add(self, rows: int, pieces: Mapping[str, Any]) -> None:
        """Take in some rows: 64-bit floats or texts as a dictionary array of every column.

        Raises:
            OtherCellsError: A number is too large to be one.
            AccessError: What the columns need besides themselves on the way to a panel is more than the memory that
                is free.
        """
        for name in pieces:
            if name not in self._columns:
                self._columns[name] = late = Texts()
                late.add_empty(self.rows)
        self.rows += rows
        if self._pieces % _OFTEN == 0:
            width = 4 * (len(self._columns) + self._floats)
            refuse_beyond_memory(2 * width * self.rows, self._source)
        self._pieces += 1
        for name, into in self._columns.items():
            values = into.add(pieces[name])
            if values is not None and beyond(values, LARGEST):
                raise OtherCellsError

    def columns(self) -> dict[str, Any]:
        """Give all of them; what was gathered is given up."""
        give_back_memory()
        return {name: self._columns.pop(name).column() for name in self.names}


def _may_be_time(name: str, settings: DataSettings) -> bool:
    return name == settings.time or time_rank(name) < time_rank("")


def _decimal_of(table: Table, name: str) -> str:
    """Decimal mark that the numbers of a column show; "" where they are not plain, or could mean two things."""
    import pyarrow.compute as pc

    marks = table.marks.get(name)
    if marks is not None:
        plain = not (marks.sign or marks.thousands or marks.negative) and marks.has_decimals
        return marks.decimal if plain else ""
    column = table.columns[name]
    commas, points = (pc.any(pc.match_substring(column, mark)).as_py() for mark in ",.")
    if commas == points or (commas and not table.decimal_comma):
        return ""
    try:
        to_floats(column, decimal_comma=table.decimal_comma)
    except CellError:
        return ""
    return "," if commas else "."
