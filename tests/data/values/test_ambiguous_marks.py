"""Dots and commas that may separate thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.sources.test_large_csv import in_pieces
from tests.data.tables import days
from tsforecast.config import DataSettings, from_keywords
from tsforecast.data.reading import read_panel
from tsforecast.errors import DataError


def write(folder: Path, values: list[str]) -> Path:
    """Make a file as German spreadsheets write it."""
    file = folder / "sales.csv"
    rows = [f"{day:02}.01.2024;{value}" for day, value in enumerate(values, start=1)]
    file.write_text("\n".join(["Datum;Umsatz", *rows]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("values", [["798", "1.271"] * 10, ["1.100", "2.350"] * 10])
def test_dots_before_three_digits_are_refused_in_a_european_file(tmp_path: Path, values: list[str]) -> None:
    """A thousand is never read as a one."""
    with pytest.raises(DataError, match="can be read as"):
        read_panel(write(tmp_path, values))


@pytest.mark.parametrize(
    "values", [["0.721", "1.271"] * 10, ["1.2", "2.350"] * 10, ["1.271,5", "798,0"] * 10]
)
def test_dots_that_are_clear_are_read(tmp_path: Path, values: list[str]) -> None:
    """A leading zero, another number of decimals or a comma tells."""
    assert len(read_panel(write(tmp_path, values)).panel.values) == 20


def columns(folder: Path, delimiter: str, header: str, *values: list[str]) -> Path:
    """Make a file of daily rows with some columns of numbers."""
    rows = zip(days(len(values[0])), *values, strict=True)
    lines = [delimiter.join(["day", *header.split()]), *map(delimiter.join, rows)]
    file = folder / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


OPEN = ["1,971", "999", "2,002", "1,044"] * 6


@pytest.mark.parametrize("delimiter", ["\t", ";"])
@pytest.mark.parametrize(
    "values",
    [OPEN, [f"$ {cell}" for cell in OPEN], [cell for cell in OPEN if "," in cell] * 2, [*OPEN, "1.234"]],
    ids=["bare", "dollars", "alone", "a point"],
)
@pytest.mark.parametrize("is_large", [False, True])
def test_commas_before_three_digits_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delimiter: str, values: list[str], is_large: bool
) -> None:
    """A thousand is never read as a one, whatever separates the cells, and the hint names what decides."""
    if is_large:
        in_pieces(monkeypatch)
    with pytest.raises(DataError, match=r"1,971' can be read as 1971 or as 1\.971") as caught:
        read_panel(columns(tmp_path, delimiter, "sales", values), DataSettings(target="sales"))

    assert caught.value.line == 2
    assert "--thousands ," in caught.value.hint
    assert "--decimal ," in caught.value.hint


@pytest.mark.parametrize(
    ("first", "second", "options", "value"),
    [
        ([*OPEN[:-1], "1,5"], OPEN, {}, 1.971),
        ([*OPEN[:-1], "0,125"], OPEN, {}, 1.971),
        ([*OPEN[:-1], "1.234,567"], OPEN, {}, 1.971),
        (OPEN, ["1,5"] * 24, {}, 1.971),
        (OPEN, ["1,5 €"] * 24, {}, 1.971),
        ([f"{cell} €" for cell in OPEN], ["1,5"] * 24, {}, 1.971),
        ([*OPEN[:-1], "1,234,567"], ["7", "8"] * 12, {}, 1971.0),
        (OPEN, OPEN, {"thousands": ","}, 1971.0),
        (OPEN, OPEN, {"decimal": ","}, 1.971),
    ],
)
@pytest.mark.parametrize("is_large", [False, True])
def test_commas_that_are_clear_are_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: list[str],
    second: list[str],
    options: dict[str, str],
    value: float,
    is_large: bool,
) -> None:
    """Another number of decimals tells, in the column or in another one of numbers, and so do the options."""
    settings = from_keywords(DataSettings, {"target": "a", "past": "b", **options})
    file = columns(tmp_path, "\t", "a b", first * 4, second * 4)
    if is_large:
        in_pieces(monkeypatch)

    assert read_panel(file, settings).panel.values[0] == value


def test_new_rows_with_commas_before_three_digits_are_never_divided(tmp_path: Path) -> None:
    """A model of whole numbers without any mark knows no decimal comma."""
    model = read_panel(columns(tmp_path, "\t", "sales", [f"{900 + day}" for day in range(24)])).panel

    with pytest.raises(DataError, match=r"1,971' can be read as 1971") as caught:
        read_panel(columns(tmp_path, "\t", "sales", OPEN), schema=model.schema, frequency=model.frequency)

    assert caught.value.hint.startswith("write new rows without a separator of thousands")


def test_an_ambiguous_point_is_told_as_such_where_every_cell_has_the_same_sign(tmp_path: Path) -> None:
    """It is the point that is at fault, not the sign."""
    values = [f"{cell} €" for cell in ["999", "1.500", "2.250", "1.100"] * 5]
    with pytest.raises(DataError, match=r"'1\.500 €' can be read as 1500 or as 1\.500") as caught:
        read_panel(write(tmp_path, values))

    assert caught.value.line == 3
    assert "--thousands ." in caught.value.hint
    assert "--decimal ." in caught.value.hint
