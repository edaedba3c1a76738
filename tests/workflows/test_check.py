from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.data.tables import daily, days, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError

BROKEN = daily(60) + f"{days(5)[4]},7\n"


def test_everything_that_fit_refuses_is_told_at_once(tmp_path: Path) -> None:
    """Behind the first error there may be a second one, which nobody wants to find tomorrow."""
    text = "ds,y\n" + "".join(f"{day},1.{day[-2:]}\n" for day in [*days(9), days(1)[0], *days(9, start=60)])
    result = tsforecast.check(write(tmp_path, text), freq="D", horizon=3)
    errors = [one.found for one in result.findings if one.severity == "error"]

    assert result.refused
    assert len(errors) == 2
    assert "1 duplicate timestamp" in errors[0]
    assert "is missing" in errors[1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "is empty"),
        ("a,b\nx,y\nz,w\n", "no column looks like timestamps"),
        (daily(4), "one window of horizon"),
    ],
)
def test_what_cannot_be_read_is_a_finding(tmp_path: Path, text: str, found: str) -> None:
    """The doctor does not faint."""
    result = tsforecast.check(write(tmp_path, text))

    assert result.refused
    assert found in result.findings[0].found
    assert result.findings[0].mend


@pytest.mark.parametrize("no_covariates", [True, False])
def test_rows_without_a_target_at_the_end_are_told(tmp_path: Path, no_covariates: bool) -> None:
    """Forecasts begin after them where nothing says that they are a plan."""
    rows = daily(60).splitlines()
    text = "\n".join(
        [f"{rows[0]},promo", *(f"{row},1" for row in rows[1:]), *(f"{day},,1" for day in days(3, 61))]
    )

    result = tsforecast.check(write(tmp_path, text), no_covariates=no_covariates)

    told = any("the last 3 steps" in one.found and "begin after them" in one.found for one in result.findings)
    assert told == no_covariates


def test_a_list_of_one_file_is_that_file(tmp_path: Path) -> None:
    """Whoever lists files in a program need not care how many there are."""
    path = write(tmp_path, daily(60))

    assert tsforecast.check([path]).to_json() == tsforecast.check(path).to_json()


def test_mended_file_reads_without_findings(tmp_path: Path) -> None:
    """What is written is what fit would have read with the flags that are named."""
    path = write(tmp_path, BROKEN)
    result = tsforecast.check(path, fix=tmp_path / "mended.csv")
    mended = read_panel(tmp_path / "mended.csv").panel

    assert result.mended == ("--duplicates first",)
    assert not tsforecast.check(tmp_path / "mended.csv").refused
    expected = read_panel(path, DataSettings(duplicates="first")).panel
    np.testing.assert_array_equal(mended.values, expected.values)
    assert mended.schema == expected.schema


def test_mended_file_keeps_covariates_and_layout(tmp_path: Path) -> None:
    """Labels are written as labels, and a wide table stays wide."""
    rows = [f"a,{day},{index},{'fair' if index % 5 else ''},hill" for index, day in enumerate(days(30))]
    long = write(tmp_path, "\n".join(["id,ds,y,event,static_region", *rows]) + "\n")
    wide = write(
        tmp_path, "ds,s1,s2\n" + "".join(f"{d},{i},{i + 1}\n" for i, d in enumerate(days(30))), "w.csv"
    )
    for path in (long, wide):
        tsforecast.check(path, fix=tmp_path / "out.csv", horizon=5)
        before, after = read_panel(path).panel, read_panel(tmp_path / "out.csv").panel

        assert after.schema == before.schema
        np.testing.assert_array_equal(after.values, before.values)
        if before.covariates is not None and after.covariates is not None:
            np.testing.assert_array_equal(after.covariates.values, before.covariates.values)


@pytest.mark.parametrize(
    ("header", "cells", "written"),
    [
        ("day,y", ["1534.10", "+7", "1e3", "0.50"], ["1534.10", "+7", "1e3", "0.50"]),
        ("day;y", ["1534,10", "7,0", "-3,25", "8,1"], ["1534.10", "7.0", "-3.25", "8.1"]),
        ("day,y", ['"$1,534.10"', "$7.00", "$3.25", "$8.1"], ["1534.10", "7.00", "3.25", "8.1"]),
        ("day,y", ["1534.10", "", "1534.1", "7"], ["1534.10", "", "1534.1", "7"]),
    ],
)
def test_mended_file_has_numbers_as_they_were_written(
    tmp_path: Path, header: str, cells: list[str], written: list[str]
) -> None:
    """What was not wrong is not touched; the mean of equal numbers is that number."""
    mark = header[3]
    rows = [f"{day}{mark}{cell}" for day, cell in zip(days(48), cells * 12, strict=True)]
    data = tmp_path / "data.csv"
    data.write_text("\n".join([header, *rows[:40], *rows[:1], *rows[:1], *rows[40:]]) + "\n")
    fixed = tmp_path / "fixed.csv"
    tsforecast.check(data, fix=fixed, duplicates="mean", fill="linear", horizon=4)

    lines = fixed.read_text().splitlines()[1:]
    expected = [text for text, cell in zip(written * 12, cells * 12, strict=True) if cell]
    assert [line.split(",")[1] for line, cell in zip(lines, cells * 12, strict=True) if cell] == expected


def test_what_cannot_be_mended_is_an_error_and_no_file(tmp_path: Path) -> None:
    """Nobody takes a file for mended that is not there."""
    with pytest.raises(DataError):
        tsforecast.check(write(tmp_path, "a,b\nx,y\n"), fix=tmp_path / "out.csv")

    assert not (tmp_path / "out.csv").exists()


def test_missing_file_is_no_finding(tmp_path: Path) -> None:
    """A file that is not there has nothing to check."""
    with pytest.raises(AccessError):
        tsforecast.check(tmp_path / "gone.csv")


def test_data_frames_can_be_checked() -> None:
    """A frame has no lines, and findings all the same."""
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": 3.5})
    found = tsforecast.check(frame).findings

    assert [(one.check, one.line) for one in found] == [("constant", None)]


def test_classes_are_mended_with_the_class_before(tmp_path: Path) -> None:
    """No line is drawn between open and shut."""
    rows = [f"{day},{'open' if index % 3 else 'shut'}\n" for index, day in enumerate(days(60))]
    path = write(tmp_path, "ds,state\n" + "".join(rows[:20] + rows[40:] + rows[-1:]))
    result = tsforecast.check(
        path, fix=tmp_path / "fixed.csv", target="state", target_type="category", horizon=3
    )

    assert result.mended == ("--duplicates first", "--fill ffill")
    assert "2024-01-31,open" in (tmp_path / "fixed.csv").read_text()


def test_several_files_are_mended_into_one(tmp_path: Path) -> None:
    """Each finding names its file, and the one that is written has a column that names the series."""
    for name in ("north", "south"):
        write(
            tmp_path, daily(60).replace(",31\n", ",closed\n" if name == "south" else ",31\n"), f"{name}.csv"
        )
    paths = [tmp_path / "north.csv", tmp_path / "south.csv"]
    result = tsforecast.check(paths, fix=tmp_path / "fixed.csv", horizon=5)
    (error,) = [one for one in result.findings if one.severity == "error"]

    assert (Path(error.file).name, error.line, error.series) == ("south.csv", 32, "south")
    assert result.done == ("1 cell emptied: line 32",)
    fixed = tsforecast.check(tmp_path / "fixed.csv", horizon=5)
    assert not fixed.refused
    assert fixed.panel is not None
    assert fixed.panel.series_ids == ("north", "south")


def test_what_stays_wrong_is_told_and_not_written(tmp_path: Path) -> None:
    """A file that was mended and is refused all the same would be a trap at night."""
    with pytest.raises(DataError, match="cannot be mended: the series has 4 rows"):
        tsforecast.check(write(tmp_path, daily(4) + f"{days(1)[0]},1\n"), fix=tmp_path / "fixed.csv")

    assert not (tmp_path / "fixed.csv").exists()


@pytest.mark.parametrize(("header", "layout"), [("when,load", "long"), ("when,north,south", "wide")])
def test_a_mended_file_has_no_hour_that_clocks_left_out(tmp_path: Path, header: str, layout: str) -> None:
    """Offsets tell that the night of a change had an hour less: a row for it would say what never was."""
    hours = pd.date_range("2024-03-29", periods=100, freq="h", tz="Europe/Berlin")
    series = header.count(",")
    rows = [f"{hour.isoformat()}{',7.5' * series}" for hour in hours.delete(10)]
    fixed = tmp_path / "fixed.csv"

    text = "\n".join([header, *rows]) + "\n"
    tsforecast.check(write(tmp_path, text), fix=fixed, horizon=5, layout=layout)

    stamps = [line.split(",")[0] for line in fixed.read_text().splitlines()[1:]]
    assert stamps == [hour.isoformat() for hour in hours]
    assert not tsforecast.check(fixed, horizon=5, layout=layout).refused


@pytest.mark.parametrize("layout", ["long", "wide"])
@pytest.mark.parametrize("minutes", [15, 60])
def test_a_mended_file_keeps_both_rows_of_an_hour_shown_twice(
    tmp_path: Path, layout: str, minutes: int
) -> None:
    """Their offsets tell them apart, so what is written is what was read, but for what was mended."""
    times = pd.date_range("2024-10-25", periods=150, freq=f"{minutes}min", tz="Europe/Berlin")
    times = times + pd.Timedelta(hours=30 if minutes == 15 else 0)
    values = [f"{20 + place % 7}.50" for place in range(150)]
    if layout == "wide":
        lines = [f"{at.isoformat()},{one},7.25" for at, one in zip(times, values, strict=True)]
        head = "when,north,south"
    else:
        lines = [
            f"{name},{at.isoformat()},{one}" for name in "ab" for at, one in zip(times, values, strict=True)
        ]
        head = "shop,when,load"
    data = write(tmp_path, "\n".join([head, *lines[:3], lines[2], *lines[3:]]) + "\n")

    result = tsforecast.check(data, fix=tmp_path / "fixed.csv", horizon=5, layout=layout)

    assert (tmp_path / "fixed.csv").read_text() == "\n".join([head, *lines]) + "\n"
    assert result.mended == ("--duplicates first",)
    (told,) = [one for one in result.findings if one.check == "clock change"]
    assert told.severity == "note"
    assert "went back" in told.found
    assert told.line is not None
    assert "02:00:00+01:00" in data.read_text().splitlines()[told.line - 1]
    assert told.mend == "--tz UTC keeps every row"


@pytest.mark.parametrize(
    ("asked", "rows", "said"),
    [
        ({"duplicates": "error"}, [*days(40), days(40)[4]], "duplicate timestamp"),
        ({"fill": "none"}, [*days(20), *days(80)[60:]], "is missing on the daily grid"),
        ({"on_short_row": "error"}, [*days(40), "2024-02-10,"], "1 field where the header has 2"),
    ],
)
def test_no_table_is_mended_against_what_was_asked_for(
    tmp_path: Path, asked: dict[str, Any], rows: list[str], said: str
) -> None:
    """Whoever says that duplicates are errors gets one; whoever says nothing gets a mended file and is told."""
    lines = [
        row.removesuffix(",") if row.endswith(",") else f"{row},{20 + place % 7}"
        for place, row in enumerate(rows)
    ]
    data, fixed = write(tmp_path, "\n".join(["ds,y", *lines]) + "\n"), tmp_path / "fixed.csv"

    with pytest.raises(DataError, match="says not to mend it") as caught:
        tsforecast.check(data, fix=fixed, horizon=5, **asked)

    assert said in caught.value.message
    assert not fixed.exists()
    assert tsforecast.check(data, horizon=5, **asked).refused
    result = tsforecast.check(data, fix=fixed, horizon=5)
    assert fixed.exists()
    assert sum(result.repairs.values()) > 0
    assert len(result.repaired) == len(result.repairs)
