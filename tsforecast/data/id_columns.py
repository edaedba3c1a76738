"""Series that several columns name together, such as store and item: joined while reading, taken apart for output.

A joined id is one line of CSV, ``north,7``, as the name of the joined column is that of its parts, ``store,item``:
people can read it, and it can be taken apart again whatever the cells hold.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrow import distinct_texts, from_numbers, from_texts
from tsforecast.data.panel import Schema
from tsforecast.data.tables import Table
from tsforecast.data.words import listed, nearest, quoted
from tsforecast.errors import UsageError


def join_id(parts: Sequence[str]) -> str:
    """One text of the parts of an id."""
    if not any(mark in part for part in parts for mark in ',"\r\n'):
        return ",".join(parts)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(parts)
    return line.getvalue()


def split_id(text: str) -> tuple[str, ...]:
    """Inverse of ``join_id``."""
    if '"' not in text:
        return tuple(text.split(","))
    return tuple(next(csv.reader(io.StringIO(text, newline=""))))


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
        if "" in cells:
            raise table.refusal(
                f"the series id is missing in column {quoted(name)}",
                rows=np.flatnonzero(rows == cells.index("")),
                column=name,
                hint="every row needs the id of its series",
            )
    keys = np.zeros(table.rows, dtype=np.int64)
    for cells, rows in zip(texts, codes, strict=True):
        keys = keys * len(cells) + rows
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    names = [join_id([cells[rows[row]] for cells, rows in zip(texts, codes, strict=True)]) for row in first]
    joined = from_texts(names).take(from_numbers(where.astype(np.int64)))
    return _with(table, parts, joined, _beside(settings, schema))


def _wanted(table: Table, settings: DataSettings, schema: Schema | None) -> tuple[str, ...]:
    """Columns to join, none where there is nothing to join or some are missing."""
    if schema is not None:
        return schema.id_columns if set(schema.id_columns) <= set(table.names) else ()
    if settings.id is None or settings.id in table.names or "," not in settings.id:
        return ()
    parts = tuple(part.strip() for part in split_id(settings.id))
    for name in parts:
        if name not in table.names:
            raise UsageError(
                f"{table.source} has no column {quoted(name)} for --id", hint=nearest(name, table.names)
            )
    if len(set(parts)) < len(parts):
        raise UsageError(f"--id names a column twice: {listed(parts)}", hint="name each once")
    return parts


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
