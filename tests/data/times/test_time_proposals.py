"""What the times of a table leave open is told with the flag that settles it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.data.tables import read
from tsforecast.errors import DataError, UsageError

DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(60)]


def counting(cells: list[str], header: str = "when,y") -> str:
    """Table with a row per cell of its first column."""
    return f"{header}\n" + "".join(f"{cell},{number}\n" for number, cell in enumerate(cells))


WITHOUT_A_YEAR = "column 'when' holds dates without a year"
NO_MONTHS = "data.csv:2:1: 'Jan.01' is a date without a year in column 'when'"
"""Of what could be months of years by its letters, but not by its order."""


@pytest.mark.parametrize("form", ["%d.%m.", "%b %d", "%m-%d", "%b-%d", "%d %B"])
def test_dates_without_a_year_are_told_under_any_name(tmp_path: Path, form: str) -> None:
    """A column of days and months is no time, and the message says what it lacks."""
    with pytest.raises(DataError, match=NO_MONTHS if form.startswith("%b") else WITHOUT_A_YEAR):
        read(tmp_path, counting([day.strftime(form) for day in DAYS]))


@pytest.mark.parametrize(("form", "alias"), [("%Y%m%d", "D"), ("%Y%m", "MS")])
def test_numbers_that_can_only_be_dates_are_time_under_any_name(
    tmp_path: Path, form: str, alias: str
) -> None:
    """Days without separators need no telling name."""
    cells = list(dict.fromkeys((DAYS[0] + timedelta(days=9 * number)).strftime(form) for number in range(80)))
    if form == "%Y%m%d":
        cells = [day.strftime(form) for day in DAYS]
    panel = read(tmp_path, counting(cells, "x,y")).panel

    assert (panel.schema.time, panel.frequency.alias) == ("x", alias)


def test_seconds_since_1970_are_no_steps(tmp_path: Path) -> None:
    """A column called t may count steps, but nobody counts from 1.7 billion on."""
    panel = read(tmp_path, counting([str(1_704_067_200 + 3600 * hour) for hour in range(48)], "t,y")).panel

    assert (panel.frequency.alias, panel.schema.time_format.pattern) == ("h", "epoch s")


@pytest.mark.parametrize(("longest", "unit"), [(90, "minutes"), (8, "days")])
def test_proposed_steps_are_read(tmp_path: Path, longest: int, unit: str) -> None:
    """The command that an error proposes works."""
    waits = np.random.default_rng(1).integers(1, longest, 120).cumsum().tolist()
    cells = [str(datetime(2024, 1, 1) + timedelta(**{unit: wait})) for wait in waits]
    with pytest.raises(DataError) as caught:
        read(tmp_path, counting(cells))
    steps = caught.value.hint.split("--resample ")[1].split()[0]

    assert read(tmp_path, counting(cells), resample=steps).panel.frequency.alias == steps


@pytest.mark.parametrize("form", ["%y-%m-%d", "%d-%m-%y"])
def test_short_year_that_may_stand_first_is_refused(tmp_path: Path, form: str) -> None:
    """The 24-01-05 of a month may be a day of 2024 or of 2005: the user says which."""
    cells = [day.strftime(form) for day in DAYS[:28]]
    with pytest.raises(UsageError, match="the year may be the first or the last"):
        read(tmp_path, counting(cells))

    assert read(tmp_path, counting(cells), day_first=True).panel.lengths.tolist() == [28]


@pytest.mark.parametrize("form", ["%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m/%d/%y"])
def test_short_year_at_the_end_is_read(tmp_path: Path, form: str) -> None:
    """Two months of days show that the year is the last number."""
    panel = read(tmp_path, counting([day.strftime(form) for day in DAYS])).panel

    assert (panel.frequency.alias, panel.lengths.tolist()) == ("D", [60])


def test_an_hour_shown_twice_names_its_zone(tmp_path: Path) -> None:
    """Local times without an offset tell where the clocks went back."""
    moments = [datetime(2024, 10, 25, tzinfo=UTC) + timedelta(hours=hour) for hour in range(100)]
    cells = [one.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M") for one in moments]
    with pytest.raises(DataError) as caught:
        read(tmp_path, counting(cells))

    assert caught.value.hint.startswith("the clocks of Europe/Berlin went back then: --tz Europe/Berlin")
    assert read(tmp_path, counting(cells), tz="Europe/Berlin").panel.lengths.tolist() == [99]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z"])
def test_clocks_that_go_back_are_no_disorder(tmp_path: Path, form: str) -> None:
    """Rows of ten minutes run on while the clock shows an hour again; rows that are in disorder are still told."""
    moments = [datetime(2024, 10, 26, 12, tzinfo=UTC) + timedelta(minutes=10 * step) for step in range(144)]
    cells = [one.astimezone(ZoneInfo("Europe/Berlin")).strftime(form) for one in moments]
    ordered = read(tmp_path, counting(cells), tz="Europe/Berlin")
    cells[20], cells[21] = cells[21], cells[20]
    disordered = read(tmp_path, counting(cells), tz="Europe/Berlin")

    assert ordered.panel.lengths.tolist() == disordered.panel.lengths.tolist() == [138]
    assert [one.text for one in ordered.notes if one.warning] == []
    assert any("not in the order of time" in one.text for one in disordered.notes)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("%Y-%m-%d %H:%M EST", "letters such as EST are the zones of several countries"),
        ("%d/%m/%Y %H:%M GMT-5", "leave out 'GMT-5' or write the offset alone"),
        ("%Y-%m-%dT%H:%M-05:00[America/New_York]", "leave out '[America/New_York]'"),
        ("%a %b %d %Y %H:%M:%S GMT-0500 (EST)", "leave out 'GMT-0500 (EST)'"),
    ],
)
def test_dates_beside_other_signs_are_told_by_their_cell_under_any_name(
    tmp_path: Path, form: str, told: str
) -> None:
    """Nobody believes that no column looks like timestamps who sees one; the cell and the cause help."""
    cells = [(datetime(2024, 2, 20) + timedelta(hours=hour)).strftime(form) for hour in range(48)]

    with pytest.raises(DataError, match=r"data\.csv:2:1: .* is not a timestamp in column 'at'") as caught:
        read(tmp_path, counting(cells, "at,y"))
    assert told in caught.value.hint
