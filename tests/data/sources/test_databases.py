"""A query of a database is a table, and can do nothing but read."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import tsforecast
from tests.data.tables import by_id, daily, read
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError, ForecastError, MissingExtraError, UsageError

KINDS = ("sqlite", "duckdb")
SQL = "select * from sales"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Database with one daily series that counts, a day without a number in it, and an empty table."""
    return made(tmp_path, request.param)


def made(folder: Path, kind: str) -> Path:
    """Make a database."""
    path = folder / f"sales.{kind}"
    rows = [line.split(",") for line in daily(30).splitlines()[1:]]
    values = ", ".join(f"('{day}', {'null' if number == '3' else number})" for day, number in rows)
    # One statement for all rows: each would wait for the disk by itself.
    script = f"""
        create table sales (ds text, y double);
        insert into sales values {values};
        create table blank (ds text, y double);
    """
    if kind == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
    else:
        with duckdb.connect(path) as connection:
            connection.execute(script)
    return path


def test_query_reads_as_the_same_csv(tmp_path: Path, database: Path) -> None:
    """Numbers, dates and holes are those of the table."""
    found = read_panel(database, DataSettings(sql=SQL)).panel
    plain = read(tmp_path, daily(30).replace("2024-01-03,3\n", "2024-01-03,\n")).panel

    assert repr(by_id(found)) == repr(by_id(plain))
    assert found.schema.time_format.pattern == "%Y-%m-%d"


@pytest.mark.parametrize(
    ("sql", "error", "message"),
    [
        (None, UsageError, "which rows to read is not said"),
        ("insert into sales values ('2024-03-01', 1)", UsageError, "--sql: "),
        ("drop table sales", UsageError, "--sql: "),
        ("attach 'other.db' as other", UsageError, "--sql: "),
        ("select * from nowhere", UsageError, "nowhere"),
        ("selec", UsageError, "--sql: "),
        ("", UsageError, "--sql: "),
        ("select * from blank", DataError, "no data rows"),
        ("select ds, ds from sales", DataError, "stands more than once|no numeric column"),
    ],
)
def test_other_queries_are_refused(
    database: Path, sql: str | None, error: type[ForecastError], message: str
) -> None:
    """A query that writes, attaches or is none ends with a sentence, and the database is as it was."""
    before = database.read_bytes()
    with pytest.raises(error, match=message):
        read_panel(database, DataSettings(sql=sql))

    assert before == database.read_bytes()
    assert [database] == list(database.parent.iterdir())


@pytest.mark.parametrize(
    "sql", ["copy sales to 'out.csv'", "select * from read_csv('secret.csv')", "select * from 'secret.csv'"]
)
def test_query_sees_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """A query that came with somebody's model reads and writes nothing beside the database."""
    monkeypatch.chdir(tmp_path)
    Path("secret.csv").write_text(daily())
    with pytest.raises(UsageError):
        read_panel(made(tmp_path, "duckdb"), DataSettings(sql=sql))

    assert not Path("out.csv").exists()


def test_query_of_no_database_is_refused(tmp_path: Path) -> None:
    """Nobody asks a CSV file in SQL."""
    with pytest.raises(UsageError, match="--sql needs a database"):
        read(tmp_path, daily(), sql=SQL)


def test_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line installs what reads DuckDB; SQLite needs nothing."""
    path = made(tmp_path, "duckdb")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError) as caught:
        read_panel(path, DataSettings(sql=SQL))

    assert (caught.value.exit_code, caught.value.hint) == (10, "pip install duckdb")


def test_damaged_database_cannot_be_opened(tmp_path: Path) -> None:
    """A file cut in its head is no crash."""
    path = made(tmp_path, "duckdb")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(AccessError, match="cannot be opened"):
        read_panel(path, DataSettings(sql=SQL))


def test_database_is_checked_and_forecast(database: Path) -> None:
    """The doctor and a forecast ask the same."""
    assert not tsforecast.check(database, sql=SQL).refused
    assert len(tsforecast.predict(data=database, zero_shot=True, horizon=2, sql=SQL).table.ticks) == 2
