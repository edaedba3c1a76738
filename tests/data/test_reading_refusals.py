from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from tests.data.tables import daily, days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError, ForecastError, UsageError

LONG = daily()
GAPPY = "ds,y\n" + "".join(f"{day},1.5\n" for day in [*days(10), *days(10, start=20)])
BAD = [
    ("empty", "", DataError, "data.csv is empty"),
    ("blank lines only", "\n\n", DataError, "data.csv is empty"),
    ("header only", "ds,y\n", DataError, "no data rows"),
    ("one row", "ds,y\n2024-01-01,1\n", DataError, "1 row"),
    ("NUL bytes", LONG.replace(",3\n", ",\x003\n"), DataError, "binary data at byte"),
    ("bytes of no text", bytes(range(1, 256)) * 3, DataError, "binary data at byte 0"),
    ("workbook", b"PK\x03\x04rest of it", DataError, "its zip data end early or are broken"),
    ("broken Parquet", b"PAR1 and nothing PAR1", DataError, "is damaged"),
    ("truncated gzip", gzip.compress(LONG.encode())[:-9], DataError, "is truncated"),
    ("truncated UTF-16", LONG.encode("utf-16")[:-1], DataError, "UTF-16"),
    ("long row", LONG.replace(",4\n", ",4,5\n"), DataError, "data.csv:5: 3 fields where the header has 2"),
    ("short row", LONG.replace(",4\n", "\n"), DataError, "data.csv:5: 1 field where the header has 2"),
    (
        "rows wider than header",
        LONG.replace("\n2", "\n7,2"),
        DataError,
        "every row has 3 fields, the header names 2",
    ),
    (
        "open quote",
        LONG.replace(",4\n", ',"4\n'),
        DataError,
        "data.csv:5: a double quote is opened and never closed",
    ),
    ("names twice", LONG.replace("ds,y", "y,y"), DataError, "data.csv:1: column 'y' stands more than once"),
    (
        "text target",
        LONG.replace(",4\n", ",abc\n"),
        DataError,
        "data.csv:5:2: 'abc' is not a number in column 'y'",
    ),
    ("infinity", LONG.replace(",4\n", ",-inf\n"), DataError, "data.csv:5:2: '-inf' is not a finite number"),
    ("overflow", LONG.replace(",4\n", ",1e400\n"), DataError, "data.csv:5:2: '1e400' is out of range"),
    (
        "no timestamp",
        LONG.replace(days(4)[3], "soon"),
        DataError,
        "data.csv:5:1: 'soon' is not a timestamp in column",
    ),
    ("first is bad", LONG.replace(days(1)[0], "soon"), DataError, "data.csv:2:1: 'soon' is not a timestamp"),
    ("no such day", LONG.replace(days(4)[3], "2024-02-30"), DataError, "data.csv:5:1: '2024-02-30' is not"),
    (
        "hour 24",
        LONG.replace(days(4)[3], "2024-01-04 24:00"),
        DataError,
        "'2024-01-04 24:00' is not a timestamp",
    ),
    ("year 9999", LONG.replace(days(4)[3], "9999-01-04"), DataError, "data.csv:5:1: '9999-01-04'"),
    ("timestamp missing", LONG.replace(days(4)[3], ""), DataError, "data.csv:5:1: the timestamp is missing"),
    ("duplicate", LONG + f"{days(4)[3]},9\n", DataError, "data.csv:12:1: 1 duplicate timestamp"),
    ("gap", GAPPY, DataError, "the longest gap is 2024-01-11 to 2024-01-19"),
    ("all missing", "ds,y\n" + "".join(f"{day},NA\n" for day in days(9)), DataError, "every cell is missing"),
    ("no number", "ds,name\n" + "".join(f"{day},a\n" for day in days(9)), DataError, "no numeric column"),
    ("no time", "name,y\na,1.5\nb,7.25\nc,3\n", DataError, "no column looks like timestamps"),
    (
        "id missing",
        "id,ds,y\n" + "".join(f"{i},{d},1.5\n" for i in ("", "b") for d in days(9)),
        DataError,
        "id is miss",
    ),
    (
        "mixed offsets",
        "ds,y\n2024-01-01T00:00Z,1\n2024-01-01T01:00+01:00,2\n",
        DataError,
        "offset from UTC changes",
    ),
    ("day or month", "ds,y\n01/02/2024,1\n02/02/2024,2\n03/02/2024,4\n", UsageError, "cannot be told apart"),
]


@pytest.mark.parametrize(
    ("content", "error", "fragment"), [case[1:] for case in BAD], ids=[c[0] for c in BAD]
)
def test_bad_table_is_refused_with_place_and_hint(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | bytes,
    error: type[ForecastError],
    fragment: str,
) -> None:
    """Every broken table ends in an error of the right branch that names the place and has a hint."""
    write(tmp_path, content)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(error) as caught:
        read_panel("data.csv", DataSettings())

    assert fragment in str(caught.value)
    assert caught.value.hint
    assert type(caught.value) is error


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

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

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
