from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tsforecast.data.times.holidays_table import holiday_days
from tsforecast.errors import UsageError


def dates(place: str, first: int, last: int) -> list[str]:
    """Holidays as text."""
    return [str(day) for day in holiday_days(place, first, last).astype("datetime64[D]")]


def test_holidays_of_a_country_and_its_part() -> None:
    """A part has the holidays of its country and its own."""
    country, part = dates("DE", 2023, 2024), dates("de-by", 2023, 2024)

    assert {"2023-10-03", "2024-12-25"} <= {*country} < {*part}
    assert "2024-01-06" in part
    assert "2024-01-06" not in country


def test_holidays_are_days_in_order_within_the_years() -> None:
    """No day twice, none from a neighbouring year: 2021-12-31 stands for the New Year of 2022 in the US."""
    days = holiday_days("US", 2022, 2024)

    assert (np.diff(days) > 0).all()
    assert {str(day)[:4] for day in days.astype("datetime64[D]")} == {"2022", "2023", "2024"}


@pytest.mark.parametrize(
    ("place", "problem", "hint"),
    [
        ("GBX", "no calendar of holidays is called 'GBX'", "GB"),
        ("DE-BX", "the holidays of DE know no part 'BX'", "BY"),
        ("QQQ", "no calendar of holidays is called 'QQQ'", "such as DE"),
    ],
)
def test_unknown_calendar_is_met_with_near_ones(place: str, problem: str, hint: str) -> None:
    """A typing error is a usage error with names to choose from."""
    with pytest.raises(UsageError, match=problem) as caught:
        holiday_days(place, 2024, 2024)

    assert hint in caught.value.hint


def test_holidays_are_loaded_only_when_asked_for() -> None:
    """Whoever wants no calendar pays for none."""
    code = "import sys, tsforecast.data.times.holidays_table; sys.exit('holidays' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
