from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.data.tables import by_id, daily, days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import ArtifactError, DataError, UsageError

LONG = daily()


def test_plain_table_is_found_by_itself(tmp_path: Path) -> None:
    """A date column and a number column need no flags."""
    result = read(tmp_path, LONG)

    assert by_id(result.panel) == {"y": [float(number) for number in range(1, 11)]}
    assert result.panel.frequency.alias == "D"
    assert result.panel.schema.id_output == ()
    assert (result.rows, result.notes) == (10, ())
    assert result.sha256 == hashlib.sha256(LONG.encode()).hexdigest()
    expected = "1 series of 10 rows, target 'y' by 'ds', daily (D"
    assert expected in result.description
    assert result.description.endswith("2024-01-01 to 2024-01-10")


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(LONG.encode()),
        pa.compress(LONG.encode(), codec="zstd", asbytes=True),
        b"\xef\xbb\xbf" + LONG.encode(),
        LONG.encode("utf-16"),
        LONG.encode("utf-32"),
        LONG.replace("\n", "\r\n").encode(),
        LONG.replace("\n", "\r").encode(),
        LONG.replace(",", ";").encode(),
        LONG.replace(",", "\t").encode(),
        LONG.replace(",", "|").encode(),
        ("\n\n" + LONG).encode(),
        LONG.rstrip("\n").encode(),
        LONG.replace(",", ' , "')
        .replace("\n", '"\n')
        .replace('ds , "y"', '"ds","y"')
        .replace(' , "', ',"')
        .encode(),
    ],
    ids=[
        "gz",
        "zst",
        "bom",
        "utf-16",
        "utf-32",
        "crlf",
        "cr",
        "semicolon",
        "tab",
        "pipe",
        "blank",
        "no-lf",
        "quotes",
    ],
)
def test_the_form_of_the_file_does_not_matter(tmp_path: Path, data: bytes) -> None:
    """Compression, encoding, line ends, delimiter and quotes change nothing."""
    plain = read(tmp_path, LONG).panel
    other = read(tmp_path, data).panel

    assert by_id(other) == by_id(plain)
    assert (other.schema, other.first.tolist()) == (plain.schema, plain.first.tolist())


def test_stdin_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash means standard input, bytes and all."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(LONG.encode()))))

    result = read_panel("-", DataSettings())

    assert (result.source, result.rows) == ("stdin", 10)


def test_headerless_table_gets_names_and_a_note(tmp_path: Path) -> None:
    """A first row of values is data."""
    result = read(tmp_path, LONG.split("\n", 1)[1])

    assert result.rows == 10
    assert (result.panel.schema.time, result.panel.schema.target) == ("c1", "c2")
    assert any("has no header" in note.text for note in result.notes)


def test_end_of_a_file_without_its_header_is_told(tmp_path: Path) -> None:
    """What tail gives lacks the names that a model knows its columns by; the hint says how to put them back."""
    schema = read(tmp_path, LONG).panel.schema

    with pytest.raises(ArtifactError, match="does not fit the model") as caught:
        read_panel(write(tmp_path, LONG.split("\n", 1)[1]), schema=schema)

    assert caught.value.hint.startswith("it has no header: put the first line of the whole file in front")
    with pytest.raises(ArtifactError, match="does not fit the model") as caught:
        read_panel(write(tmp_path, "a,b\n" + LONG.split("\n", 1)[1]), schema=schema)
    assert caught.value.hint == "its columns are 'a' and 'b'"


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are Latin-1, which is no secret."""
    text = "ort,ds,y\n" + "".join(f"Köln,{day},1.5\nUlm,{day},2.5\n" for day in days(9))
    result = read(tmp_path, text.encode("latin-1"))

    assert result.panel.series_ids == ("Köln", "Ulm")
    assert any("Latin-1" in note.text for note in result.notes)


@pytest.mark.parametrize(
    "marker", ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "-", "?", "None", " NA "]
)
def test_missing_markers_become_missing_values(tmp_path: Path, marker: str) -> None:
    """All usual ways to write nothing mean nothing."""
    result = read(tmp_path, LONG.replace(",4\n", f",{marker}\n"))

    assert np.flatnonzero(np.isnan(result.panel.values)).tolist() == [3]
    assert any("1 empty cell" in note.text for note in result.notes)


def test_decimal_comma_is_read_where_it_is_no_delimiter(tmp_path: Path) -> None:
    """Files of half of Europe work, thousands included."""
    text = "ds;y\n" + "".join(f"{day};1.234,{digit}\n" for digit, day in enumerate(days(9), start=1))

    assert read(tmp_path, text).panel.values.tolist() == [float(f"1234.{digit}") for digit in range(1, 10)]


def test_one_wrong_cell_among_decimal_commas_is_the_one_that_is_named(tmp_path: Path) -> None:
    """A slip on line 7 does not make the cells before it wrong."""
    text = "ds;y\n" + "".join(f"{day};{digit},5\n" for digit, day in enumerate(days(9), start=1))

    with pytest.raises(DataError, match="'broken' is not a number") as caught:
        read(tmp_path, text.replace("6,5", "broken"))

    assert (caught.value.line, caught.value.column) == (7, 2)


def test_absent_steps_become_missing_and_are_counted(tmp_path: Path) -> None:
    """A day without a row is a missing value."""
    result = read(tmp_path, LONG.replace(f"{days(4)[3]},4\n", ""))

    assert len(result.panel.values) == 10
    assert np.isnan(result.panel.values[3])
    assert any("1 time step absent" in note.text for note in result.notes)


def test_trailing_empty_cells_stay_rows_and_leading_ones_go(tmp_path: Path) -> None:
    """A series ends at its last row, and starts at its first value; neither end is a gap."""
    cells = ["", "", "", "", "1.5", "2.5", "", "", ""]
    result = read(tmp_path, "ds,y\n" + "".join(f"{d},{c}\n" for d, c in zip(days(9), cells, strict=True)))

    assert result.panel.values.tolist()[:2] == [1.5, 2.5]
    assert result.panel.lengths.tolist() == [5]
    assert result.description.endswith("2024-01-05 to 2024-01-09")


def test_unsorted_rows_are_sorted_with_a_warning(tmp_path: Path) -> None:
    """Newest first is a common order, and worth a word."""
    header, *rows = LONG.splitlines()
    result = read(tmp_path, "\n".join([header, *reversed(rows)]))

    assert result.panel.values.tolist() == [float(number) for number in range(1, 11)]
    assert [note.warning for note in result.notes] == [True]


def test_interleaved_series_are_no_disorder(tmp_path: Path) -> None:
    """Rows ordered by time across series need no warning; ids keep the order of their first rows."""
    result = read(
        tmp_path, "shop,ds,y\n" + "".join(f"z,{day},1.5\na,{day},{i}\n" for i, day in enumerate(days(9)))
    )

    assert result.panel.series_ids == ("z", "a")
    assert [note.text for note in result.notes] == ["series 'z' is constant (1.5)"]


def test_ids_are_text_as_written(tmp_path: Path) -> None:
    """Leading zeros and markers in ids are names, not numbers."""
    rows = "".join(
        f"{name},{day},{index}\n" for name in ("007", "NA", "1e3") for index, day in enumerate(days(9))
    )

    assert read(tmp_path, "store_id,ds,y\n" + rows).panel.series_ids == ("007", "NA", "1e3")


def test_all_missing_series_is_kept_with_a_warning(tmp_path: Path) -> None:
    """A series without values is still the user's series."""
    rows = "".join(f"a,{day},\nb,{day},{index}\n" for index, day in enumerate(days(9)))
    result = read(tmp_path, "id,ds,y\n" + rows)

    assert np.isnan(result.panel.series(0)).all()
    assert any("series 'a' has no values" in note.text and note.warning for note in result.notes)


def test_data_frame_reads_as_its_file_does(tmp_path: Path) -> None:
    """A frame, its CSV file and its Parquet file are the same panel."""
    frame = pd.DataFrame(
        {"shop": ["a"] * 30 + ["b"] * 30, "ds": [*pd.date_range("2024-01-01", periods=30)] * 2}
    )
    frame["sales"] = np.random.default_rng(0).normal(size=60)
    frame["shop"] = frame["shop"].astype("category")
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")

    panels = [
        read_panel(one, DataSettings()).panel for one in (frame, tmp_path / "a.csv", tmp_path / "a.parquet")
    ]

    assert by_id(panels[0]) == by_id(panels[1]) == by_id(panels[2])
    assert panels[0].frequency == panels[1].frequency == panels[2].frequency


def test_data_frame_with_a_date_index(tmp_path: Path) -> None:
    """An index of dates is the time column."""
    frame = pd.DataFrame(
        {"load": np.arange(48.0)}, index=pd.date_range("2024-01-01", periods=48, freq="h", tz="UTC")
    )
    result = read_panel(frame, DataSettings())

    assert (result.panel.schema.time, result.panel.frequency.alias) == ("time", "h")
    assert result.panel.schema.time_format.offset == 0
    assert result.sha256 == read_panel(frame.copy(), DataSettings()).sha256
    assert list(frame.columns) == ["load"]


@pytest.mark.parametrize(
    ("alias", "found", "first"),
    [
        ("M", "MS", "2024-01-01"),
        ("Q", "QS-OCT", "2024-01-01"),
        ("W-SUN", "W-MON", "2024-01-01"),
        ("D", "D", "2024-01-01"),
        ("h", "h", "2024-01-01 00:00:00"),
    ],
)
@pytest.mark.parametrize("as_index", [True, False])
def test_data_frame_with_periods(alias: str, found: str, first: str, as_index: bool) -> None:
    """A period is the time it begins at, in a column as in the index."""
    periods = pd.period_range("2024-01-01", periods=40, freq=alias)
    frame = pd.DataFrame({"when": periods, "y": np.arange(40) + 0.5})
    result = read_panel(frame.set_index("when") if as_index else frame, DataSettings())

    panel = result.panel
    assert (panel.schema.time, panel.frequency.alias, len(panel.values)) == ("when", found, 40)
    assert panel.schema.time_format.render(panel.frequency.ticks(panel.first))[0] == first


@pytest.mark.parametrize(
    ("data", "name", "hint"),
    [
        ([1.0, 2.0], "list", "a DataFrame needs a column of timestamps"),
        (pd.Series([1.0, 2.0]), "pandas Series", "DATA.to_frame().reset_index()"),
        (np.ones(3), "numpy ndarray", "a DataFrame needs"),
        (b"sales.csv", "bytes", "a DataFrame needs"),
        (pa.table({"y": [1.0]}), "pyarrow Table", "DATA.to_pandas()"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name(data: object, name: str, hint: str) -> None:
    """The error says what may stand there, not that a file of a strange name is missing."""
    with pytest.raises(
        UsageError, match="must be a path, a list of paths, '-' for standard input or a pandas DataFrame"
    ) as caught:
        read_panel(data, DataSettings())

    assert caught.value.message.endswith(f"got {name}")
    assert caught.value.hint.startswith(hint)


def test_data_frame_errors_name_the_row() -> None:
    """Where there are no lines, the number of the row helps."""
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=5), "y": [1.0, 2.0, np.inf, 4.0, 5.0]})

    with pytest.raises(DataError, match=r"'inf' is not a finite number in column 'y' \(row 3\)"):
        read_panel(frame, DataSettings())


def test_frequency_can_be_given(tmp_path: Path) -> None:
    """What the user says wins over what the timestamps suggest."""
    text = "ds,y\n" + "".join(f"{day},1.{index}\n" for index, day in enumerate(days(5)))

    assert read(tmp_path, text, freq="B").panel.frequency.alias == "B"
    with pytest.raises(UsageError, match="--freq step does not suit"):
        read(tmp_path, text, freq="step")


def test_reading_loads_no_pandas(tmp_path: Path) -> None:
    """A forecast from cron must not pay for pandas, which pyarrow likes to import."""
    paths = [str(write(tmp_path, LONG)), str(write(tmp_path, LONG.replace(",4\n", ", - \n"), "b.csv"))]
    paths.append(str(write(tmp_path, LONG.replace("-", "/").replace("2024/01/04", "2024/1/4"), "c.csv")))
    code = (
        "import sys, json\nfrom tsforecast.data.reading import read_panel\n"
        "for path in json.loads(sys.argv[1]): read_panel(path)\n"
        "sys.exit('pandas' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code, json.dumps(paths)], check=False).returncode == 0
