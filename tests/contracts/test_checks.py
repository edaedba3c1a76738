"""Every check of a table finds what it is for, and nothing in a table that has nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.tables import days, write
from tsforecast.config import CheckSettings
from tsforecast.data.checks.finding import MOST_SERIES, SEVERITIES
from tsforecast.data.checks.registry import CHECKS
from tsforecast.workflows.check import check

NOISE = np.random.default_rng(1).normal(size=200)
CALM = [round(50 + 5 * np.sin(index / 3) + NOISE[index], 2) for index in range(120)]


def table(values: list[float], header: str = "ds,y") -> str:
    """Daily table of one series."""
    rows = zip(days(len(values)), values, strict=True)
    return "\n".join([header, *(f"{day},{value}" for day, value in rows)]) + "\n"


def without(text: str, *lines: int) -> str:
    """Table without some lines."""
    return "".join(line for number, line in enumerate(text.splitlines(True)) if number not in lines)


HOURLY = "ds,y\n" + "".join(
    f"2024-03-{30 + step // 24} {step % 24:02d}:00,{CALM[step]}\n" for step in range(48) if step != 26
)
TWO = "id,ds,y\n" + "".join(f"a,{day},{CALM[i]}\n" for i, day in enumerate(days(120)))
STOPPED = TWO + "".join(f"b,{day},{CALM[i]}\n" for i, day in enumerate(days(60)))
LEAKING = "ds,y,past_x\n" + "".join(
    f"{day},{CALM[i]},{CALM[min(i + 1, 119)]}\n" for i, day in enumerate(days(120))
)

FOUND: dict[str, tuple[str, int | None]] = {
    "frequency": ("ds,y\n2024-01-01,1.5\n2024-01-02,2\n2024-01-03,4\n", None),
    "clock change": (HOURLY, 27),
    "missing": (without(table(CALM), 20, 21), 20),
    "short": (table(CALM[:20]), 2),
    "stopped": (STOPPED, 181),
    "future": (table(CALM).replace("2024-", "2924-"), 121),
    "constant": (table([3.5] * 60), 2),
    "intermittent": (table([0, 0, 7] * 40), 2),
    "outliers": (table([*CALM[:70], 500.0, *CALM[71:]]), 72),
    "level shift": (table([*CALM[:60], *(value + 100 for value in CALM[60:])]), 62),
    "negative": (table([float(int(value)) for value in CALM[:50]] + [-3.0] + [7.0] * 10), 52),
    "leak": (LEAKING, 2),
}


def test_every_check_has_an_example() -> None:
    """A check without a table that needs it is nobody's."""
    assert set(FOUND) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_check_finds_what_it_is_for(tmp_path: Path, name: str) -> None:
    """The finding names its place, what it means and what to do."""
    text, line = FOUND[name]
    result = check(write(tmp_path, text), settings=CheckSettings())
    found = [one for one in result.findings if one.check == name]

    assert found
    assert found[0].line == line
    assert found[0].severity in SEVERITIES
    assert found[0].meaning
    assert found[0].mend


@pytest.mark.parametrize("series", ["one", "two"])
def test_sound_table_has_no_findings(tmp_path: Path, series: str) -> None:
    """A doctor who always finds something is not asked again."""
    other = "".join(f"b,{day},{CALM[i] + 1}\n" for i, day in enumerate(days(120)))
    result = check(write(tmp_path, table(CALM) if series == "one" else TWO + other), settings=CheckSettings())

    assert result.findings == ()
    assert not result.refused


def test_many_series_with_one_finding_are_counted(tmp_path: Path) -> None:
    """A panel of constants is not a page for each."""
    rows = "".join(f"s{number},{day},1.5\n" for number in range(50) for day in days(60))
    result = check(write(tmp_path, "id,ds,y\n" + rows), settings=CheckSettings())
    constant = [one for one in result.findings if one.check == "constant"]

    assert len(constant) == MOST_SERIES + 1
    assert constant[-1].found == "the same in 30 more series"


@pytest.mark.parametrize("missing", [(26, 27), (26, 27, 28), (5,), (29,)])
def test_other_holes_are_no_clock_changes(tmp_path: Path, missing: tuple[int, ...]) -> None:
    """A hole of several hours, of a Saturday, or of the day is a hole."""
    rows = "".join(
        f"2024-03-{30 + step // 24} {step % 24:02d}:00,{CALM[step]}\n"
        for step in range(48)
        if step not in missing
    )
    result = check(write(tmp_path, "ds,y\n" + rows), settings=CheckSettings())

    assert [one for one in result.findings if one.check == "clock change"] == []
