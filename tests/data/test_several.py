"""Several files make one table."""

from __future__ import annotations

from pathlib import Path

import pytest

import tsforecast
from tests.data.tables import by_id, daily, days, write
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError, UsageError


def test_parts_of_a_series_are_joined(tmp_path: Path) -> None:
    """A file per month is one series."""
    header, *rows = daily(30).splitlines(True)
    write(tmp_path, header + "".join(rows[:14]), "a.csv")
    write(tmp_path, header + "".join(rows[14:]), "b.csv")
    result = read_panel(tmp_path / "*.csv")

    assert by_id(result.panel) == {"y": [float(one) for one in range(1, 31)]}
    assert any("2 files read together" in note.text for note in result.notes)


def test_files_of_the_same_days_are_series(tmp_path: Path) -> None:
    """A file per shop is a series per shop, called as its file, also for new rows."""
    for name in ("north", "south"):
        write(tmp_path, daily(20), f"{name}.csv")
        write(tmp_path, "ds,y\n2024-01-21,5\n", f"{name}.new")
    model = read_panel(tmp_path / "*.csv").panel
    new = read_panel(tmp_path / "*.new", schema=model.schema, frequency=model.frequency).panel

    assert (model.series_ids, model.schema.id) == (("north", "south"), "file")
    assert by_id(new) == {"north": [5.0], "south": [5.0]}


def test_error_names_the_file_and_its_line(tmp_path: Path) -> None:
    """Line 3 of which file is the question."""
    write(tmp_path, daily(20), "a.csv")
    write(tmp_path, daily(20).replace(",2\n", ",two\n"), "b.csv")
    with pytest.raises(DataError, match=r"b\.csv:3:2: 'two' is not a number"):
        read_panel(tmp_path / "*.csv")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    """Files that do not fit together are not put together."""
    write(tmp_path, daily(20), "a.csv")
    write(tmp_path, daily(20, header="ds,z"), "b.csv")
    with pytest.raises(DataError, match=r"'y' and 'z' in one of them only"):
        read_panel(tmp_path / "*.csv")


def test_pattern_without_files_is_an_access_error(tmp_path: Path) -> None:
    """Nothing to read is no empty table."""
    with pytest.raises(AccessError, match="no file matches"):
        read_panel(tmp_path / "*.csv")


def test_file_named_like_a_pattern_is_itself(tmp_path: Path) -> None:
    """A star in a name is only a star."""
    write(tmp_path, daily(20), "a*.csv")
    write(tmp_path, daily(20), "ab.csv")

    assert len(read_panel(tmp_path / "a*.csv").panel) == 1


def test_model_of_several_files_needs_a_name(tmp_path: Path) -> None:
    """No folder is called like a pattern."""
    write(tmp_path, daily(20), "a.csv")
    with pytest.raises(UsageError, match="no common name"):
        tsforecast.fit(tmp_path / "*.csv")


def test_several_files_are_checked(tmp_path: Path) -> None:
    """The doctor names the file, too."""
    write(tmp_path, daily(60), "a.csv")
    write(tmp_path, daily(60).replace(",2\n", ",two\n"), "b.csv")
    found = tsforecast.check(tmp_path / "*.csv").findings[0]

    assert found.line == 3


def test_dates_without_a_year_are_told(tmp_path: Path) -> None:
    """Nobody adds a year of his own."""
    text = "ds,y\n" + "".join(f"{day[8:]}.01.,{day[8:]}\n" for day in days(9))
    with pytest.raises(DataError, match="is a date without a year"):
        read_panel(write(tmp_path, text))
