"""What is known ahead must be there for every step that is forecast."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.data.tables import days, read
from tests.data.test_covariates import DAYS, PROMO, ROWS, TARGET, TEMP, table
from tsforecast.data.rows.covariate_checks import missing_future


def test_missing_future_names_covariate_series_and_timestamp(tmp_path: Path) -> None:
    """The first step that lacks a value, and the rows that would help."""
    text = table("ds,y,promo,event", days(ROWS + 3), [*TARGET, *[""] * 3], [*PROMO, 1, "", 0], ["a"] * 15)
    panel = read(tmp_path, text).panel

    error = missing_future(panel, 3)

    assert missing_future(panel, 1) is None
    assert error is not None
    assert error.exit_code == 3
    assert error.message == "future covariate 'promo' of series 'y' has no value for 2024-01-14"
    assert "give rows for 2024-01-14 to 2024-01-15 with an empty 'y'" in error.hint
    absent = missing_future(panel, 4)
    assert absent is not None
    assert "2024-01-14" in absent.message


def test_missing_future_sees_absent_rows_of_a_category(tmp_path: Path) -> None:
    """An empty cell says that there is no event, an absent row says nothing."""
    text = table("ds,y,event", days(ROWS + 2), [*TARGET, "", ""], ["fair", *[""] * (ROWS + 1)])
    panel = read(tmp_path, text).panel

    assert missing_future(panel, 2) is None
    error = missing_future(panel, 3)
    assert error is not None
    assert "has no value for 2024-01-15" in error.message


def test_nothing_is_missing_without_future_covariates(tmp_path: Path) -> None:
    """Past covariates are not asked for ahead."""
    panel = read(tmp_path, table("ds,y,temp", DAYS, TARGET, TEMP), past=("temp",)).panel

    assert missing_future(panel, 5) is None


def test_an_hour_that_never_is_asks_for_nothing(tmp_path: Path) -> None:
    """A plan of the night in which clocks go forward is whole without it; any other hour is asked for."""
    hours = [datetime(2024, 3, 29, tzinfo=UTC) + timedelta(hours=hour) for hour in range(54)]
    times = [hour.astimezone(ZoneInfo("Europe/Berlin")).isoformat() for hour in hours]
    loads = [*map(str, range(46)), *[""] * 8]
    panel = read(tmp_path, table("ds,y,promo", times, loads, [hour.hour % 2 for hour in hours])).panel

    assert missing_future(panel, 9) is None
    lacking = missing_future(panel, 10)
    assert lacking is not None
    assert "2024-03-31T08:00:00+02:00" in lacking.message
