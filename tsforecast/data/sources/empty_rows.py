"""Rows of which every cell is empty, as spreadsheets leave them below a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrow import (
    codes_of_rows,
    holds_texts,
    in_one_piece,
    looked_up,
    present,
    text_scalar,
    texts_in,
    to_flags,
)
from tsforecast.data.notes import Note
from tsforecast.data.table import Table
from tsforecast.data.words import counted


def without_empty_rows(table: Table) -> Table:
    """Leave out rows without anything in them, and say so; of a table of nothing else one stays, to be told."""
    empty: NDArray[np.bool_] | None = None
    for column in table.columns.values():
        empty = _empty(column) if empty is None else empty & _empty(column)
        if not empty.any():
            return table
    if empty is None or len(empty) == 1:
        return table
    if empty.all():
        return table.take(np.arange(1))
    first, number = int(np.argmax(empty)), int(np.count_nonzero(empty))
    where = table.place(first)
    said = f"{counted(number, 'empty row')} left out, {where if number == 1 else f'the first is {where}'}"
    kept = table.take(np.flatnonzero(~empty))
    return replace(kept, notes=(*table.notes, Note(said)))


def _empty(column: Any) -> NDArray[np.bool_]:
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
