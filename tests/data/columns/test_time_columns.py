"""Dates and clock times in two columns are one time, unless the user says what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.tables import days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import DataError

ROWS = [(day, f"{hour:02d}:00") for day in days(6) for hour in range(0, 24, 6)]
SHIFTS = "date,starts,y\n" + "".join(f"{day},{clock},{row}\n" for row, (day, clock) in enumerate(ROWS))


@pytest.mark.parametrize("time", [None, "date", "date,starts"])
def test_a_date_and_a_clock_are_one_time(tmp_path: Path, time: str | None) -> None:
    """Read as a series id the clock would make one daily series of each hour, without a word."""
    result = read(tmp_path, SHIFTS, time=time)

    assert result.panel.series_ids == ("y",)
    assert result.panel.frequency.alias == "6h"
    assert result.panel.values.tolist() == list(range(24))


def test_a_clock_that_is_named_as_the_id_stays_one(tmp_path: Path) -> None:
    """Who wants a series for every hour of the day says so."""
    result = read(tmp_path, SHIFTS, id="starts")

    assert result.panel.series_ids == ("00:00", "06:00", "12:00", "18:00")
    assert result.panel.frequency.alias == "D"


def test_ids_repeat_the_times(tmp_path: Path) -> None:
    """Rows of several shops at one hour are told apart by the shop, not by the clock."""
    text = "shop," + SHIFTS.partition("\n")[0] + "\n"
    text += "".join(f"{shop},{line}\n" for shop in "ab" for line in SHIFTS.splitlines()[1:])

    result = read(tmp_path, text)

    assert result.panel.series_ids == ("a", "b")
    assert result.panel.lengths.tolist() == [24, 24]


def test_a_model_finds_both_columns_again(tmp_path: Path) -> None:
    """New rows may be of one day, which repeats nothing."""
    known = read(tmp_path, SHIFTS).panel
    path = write(tmp_path, "date,starts,y\n2024-01-07,00:00,24\n")

    new = read_panel(path, DataSettings(), schema=known.schema, frequency=known.frequency).panel

    assert new.first.tolist() == [int(known.last[0]) + 1]


def test_a_wrong_date_is_told_by_its_own_line(tmp_path: Path) -> None:
    """Rows without a clock before it do not shift the line."""
    text = "date,starts,y\n,,kW\n" + SHIFTS.partition("\n")[2].replace("2024-01-03,06:00", "2024-01-99,06:00")

    with pytest.raises(DataError, match="2024-01-99") as caught:
        read(tmp_path, text)

    assert caught.value.line == 12


def test_a_clock_may_be_part_of_an_id(tmp_path: Path) -> None:
    """A column that --id names together with another is not taken away for the time."""
    text = "date,shop,starts,y\n" + "".join(
        f"{day},{shop},{clock},{row}\n" for shop in "ab" for row, (day, clock) in enumerate(ROWS)
    )

    result = read(tmp_path, text, id="shop,starts")

    assert result.panel.series_ids[:2] == ("a,00:00", "a,06:00")
    assert len(result.panel) == 8
