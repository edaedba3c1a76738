"""Several files as one table: parts of the same series, or one series per file."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate, combinations
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.arrow import distinct_texts, from_texts, holds_texts
from tsforecast.data.columns.roles import find_roles
from tsforecast.data.columns.time_columns import with_joined_time
from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema
from tsforecast.data.rows.covariates_ahead import with_empty_target
from tsforecast.data.series_ids import split_id
from tsforecast.data.sources.paths import FILE, series_names
from tsforecast.data.table import Table
from tsforecast.data.words import counted, listed, quoted
from tsforecast.errors import DataError, ForecastError

_REPEATED = 0.1
"""Share of a file's timestamps that another file repeats before the two are series; fewer are parts that overlap."""


def are_named_by_file(settings: DataSettings, schema: Schema | None) -> bool:
    """Whether the name of its file is the series id of a row, by the model or by ``--id file``."""
    if schema is not None:
        return schema.id == FILE or FILE in schema.id_columns
    return settings.id is not None and FILE in split_id(settings.id)


def joined_tables(
    tables: Sequence[Table], paths: Sequence[str], source: str, settings: DataSettings, schema: Schema | None
) -> Table:
    """One table of several with the same columns, rows one file after another.

    Args:
        tables: One per file, at least one.
        paths: The files.
        source: What messages call them together.
        settings: Which column means what.
        schema: Columns of a model, which decide whether files are series.

    Raises:
        DataError: Their columns or their decimal marks differ.
    """
    if schema is not None:
        tables = [with_empty_target(table, schema) for table in tables]
    first = tables[0]
    for table in tables[1:]:
        _refuse_other_columns(first, table)
    parts = list(tables)
    found = _told_apart(tables, settings) if schema is None and len(tables) > 1 else ""
    named = FILE not in first.names and (are_named_by_file(settings, schema) or found == FILE)
    if named:
        parts = [
            replace(one, columns={**one.columns, FILE: from_texts([name] * one.rows)})
            for one, name in zip(parts, series_names(paths), strict=True)
        ]
    ends = list(accumulate(one.rows for one in parts))

    def place(row: int) -> tuple[Table, int]:
        index = bisect_right(ends, row)
        return parts[index], row - (ends[index - 1] if index else 0)

    def line_of(row: int) -> int | None:
        table, own = place(row)
        return table.line_of(own)

    by_column = "" if named or settings.id else found
    as_series = f", each a series by the name of its file in column '{FILE}'" if named else ""
    as_series = f", their series by column {quoted(by_column)}" if by_column else as_series
    files = listed((one.source for one in parts), 5)
    note = (Note(f"{counted(len(parts), 'file')} read together{as_series}: {files}"),) * (len(parts) > 1)
    return Table(
        source=source,
        columns={name: _joined(parts, name) for name in parts[0].names},
        rows=ends[-1],
        line_of=line_of,
        file_of=lambda row: place(row)[0].source,
        decimal_comma=first.decimal_comma,
        decimals={name: mark for one in parts for name, mark in one.decimals.items()},
        commas={name: words for one in parts for name, words in one.commas.items()},
        repairs=dict(sum((Counter(one.repairs) for one in parts), Counter[str]())),
        series_by=by_column,
        notes=(*note, *dict.fromkeys(note for one in tables for note in one.notes)),
        unnamed=first.unnamed,
    )


def _refuse_other_columns(first: Table, other: Table) -> None:
    odd = sorted({*first.names} ^ {*other.names})
    if odd:
        raise DataError(
            f"{other.source} has other columns than {first.source}: {listed(odd)} in one of them only",
            hint="files that are read together have the same columns, which may be empty in some of them",
        )
    if first.decimal_comma != other.decimal_comma:
        raise DataError(
            f"{other.source} and {first.source} are cut by different delimiters, one of which allows decimal commas",
            hint="write them in one form",
        )


def _told_apart(tables: Sequence[Table], settings: DataSettings) -> str:
    """Find what names the series: a column of the files, or `FILE`; "" where files are parts of one table.

    A column wins over the name of the file: one that tells the series of the first file apart, or, where files repeat
    each other's timestamps as series do and parts of one do not, those of all files.
    """
    with suppress(ForecastError):
        whole = [with_joined_time(table, settings, None) for table in tables]
        chosen = settings if whole[0] is tables[0] else replace(settings, time=None)
        roles = find_roles(whole[0], chosen)
        if roles.id is not None or (roles.layout == "wide" and settings.target is None):
            return roles.id or ""
        stamps = [set(distinct_texts(table.columns[roles.time])[0]) for table in whole]
        if any(
            len(one & other) > _REPEATED * min(len(one), len(other)) for one, other in combinations(stamps, 2)
        ):
            return _id_of_all(whole, chosen) or FILE
    return ""


def _id_of_all(tables: Sequence[Table], settings: DataSettings) -> str | None:
    """Column that tells the series of some files apart."""
    columns = {name: _joined(tables, name) for name in tables[0].names}
    whole = replace(tables[0], columns=columns, plain={}, rows=sum(one.rows for one in tables))
    with suppress(ForecastError):
        return find_roles(whole, settings).id
    return None


def _joined(parts: Sequence[Table], name: str) -> Any:
    """One Arrow array; as text where the types differ."""
    import pyarrow as pa

    columns = [one.columns[name] for one in parts]
    if len({str(column.type) for column in columns}) > 1:
        columns = [_as_text(one, name) for one in parts]
    chunks = [chunk for column in columns for chunk in getattr(column, "chunks", [column])]
    return pa.chunked_array(chunks, type=columns[0].type)


def _as_text(table: Table, name: str) -> Any:
    """Cells of a column as text, with the decimal mark that they have in their file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.columns[name]
    text = column.cast(pa.string())
    has_comma = table.decimals.get(name) == "," and not holds_texts(column)
    return pc.replace_substring(text, ".", ",") if has_comma else text
