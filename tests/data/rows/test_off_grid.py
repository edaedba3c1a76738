"""Series that do not share the dates of the others, and rows that do not suit a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.tables import by_id, read
from tsforecast import check
from tsforecast.errors import DataError


def fiscal(ends: dict[str, str], changed: int = 1995) -> str:
    """Yearly table in which every company closes its books on a day of its own, from a year on."""
    rows = [
        f"{name},{year}-{day if year >= changed else '12-31'},{100 + year % 7}"
        for name, day in ends.items()
        for year in range(1995, 2024)
    ]
    return "\n".join(["company,end,revenue", *rows, ""])


@pytest.mark.parametrize(
    ("ends", "changed", "line", "first"),
    [
        ({"Acme": "12-31", "Bolt": "12-31", "Crux": "06-30", "Dyno": "12-31"}, 1995, 60, "1995-06-30"),
        ({"Acme": "12-31", "Bolt": "12-31", "Crux": "09-30", "Dyno": "12-31"}, 2010, 75, "2010-09-30"),
        ({"Acme": "12-31", "Bolt": "06-30", "Crux": "12-30", "Dyno": "12-31"}, 1995, 31, "1995-06-30"),
    ],
    ids=["one series", "one series from a year on", "half of them, which no common frequency fits"],
)
def test_a_series_with_other_dates_is_named(
    tmp_path: Path, ends: dict[str, str], changed: int, line: int, first: str
) -> None:
    """The error has the series and the line that leave the rhythm of the others, the hint a command that reads all."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, fiscal(ends, changed))

    odd = "Bolt" if line == 31 else "Crux"
    assert caught.value.line == line
    assert (
        f"'{first}' of series '{odd}' does not stand on the yearly grid (YE-DEC) of the other series"
        in str(caught.value)
    )
    assert "--resample YS --aggregate last takes each for its calendar year" in caught.value.hint
    result = read(tmp_path, fiscal(ends, changed), resample="YS", aggregate="last")
    assert {len(values) for values in by_id(result.panel).values()} == {29}


def test_no_steps_are_proposed_that_join_rows(tmp_path: Path) -> None:
    """Where a company closes twice in a calendar year, steps of such years would lose a row."""
    twice = fiscal({"Acme": "12-31", "Bolt": "12-31", "Crux": "06-30"}).replace(
        "Crux,2001-06-30", "Crux,2000-12-29"
    )
    with pytest.raises(DataError) as caught:
        read(tmp_path, twice)

    assert "--resample" not in caught.value.hint
    assert "'Crux' has other dates than the rest" in caught.value.hint


def test_a_mended_table_without_a_series_is_told(tmp_path: Path) -> None:
    """Nobody finds out from the forecast that a company is gone."""
    path = tmp_path / "fiscal.csv"
    path.write_text(fiscal({"Acme": "12-31", "Bolt": "12-31", "Crux": "06-30"}))
    result = check(path, fix=tmp_path / "mended.csv")

    assert "leaves these 29 rows out, and nothing is left of series 'Crux'" in result.findings[0].mend
    assert result.done == ("29 rows left out: line 60 and 28 more, and nothing is left of series 'Crux'",)
