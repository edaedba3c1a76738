"""Several files make one table."""

from __future__ import annotations

from pathlib import Path

import pytest

import tsforecast
from tests.data.tables import by_id, daily, days, write
from tsforecast.config import DataSettings
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


def test_list_of_files_is_one_table(tmp_path: Path) -> None:
    """Named one by one, in any mixture with patterns, each file counts once."""
    paths = [write(tmp_path, daily(20), f"{name}.csv") for name in ("north", "south", "west")]
    result = read_panel([paths[1], str(tmp_path / "[nw]*.csv"), paths[1]])

    assert result.panel.series_ids == ("south", "north", "west")
    assert result.source == f"{paths[1]} and 2 other files"


def test_folders_tell_files_of_one_name_apart(tmp_path: Path) -> None:
    """Two files called sales are two series."""
    for shop in ("north", "south"):
        (tmp_path / shop).mkdir()
        write(tmp_path / shop, daily(20), "sales.csv.gz")

    assert read_panel(tmp_path / "*" / "sales.csv.gz").panel.series_ids == ("north/sales", "south/sales")


def test_file_can_be_asked_to_be_a_series(tmp_path: Path) -> None:
    """Files of different times are series where --id file says so, and a model of them knows a single new one."""
    header, *rows = daily(30).splitlines(True)
    write(tmp_path, header + "".join(rows[:14]), "a.csv")
    write(tmp_path, header + "".join(rows[14:]), "b.csv")
    model = read_panel(tmp_path / "*.csv", DataSettings(id="file")).panel
    new = read_panel(
        write(tmp_path, "ds,y\n2024-01-31,5\n", "b.csv"), schema=model.schema, frequency=model.frequency
    )

    assert (model.series_ids, new.panel.series_ids) == (("a", "b"), ("b",))


def test_overlapping_parts_are_no_series(tmp_path: Path) -> None:
    """A row that stands at the end of one part and at the start of the next is a duplicate to be told."""
    header, *rows = daily(40).splitlines(True)
    write(tmp_path, header + "".join(rows[:21]), "a.csv")
    write(tmp_path, header + "".join(rows[20:]), "b.csv")
    with pytest.raises(DataError, match=r"line 22 of \S*a\.csv and line 2 of \S*b\.csv") as caught:
        read_panel(tmp_path / "*.csv")

    assert "--duplicates" in caught.value.hint
    assert read_panel(tmp_path / "*.csv", DataSettings(duplicates="last")).panel.lengths.tolist() == [40]


def test_rows_of_a_model_that_overlap_are_told_what_helps(tmp_path: Path) -> None:
    """A model says how its tables are read, so that the hint names no flag which predict would refuse."""
    header, *rows = daily(40).splitlines(True)
    known = read_panel(write(tmp_path, header + "".join(rows), "all.tsv"))
    write(tmp_path, header + "".join(rows[:21]), "a.csv")
    write(tmp_path, header + "".join(rows[20:]), "b.csv")
    with pytest.raises(DataError) as caught:
        read_panel(tmp_path / "*.csv", schema=known.panel.schema, frequency=known.panel.frequency)

    assert "files that do not overlap" in caught.value.hint
    assert "fit with --duplicates" in caught.value.hint


def test_standard_input_is_read_alone(tmp_path: Path) -> None:
    """A pipe beside files has no name to be a series by."""
    with pytest.raises(UsageError, match="beside files"):
        read_panel([write(tmp_path, daily(20)), "-"])


def of_shops(*names: str, column: str = "code") -> str:
    """Twenty days of some shops, which a column names."""
    rows = [f"{name},{day},{place + len(name)}" for name in names for place, day in enumerate(days(20))]
    return "\n".join([f"{column},ds,y", *rows]) + "\n"


@pytest.mark.parametrize("column", ["code", "shop"])
@pytest.mark.parametrize("parts", [(("ab",), ("c",)), (("ab", "c"), ("d",)), (("ab", "c"), ("d", "e"))])
def test_a_column_names_the_series_of_several_files(
    tmp_path: Path, column: str, parts: tuple[tuple[str, ...], ...]
) -> None:
    """What stands in the rows wins over what files are called; one note says so, and nothing is left unused."""
    for number, names in enumerate(parts):
        write(tmp_path, of_shops(*names, column=column), f"{number}.csv")

    result = read_panel(tmp_path / "*.csv")

    assert (result.panel.schema.id, result.panel.series_ids) == (column, sum(parts, ()))
    (note,) = [note.text for note in result.notes]
    assert note.startswith(f"2 files read together, their series by column '{column}': ")


@pytest.mark.parametrize(("column", "names"), [("shop", ("a",)), ("code", ("a", "b"))])
def test_series_of_one_name_in_several_files_are_one(
    tmp_path: Path, column: str, names: tuple[str, ...]
) -> None:
    """A file that was copied is no second series: its rows are duplicates, told with both files and what helps."""
    paths = [write(tmp_path, of_shops(*names, column=column), name) for name in ("one.csv", "two.csv")]

    with pytest.raises(DataError, match=r"line 2 of \S*one\.csv and line 2 of \S*two\.csv") as caught:
        read_panel(paths)

    assert f"{20 * len(names)} duplicate timestamps" in caught.value.message
    assert f"--id file,{column} makes series of each file" in caught.value.hint
    each = read_panel(paths, DataSettings(id=f"file,{column}")).panel
    assert len(each) == 2 * len(names)
    assert read_panel(paths, DataSettings(duplicates="last")).panel.series_ids == names


def test_a_unit_names_no_series(tmp_path: Path) -> None:
    """A column that says the same in every file tells none of them apart: their names do."""
    for name in ("north", "south"):
        write(tmp_path, of_shops("kWh", column="unit"), f"{name}.csv")

    assert read_panel(tmp_path / "*.csv").panel.series_ids == ("north", "south")


def test_what_is_counted_in_files_of_shops_is_no_id(tmp_path: Path) -> None:
    """Units hardly come again on other days, so they name no series; both columns are proposed, and that works."""
    for place, name in enumerate(("north", "south", "west")):
        rows = [f"{day},{number * 7 % 19 + 200 * place},{number}.5" for number, day in enumerate(days(60))]
        write(tmp_path, "\n".join(["date,units,revenue", *rows, ""]), f"{name}.csv")
    with pytest.raises(UsageError, match="could be the target") as caught:
        read_panel(tmp_path / "*.csv")

    assert "--target units,revenue to forecast them all" in caught.value.hint
    assert "--id" not in caught.value.hint
    panel = read_panel(tmp_path / "*.csv", DataSettings(target="units,revenue")).panel
    assert panel.series_ids[:3] == ("north,units", "north,revenue", "south,units")
