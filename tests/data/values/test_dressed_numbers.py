"""Amounts in every dress are the numbers they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.sources.test_large_csv import assert_same, both_ways, in_pieces
from tests.data.tables import days
from tsforecast.config import DataSettings
from tsforecast.data.arrow import from_texts
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.data.values.dressed_numbers import are_labels, looks_dressed, undress
from tsforecast.data.values.numbers import to_floats

SIGNS = ["", "€", "$", "R$", "NT$", "kr", "kr.", "zł", "CHF", "JPY", "₹", "%"]
BELOW_ZERO = ["-{}", "\u2212{}", "({})", "{}-"]
THOUSANDS = ["", ",", " ", "\u202f", "'"]


def dressed(value: float, sign: str, below: str, thousands: str, *, before: bool, gap: str) -> str:
    """Write a number with cents, with a currency, and in one of the ways to be negative."""
    number = f"{abs(value):,.2f}".replace(",", thousands)
    text = f"{sign}{gap}{number}" if before else f"{number}{gap}{sign}"
    return below.format(text if sign else number) if value < 0 else text.strip()


AMOUNT = st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)
DRESS = st.fixed_dictionaries(
    {
        "sign": st.sampled_from(SIGNS[:-1]),
        "below": st.sampled_from(BELOW_ZERO),
        "thousands": st.sampled_from(THOUSANDS),
        "before": st.booleans(),
        "gap": st.sampled_from(["", " ", "\u00a0", "   "]),
    }
)


@settings(max_examples=150, deadline=None)
@given(values=st.lists(AMOUNT, min_size=1, max_size=30), dress=DRESS)
def test_a_dressed_column_is_its_numbers(values: list[float], dress: dict[str, str]) -> None:
    """Whatever stands around the digits, no digit and no sign of a number is lost."""
    cells = [dressed(value, **dress) for value in values]  # type: ignore[arg-type]  # drawn by name

    found = undress(from_texts(cells), decimal=None, thousands=None)

    assert found is not None
    assert to_floats(found[0]).tolist() == values
    assert found[1].sign == dress["sign"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(AMOUNT, min_size=40, max_size=60, unique=True), dress=DRESS)
def test_dressed_tables_are_the_same_either_way(
    tmp_path: Path, values: list[float], dress: dict[str, str]
) -> None:
    """A large file is understood as a small one is."""
    cells = [dressed(value, **dress) for value in values]  # type: ignore[arg-type]  # drawn by name
    rows = "".join(f'{day},"{cell}"\n' for day, cell in zip(days(len(cells)), cells, strict=True))
    path = tmp_path / "data.csv"
    path.write_text(f"ds,y\n{rows}", encoding="utf-8")

    whole, pieces = both_ways(path, DataSettings(target="y", time="ds"))

    assert isinstance(whole, ReadResult)
    assert whole.panel.values.tolist() == values
    assert_same(whole, pieces)


@given(text=st.text(max_size=80) | st.from_regex(r"[($€kr %.,0-9-]{0,80}"))
def test_any_text_is_dressed_or_not(text: str) -> None:
    """No cell is an accident, and what is read as an amount is a number."""
    found = undress(from_texts([text]), decimal=None, thousands=None)

    assert found is None or len(to_floats(found[0])) == 1
    assert looks_dressed(text) in (True, False)


@pytest.mark.parametrize(
    "cell",
    ["12.-", "12,-", "(12", "12)", "((12))", "-(12)", "(12-)", "--12", "12-€-", "€12€", "12 apples", "12 m"],
)
def test_what_could_mean_something_else_is_no_number(cell: str) -> None:
    """A price without cents, open brackets, two signs and units are left to the person who knows."""
    assert undress(from_texts([cell]), decimal=None, thousands=None) is None


def test_names_with_letters_of_a_currency_stay_names(tmp_path: Path) -> None:
    """A series may be called RM1, and it is no amount of ringgit."""
    rows = "".join(f"{day},RM{shop},{shop}.5\n" for shop in (1, 2) for day in days(9))
    path = tmp_path / "data.csv"
    path.write_text(f"ds,where,y\n{rows}", encoding="utf-8")

    assert read_panel(path).panel.series_ids == ("RM1", "RM2")
    assert are_labels(["RM1", "TOP12"])
    assert not are_labels(["RM1", "RM1000"])


def test_a_comma_that_others_decide_is_told_of_large_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that are read as numbers at once keep the words about their decimal comma."""
    cells = ["1,030", "1,53"] * 40
    path = tmp_path / "data.csv"
    for mark, cell in ((",", '"{}"'), (";", "{}")):
        rows = (f"{day}{mark}{cell.format(one)}\n" for day, one in zip(days(80), cells, strict=True))
        path.write_text(f"ds{mark}y\n{''.join(rows)}", encoding="utf-8")
        for is_large in (False, True):
            with monkeypatch.context() as patch:
                if is_large:
                    in_pieces(patch)
                read = read_panel(path)

            assert read.panel.values.tolist() == [1.03, 1.53] * 40
            assert any("so '1,030' is 1.03" in note.text for note in read.notes)


def test_files_of_which_one_is_large_keep_their_decimal_commas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of one and texts of the other are joined as they are written: no point becomes one of thousands."""
    for name, start, cells in (("a.csv", 0, ["1,234", "1,5"] * 10), ("b.csv", 20, ["2,5", "3,5"] * 10)):
        rows = (f"{day};{cell}\n" for day, cell in zip(days(40)[start:], cells, strict=False))
        (tmp_path / name).write_text(f"ds;y\n{''.join(rows)}", encoding="utf-8")
    in_pieces(monkeypatch)
    monkeypatch.setattr("tsforecast.data.sources.streams.LARGE", (tmp_path / "a.csv").stat().st_size)
    assert (tmp_path / "b.csv").stat().st_size < (tmp_path / "a.csv").stat().st_size

    values = read_panel([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]).panel.values

    assert values.tolist() == [1.234, 1.5] * 10 + [2.5, 3.5] * 10
