from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.data.tables import daily, days, read
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError

LONG = daily()


def test_missing_file_is_an_access_error(tmp_path: Path) -> None:
    """A path that does not exist is exit 4, and named."""
    with pytest.raises(AccessError, match=r"gone\.csv: no such file") as caught:
        read_panel(tmp_path / "gone.csv", DataSettings())

    assert caught.value.exit_code == 4


def test_folder_is_an_access_error(tmp_path: Path) -> None:
    """A folder is no table."""
    with pytest.raises(AccessError, match="is a folder"):
        read_panel(tmp_path, DataSettings())


def test_unreadable_file_is_an_access_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that one may not read says so."""

    def refuse(_: Path, *how: str, **options: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(AccessError, match="permission denied"):
        read_panel(write_target(tmp_path), DataSettings())


def write_target(folder: Path) -> Path:
    """Path of a file that exists."""
    path = folder / "data.csv"
    path.touch()
    return path


def test_empty_stdin_points_at_the_command_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty pipe usually means that the command before it failed."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))

    with pytest.raises(DataError, match="stdin is empty") as caught:
        read_panel("-", DataSettings())

    assert "pipefail" in caught.value.hint


def test_line_numbers_are_physical_lines(tmp_path: Path) -> None:
    """Empty lines and line breaks in quoted cells count, as they do in an editor."""
    text = 'note,ds,y\n"a\nb",2024-01-01,1\n\nc,2024-01-02,2\nd,2024-01-03,three\ne,2024-01-04,4\n'

    with pytest.raises(DataError) as caught:
        read(tmp_path, text)

    assert (caught.value.line, caught.value.column) == (6, 3)


def test_gap_in_one_series_of_a_panel_names_it(tmp_path: Path) -> None:
    """A hole in one of many series is not hidden by the others."""
    whole = "".join(f"whole,{day},1.5\n" for day in days(30))
    holey = "".join(f"holey,{day},2.5\n" for day in [*days(5), *days(5, start=26)])

    with pytest.raises(DataError, match="series 'holey' is missing") as caught:
        read(tmp_path, "id,ds,y\n" + whole + holey)

    assert "2024-01-06 to 2024-01-25" in str(caught.value)
    assert "--freq" in caught.value.hint


def test_mistyped_year_does_not_fill_the_memory(tmp_path: Path) -> None:
    """A row without a value in a thousand years is a typing error, not a grid of that length."""
    with pytest.raises(DataError, match="the longest gap is 2024-01-11 to") as caught:
        read(tmp_path, LONG + "2924-01-01,\n", freq="D")

    assert "--freq" in caught.value.hint


def test_off_grid_timestamp_names_its_line(tmp_path: Path) -> None:
    """A single timestamp between the steps is told, not moved."""
    rows = [f"2024-01-{day:02d} {hour:02d}:00,{hour + 0.5}" for day in range(1, 5) for hour in range(24)]
    rows[50] = rows[50].replace(":00,", ":07,")

    with pytest.raises(DataError, match="does not stand on the hourly grid") as caught:
        read(tmp_path, "\n".join(["ds,y", *rows]))

    assert caught.value.line == 52


def test_a_header_below_other_lines_is_found(tmp_path: Path) -> None:
    """Banks fill the lines above the header up with delimiters; the hint passes over them."""
    rows = [f"{day:02d}.01.2024;EUR;{day},5;{100 - day},25" for day in range(1, 29)]
    text = "\n".join(["Statement;;;", "IBAN;DE00 1234;;", ";;;", "day;currency;amount;balance", *rows])
    with pytest.raises(DataError, match="this looks like the header") as caught:
        read(tmp_path, text)

    assert (caught.value.line, caught.value.hint) == (4, "--skip-rows 3 begins there")
    panel = read(tmp_path, text, skip_rows=3, target="amount").panel
    assert len(panel.values) == 28


def test_a_header_below_rows_of_other_widths_is_told(tmp_path: Path) -> None:
    """What stands above and below a statement is cut in other ways; most rows show where the table begins."""
    rows = [f"{day:02d}.01.2024;EUR;{day},5;{100 - day},25;" for day in range(1, 29)]
    above = ["Statement;", "IBAN:;DE00 1234;", "Balance:;100 EUR", "", "day;currency;amount;balance;"]
    text = "\n".join([*above, *rows, "Balance;28.01.2024;", "* not booked yet", ""])
    with pytest.raises(DataError, match="3 fields where the header has 2") as caught:
        read(tmp_path, text)

    assert caught.value.hint == "if the table begins in line 5, --skip-rows 4 passes over the lines above"
    panel = read(tmp_path, text, skip_rows=4, target="amount", on_short_row="skip").panel
    assert len(panel.values) == 28


def test_rows_with_a_mark_too_many_are_no_table_below(tmp_path: Path) -> None:
    """Where most rows are too wide by a comma inside of a number, they name no columns."""
    rows = [f"{day},{index},5" if index % 3 else f"{day},{index}" for index, day in enumerate(days(28))]
    with pytest.raises(DataError, match="3 fields where the header has 2") as caught:
        read(tmp_path, "\n".join(["ds,y", *rows]))

    assert "double quotes" in caught.value.hint


def test_a_column_without_a_name_is_no_line_above_the_header(tmp_path: Path) -> None:
    """Row numbers, or notes beside a table, stand under no name; the table is read."""
    text = "\n".join([",ds,y,", *(f"{row},{day},{row + 1},note" for row, day in enumerate(days(20)))])

    assert read(tmp_path, text, target="y").panel.values.tolist() == list(range(1, 21))


def test_hostile_names_and_cells_are_escaped(tmp_path: Path) -> None:
    """No byte of the data reaches a terminal as a control character."""
    evil = "\x1b[2Jevil"

    with pytest.raises(DataError) as caught:
        read(tmp_path, LONG.replace("ds,y", f"ds,{evil}").replace(",4\n", f",{evil}\n"), target=evil)

    assert "\\x1b[2Jevil" in str(caught.value)
    assert str(caught.value).isprintable()


def test_long_cells_are_shortened_in_messages(tmp_path: Path) -> None:
    """A cell of a megabyte does not become a message of a megabyte."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, LONG.replace(",4\n", f",{'x' * 1_000_000}\n"))

    assert len(str(caught.value)) < 300
