"""From a file, several, a database, a stream or a data frame to one table, with nothing decided about its columns."""

from __future__ import annotations

import hashlib
import os
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.panel import Schema
from tsforecast.data.several import are_named_by_file, joined_tables
from tsforecast.data.sources.csv_table import read_csv
from tsforecast.data.sources.databases import database_kind, read_query
from tsforecast.data.sources.empty_rows import without_empty_rows
from tsforecast.data.sources.frames import (
    check_source,
    from_data_frame,
    is_data_frame,
    read_arrow,
    read_parquet,
)
from tsforecast.data.sources.json_table import is_json, read_json_lines
from tsforecast.data.sources.large import read_large
from tsforecast.data.sources.paths import STDIN, name_of, several_paths
from tsforecast.data.sources.source import RawSource
from tsforecast.data.sources.streams import Stream, hold
from tsforecast.data.sources.workbook import read_workbook
from tsforecast.data.table import Table
from tsforecast.data.values.numeric_columns import with_plain_numbers
from tsforecast.errors import UsageError


def load_table(source: Any, settings: DataSettings, schema: Schema | None = None) -> tuple[Table, str]:
    """Read what the source names, and the hash of its bytes.

    Raises:
        ForecastError: It cannot be read, or is no table.
    """
    if is_data_frame(source):
        table = from_data_frame(source)
        return with_plain_numbers(table, settings), hashlib.sha256(_serialised(table)).hexdigest()
    if not isinstance(source, RawSource | Stream):
        check_source(source)
        paths = several_paths(source)
        if paths:
            return _load_several(name_of(source), paths, settings, schema)
        source = source[0] if isinstance(source, list | tuple) else source
    table, digest = _load_one(source, settings, schema)
    table = without_empty_rows(table)
    path = source.path if isinstance(source, RawSource | Stream) else str(source)
    if are_named_by_file(settings, schema) and path not in ("", STDIN):
        table = joined_tables([table], [path], table.source, settings, schema)
    return with_plain_numbers(table, settings), digest.hex()


def _load_one(source: Any, settings: DataSettings, schema: Schema | None) -> tuple[Table, bytes]:
    """Table of a file that may be a database, or of one that is held, and its hash."""
    if not (is_held := isinstance(source, RawSource | Stream)) and database_kind(source):
        table = read_query(os.fspath(source), settings.sql)
        return table, hashlib.sha256(_serialised(table)).digest()
    if settings.sql is not None:
        name = source.name if is_held else name_of(source)
        raise UsageError(f"--sql needs a database, {name} is none", hint="give an SQLite or a DuckDB file")
    held = source if isinstance(source, RawSource | Stream) else hold(source)
    if isinstance(held, Stream):
        large = read_large(held, settings, schema)
        if large is not None:
            return large
        held = held.load()
    return _parsed(held, settings), hashlib.sha256(held.data).digest()


def _load_several(
    source: str, paths: list[str], settings: DataSettings, schema: Schema | None
) -> tuple[Table, str]:
    tables, sha256 = [], hashlib.sha256()
    for path in paths:
        table, digest = _load_one(path, settings, schema)
        tables.append(without_empty_rows(table))
        sha256.update(digest)
    joined = joined_tables(tables, paths, source, settings, schema)
    return with_plain_numbers(joined, settings), sha256.hexdigest()


def _parsed(raw: RawSource, settings: DataSettings) -> Table:
    if raw.is_workbook:
        return read_workbook(raw.content, raw.name, sheet=settings.sheet, skip_rows=settings.skip_rows)
    if settings.sheet is not None:
        raise UsageError(f"--sheet needs an Excel workbook, {raw.name} is none", hint="leave it out")
    if raw.is_parquet or raw.is_arrow:
        return (read_parquet if raw.is_parquet else read_arrow)(raw.content, raw.name)
    if is_json(raw.content):
        return read_json_lines(raw.content, raw.name)
    return read_csv(
        raw.content,
        raw.name,
        encoding=settings.encoding,
        skip_rows=settings.skip_rows,
        delimiter=settings.delimiter,
        on_short_row=settings.on_short_row,
    )


def _serialised(table: Table) -> bytes:
    """Bytes that are equal for equal tables."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    whole = pa.table(table.columns).combine_chunks()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return bytes(sink.getvalue())
