"""Tables with offsets, over the nights in which clocks change, from end to end."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.workflows.test_bundle import expected, run
from tsforecast.config import ExportSettings
from tsforecast.data.output.appending import append_table
from tsforecast.data.output.writing import to_csv
from tsforecast.workflows.bundle import bundle
from tsforecast.workflows.plot import chart_of, in_terminal

OFFSETS, LOCAL = "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M"


def hourly(zone: str, first: datetime, last: datetime) -> list[tuple[datetime, float]]:
    """Every hour of UTC from one to another on the clocks of a zone, and a load that follows these."""
    moments = [first.replace(tzinfo=UTC)]
    while moments[-1] < last.replace(tzinfo=UTC):
        moments.append(moments[-1] + timedelta(hours=1))
    local = [one.astimezone(ZoneInfo(zone)) for one in moments]
    noise = np.random.default_rng(3).normal(size=len(local))
    return [
        (one, round(100 + 20 * float(np.sin(one.hour / 3.82)) + float(part), 2))
        for one, part in zip(local, noise, strict=True)
    ]


def write(path: Path, rows: list[tuple[datetime, float]], form: str = OFFSETS) -> Path:
    """Write times as a pattern has them, with a colon in the offset."""
    text = [one.isoformat() if form == OFFSETS else one.strftime(form) for one, _ in rows]
    lines = [f"{at},{value}" for at, (_, value) in zip(text, rows, strict=True)]
    path.write_text("\n".join(["time,load", *lines]) + "\n")
    return path


def before(night: datetime, hours: int = 26) -> list[tuple[datetime, float]]:
    """Rows of Berlin up to some hours before the morning after a night, with offsets of both kinds."""
    return hourly("Europe/Berlin", night - timedelta(days=220), night + timedelta(hours=24 - hours))


SPRING, AUTUMN = datetime(2024, 3, 31), datetime(2024, 10, 27)


@pytest.mark.parametrize(("night", "rows"), [(SPRING, 7), (AUTUMN, 9)])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_rows_of_such_a_night_are_appended_once(
    tmp_path: Path, night: datetime, rows: int, ending: str
) -> None:
    """Two rows of one hour are two, told apart by their offsets; what is there already is not added again."""
    data = write(tmp_path / "load.csv", before(night))
    forecast = tsforecast.predict(data=data, zero_shot=True, horizon=8, with_cutoff=True)
    file = tmp_path / f"all.{ending}"

    assert append_table(forecast.table, file, ending) == rows
    assert append_table(forecast.table, file, ending) == 0
    said = "leave out has no row" if rows < 8 else "show twice has two rows"
    assert [note.text for note in forecast.notes if "the clocks of Europe/Berlin change" in note.text] == [
        f"the clocks of Europe/Berlin change: 1 step that they {said}"
    ]
    assert not [note for note in forecast.notes if note.warning]


@pytest.mark.parametrize(("night", "rows"), [(SPRING, 7), (AUTUMN, 9)])
def test_pictures_draw_what_is_written(tmp_path: Path, night: datetime, rows: int) -> None:
    """As many points as rows, and the last of them at its own time."""
    data = write(tmp_path / "load.csv", before(night))
    forecast = tsforecast.predict(data=data, zero_shot=True, horizon=8)

    chart = chart_of(forecast, 0)

    (line,) = [one for one in chart.lines if one.style == "forecast"]
    assert line.y.tolist() == forecast.table.columns["forecast"].tolist()
    assert len(line.x) == rows
    assert chart.marks[-1] == (
        float(rows),
        forecast.table.schema.time_format.render(forecast.table.ticks)[-1],
    )
    assert "T07:00" not in in_terminal(forecast)


def test_a_forecast_of_nothing_but_an_hour_that_never_is_has_no_row(tmp_path: Path) -> None:
    """An empty table is the truth, and no picture of it is an error."""
    data = write(tmp_path / "load.csv", hourly("Europe/Berlin", datetime(2024, 3, 1), datetime(2024, 3, 31)))
    forecast = tsforecast.predict(data=data, zero_shot=True, horizon=1, tz="Europe/Berlin")

    assert to_csv(forecast.table) == b"time,forecast,q0.1,q0.9\n"
    assert in_terminal(forecast)


@pytest.mark.parametrize("form", [OFFSETS, LOCAL])
def test_the_runner_and_a_backtest_know_such_nights(tmp_path: Path, form: str) -> None:
    """The clocks of Casablanca go back for Ramadan and forward after it: rows in, rows out, as predict has them."""
    rows = hourly("Africa/Casablanca", datetime(2024, 2, 1), datetime(2024, 4, 14, 16))
    end = 24 * 38 - 3
    until_back, until_forward = rows[:end], rows[: end + 24 * 35]
    naive: dict[str, Any] = {"tz": "Africa/Casablanca"} if form == LOCAL else {}
    model = tsforecast.fit(
        write(tmp_path / "load.csv", until_back if naive else rows[: end + 24], form), tmp_path / "m.tsf",
        steps=2, members=1, horizon=8, **naive,
    ).path  # fmt: skip
    place = bundle(model, tmp_path / "b", settings=ExportSettings(no_check=True)).folder

    for part, times in ((until_back, 9 if form == OFFSETS else 8), (until_forward, 7)):
        data = write(tmp_path / "new.csv", part, form)
        done = run(place, str(data))
        assert done.stdout == expected(place, data, (0.1, 0.9)), done.stderr
        assert done.stdout.count(b"\n") == 1 + times

    scored = tsforecast.evaluate(model, write(tmp_path / "all.csv", rows, form), origins=24, step=1).forecasts
    found = list(csv.DictReader(io.StringIO(to_csv(scored).decode())))
    keys = [(one["cutoff"], one["time"]) for one in found]
    assert len(keys) == len(set(keys))
    never = "2024-04-14T02:00" if form == OFFSETS else "2024-04-14 02:00"
    assert not [key for key in keys if key[0].startswith(never) or key[1].startswith(never)]
    assert any(one["time"].startswith(never.replace("02:", "03:")) for one in found)


def test_the_runner_knows_the_clocks_of_seconds_since_1970(tmp_path: Path) -> None:
    """Seconds are moments: on the clocks that are asked for, an hour shown twice is two rows in and two rows out."""
    rows = hourly("Europe/Berlin", AUTUMN - timedelta(days=40), AUTUMN + timedelta(days=9))
    text = [f"{int(one.timestamp())},{value}" for one, value in rows]
    (tmp_path / "all.csv").write_text("\n".join(["time,load", *text]) + "\n")
    (tmp_path / "until.csv").write_text("\n".join(["time,load", *text[: 24 * 40 - 4]]) + "\n")
    model = tsforecast.fit(
        tmp_path / "all.csv", tmp_path / "m.tsf", steps=2, members=1, horizon=8, tz="Europe/Berlin"
    ).path
    place = bundle(model, tmp_path / "b", settings=ExportSettings(no_check=True)).folder

    for name, times in (("until", 9), ("all", 8)):
        done = run(place, str(tmp_path / f"{name}.csv"))
        assert done.stdout == expected(place, tmp_path / f"{name}.csv", (0.1, 0.9)), done.stderr
        assert done.stdout.count(b"\n") == 1 + times


def test_times_with_offsets_stand_on_any_clock_that_is_asked_for(tmp_path: Path) -> None:
    """They are moments: on the clocks of UTC no hour is missing and none comes twice."""
    rows = hourly("America/New_York", AUTUMN - timedelta(days=3), AUTUMN + timedelta(days=10))
    data = write(tmp_path / "load.csv", rows)

    forecast = tsforecast.predict(data=data, zero_shot=True, horizon=2, tz="UTC")

    assert forecast.panel.lengths.tolist() == [len(rows)]
    following = rows[-1][0].astimezone(UTC) + timedelta(hours=1)
    assert forecast.table.schema.time_format.render(forecast.table.ticks)[0] == following.isoformat()


def test_a_zone_of_arrow_is_kept_where_its_offset_has_not_changed_yet(tmp_path: Path) -> None:
    """Whoever has winter only in a frame, or in Parquet, has named the zone all the same."""
    hours = pd.date_range("2024-03-01", "2024-03-30 22:00", freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"time": hours, "load": 100 + np.arange(len(hours)) % 24})

    found = tsforecast.predict(data=frame, zero_shot=True, horizon=6).to_frame()["time"]

    assert str(found.dtype) == "datetime64[us, Europe/Berlin]"
    assert [one.hour for one in found] == [23, 0, 1, 3, 4]


def test_local_times_of_a_frame_have_the_clock_that_is_named() -> None:
    """As those of a text have: the hour that comes twice is no error, and the forecast is written without offset."""
    moments = pd.date_range("2024-10-20", periods=24 * 10, freq="h", tz="Europe/Berlin")
    frame = pd.DataFrame({"time": moments.tz_localize(None), "load": 100 + np.arange(len(moments)) % 24})

    found = tsforecast.predict(data=frame, zero_shot=True, horizon=2, tz="Europe/Berlin").to_frame()["time"]

    assert found.dt.tz is None
    assert found.tolist() == [pd.Timestamp("2024-10-29 23:00"), pd.Timestamp("2024-10-30 00:00")]


@pytest.mark.parametrize("zone", ["America/Santiago", "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores"])
def test_days_whose_midnight_never_was_are_read_and_forecast(tmp_path: Path, zone: str) -> None:
    """Midnights as Python writes them, with the offset of before the change; every day has its row."""
    days = [datetime(2023, 3, 1) + timedelta(days=day) for day in range(600)]
    rows = [(day.replace(tzinfo=ZoneInfo(zone)), 50.0 + day.weekday()) for day in days]
    data = write(tmp_path / "days.csv", rows)

    forecast = tsforecast.predict(data=data, zero_shot=True, horizon=28, tz=zone).table

    texts = forecast.schema.time_format.render(*forecast.times[-1])
    expected_days = [datetime(2023, 3, 1) + timedelta(days=day) for day in range(600, 628)]
    assert texts == [day.replace(tzinfo=ZoneInfo(zone)).isoformat() for day in expected_days]
