from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.config import PredictSettings
from tsforecast.data.output.writing import to_csv
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.reading import read_panel
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.errors import DataError, StaleError, UsageError
from tsforecast.workflows.freshness import check_freshness, not_yet, ordinal_of, seconds_of
from tsforecast.workflows.predict import predict

HOUR = 3600.0


def panel_of(form: TimeFormat, *, last: float = 3.0) -> Panel:
    """Four hours of one series, from midnight of 2024-07-01 on the clock of the data."""
    schema = Schema(layout="long", time="when", time_format=form, target="load")
    frequency = parse_frequency("h")
    tick = int(np.datetime64("2024-07-01T00:00", "us").astype(np.int64))
    first = int(frequency.ordinals(np.array([tick]))[0][0])
    return Panel.of(["load"], [np.array([0.0, 1.0, 2.0, last])], [first], frequency, schema)


def moment(text: str) -> float:
    """Seconds since 1970 of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("form", "newest"),
    [
        (TimeFormat(offset=120), "2024-07-01T01:00"),
        (TimeFormat(zone="Europe/Berlin", arrow="us"), "2024-07-01T01:00"),
        (TimeFormat(pattern="epoch s", arrow="int64"), "2024-07-01T03:00"),
        (TimeFormat(offset=-300), "2024-07-01T08:00"),
    ],
)
def test_lag_counts_from_the_moment_that_the_data_name(form: TimeFormat, newest: str) -> None:
    """03:00 at +02:00 is 01:00 in UTC, whatever the clock of the machine shows; the limit itself is not too old."""
    settings = PredictSettings(max_lag=HOUR)

    check_freshness(panel_of(form), settings, moment(newest) + HOUR)
    with pytest.raises(StaleError, match="old; --max-lag allows") as error:
        check_freshness(panel_of(form), settings, moment(newest) + HOUR + 1)

    assert error.value.exit_code == 7


def test_lag_of_times_without_an_offset_goes_by_the_clock_of_the_machine() -> None:
    """A table in local time is compared with local time."""
    local = datetime(2024, 7, 1, 3).timestamp()

    assert seconds_of(int(np.datetime64("2024-07-01T03:00", "us").astype(np.int64)), TimeFormat()) == local


def test_a_row_without_a_value_is_no_observation() -> None:
    """Rows that only hold the place of the future do not make data fresh."""
    settings = PredictSettings(max_lag=HOUR)
    form = TimeFormat(offset=0)
    now = moment("2024-07-01T03:30")

    check_freshness(panel_of(form), settings, now)
    with pytest.raises(StaleError):
        check_freshness(panel_of(form, last=np.nan), settings, now)


@pytest.mark.parametrize(("most", "told"), [(26.0, True), (HOUR, False)])
def test_an_age_that_lacks_its_unit_is_told(most: float, told: bool) -> None:
    """--max-lag 26 is 26 seconds, which nobody means."""
    with pytest.raises(StaleError) as caught:
        check_freshness(
            panel_of(TimeFormat(offset=0)), PredictSettings(max_lag=most), moment("2024-07-03T03:00")
        )

    assert ("without a unit is seconds" in caught.value.hint) == told


def test_data_from_tomorrow_do_not_pass_for_fresh() -> None:
    """A mistyped year must not switch the check off."""
    with pytest.raises(DataError, match="ahead of the clock"):
        check_freshness(
            panel_of(TimeFormat(offset=0)), PredictSettings(max_lag=HOUR), moment("2023-07-01T03:00")
        )


def ends(tmp_path: Path, last: date, step: int) -> tuple[str, ...]:
    """Warnings about the end of a table of twenty rows, some days apart."""
    rows = "".join(f"{last - timedelta(days=step * back)},{back % 3}.5\n" for back in reversed(range(20)))
    (tmp_path / "data.csv").write_text("ds,y\n" + rows)
    return tuple(note.text for note in not_yet(read_panel(tmp_path / "data.csv")))


def test_what_is_still_to_come_is_warned_of(tmp_path: Path) -> None:
    """Nobody has observed it; a step that has begun, such as a week under way, is no such thing."""
    today = datetime.now(UTC).date()

    assert "which is still to come" in ends(tmp_path, today + timedelta(days=4), 1)[0]
    assert "which is still to come" in ends(tmp_path, today + timedelta(days=11), 7)[0]
    assert not ends(tmp_path, today + timedelta(days=1), 1)
    assert not ends(tmp_path, today + timedelta(days=6), 7)


def test_fit_warns_of_a_table_of_plans(tmp_path: Path) -> None:
    """A mistyped century is told before anybody trusts the forecast."""
    rows = "".join(f"28{90 + year}-01-01,{year % 4}.5\n" for year in range(10))
    (tmp_path / "plan.csv").write_text("ds,y\n" + rows)
    result = tsforecast.fit(tmp_path / "plan.csv", tmp_path / "m.tsf", steps=1, members=1, horizon=1)

    assert any(note.warning and "ends 2899-01-01" in note.text for note in result.notes)


def test_expected_cutoff_is_the_newest_observation() -> None:
    """Older or newer, anything else than expected is exit code 7; offsets are compared as moments."""
    panel = panel_of(TimeFormat(offset=120))

    check_freshness(panel, PredictSettings(expect_cutoff="2024-07-01 03:00"), None)
    check_freshness(panel, PredictSettings(expect_cutoff="2024-07-01T01:00Z"), None)
    for other in ("2024-07-01 04:00", "2024-07-01 02:00"):
        with pytest.raises(StaleError, match="expected was"):
            check_freshness(panel, PredictSettings(expect_cutoff=other), None)


@pytest.mark.parametrize("text", ["soon", "2024-13-01", "17"])
def test_a_cutoff_that_is_no_timestamp_is_refused(text: str) -> None:
    """With the flag it came from."""
    with pytest.raises(UsageError, match="--cutoff"):
        ordinal_of(panel_of(TimeFormat()), text, "--cutoff")


def test_an_offset_that_the_data_do_not_have_is_refused() -> None:
    """Nobody knows what clock such data are on."""
    with pytest.raises(UsageError, match="the data have none"):
        ordinal_of(panel_of(TimeFormat()), "2024-07-01T01:00+02:00", "--cutoff")


def test_forecast_as_of_a_cutoff_is_the_one_of_that_day(
    model: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """Later rows change nothing: the bytes are those of a file that ended there."""
    then = write_daily(tmp_path / "then.csv", 0, 126)

    as_of = tsforecast.predict(model, longer_csv, cutoff="2024-05-05")

    assert to_csv(as_of.table) == to_csv(tsforecast.predict(model, then).table)
    assert as_of.cutoff == "2024-05-05"


def test_forecast_as_of_a_day_that_the_model_was_fitted_on_warns(model: Path, daily_csv: Path) -> None:
    """It is no test of the model, and that is said."""
    notes = tsforecast.predict(model, daily_csv, cutoff="2024-04-01").notes

    assert any(note.warning and "no fair test" in note.text for note in notes)


def test_series_that_begin_after_the_cutoff_are_left_out(
    model: Path, daily_csv: Path, tmp_path: Path
) -> None:
    """They were not known then; where none was, that is an error."""
    new = write_daily(tmp_path / "new.csv", 100, 120, names=("west",))
    forecast = tsforecast.predict(model, new, cutoff="2024-04-05")

    assert "west" not in forecast.table.series_ids
    with pytest.raises(DataError, match="nothing is known"):
        tsforecast.predict(model, daily_csv, cutoff="2001-01-01")


def test_predict_checks_its_data_before_it_forecasts(model: Path) -> None:
    """The stored history ends on 2024-04-29."""
    settings: Any = PredictSettings(max_lag=26 * HOUR)
    noon = datetime(2024, 4, 29, 12).timestamp()

    assert len(predict(model, settings=settings, now=noon).table.ticks) == 2 * HORIZON
    with pytest.raises(StaleError):
        predict(model, settings=settings, now=noon + 48 * HOUR)
