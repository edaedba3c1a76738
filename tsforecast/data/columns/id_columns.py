"""Series that several columns name together, such as store and item: joined while reading, taken apart for output.

The name of the joined column is made of those of its parts as its cells are: ``store,item``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Codes
from tsforecast.data.arrow import distinct_texts, from_numbers, from_texts
from tsforecast.data.columns.named_columns import columns_named
from tsforecast.data.panel import Schema
from tsforecast.data.series_ids import join_id
from tsforecast.data.table import Table
from tsforecast.data.words import quoted


def with_joined_id(table: Table, settings: DataSettings, schema: Schema | None) -> Table:
    """Join the columns that ``--id STORE,ITEM`` or a model names together.

    Columns that are covariates as well stay beside the joined one.

    Raises:
        UsageError: A named column does not exist, or is named twice.
        DataError: A part of an id is missing.
    """
    parts = _wanted(table, settings, schema)
    if not parts:
        return table
    texts, codes = zip(*(distinct_texts(table.columns[name]) for name in parts), strict=True)
    for name, cells, rows in zip(parts, texts, codes, strict=True):
        refuse_missing_ids(table, name, cells, rows)
    keys = np.zeros(table.rows, dtype=np.int64)
    for cells, rows in zip(texts, codes, strict=True):
        keys = keys * len(cells) + rows
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    names = [join_id([cells[rows[row]] for cells, rows in zip(texts, codes, strict=True)]) for row in first]
    joined = from_texts(names).take(from_numbers(where.astype(np.int64)))
    return _with(table, parts, joined, _beside(settings, schema))


def refuse_missing_ids(table: Table, name: str, texts: Sequence[str], codes: Codes) -> None:
    """Refuse rows that say nothing of the series they belong to.

    Args:
        table: The table.
        name: Column of ids.
        texts: Its distinct cells.
        codes: Distinct cell of each row (rows,).

    Raises:
        DataError: A cell is empty.
    """
    if "" in texts:
        raise table.refusal(
            f"the series id is missing in column {quoted(name)}",
            rows=np.flatnonzero(codes == texts.index("")),
            column=name,
            hint="every row needs the id of its series",
        )


def _wanted(table: Table, settings: DataSettings, schema: Schema | None) -> tuple[str, ...]:
    """Columns to join, none where there is nothing to join or some are missing."""
    if schema is not None:
        return schema.id_columns if set(schema.id_columns) <= set(table.names) else ()
    if settings.id is None or settings.id in table.names or "," not in settings.id:
        return ()
    return columns_named(table, settings.id, "id")


def _beside(settings: DataSettings, schema: Schema | None) -> set[str]:
    """Columns that explain the target, too."""
    given = settings if schema is None else schema
    return {*given.past, *given.future, *given.static}


def _with(table: Table, parts: Sequence[str], joined: object, kept: set[str]) -> Table:
    name = join_id(parts)
    columns = {name: joined, **table.columns}
    columns = {one: column for one, column in columns.items() if one not in parts or one in kept}
    fields = {one: table.fields.get(one) or table.names.index(one) + 1 for one in columns if one != name}
    fields[name] = table.fields.get(parts[0]) or table.names.index(parts[0]) + 1
    return replace(table, columns=columns, fields=fields, id_columns=tuple(parts))
