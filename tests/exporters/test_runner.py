"""The bundle's script knows the same times and grids as the package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast import exporters
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import parse_times
from tsforecast.exporters.plain_table import times_of

FREQUENCIES = ["h", "15min", "D", "B", "W-SUN", "MS", "ME", "QS-FEB", "YE", "BME", "BMS", "3step"]
TEXTS = [
    "2024-01-31",
    "2024-01-31 13:05",
    "2024-01-31T13:05:09.250",
    "2024-01-31 13:05:00+01:00",
    "31/01/2024",
    "31.1.2024 7:05",
    "1/31/2024 1:05 PM",
    "2024-01",
    "2024Q3",
    "31 Jan 2024",
    "Jan 2024",
    "31. Januar 2024",
    "janv. 2024",
    "Wed, 31 Jan 2024 13:00:00",
    "1/31/2024, 1:05:59\u202fPM",
    "2024-W05",
    "2024W05",
    "2024-W05-3",
    "2024Q1",
    "Jan '95",
    "20240131",
    "1706706000",
    "1706706000000",
    "1706706000.0",
    "1706706000.125",
    "1706706000125.0",
]


@pytest.fixture(scope="module")
def runner() -> Any:
    """Give the script as a module."""
    file = Path(exporters.__file__).parent / "bundled" / "forecast.py"
    spec = importlib.util.spec_from_file_location("bundled_forecast", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", TEXTS)
def test_times_are_read_and_written_alike(runner: Any, text: str) -> None:
    """Whatever form the package finds, the script reads and writes it."""
    ticks, form = parse_times(pa.array([text]), name="when")

    told = times_of(form, parse_frequency("D"))
    assert runner.parse(told, text) == ticks[0]
    assert runner.render(told, int(ticks[0])) == str(form.render(ticks)[0])


@given(alias=st.sampled_from(FREQUENCIES), start=st.integers(-1000, 1000))
def test_grids_are_alike(runner: Any, alias: str, start: int) -> None:
    """Points and their numbers agree on every kind of grid; between them there is nothing."""
    frequency = parse_frequency(alias)
    ordinals = np.arange(start, start + 50)
    ticks = frequency.ticks(ordinals)
    grid = frequency.to_json()

    np.testing.assert_array_equal(runner.grid_ticks(grid, ordinals), ticks)
    np.testing.assert_array_equal(runner.grid_ordinals(grid, ticks, ordinals), ordinals)
    if frequency.multiple > 1 or frequency.kind != "step":
        with pytest.raises(ValueError, match="grid"):
            runner.grid_ordinals(grid, ticks + 1, ordinals)
