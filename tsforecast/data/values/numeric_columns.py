"""Columns of a table as numbers, plain or dressed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.arrow import from_texts, holds_texts, text_scalar, texts_in, with_texts
from tsforecast.data.cell_errors import MIXED, CellError
from tsforecast.data.marks import Marks
from tsforecast.data.notes import Note
from tsforecast.data.table import Table
from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.values.dressed_numbers import (
    are_labels,
    decided_comma,
    looks_dressed,
    no_numbers,
    problem_in,
    undress,
)
from tsforecast.data.values.numbers import (
    beyond,
    first_group,
    is_missing,
    is_number,
    is_open,
    marker_hint,
    to_floats,
)
from tsforecast.data.words import quoted

_SAMPLE = 300
_PIECE = 65_536
_MOST_EXACT = 2.0**53
"""Whole numbers beyond this one have no place in 64-bit floats."""


def with_plain_numbers(table: Table, settings: DataSettings) -> Table:
    """Undress the columns of text that hold numbers with signs and separators; the cells stay as written.

    Cells that the settings call missing are emptied before; a number among them counts in columns of values only, so
    that an hour or a series may be called so.
    """
    table = _without_markers(table, settings.na)
    named = settings.decimal is not None or settings.thousands is not None
    plain: dict[str, Any] = {}
    marks: dict[str, Marks] = {}
    for name, column in table.columns.items():
        if not holds_texts(column) or not (named or is_dressed(column, table.decimal_comma)):
            continue
        found = undress(
            column,
            decimal=settings.decimal,
            thousands=settings.thousands,
            decimal_comma=table.decimal_comma,
        )
        if found is not None:
            plain[name], marks[name] = found
    table = replace(table, plain=plain, marks=marks) if plain else table
    return table if named or not table.decimal_comma else _with_commas_of_others(table)


def _with_commas_of_others(table: Table) -> Table:
    """Read commas that could mean two things as decimal marks where another column proves that they are."""
    import pyarrow.compute as pc

    plain, marks = dict(table.plain), dict(table.marks)
    left = [name for name, column in table.columns.items() if name not in plain and holds_texts(column)]
    for name in left:
        column = texts_in(table.columns[name])
        is_between = is_open(column) or (
            pc.any(pc.match_substring(column, ",")).as_py() and is_dressed(column, decimal_comma=True)
        )
        if is_between and any(_proves_comma(table, other) for other in table.names if other != name):
            found = undress(table.columns[name], decimal=",", thousands=None)
            if found is not None:
                plain[name] = found[0]
                marks[name] = replace(found[1], comma=comma_in_words(table, name))
    return replace(table, plain=plain, marks=marks) if len(plain) > len(table.plain) else table


def _proves_comma(table: Table, name: str) -> bool:
    """Whether the numbers of a column can only be read with a decimal comma."""
    import pyarrow.compute as pc

    if name in table.marks:
        return table.marks[name].decimal == "," and table.marks[name].has_decimals
    column = table.columns[name]
    if not holds_texts(column):
        return table.decimals.get(name) == ","
    if not pc.any(pc.match_substring(texts_in(column), ",")).as_py():
        return False
    try:
        to_floats(column, decimal_comma=True)
    except CellError:
        return False
    return True


def floats_of(table: Table, name: str) -> Floats:
    """Values of a column, NaN where one is missing (rows,).

    Raises:
        DataError: A cell holds neither a number nor a missing marker.
    """
    column = table.plain.get(name, table.columns[name])
    comma = table.decimal_comma and name not in table.plain
    with table.reading(name):
        try:
            values = to_floats(column, decimal_comma=comma)
        except CellError as error:
            better = problem_in(table.columns[name], error.row) if holds_texts(table.columns[name]) else None
            if better is None or not error.problem.endswith("is not a number"):
                raise
            if len(odd := no_numbers(table.columns[name])):
                text = str(table.columns[name][int(odd[0])].as_py())
                raise CellError(
                    int(odd[0]), f"{quoted(text)} is not a number", marker_hint(text), odd
                ) from None
            raise CellError(*better, error.rows, MIXED) from None
    return np.where(np.isin(values, table.markers), np.nan, values) if table.markers else values


def _without_markers(table: Table, markers: Sequence[str]) -> Table:
    """Empty the cells of text that are one of the texts, and remember the numbers."""
    import pyarrow.compute as pc

    if not markers:
        return table
    numbers = tuple(float(text) for text in markers if is_number(text))
    words = [text for text in markers if not is_number(text)]
    columns = dict(table.columns)
    for name, column in columns.items() if words else ():
        if holds_texts(column):
            texts = texts_in(column)
            found = pc.is_in(pc.utf8_trim_whitespace(texts), value_set=from_texts(words))
            columns[name] = with_texts(column, pc.if_else(found, text_scalar(""), texts))
    return replace(table, columns=columns, markers=numbers)


def number_notes(table: Table, names: Iterable[str | None], *, known_comma: bool = False) -> tuple[Note, ...]:
    """Say how columns were read that are dressed, or have a decimal comma that only some of their cells prove.

    Args:
        table: The table.
        names: Columns of numbers.
        known_comma: Whether a model knows that decimal comma already.
    """
    words = []
    for name in names:
        if name is not None and name in table.columns:
            comma = "" if known_comma else comma_in_words(table, name)
            words.append(replace(table.marks.get(name, Marks()), comma=comma).in_words(name))
    return tuple(Note(text) for text in words if text)


def comma_in_words(table: Table, name: str) -> str:
    """Say what decides the decimal comma of a column of numbers, "" where it is a matter of course or has none."""
    if name in table.marks or name in table.commas:
        return table.marks[name].comma if name in table.marks else table.commas[name]
    column = table.columns[name]
    cell = first_group(texts_in(column)) if table.decimal_comma and holds_texts(column) else ""
    return decided_comma(cell) if cell else ""


def precision_note(names: str, values: Floats) -> tuple[Note, ...]:
    """Warn of whole numbers too large to be kept to the last digit."""
    if not beyond(values, _MOST_EXACT):
        return ()
    large = np.abs(values) > _MOST_EXACT
    if (np.abs(values[large]) >= 1e25).all():
        return ()
    text = f"column {quoted(names)} holds numbers above 2^53, their last digits are rounded"
    return (Note(text, warning=True),)


def has_fractions(column: Any) -> bool:
    """Whether a column of floats has a value that is no whole number."""
    import pyarrow.compute as pc

    # A piece at a time: most columns tell in the first one, and none needs a second copy of itself.
    pieces = (column.slice(start, _PIECE) for start in range(0, len(column), _PIECE))
    return any(pc.any(pc.not_equal(piece, pc.floor(piece))).as_py() for piece in pieces)


def is_dressed(column: Any, decimal_comma: bool) -> bool:
    """Whether most cells of a sample are numbers, and some of them only with their dress off."""
    rows = len(column)
    places = np.unique(np.linspace(0, rows - 1, _SAMPLE).astype(np.int64))
    cells = [str(column[int(place)].as_py()) for place in places]
    cells = [cell for cell in cells if not is_missing(cell)]
    bare = [cell for cell in cells if not is_number(cell, decimal_comma=decimal_comma)]
    dressed = [cell for cell in bare if looks_dressed(cell) and not looks_dated(cell)]
    return bool(dressed) and len(bare) == len(dressed) and not are_labels(dressed)
