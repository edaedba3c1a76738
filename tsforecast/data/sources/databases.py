"""Tables that a query gives: SQLite by the standard library, DuckDB by an extra; both opened for reading only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.data.arrow import from_numbers, from_texts
from tsforecast.data.files import first_bytes
from tsforecast.data.sources.frames import check_names, from_arrow
from tsforecast.data.sources.paths import STDIN
from tsforecast.data.table import Table
from tsforecast.data.words import printable, quoted
from tsforecast.errors import AccessError, DataError, MissingExtraError, UsageError

if TYPE_CHECKING:
    import sqlite3

_SQLITE = b"SQLite format 3\0"
_DUCKDB = (8, b"DUCK")
_CHUNK = 100_000

_HARMLESS: dict[str, str | bool | int | float | list[str]] = {
    # The query sees its own file and nothing else, whatever it asks for.
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
}


def database_kind(source: Any) -> str:
    """Which database a file is by its first bytes: ``sqlite``, ``duckdb``, or ``""`` for none."""
    head = b"" if str(source) == STDIN else first_bytes(source, 16)
    start, mark = _DUCKDB
    return "sqlite" if head == _SQLITE else "duckdb" if head[start:].startswith(mark) else ""


def read_query(path: str, sql: str | None) -> Table:
    """Table that a query of a database gives.

    Args:
        path: File of the database.
        sql: The query.

    Raises:
        UsageError: There is no query, or it is none that only reads.
        DataError: It gives no rows, or cells that are no text and no numbers.
        AccessError: The database cannot be read.
        MissingExtraError: The library for it is not installed.
    """
    name, kind = printable(path, limit=400), database_kind(path)
    if sql is None:
        title = "an SQLite" if kind == "sqlite" else "a DuckDB"
        raise UsageError(
            f"{name} is {title} database, and which rows to read is not said",
            hint='--sql "select * from TABLE" says it',
        )
    return (_from_sqlite if kind == "sqlite" else _from_duckdb)(path, name, sql)


def _wrong(problem: object) -> UsageError:
    return UsageError(
        f"--sql: {printable(problem, limit=200)}",
        hint="give one query that reads, such as select * from sales",
    )


def _from_duckdb(path: str, name: str, sql: str) -> Table:
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{name} is read by duckdb, which is not installed", hint="pip install duckdb"
        ) from error
    try:
        connection = duckdb.connect(path, read_only=True, config=_HARMLESS)
    except duckdb.Error as error:
        raise AccessError(
            f"{name} cannot be opened: {printable(error, limit=200)}", hint="close what writes to it"
        ) from None
    with connection:
        try:
            # Moments in UTC, whatever the clock of this machine says.
            connection.execute("set TimeZone = 'UTC'; set lock_configuration = true")
            found = connection.sql(sql)
            if found is None:
                raise _wrong("the statement gives no rows")
            table = found.to_arrow_table()
        except duckdb.Error as error:
            raise _wrong(str(error).partition("\n")[0]) from None
    return from_arrow(table, name)


def _from_sqlite(path: str, name: str, sql: str) -> Table:
    import sqlite3

    connection = None
    try:
        connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
        connection.set_authorizer(_only_reading)
        cursor = connection.execute(sql)
        if cursor.description is None:
            raise _wrong("the statement gives no rows")
        names = [str(one[0]) for one in cursor.description]
        check_names(names, name, None)
        return from_arrow(_fetched(cursor, names, name), name)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _wrong(error) from None
    finally:
        if connection is not None:
            connection.close()


def _only_reading(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Let through what reads, and nothing that attaches, loads, sets or writes."""
    import sqlite3

    reading = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
    loads = action == sqlite3.SQLITE_FUNCTION and "load_extension" in (first, second)
    return sqlite3.SQLITE_OK if action in reading and not loads else sqlite3.SQLITE_DENY


def _fetched(cursor: sqlite3.Cursor, names: list[str], name: str) -> Any:
    import pyarrow as pa

    chunks: list[list[Any]] = [[] for _ in names]
    while rows := cursor.fetchmany(_CHUNK):
        for column, cells, title in zip(chunks, zip(*rows, strict=True), names, strict=True):
            column.append(_cells(cells, title, name))
    return pa.table([_joined(column) for column in chunks], names=names)


def _cells(cells: tuple[Any, ...], title: str, name: str) -> Any:
    """Numbers as an array, else texts, "" where there is nothing."""
    kinds = {type(cell) for cell in cells}
    if bytes in kinds:
        raise DataError(f"{name}: column {quoted(title)} holds binary data", hint="leave it out of the query")
    if kinds == {int}:
        return np.array(cells, dtype=np.int64)
    if float in kinds and kinds <= {int, float, type(None)}:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    return ["" if cell is None else str(cell) for cell in cells]


def _joined(chunks: list[Any]) -> Any:
    if not chunks:
        return from_texts([])
    if all(isinstance(one, np.ndarray) for one in chunks):
        return from_numbers(np.concatenate(chunks))
    texts = (one if isinstance(one, list) else map(str, one.tolist()) for one in chunks)
    return from_texts([text for part in texts for text in part])
