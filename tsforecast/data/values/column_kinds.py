"""What the columns of a table hold, judged by a sample of their cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from tsforecast.data.arrow import holds_texts
from tsforecast.data.table import Table
from tsforecast.data.times.time_shapes import is_month, is_yearless, looks_dated, yearless_hint
from tsforecast.data.values.dressed_numbers import are_labels, looks_dressed
from tsforecast.data.values.numbers import is_missing, is_number
from tsforecast.data.words import listed, quoted
from tsforecast.errors import DataError

Kind = Literal["time", "integer", "number", "text", "empty", "other"]

_SAMPLE = 300
_MOST = 0.8
"""Share of cells that make a column numeric: the others are then errors to be told, no other kind."""

_integer = re.compile(r"^[+-]?(?:\d{1,18}|[1-8]\d{18})$")
_date = re.compile(
    r"(?<!\d)(?:\d{4}([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2\d{4}|[A-Z][a-z]{2} \d\d? \d{4})(?!\d)"
)


def kinds_of(table: Table) -> dict[str, Kind]:
    """Kind of every column by name; a date is ``time``, whole numbers are ``integer`` and may be time too."""
    places = np.unique(np.linspace(0, table.rows - 1, _SAMPLE).astype(np.int64))
    return {
        name: _kind(table.plain.get(name, column), places, table.decimal_comma)
        for name, column in table.columns.items()
    }


_NUMBERED = re.compile(r"(\D+)([1-9]\d{0,5})")
_FIRST = 100
_FEWEST_ACROSS = 3
"""Numbered columns that may be steps."""


def kind_of(table: Table, name: str) -> Kind:
    """Kind of one column."""
    places = np.unique(np.linspace(0, table.rows - 1, _SAMPLE).astype(np.int64))
    return _kind(table.plain.get(name, table.columns[name]), places, table.decimal_comma)


def mostly(table: Table, name: str, test: Callable[[str], bool]) -> bool:
    """Whether most of the first cells of a column of text that are not empty pass a test."""
    column = table.columns[name]
    texts = [text for text in column.slice(0, _FIRST).to_pylist() if text] if holds_texts(column) else []
    return sum(map(test, texts)) > len(texts) / 2


def refuse_times_across(table: Table, times: Sequence[str]) -> None:
    """Say so where headings are times and none of the columns is.

    Raises:
        DataError: There is a column for each time.
    """
    dated = [name for name in table.names if looks_dated(name)]
    across = (dated if len(dated) > 1 else _numbered(table)) if not times else []
    if across:
        kind = "times" if across == dated else "steps"
        raise DataError(
            f"{table.source}: columns {listed([across[0], across[-1]], joint='to')} are {kind}, one column for each",
            hint="write one row per series and time, with the time in a column of its own",
        )


def _numbered(table: Table) -> list[str]:
    """Columns ``d_1, d_2, d_3`` beside one that names every row; none where no column does."""
    found = [_NUMBERED.fullmatch(name) for name in table.names]
    start = found[-1][1] if found[-1] is not None else ""
    numbers = [int(one[2]) for one in found if one is not None and one[1] == start]
    if not start or len(numbers) < _FEWEST_ACROSS or np.diff(numbers).tolist() != [1] * (len(numbers) - 1):
        return []
    others = table.names[: -len(numbers)]
    named = any(_names_rows(table, name) for name in others)
    return list(table.names[-len(numbers) :]) if named else []


def _names_rows(table: Table, name: str) -> bool:
    return kind_of(table, name) == "text" and len(table.columns[name].unique()) == table.rows > 1


def refuse_yearless(table: Table, names: Sequence[str]) -> None:
    """Say so where a column of text would be time if it had years.

    Raises:
        DataError: It holds days and months only.
    """
    for name in names:
        texts = _present(table.columns[name].unique().slice(0, _SAMPLE).to_pylist())
        if texts and all(map(is_yearless, texts)):
            kind = "months" if is_month(texts[0]) else "dates"
            raise DataError(
                f"{table.source}: column {quoted(name)} holds {kind} without a year, the first is {quoted(texts[0])}",
                hint=yearless_hint(texts[0]),
            )


def holds_dates(table: Table, name: str) -> bool:
    """Whether a date of numbers stands in most cells of a column of text, whatever stands beside it."""
    texts = _present(table.columns[name].unique().slice(0, _SAMPLE).to_pylist())
    return bool(texts) and sum(_date.search(text) is not None for text in texts) >= _MOST * len(texts)


def _kind(column: Any, places: Any, decimal_comma: bool) -> Kind:
    import pyarrow as pa

    types = pa.types
    if types.is_string(column.type) or types.is_dictionary(column.type):
        return _kind_of_text(column, places, decimal_comma)
    if column.null_count == len(column):
        return "empty"
    if types.is_timestamp(column.type) or types.is_date(column.type):
        return "time"
    if types.is_integer(column.type):
        return "integer"
    return "number" if types.is_floating(column.type) or types.is_decimal(column.type) else "other"


def _kind_of_text(column: Any, places: Any, decimal_comma: bool) -> Kind:
    cells = _present([column[int(place)].as_py() for place in places]) or _present(
        column.unique().slice(0, _SAMPLE).to_pylist()
    )
    if not cells:
        return "empty"
    enough = _MOST * len(cells)
    if sum(looks_dated(cell) for cell in cells) >= enough:
        return "time"
    if sum(is_number(cell, decimal_comma=decimal_comma) or looks_dressed(cell) for cell in cells) < enough:
        return "text"
    if are_labels(cells):
        return "text"
    whole = (_integer.match(cell) or not is_number(cell, decimal_comma=decimal_comma) for cell in cells)
    return "integer" if all(whole) else "number"


def _present(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells if not is_missing(cell)]
