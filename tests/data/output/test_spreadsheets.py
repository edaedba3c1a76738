"""Names of others in tables that a spreadsheet opens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.data.tables import days, write
from tsforecast.config import DataSettings
from tsforecast.data.output.appending import append_table
from tsforecast.data.output.writing import ForecastTable, to_csv, to_jsonl, without_formula
from tsforecast.data.reading import read_panel


@pytest.mark.parametrize(
    "text",
    [
        "=cmd()",
        "+1+2",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\uff1d1",
        '=HYPERLINK("x")',
        "-north",
    ],
)
def test_formulas_are_neutralised(text: str) -> None:
    """What a spreadsheet would run becomes text that looks the same."""
    assert without_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["north", "-5", "+5.5", "-1e3", "a=b", "1+2", "", "-", "2024-01-01", "'=1"])
def test_other_text_is_left_alone(text: str) -> None:
    """Numbers are numbers, and a sign inside a name is a sign."""
    assert without_formula(text) == text


@pytest.fixture
def table(tmp_path: Path) -> ForecastTable:
    """Forecast of a series whose name is a formula, in a column whose name is one."""
    text = "=id,ds,y\n" + "".join(f"=cmd(),{day},{row}.5\n" for row, day in enumerate(days(9)))
    panel = read_panel(write(tmp_path, text), DataSettings(id="=id")).panel
    ticks = panel.frequency.ticks(panel.last + 1)
    return ForecastTable(
        schema=panel.schema, series_ids=["=cmd()"], ticks=ticks, columns={"forecast": np.array([-1.5])},
        cutoffs=ticks,
    )  # fmt: skip


def test_only_csv_that_is_asked_for_is_changed(table: ForecastTable) -> None:
    """Data stay data; JSON is no spreadsheet; numbers below 0 are numbers."""
    safe = replace(table, spreadsheet_safe=True)

    assert to_csv(table).startswith(b"=id,")
    assert to_csv(safe) == b"'=id,cutoff,ds,forecast\n'=cmd(),2024-01-10,2024-01-10,-1.5\n"
    assert to_jsonl(safe) == to_jsonl(table)


def test_no_cell_is_cut_in_two_by_another_delimiter(table: ForecastTable, tmp_path: Path) -> None:
    """Half of Europe's spreadsheets cut at semicolons: a formula behind one must not get a cell of its own."""
    safe = replace(table, spreadsheet_safe=True, series_ids=["a;=cmd()"])

    assert to_csv(safe).endswith(b'\n"a;=cmd()",2024-01-10,2024-01-10,-1.5\n')
    assert to_csv(replace(safe, spreadsheet_safe=False)).endswith(b"\na;=cmd(),2024-01-10,2024-01-10,-1.5\n")
    assert [append_table(safe, tmp_path / "all.csv", "csv") for _ in range(2)] == [1, 0]


def test_rows_are_appended_once_all_the_same(table: ForecastTable, tmp_path: Path) -> None:
    """A neutralised name is still the name of its series."""
    safe = replace(table, spreadsheet_safe=True)

    assert [append_table(safe, tmp_path / "all.csv", "csv") for _ in range(2)] == [1, 0]
