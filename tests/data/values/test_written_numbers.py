"""What training proves of how numbers and times are written is held against new rows."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.tables import days, write
from tsforecast import exporters
from tsforecast.config import DataSettings, from_keywords
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.plain_csv import read_fitting
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.values.written_numbers import form_of
from tsforecast.errors import DataError

GERMAN = [f"{1000 + 7 * day:,}".replace(",", ".") + f",{day % 9}" for day in range(28)]
PLAIN = [f"{1000 + 7 * day}.{day % 9}" for day in range(28)]
ENGLISH = [f'"{1000 + 7 * day:,}.{day % 9}"' for day in range(28)]


def table(cells: list[str], delimiter: str, times: list[str] | None = None) -> str:
    """Daily rows."""
    times = times or days(len(cells))
    rows = [f"{time}{delimiter}{cell}" for time, cell in zip(times, cells, strict=True)]
    return "\n".join([f"ds{delimiter}y", *rows]) + "\n"


def trained(folder: Path, cells: list[str], delimiter: str, **settings: str) -> Panel:
    """Read what a model is made from."""
    return read_panel(
        write(folder, table(cells, delimiter), "train.csv"), from_keywords(DataSettings, settings)
    ).panel


def later(folder: Path, model: Panel, cells: list[str], delimiter: str) -> ReadResult:
    """Read new rows for that model."""
    new = write(folder, table(cells, delimiter), "new.csv")
    return read_panel(new, schema=Schema.from_json(model.schema.to_json()), frequency=model.frequency)


@pytest.mark.parametrize(
    ("cells", "delimiter", "proved"),
    [
        (GERMAN, ";", (",", ".")),
        (PLAIN, ",", (".", "")),
        (PLAIN, ";", (".", "")),
        (ENGLISH, ",", (".", ",")),
        (["1 000", "2 000"] * 14, ",", ("", "space")),
        (["10", "20"] * 14, ";", ("", "")),
        (["1.5e2", "1.0"] * 14, ";", ("", "")),
        (["0.0", "5e-324"] * 14, ",", (".", "")),
    ],
)
def test_a_table_proves_its_marks(
    cells: list[str], delimiter: str, proved: tuple[str, str], tmp_path: Path
) -> None:
    """Only what stands in the cells is remembered."""
    schema = trained(tmp_path, cells, delimiter).schema

    assert (schema.decimal, schema.thousands) == proved


@pytest.mark.parametrize(
    ("cells", "delimiter", "new", "value"),
    [
        (GERMAN, ";", "1.280", 1280.0),
        ([cell.replace(".", "") for cell in GERMAN], ";", "1.280", 1280.0),
        (PLAIN, ";", "1.280", 1.28),
        (PLAIN, ",", '"1,280"', 1280.0),
        (ENGLISH, ",", '"1,280"', 1280.0),
    ],
)
def test_what_was_proved_decides_what_new_rows_leave_open(
    cells: list[str], delimiter: str, new: str, value: float, tmp_path: Path
) -> None:
    """A cell that proves nothing is read as the model's table is written, and that is said."""
    read = later(tmp_path, trained(tmp_path, cells, delimiter), [new], delimiter)

    assert read.panel.values.tolist() == [value]
    assert any("as the model's table is written" in note.text for note in read.notes)


@pytest.mark.parametrize(
    ("cells", "delimiter", "new", "other", "said"),
    [
        (GERMAN, ";", "1280.5", ";", "has a decimal point here, the model's table has a decimal comma"),
        (PLAIN, ",", "1280,5", ";", "has a decimal comma here, the model's table has a decimal point"),
    ],
)
def test_new_rows_that_prove_otherwise_are_told(
    cells: list[str], delimiter: str, new: str, other: str, said: str, tmp_path: Path
) -> None:
    """They are read as they can only be read, with a warning."""
    read = later(tmp_path, trained(tmp_path, cells, delimiter), [new], other)

    assert read.panel.values.tolist() == [1280.5]
    assert [said in note.text for note in read.notes if note.warning] == [True]


@pytest.mark.parametrize(
    ("cells", "delimiter", "new", "other"),
    [(GERMAN, ";", "1.280", ","), (PLAIN, ",", "1,280", ";")],
)
def test_a_cell_that_means_two_things_is_refused(
    cells: list[str], delimiter: str, new: str, other: str, tmp_path: Path
) -> None:
    """The file says one thing and the model another: nobody guesses."""
    model = trained(tmp_path, cells, delimiter)
    with pytest.raises(DataError, match=r"new\.csv:2:2: '1[.,]280' .* would be 1\.28 .* where it is 1280\.0"):
        later(tmp_path, model, [new], other)
    with pytest.raises(DataError, match="would be"):
        read_fitting(tmp_path / "new.csv", DataSettings(), schema=model.schema, frequency=model.frequency)


def test_the_same_form_is_no_remark(tmp_path: Path) -> None:
    """A file like that of the model needs no words."""
    for cells, delimiter in ((PLAIN, ","), (["10", "20"] * 14, ";"), (GERMAN, ";")):
        assert not [
            note.text
            for note in later(tmp_path, trained(tmp_path, cells, delimiter), cells, delimiter).notes
            if "written" in note.text or note.warning
        ]


def test_days_and_months_that_have_changed_places_are_refused(tmp_path: Path) -> None:
    """The rows prove one order, the model's table the other one: one of them is wrong."""
    times = [f"{day:02}/01/2024" for day in range(1, 29)]
    first = read_panel(write(tmp_path, table(PLAIN, ",", times))).panel
    new = write(tmp_path, table(["1.5", "2.5"], ",", ["02/03/2024", "02/14/2024"]), "new.csv")

    with pytest.raises(
        DataError, match=r"new\.csv:3:1: the date '02/14/2024' has the month first, but the table"
    ):
        read_panel(new, schema=first.schema, frequency=first.frequency)


def test_the_flag_is_held_against_the_dates(tmp_path: Path) -> None:
    """--day-first above dates that have the month first is no order to be passed over."""
    path = write(tmp_path, table(PLAIN, ",", [f"01/{day:02}/2024" for day in range(1, 29)]))

    with pytest.raises(DataError, match="'01/13/2024' has the month first, but --day-first says the day"):
        read_panel(path, DataSettings(day_first=True))


def test_dots_follow_the_model_too(tmp_path: Path) -> None:
    """A model of dates with the month first reads 03.04. so, although dots are usually written day first."""
    model = read_panel(
        write(tmp_path, table(PLAIN, ",", [f"01.{day:02}.2024" for day in range(1, 29)]))
    ).panel
    new = write(tmp_path, table(["1.5"], ",", ["02.03.2024"]), "new.csv")

    panel = read_panel(new, schema=model.schema, frequency=model.frequency).panel

    assert panel.first[0] - model.first[0] == 33


ZONED = [f"2024-01-{day:02}T06:00:00+01:00" for day in range(1, 29)]
SUMMER = [f"2024-07-{day:02}T06:00:00+02:00" for day in range(1, 29)]


@pytest.mark.parametrize("model_times", [ZONED, ZONED + SUMMER])
@pytest.mark.parametrize("kind", ["text", "epoch", "parquet"])
def test_other_offsets_are_put_on_the_clock_of_the_model(
    model_times: list[str], kind: str, tmp_path: Path
) -> None:
    """The same moment is the same row, however it is written; a constant offset and that of a zone."""
    cells = [f"{number}.5" for number, _ in enumerate(model_times)]
    model = read_panel(
        write(tmp_path, table(cells, ",", model_times)), DataSettings(freq="D", fill="linear")
    ).panel
    moment = "2024-01-29T05:00:00Z"
    if kind == "parquet":
        place = tmp_path / "new.parquet"
        stamps = pa.array([1706504400], pa.timestamp("s", "UTC"))
        pq.write_table(pa.table({"ds": stamps, "y": [1.5]}), place)
    else:
        place = write(tmp_path, table(["1.5"], ",", [moment if kind == "text" else "1706504400"]), "new.csv")

    read = read_panel(place, schema=model.schema, frequency=model.frequency)

    assert read.panel.first[0] == model.first[0] + 28
    assert not [note for note in read.notes if note.warning]


@pytest.mark.parametrize(
    ("times", "new", "said"),
    [
        (ZONED, "2024-01-29T06:00:00", "no offset from UTC here, the model's table has one"),
        ([time[:19] for time in ZONED], "2024-01-29T06:00:00+01:00", "an offset from UTC here, .* has none"),
    ],
)
def test_an_offset_on_one_side_only_is_told(times: list[str], new: str, said: str, tmp_path: Path) -> None:
    """The clocks are taken for the same, with a warning."""
    model = read_panel(write(tmp_path, table(PLAIN, ",", times))).panel

    read = read_panel(
        write(tmp_path, table(["1.5"], ",", [new]), "new.csv"), schema=model.schema, frequency=model.frequency
    )

    assert read.panel.first[0] == model.first[0] + 28
    assert [bool(re.search(said, note.text)) for note in read.notes if note.warning] == [True]


def test_the_script_of_a_bundle_reads_as_the_model_does() -> None:
    """Missing markers, numbers that mean missing, separators and decimal marks."""
    file = Path(exporters.__file__).parent / "bundled" / "forecast.py"
    number = runpy.run_path(str(file))["number"]
    form = TimeFormat()
    cases = [
        (("", ""), "12.5", 12.5), ((",", "."), "1.280", 1280.0), ((",", ""), "1.280,5", 1280.5),
        ((".", ","), "1,280", 1280.0), (("", "space"), "1 280", 1280.0), ((",", "."), "-999", np.nan),
        (("", ""), "-999.0", np.nan), (("", ""), "absent", np.nan), (("", ""), "NA", np.nan),
    ]  # fmt: skip
    for (decimal, thousands), cell, value in cases:
        like = Schema(layout="long", time="ds", time_format=form, decimal=decimal, thousands=thousands)
        numbers = form_of(like, ("-999", "absent"))

        np.testing.assert_equal(number(cell, None, numbers), value)

    german = Schema(layout="long", time="ds", time_format=form, decimal=",", thousands=".")
    with pytest.raises(ValueError, match=r"'1280\.5' is not a number as the model's table writes them"):
        number("1280.5", None, form_of(german, ()))


def test_a_word_that_looks_like_an_exponent_is_told(tmp_path: Path) -> None:
    """New rows with a cell that is no number are refused with its line, whatever the model remembers."""
    model = trained(tmp_path, GERMAN, ";")
    with pytest.raises(DataError, match="'2e' is not a number") as caught:
        later(tmp_path, model, ["1.5", "2e", *["2.5"] * 26], ";")

    assert caught.value.line == 3
