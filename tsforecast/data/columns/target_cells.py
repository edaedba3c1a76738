"""Cells of the targets as numbers or codes of classes, and the series that each row belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Codes, Floats
from tsforecast.data.arrow import code_type, text_scalar
from tsforecast.data.cell_errors import CellError
from tsforecast.data.columns.class_cells import read_classes, with_classes_proposed
from tsforecast.data.columns.id_columns import refuse_missing_ids
from tsforecast.data.columns.roles import Roles
from tsforecast.data.notes import Note
from tsforecast.data.series_ids import join_id, split_id
from tsforecast.data.table import Table
from tsforecast.data.values.distinct import codes_of
from tsforecast.data.values.numeric_columns import floats_of
from tsforecast.errors import DataError

Series = tuple[Codes, list[str], Floats, dict[int, DataError]]
"""Series of each row, names, values, and what could not be read, by series."""


def _floats(table: Table, name: str, codes: Codes, *, skip: bool) -> tuple[Floats, dict[int, DataError]]:
    """Values of a column and, instead of raising it, the first error of each series if asked to."""
    errors: dict[int, DataError] = {}
    while True:
        try:
            return floats_of(table, name), errors
        except DataError as error:
            row = error.__context__.row if isinstance(error.__context__, CellError) else 0
            if not skip or int(codes[row]) in errors:
                raise
            errors[int(codes[row])] = error
            table = blanked(table, name, codes == codes[row])


def blanked(table: Table, name: str, rows: NDArray[np.bool_]) -> Table:
    """Take the cells of some rows out of a column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def without(columns: Mapping[str, Any]) -> dict[str, Any]:
        column = columns[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        nothing = text_scalar("") if pa.types.is_string(column.type) else pa.scalar(None, column.type)
        return {**columns, name: pc.if_else(pa.array(~rows), column, nothing)}

    plain = without(table.plain) if name in table.plain else table.plain
    return replace(table, columns=without(table.columns), plain=plain)


def target_cells(table: Table, roles: Roles, *, skip: bool) -> Series:
    """Read the targets, those of several columns one column after the other.

    Args:
        table: The table.
        roles: What its columns mean.
        skip: Return the first error of each series instead of raising it.

    Raises:
        DataError: A cell is no number, or a row has no id.
    """
    return _wide(table, roles, skip) if roles.layout == "wide" else _long(table, roles, skip)


def _wide(table: Table, roles: Roles, skip: bool) -> Series:
    """Series of one id stand side by side, in the order of their columns."""
    owners, ids = _series_of_rows(table, roles)
    number = len(roles.series_columns)
    # Written in place: pieces that are joined at the end would be in memory twice.
    values = np.empty((number, table.rows))
    codes = np.empty(values.shape, dtype=code_type(len(ids) * number))
    errors = dict[int, DataError]()
    for place, name in enumerate(roles.series_columns):
        values[place], wrong = _floats(table, name, owners, skip=skip)
        np.multiply(owners, number, out=codes[place], dtype=codes.dtype, casting="same_kind")
        codes[place] += place
        errors |= {number * owner + place: error for owner, error in wrong.items()}
    return codes.reshape(-1), _names(table, roles, ids), values.reshape(-1), errors


def _names(table: Table, roles: Roles, ids: Sequence[str]) -> list[str]:
    """Name the series of several targets: by their column, behind the id where there is one."""
    if roles.id is None:
        return list(roles.series_columns)
    parts = [split_id(one) if table.id_columns else (one,) for one in ids]
    return [join_id([*own, column]) for own in parts for column in roles.series_columns]


def _long(table: Table, roles: Roles, skip: bool) -> Series:
    assert roles.target is not None
    codes, series_ids = _series_of_rows(table, roles)
    try:
        values, errors = _floats(table, roles.target, codes, skip=skip)
    except DataError as error:
        raise with_classes_proposed(error, table, roles.target) from None
    return codes, series_ids, values, errors


def class_cells(
    table: Table, roles: Roles, settings: DataSettings, known: tuple[str, ...]
) -> tuple[Series, tuple[str, ...], tuple[Note, ...]]:
    """Read a target of labels; also its labels, and what was noticed.

    Args:
        table: The table.
        roles: What its columns mean.
        settings: Two classes or several, and which is the event.
        known: Labels of a model, none where the table tells them.

    Raises:
        DataError: There are too few labels, or too many, or a row has no id.
    """
    assert roles.target is not None
    codes, series_ids = _series_of_rows(table, roles)
    values, classes, notes = read_classes(table, roles.target, settings, known)
    return (codes, series_ids, values, {}), classes, notes


def _series_of_rows(table: Table, roles: Roles) -> tuple[Codes, list[str]]:
    if roles.id is None:
        return np.zeros(table.rows, dtype=np.int32), [roles.target or ""]
    codes, series_ids = codes_of(table, roles.id)
    refuse_missing_ids(table, roles.id, series_ids, codes)
    return codes, series_ids
