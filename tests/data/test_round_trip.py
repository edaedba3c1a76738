from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.tables import write
from tsforecast.config import DataSettings
from tsforecast.data.panel import Panel
from tsforecast.data.reading import read_panel
from tsforecast.data.timeline import parse_frequency
from tsforecast.errors import ForecastError

DIALECTS = st.fixed_dictionaries(
    {
        "sep": st.sampled_from(",;\t|"),
        "end": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        "packed": st.booleans(),
        "missing": st.sampled_from(["", "NA", "NaN", "null", "-"]),
        "order": st.permutations(["shop", "when", "sold"]),
        "alias": st.sampled_from(["h", "D", "MS", "W-SUN", "15min", "QS-JAN"]),
        "clock": st.sampled_from([" ", "T"]),
    }
)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)
VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=12, max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    series=st.dictionaries(NAMES, VALUES, min_size=2, max_size=4),
    form=DIALECTS,
    holes=st.sets(st.integers(2, 9), max_size=2),
)
def test_written_panel_reads_back_equal(
    tmp_path: Path, series: dict[str, list[float]], form: dict[str, Any], holes: set[int]
) -> None:
    """Whatever the dialect, the values, ids and times of a panel survive a file."""
    cells = {
        name: [np.nan if row in holes else value for row, value in enumerate(values)]
        for name, values in series.items()
    }
    frequency = parse_frequency(form["alias"])
    write(tmp_path, _encode(cells, frequency, form))

    panel = read_panel(tmp_path / "data.csv", DataSettings(id="shop", freq=form["alias"])).panel

    assert panel.series_ids == tuple(cells)
    for index, values in enumerate(cells.values()):
        np.testing.assert_array_equal(panel.series(index), values)
    assert set(panel.frequency.ticks(panel.first).tolist()) == set(frequency.ticks(np.array([1000])).tolist())


def _encode(cells: dict[str, list[float]], frequency: Any, form: dict[str, Any]) -> bytes:
    """File of a panel that starts at ordinal 1000."""
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=form["sep"], lineterminator=form["end"], quoting=form["quoting"])
    writer.writerow(form["order"])
    for name, values in cells.items():
        ticks = frequency.ticks(np.arange(1000, 1000 + len(values)))
        for tick, value in zip(ticks, values, strict=True):
            when = str(np.datetime64(int(tick), "us").astype("datetime64[s]")).replace("T", form["clock"])
            row = {"shop": name, "when": when, "sold": form["missing"] if np.isnan(value) else repr(value)}
            writer.writerow([row[column] for column in form["order"]])
    data = sink.getvalue().encode(form["encoding"])
    return gzip.compress(data) if form["packed"] else data


def panel_or_error(path: Path) -> Panel | ForecastError:
    """Read a file; our own error is an answer too, any other exception is not."""
    try:
        return read_panel(path, DataSettings()).panel
    except ForecastError as error:
        return error


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=200), st.text('0123456789-/:,;\t\n" ay.é', max_size=200).map(str.encode)
    )
)
def test_any_bytes_give_a_panel_or_our_own_error(tmp_path: Path, data: bytes) -> None:
    """No input ends in a traceback."""
    outcome = panel_or_error(write(tmp_path, data))
    assert outcome.message if isinstance(outcome, ForecastError) else len(outcome) > 0


@pytest.mark.parametrize("rows", [2, 3])
def test_very_short_series_are_read(tmp_path: Path, rows: int) -> None:
    """Two rows make a panel; whether that is enough is for others to say."""
    text = "ds,y\n" + "".join(f"2024-0{month}-01,{month}.5\n" for month in range(1, rows + 1))

    assert len(read_panel(write(tmp_path, text), DataSettings()).panel.values) == rows
