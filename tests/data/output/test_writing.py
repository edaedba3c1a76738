from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.output.writing import FORMATS, ForecastTable, to_frame, write_table
from tsforecast.data.panel import Schema
from tsforecast.data.times.time_format import TimeFormat

DAY = 86_400_000_000
SCHEMA = Schema(layout="long", time="ds", time_format=TimeFormat(), id="shop", target="y")
TABLE = ForecastTable(
    schema=SCHEMA,
    series_ids=['a "x", y', "b\nc", "=cmd()"],
    ticks=np.array([0, DAY, 2 * DAY]),
    columns={"forecast": np.array([0.1 + 0.2, np.nan, 1e22]), "q0.9": np.array([1.0, -0.0, 3.0])},
    cutoffs=np.array([-DAY, -DAY, -DAY]),
)


def parsed(form: str, table: ForecastTable) -> list[dict[str, object]]:
    """Rows of a written table as another program reads them."""
    data = FORMATS[form](table)
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    if form == "json":
        return list(json.loads(data)["rows"])
    if form == "jsonl":
        return [json.loads(line) for line in data.decode().splitlines()]
    return list(pq.read_table(io.BytesIO(data)).to_pylist())


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_every_row_and_column(form: str) -> None:
    """Columns stand in the order id, cutoff, time, forecast, quantiles, whatever the format."""
    rows = parsed(form, TABLE)

    assert [list(row) for row in rows] == [["shop", "cutoff", "ds", "forecast", "q0.9"]] * 3
    assert [row["shop"] for row in rows] == TABLE.series_ids
    assert [str(row["ds"]) for row in rows] == ["1970-01-01", "1970-01-02", "1970-01-03"]
    assert float(str(rows[0]["forecast"])) == 0.1 + 0.2
    assert rows[1]["forecast"] in ("", None) or rows[1]["forecast"] != rows[1]["forecast"]


@pytest.mark.parametrize("form", FORMATS)
def test_table_without_ids_and_cutoffs_has_no_such_columns(form: str) -> None:
    """A single series is not given an id nobody asked for."""
    table = replace(TABLE, schema=replace(SCHEMA, id=None), cutoffs=None)

    assert list(parsed(form, table)[0]) == ["ds", "forecast", "q0.9"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_read_back_exactly(values: list[float]) -> None:
    """Shortest texts lose nothing."""
    table = ForecastTable(
        schema=SCHEMA,
        series_ids=["a"] * len(values),
        ticks=np.zeros(len(values), np.int64),
        columns={"f": np.array(values)},
    )
    for form in FORMATS:
        assert [float(str(row["f"])) for row in parsed(form, table)] == values


def test_csv_is_plain() -> None:
    """Line feeds, a header, empty cells for missing numbers, quotes only where needed."""
    table = replace(TABLE, series_ids=["a", "b", "c"], cutoffs=None)

    assert FORMATS["csv"](table).split(b"\n") == [
        b"shop,ds,forecast,q0.9",
        b"a,1970-01-01,0.30000000000000004,1.0",
        b"b,1970-01-02,,-0.0",
        b"c,1970-01-03,1e+22,3.0",
        b"",
    ]


def test_json_names_its_version() -> None:
    """Programs can tell what they read."""
    document = json.loads(FORMATS["json"](TABLE))

    assert document["schema"] == "tsforecast.forecast/1"
    assert document["columns"] == TABLE.names
    assert document["rows"][1]["forecast"] is None


@pytest.mark.parametrize("form", FORMATS)
def test_empty_table_is_valid(form: str) -> None:
    """No rows are no reason for a broken file."""
    empty = np.empty(0)
    table = ForecastTable(
        schema=SCHEMA, series_ids=[], ticks=empty.astype(np.int64), columns={"forecast": empty}
    )

    assert parsed(form, table) == []


def test_target_is_a_path_or_a_stream(tmp_path: Path) -> None:
    """A file and a pipe get the same bytes."""
    stream = io.BytesIO()
    write_table(TABLE, stream, "csv")
    write_table(TABLE, tmp_path / "out.csv", "csv")

    assert (tmp_path / "out.csv").read_bytes() == stream.getvalue() == FORMATS["csv"](TABLE)


def test_frame_has_dates_and_numbers() -> None:
    """Library users get datetime64, not text."""
    frame = to_frame(TABLE)

    assert list(frame.columns) == TABLE.names
    assert str(frame["ds"].dtype).startswith("datetime64")
    assert frame["forecast"].isna().tolist() == [False, True, False]


def test_writing_loads_no_pandas() -> None:
    """Parquet included: predict must start fast in every format."""
    code = (
        "import sys, numpy as np\nfrom tsforecast.data.panel import Schema\n"
        "from tsforecast.data.times.time_format import TimeFormat\nfrom tsforecast.data.output.writing import *\n"
        "form = TimeFormat(arrow='us')\n"
        "schema = Schema(layout='long', time='t', time_format=form, id='i', target='y')\n"
        "columns = {'f': np.array([1.0])}\n"
        "table = ForecastTable(schema=schema, series_ids=['a'], ticks=np.array([0]), columns=columns)\n"
        "[write(table) for write in FORMATS.values()]\nsys.exit('pandas' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
