from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.data.tables import read
from tsforecast.errors import DataError

HOUR = timedelta(hours=1)


def first_moments(zone: str, start: date, days: int) -> list[str]:
    """First moment of each day, with its offset, as pandas writes days of a zone."""
    clock = ZoneInfo(zone)
    cells = []
    for number in range(days):
        midnight = datetime.combine(start + timedelta(days=number), time(), clock)
        cells.append(midnight.astimezone(ZoneInfo("UTC")).astimezone(clock).isoformat())
    return cells


def table(cells: list[str]) -> str:
    """Daily table that counts."""
    return "when,y\n" + "".join(f"{cell},{number}.5\n" for number, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("zone", "start", "tz"),
    [
        ("America/Santiago", date(2023, 7, 1), None),
        ("Asia/Beirut", date(2024, 2, 1), None),
        ("America/Sao_Paulo", date(2018, 9, 20), "America/Sao_Paulo"),
    ],
)
def test_a_day_without_a_midnight_is_a_day(tmp_path: Path, zone: str, start: date, tz: str | None) -> None:
    """Where clocks go forward at midnight, the day begins at one, and is no error of the table."""
    cells = first_moments(zone, start, 90)
    assert sum("T01:00" in cell for cell in cells) == 1

    panel = read(tmp_path, table(cells), tz=tz).panel

    assert panel.frequency.alias == "D"
    np.testing.assert_array_equal(panel.values, np.arange(90) + 0.5)


def test_another_time_of_the_day_stays_an_error(tmp_path: Path) -> None:
    """Only the moment at which the day of that zone begins is its midnight."""
    cells = first_moments("America/Santiago", date(2023, 7, 1), 90)

    with pytest.raises(DataError, match="does not stand on the daily grid"):
        read(tmp_path, table([cell.replace("T01:00", "T02:00") for cell in cells]))


def test_hours_stay_hours(tmp_path: Path) -> None:
    """One o'clock is the hour after the midnight that is missing where the rows are hours."""
    first = datetime(2023, 9, 2, tzinfo=ZoneInfo("America/Santiago")).astimezone(ZoneInfo("UTC"))
    clock = ZoneInfo("America/Santiago")
    cells = [(first + HOUR * number).astimezone(clock).isoformat() for number in range(72)]

    panel = read(tmp_path, table(cells)).panel

    assert panel.frequency.alias == "h"
    assert np.flatnonzero(np.isnan(panel.values)).tolist() == [24]


@pytest.mark.parametrize("months", [False, True])
def test_days_in_utc_are_told_with_their_zone(tmp_path: Path, months: bool) -> None:
    """Midnights of New York are at four or five in UTC; the proposed flag, as it stands, reads them as days."""
    starts = pd.date_range("2022-01-01", periods=60 if months else 400, freq="MS" if months else "D")
    cells = [f"{one.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}" for one in starts.tz_localize("America/New_York")]

    with pytest.raises(DataError) as caught:
        read(tmp_path, table(cells))
    assert "days on the clocks of America/New_York: --tz America/New_York" in caught.value.hint
    panel = read(tmp_path, table(cells), tz="America/New_York").panel
    assert panel.frequency.alias == ("MS" if months else "D")


def test_clocks_that_change_by_half_an_hour_are_told(tmp_path: Path) -> None:
    """On Lord Howe the hours of winter lie between those of summer."""
    hours = pd.date_range("2024-03-20", periods=600, freq="h", tz="Australia/Lord_Howe")
    cells = [one.isoformat() for one in hours]

    with pytest.raises(DataError) as caught:
        read(tmp_path, table(cells))
    assert "--tz UTC" in caught.value.hint
    assert not np.isnan(read(tmp_path, table(cells), tz="UTC").panel.values).any()
