from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from tests.models.building import SCHEMA
from tsforecast.cli.switches import FORMATS as OFFERED
from tsforecast.data.output.writing import FORMATS, ForecastTable, write_table

pytestmark = pytest.mark.parametrize("form", FORMATS)
DAY = 86_400_000_000
IDS = ["a", 'quo"ted, b', "ünï\ncode"]
VALUES = np.array([0.1 + 0.2, -1e300, np.nan])


def table_of() -> ForecastTable:
    """Three rows with awkward names and numbers."""
    return ForecastTable(
        schema=SCHEMA,
        series_ids=IDS,
        ticks=np.array([0, DAY, 2 * DAY]),
        cutoffs=np.array([-DAY, 0, DAY]),
        columns={"forecast": VALUES, "q0.1": VALUES - 1},
    )


def rows_of(form: str, data: bytes) -> list[dict[str, Any]]:
    """Read a table back with a reader that is not ours."""
    if form == "csv":
        return [*csv.DictReader(io.StringIO(data.decode(), newline=""))]
    if form == "parquet":
        return [*parquet.read_table(io.BytesIO(data)).to_pylist()]
    if form == "jsonl":
        return [json.loads(line) for line in data.decode().splitlines()]
    return [*json.loads(data)["rows"]]


def test_format_can_be_read_back(form: str) -> None:
    """Names, times and numbers come back as they were, to the last bit."""
    rows = rows_of(form, FORMATS[form](table_of()))

    assert [list(row) for row in rows] == [["id", "cutoff", "time", "forecast", "q0.1"]] * 3
    assert [row["id"] for row in rows] == IDS
    assert [str(row["time"]) for row in rows] == ["1970-01-01", "1970-01-02", "1970-01-03"]
    assert VALUES[:2].tolist() == [float(row["forecast"]) for row in rows[:2]]
    assert rows[2]["forecast"] in ("", None) or np.isnan(rows[2]["forecast"])


def test_format_writes_the_same_bytes_again(form: str) -> None:
    """The same forecast is the same file."""
    assert FORMATS[form](table_of()) == FORMATS[form](table_of())


def test_format_of_no_rows_is_still_a_table(form: str) -> None:
    """No series to forecast gives an empty table, not a broken file."""
    nothing = np.zeros(0)
    empty = ForecastTable(
        schema=SCHEMA, series_ids=[], ticks=np.zeros(0, dtype=np.int64), columns={"forecast": nothing}
    )

    assert rows_of(form, FORMATS[form](empty)) == []


def test_format_goes_alike_to_a_file_and_to_a_stream(form: str, tmp_path: Path) -> None:
    """What -o writes is what a pipe gets."""
    stream = io.BytesIO()

    write_table(table_of(), tmp_path / "forecast", form)
    write_table(table_of(), stream, form)

    assert (tmp_path / "forecast").read_bytes() == stream.getvalue()


def test_format_is_offered_on_the_command_line(form: str) -> None:
    """A format that nobody can ask for is dead code."""
    assert form in OFFERED
    assert set(OFFERED) == set(FORMATS)
