"""Dots that may separate thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

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
