"""Rows of which every cell is empty, as spreadsheets leave them below a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.arrow import (
    codes_of_rows,
    holds_texts,
    in_one_piece,
    looked_up,
    present,
    taken,
    text_scalar,
    texts_in,
    to_flags,
)
from tsforecast.data.calendar_grid import Ints
from tsforecast.data.panel import Note
from tsforecast.data.tables import Table
from tsforecast.data.words import counted


def without_empty_rows(table: Table) -> Table:
    """Leave out rows without anything in them, and say so; a table of nothing else stays as it is."""
    rows: Ints | None = None
    for column in table.columns.values():
        here = column if rows is None else taken(column, rows)
        empty = np.flatnonzero(_empty(here))
        rows = empty if rows is None else rows[empty]
        if not len(rows):
            return table
    if rows is None or len(rows) == table.rows:
        return table
    where = table.place(int(rows[0]))
    said = (
        f"{counted(len(rows), 'empty row')} left out, {where if len(rows) == 1 else f'the first is {where}'}"
    )
    kept = table.take(np.setdiff1d(np.arange(table.rows), rows))
    return replace(kept, notes=(*table.notes, Note(said)))


def _empty(column: Any) -> Any:
    """Which cells hold nothing (rows,)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not holds_texts(column):
        return ~present(column)
    nothing = to_flags(pc.equal(pc.utf8_trim_whitespace(texts_in(column)), text_scalar("")))
    if not pa.types.is_dictionary(column.type):
        return nothing
    whole = in_one_piece(column)
    return looked_up(nothing, codes_of_rows(whole)) if nothing.any() else np.zeros(len(whole), np.bool_)
