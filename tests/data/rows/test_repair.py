"""Repairs happen by request only, and are counted."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsforecast
from tests.data.tables import by_id, daily, days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.data.rows.merging import AGGREGATES
from tsforecast.data.rows.repair import FILLERS
from tsforecast.data.windows import Windows
from tsforecast.errors import DataError, UsageError
from tsforecast.evaluation.scores import mase_scales

NAN = float("nan")
CHOICES = {item.name: item.metadata["choices"] for item in fields(DataSettings)}


def test_every_choice_has_its_function() -> None:
    """What the flags offer is what the tables hold."""
    assert CHOICES["fill"] == ("none", *FILLERS)
    assert set(CHOICES["aggregate"]) == set(AGGREGATES)
    assert set(CHOICES["duplicates"]) <= {"error", *AGGREGATES}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("linear", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NAN]),
        ("zero", [1, 2, 3, 4, 0, 6, 7, 8, 9, 10, 0]),
        ("ffill", [1, 2, 3, 4, 4, 6, 7, 8, 9, 10, 10]),
        ("none", [1, 2, 3, 4, NAN, 6, 7, 8, 9, 10, NAN]),
    ],
)
def test_gaps_are_filled_as_asked(tmp_path: Path, how: str, expected: list[float]) -> None:
    """A gap gets what the flag says, and the end of a series is not invented by a line."""
    text = daily(10).replace(f"{days(5)[4]},5\n", "") + "2024-01-11,\n"
    result = read(tmp_path, text, fill=how)

    np.testing.assert_array_equal(result.panel.values, expected)
    filled = sum(np.isnan([1, 2, 3, 4, NAN, 6, 7, 8, 9, 10, NAN])) - sum(np.isnan(expected))
    assert result.repairs.counts == ({"filled": filled} if filled else {})


def test_seasonal_fill_takes_the_week_before(tmp_path: Path) -> None:
    """A missing Monday is the Monday before it."""
    rows = [f"{day},{index % 7}" for index, day in enumerate(days(28))]
    del rows[15]
    result = read(tmp_path, "\n".join(["ds,y", *rows]), fill="seasonal", target="y")

    assert result.panel.values.tolist() == [index % 7 for index in range(28)]


def test_long_gaps_need_a_filling(tmp_path: Path) -> None:
    """What is refused without the flag is read with it."""
    text = "ds,y\n" + "".join(f"{day},1.{day[-2:]}\n" for day in [*days(5), *days(5, start=15)])
    with pytest.raises(DataError, match="is missing"):
        read(tmp_path, text, freq="D")

    assert read(tmp_path, text, fill="linear", freq="D").repairs.counts == {"filled": 9}


@pytest.mark.parametrize(("how", "value"), [("first", 3), ("last", 9), ("mean", 6), ("sum", 12)])
def test_duplicates_become_one_row(tmp_path: Path, how: str, value: float) -> None:
    """Which row counts is the user's choice, and the rows are counted."""
    result = read(tmp_path, daily(8) + f"{days(3)[2]},9\n", duplicates=how)

    assert result.panel.values.tolist() == [1, 2, value, 4, 5, 6, 7, 8]
    assert any("1 duplicate row merged" in note.text for note in result.notes)


NEWEST_FIRST = [f"{day},{number}" for day in reversed(days(8)) for number in (2, 1)]
"""Two rows a day, the newest at the top as banks write them: 2 is the last of each day."""


@pytest.mark.parametrize("ids", [[""], ["b,", "a,"]], ids=["one series", "two series"])
@pytest.mark.parametrize(("how", "value"), [("last", 2), ("first", 1)])
def test_newest_first_the_upper_row_of_a_day_is_the_last(
    tmp_path: Path, how: str, value: float, ids: list[str]
) -> None:
    """Which of several rows is the first is a matter of time, not of which end of the file it stands at."""
    text = "\n".join(
        ["id,ds,y" if len(ids) > 1 else "ds,y", *(one + row for one in ids for row in NEWEST_FIRST)]
    )

    for settings in ({"duplicates": how}, {"resample": "D", "aggregate": how}):
        result = read(tmp_path, text, **settings)

        assert result.panel.values.tolist() == [value] * 8 * len(ids)
        assert any("the upper one counts as the last" in note.text for note in result.notes)


def test_newest_first_holds_for_one_column_per_series(tmp_path: Path) -> None:
    """A wide table has one order of time for all of its series."""
    rows = [f"{row},{int(row[-1]) * 10}" for row in NEWEST_FIRST]

    result = read(tmp_path, "\n".join(["ds,a,b", *rows]), duplicates="last", layout="wide")

    assert result.panel.values.tolist() == [2] * 8 + [20] * 8


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_newest_first_holds_for_each_of_several_files(tmp_path: Path, names: tuple[str, str]) -> None:
    """A file per month with its newest row at the top, whichever month is read first."""
    for name, rows in zip(names, (NEWEST_FIRST[:6], NEWEST_FIRST[6:]), strict=True):
        write(tmp_path, "\n".join(["ds,y", *rows]), f"{name}.csv")

    result = read_panel(tmp_path / "*.csv", DataSettings(duplicates="last"))

    assert result.panel.values.tolist() == [2] * 8


def test_one_row_out_of_order_is_no_file_with_the_newest_first(tmp_path: Path) -> None:
    """Where some rows go forward in time, those of one time keep the order of the file."""
    rows = [*NEWEST_FIRST[2:], *NEWEST_FIRST[:2]]

    result = read(tmp_path, "\n".join(["ds,y", *rows]), duplicates="last")

    assert result.panel.values.tolist() == [1] * 8


@pytest.mark.parametrize("copies", [1, 2])
def test_duplicates_are_told_by_their_lines_from_the_top(tmp_path: Path, copies: int) -> None:
    """The lines of a pair come in the order of the file, however it is sorted."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, "\n".join(["ds,y", *NEWEST_FIRST * copies]))

    assert "line 2 and 3" in caught.value.message
    assert caught.value.line == 3


def test_outliers_are_clipped_by_request(tmp_path: Path) -> None:
    """One spike is pulled in, the rest stays, and its fences are kept for predict."""
    values = [10 + index % 5 for index in range(40)]
    values[20] = 1000
    text = "ds,y\n" + "".join(f"{day},{value}\n" for day, value in zip(days(40), values, strict=True))
    kept, clipped = read(tmp_path, text), read(tmp_path, text, outliers="clip")

    assert kept.panel.values[20] == 1000
    assert clipped.panel.values[20] == clipped.repairs.limits["y"][1] < 30
    assert np.array_equal(np.delete(clipped.panel.values, 20), np.delete(kept.panel.values, 20))
    assert clipped.repairs.counts == {"clipped": 1}


def test_short_series_are_refused_or_left_out(tmp_path: Path) -> None:
    """Which of the two is the user's choice."""
    long = "".join(f"long,{day},{index}\n" for index, day in enumerate(days(30)))
    text = "id,ds,y\n" + long + "".join(f"short,{day},1.5\n" for day in days(4))
    with pytest.raises(DataError, match="series 'short' has 4 values"):
        read(tmp_path, text, min_rows=10)
    result = read(tmp_path, text, min_rows=10, drop_short=True)

    assert list(by_id(result.panel)) == ["long"]
    assert any("left out: 'short'" in note.text for note in result.notes)


@given(
    values=st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(NAN)), min_size=1, max_size=40),
    season=st.integers(1, 12),
    how=st.sampled_from(sorted(FILLERS)),
)
def test_filling_never_changes_a_value_and_invents_within_the_data(
    values: list[float], season: int, how: str
) -> None:
    """What was observed stays; what is filled lies between the lowest and the highest value, or is zero."""
    series = np.array([1.0, *values])
    filled, _ = FILLERS[how](series, season)
    known = np.isfinite(series)

    np.testing.assert_array_equal(filled[known], series[known])
    made = filled[~known & np.isfinite(filled)]
    low, high = series[known].min(), series[known].max()
    slack = 1e-9 * (1 + abs(low) + abs(high))
    assert ((made >= low - slack) & (made <= high + slack) | (made == 0)).all()


@pytest.mark.parametrize(("how", "scored"), [("linear", 0), ("seasonal", 0), ("ffill", 0), ("zero", 2)])
def test_guesses_are_seen_but_never_scored(tmp_path: Path, how: str, scored: int) -> None:
    """A filled value is context of a window; only one that the user states is a truth to be met."""
    header, *rows = daily(40).splitlines(True)
    panel = read(tmp_path, header + "".join(rows[:30] + rows[32:]), fill=how).panel
    cut = panel.tail(35).select(np.array([0])).head(np.array([34]))
    windows = Windows(cut, 20, 4)
    place = np.array([0]), np.array([25])  # forecasts steps 31 to 34, of which the first two were filled

    assert np.isfinite(windows.futures(*place)).sum() == 2 + scored
    assert np.isfinite(windows.contexts(np.array([0]), np.array([30]))).all()
    assert mase_scales(panel, 1)[0][0] == pytest.approx(1.0 if not scored else (36 + 30 + 33) / 39)


@pytest.mark.parametrize("offsets", [True, False])
def test_rows_of_an_hour_shown_twice_are_counted(tmp_path: Path, offsets: bool) -> None:
    """A repair that clocks ask for is one, beside those that the user asks for."""
    moments = [datetime(2024, 10, 25, tzinfo=UTC) + timedelta(hours=hour) for hour in range(100)]
    local = [one.astimezone(ZoneInfo("Europe/Berlin")) for one in moments]
    cells = [one.isoformat() if offsets else one.strftime("%Y-%m-%d %H:%M") for one in local]
    text = "ds,y\n" + "".join(f"{cell},{place}.5\n" for place, cell in enumerate([*cells, cells[-1]]))

    found = read(tmp_path, text, tz="Europe/Berlin", duplicates="last")

    assert found.repairs.counts == {"clock_joined": 1, "merged": 1}
    assert found.panel.values[47:50].tolist() == [47.5, 49.0, 50.5]


def test_a_way_to_make_steps_needs_steps(tmp_path: Path) -> None:
    """A flag that would change nothing is refused, by whoever reads a table for the first time."""
    table = write(tmp_path, daily(40))

    for read_or_check in (
        lambda: read_panel(table, DataSettings(aggregate="sum")),
        lambda: tsforecast.check(table, aggregate="sum"),
    ):
        with pytest.raises(UsageError, match="--aggregate sum says what --resample makes") as caught:
            read_or_check()
        assert "--resample" in caught.value.hint
    assert len(read_panel(table, DataSettings(aggregate="sum", resample="W")).panel) == 1


def test_a_row_that_stands_twice_in_such_an_hour_is_a_duplicate(tmp_path: Path) -> None:
    """Offsets tell which rows are of one moment: averaging them away would mend what nobody asked to have mended."""
    moments = [datetime(2024, 10, 25, tzinfo=UTC) + timedelta(hours=hour) for hour in range(100)]
    cells = [one.astimezone(ZoneInfo("Europe/Berlin")).isoformat() for one in moments]
    rows = [f"{cell},{place}.5" for place, cell in enumerate(cells)]
    table = write(
        tmp_path, "\n".join(["ds,y", *rows[:49], "2024-10-27T02:00:00+02:00,100", *rows[49:]]) + "\n"
    )

    with pytest.raises(DataError, match="1 duplicate timestamp, the first is 2024-10-27T02:00:00"):
        read_panel(table)

    mended = tsforecast.check(table, fix=tmp_path / "fixed.csv")
    assert mended.repairs == {"merged": 1}
    assert len(read_panel(tmp_path / "fixed.csv").panel.values) == 99
    found = read_panel(table, DataSettings(duplicates="last"))
    assert found.repairs.counts == {"clock_joined": 1, "merged": 1}
    assert found.panel.values[47:50].tolist() == [47.5, (100 + 49.5) / 2, 50.5]
