"""Counts of seconds since 1970."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from tsforecast.data.times.calendar_grid import DAY
from tsforecast.data.times.timestamps import parse_times


@pytest.mark.parametrize("step", [1, 60, 3600, 86400])
def test_counts_of_seconds_are_no_written_dates(step: int) -> None:
    """From 2030 on seconds since 1970 have ten digits that begin as years do; their months would not stay below 13."""
    counts = [1_900_010_100 + step * row for row in range(200)]

    _, form = parse_times(pa.array(counts), name="time")

    assert form.pattern == "epoch s"


@pytest.mark.parametrize("unit", [1, 1000])
def test_counts_since_1970_are_read_on_the_clocks_that_are_named(unit: int) -> None:
    """Days of New York begin at another hour of UTC in summer; --tz makes days of them, and the counts come back."""
    days = [datetime(2024, 3, 8 + day, tzinfo=ZoneInfo("America/New_York")) for day in range(5)]
    counts = [int(day.timestamp()) * unit for day in days]

    ticks, form = parse_times(pa.array(counts), name="time", zone="America/New_York")

    assert np.diff(ticks).tolist() == [DAY] * 4
    assert form.render(ticks) == counts
    again, _ = parse_times(pa.array(counts[2:]), name="time", like=form)
    assert again.tolist() == ticks[2:].tolist()
