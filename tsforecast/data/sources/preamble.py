"""Lines above the header of a table, as banks and offices write them: ``Statement;;;``."""

from __future__ import annotations

from tsforecast.data.table import Table
from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.values.numbers import is_missing, is_number

_SEEN = 30
"""Rows among which a header is looked for."""


def refuse_preamble(table: Table) -> None:
    """Say so where the first line leaves names open and a later one gives them all.

    Raises:
        DataError: A line below the first is the header.
    """
    if not 0 < len(table.unnamed) < len(table.columns):
        return
    for row in range(min(_SEEN, table.rows)):
        cells = [str(column[row].as_py()).strip() for column in table.columns.values()]
        if len(set(cells)) == len(cells) and all(map(_is_name, cells)):
            line = table.line_of(row)
            hint = "leave the lines above it out" if line is None else f"--skip-rows {line - 1} begins there"
            raise table.error(
                "this looks like the header, and the lines above it like none", row=row, hint=hint
            )


def _is_name(cell: str) -> bool:
    return not is_missing(cell) and not is_number(cell, decimal_comma=True) and not looks_dated(cell)
