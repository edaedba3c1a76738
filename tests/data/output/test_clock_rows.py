"""Forecasts over nights in which clocks change."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.arrays import Ints
from tsforecast.data.output.clock_rows import on_clocks
from tsforecast.data.output.writing import FORMATS, ForecastTable, to_frame
from tsforecast.data.panel import Schema
from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.time_format import TimeFormat

START = datetime(1970, 1, 1)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
]
BERLIN = TimeFormat(pattern="%Y-%m-%dT%H:%M:%S%z", zone="Europe/Berlin")
SPRING, AUTUMN = datetime(2024, 3, 31), datetime(2024, 10, 27)


def tick(moment: datetime) -> int:
    """Microseconds of a clock since 1970."""
    return (moment - START) // timedelta(microseconds=1)


def forecast(form: TimeFormat, cutoff: datetime, step: int, horizon: int, *names: str) -> ForecastTable:
    """Forecast the numbers 1 to the horizon of some series, on the clocks of a zone."""
    series = names or ("load",)
    grid = Frequency("fixed", step, tick(cutoff) % step)
    ticks = np.tile(tick(cutoff) + step * np.arange(1, horizon + 1), len(series))
    table = ForecastTable(
        schema=Schema(layout="long", time="t", time_format=form, id="id", target="y"),
        series_ids=[name for name in series for _ in range(horizon)],
        ticks=ticks,
        columns={"forecast": np.tile(np.arange(1.0, horizon + 1), len(series))},
        cutoffs=np.full(len(ticks), tick(cutoff)),
    )
    return on_clocks(table, grid)


def moments(table: ForecastTable) -> list[datetime]:
    """Give the times of a table as somebody reads them who knows nothing of its zone."""
    return [
        datetime.fromisoformat(str(text)).astimezone(UTC)
        for text in table.schema.time_format.render(*table.times[-1])
    ]


def shown_between(zone: str, first: int, last: int, grid: Callable[[int], bool]) -> list[datetime]:
    """Every quarter of an hour of UTC at which the clocks of a zone show a point of a grid, both ends included."""
    found, moment = [], START.replace(tzinfo=UTC) + timedelta(microseconds=first) - timedelta(days=1)
    while tick(moment.replace(tzinfo=None)) < last + DAY:
        clock = tick(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        if first <= clock <= last and grid(clock):
            found.append(moment)
        moment += timedelta(minutes=15)
    return found


@lru_cache
def nights(zone: str) -> list[datetime]:
    """Days of some years on which the clocks of a zone change."""
    days = [datetime(2020, 1, 1) + timedelta(days=day) for day in range(2200)]
    offsets = [day.replace(tzinfo=ZoneInfo(zone)).utcoffset() for day in days]
    return [day for day, (one, other) in zip(days, pairwise(offsets), strict=False) if one != other]


@st.composite
def zoned(draw: st.DrawFn, *more: str) -> tuple[str, datetime]:
    """Give a zone, and a cutoff before, in or after a night in which its clocks change."""
    zone = draw(st.sampled_from([*ZONES, *more]))
    return zone, draw(st.sampled_from(nights(zone))) + timedelta(minutes=15 * draw(st.integers(-96, 120)))


@given(where=zoned(), step=st.sampled_from([15, 30, 60]), horizon=st.integers(1, 60))
def test_rows_are_what_clocks_show(where: tuple[str, datetime], step: int, horizon: int) -> None:
    """No row of an hour that never is, two of one shown twice, strictly in the order of time: UTC is the witness."""
    zone, cutoff = where
    table = forecast(replace(BERLIN, zone=zone), cutoff, step * MINUTE, horizon)

    first, last = tick(cutoff) + step * MINUTE, tick(cutoff) + horizon * step * MINUTE
    phase = first % (step * MINUTE)
    expected = shown_between(zone, first, last, lambda clock: clock % (step * MINUTE) == phase)
    assert moments(table) == sorted(moments(table)) == expected
    numbers = dict(zip(table.ticks.tolist(), table.columns["forecast"].tolist(), strict=True))
    assert all(numbers[at] == (at - tick(cutoff)) / (step * MINUTE) for at in numbers)


@given(where=zoned("Australia/Lord_Howe"), step=st.sampled_from([120, 180, 360, 720, 1440]))
def test_steps_longer_than_a_change_have_one_row(where: tuple[str, datetime], step: int) -> None:
    """A day whose midnight clocks leave out is still a day, and one with an hour more is still one."""
    zone, cutoff = where
    table = forecast(replace(BERLIN, zone=zone), cutoff, step * MINUTE, 20)

    assert table.columns["forecast"].tolist() == list(range(1, 21))
    times = moments(table)
    assert all(one < other for one, other in pairwise(times))


@pytest.mark.parametrize(("night", "rows"), [(datetime(2024, 10, 6), 6), (datetime(2024, 4, 7), 10)])
def test_clocks_may_change_by_half_an_hour(night: datetime, rows: int) -> None:
    """Lord Howe leaves out two quarters of an hour in spring and shows two more in autumn."""
    form = replace(BERLIN, zone="Australia/Lord_Howe")

    table = forecast(form, night + timedelta(hours=1), 15 * MINUTE, 8)

    assert len(table.ticks) == rows
    assert len(set(moments(table))) == rows
    assert len(forecast(form, night, HOUR, 8).ticks) == 8


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("arrow", ["string", "us", "s"])
def test_every_format_tells_the_two_apart(form: str, arrow: str) -> None:
    """Text has its offset, Parquet its zone."""
    table = forecast(replace(BERLIN, arrow=arrow), AUTUMN, HOUR, 4)
    data = FORMATS[form](table)

    assert moments(table) == [datetime(2024, 10, 26, hour, tzinfo=UTC) for hour in (23,)] + [
        datetime(2024, 10, 27, hour, tzinfo=UTC) for hour in range(4)
    ]
    if form == "parquet":
        column = pq.read_table(io.BytesIO(data))["t"].to_pylist()
        read = [datetime.fromisoformat(one) if isinstance(one, str) else one for one in column]
        assert [one.astimezone(UTC) for one in read] == moments(table)
    else:
        at = [
            data.decode().index(f"2024-10-27T{text}")
            for text in ("02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00")
        ]
        assert at == sorted(at)


def test_a_frame_tells_the_two_apart() -> None:
    """Users of the library get the same moments."""
    frame = to_frame(forecast(BERLIN, AUTUMN, HOUR, 4))

    assert [one.to_pydatetime().astimezone(UTC) for one in frame["t"]] == moments(
        forecast(BERLIN, AUTUMN, HOUR, 4)
    )


def test_times_without_offsets_stand_once() -> None:
    """Two equal times would be duplicates to whoever reads them; one that never is would be wrong."""
    local = TimeFormat(pattern="%Y-%m-%d %H:%M", zone="Europe/Berlin")
    expected = {SPRING: ["01:00", "03:00", "04:00"], AUTUMN: ["01:00", "02:00", "03:00", "04:00"]}

    for night, hours in expected.items():
        table = forecast(local, night, HOUR, 4)
        assert local.render(*table.times[-1]) == [f"{night:%Y-%m-%d} {hour}" for hour in hours]
        assert len(to_frame(table)) == len(hours)


def test_each_series_keeps_its_rows_together() -> None:
    """Series stand in their order, each in the order of time; their cutoffs are times that were."""
    table = forecast(BERLIN, AUTUMN, HOUR, 3, "south", "north")

    assert table.series_ids == ["south"] * 4 + ["north"] * 4
    assert table.columns["forecast"].tolist() == [1, 2, 2, 3] * 2
    never = forecast(BERLIN, SPRING + timedelta(hours=2), HOUR, 2)
    assert never.cutoffs is not None
    assert BERLIN.render(never.cutoffs) == ["2024-03-31T01:00:00+01:00"] * 2


def test_times_without_a_zone_are_left_as_they_are() -> None:
    """Neither UTC nor an offset that stays has such hours, nor have times of which nobody knows the clock."""
    for form in (
        TimeFormat(),
        TimeFormat(pattern="epoch s", offset=0, arrow="int64"),
        TimeFormat(pattern="%HZ", offset=0),
    ):
        ticks: Ints = forecast(form, SPRING, HOUR, 8).ticks
        assert ticks.tolist() == [tick(SPRING) + HOUR * hour for hour in range(1, 9)]


@pytest.mark.parametrize(("night", "rows"), [(SPRING, 11), (AUTUMN, 13)])
def test_counts_of_seconds_go_on_evenly(night: datetime, rows: int) -> None:
    """Seconds since 1970 read on the clocks of a zone have every hour of the night once."""
    form = TimeFormat(pattern="epoch s", zone="Europe/Berlin", arrow="int64")
    table = forecast(form, night - timedelta(hours=2), HOUR, 12)

    counts = form.render(*table.times[-1])

    assert np.diff(np.array(counts)).tolist() == [3600] * (rows - 1)
