"""Whole numbers as time: years, dates without separators, seconds since 1970, or plain steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE, SECOND, days_in_months, month_lengths
from tsforecast.data.times.time_format import EPOCHS, TimeFormat

STEP_NAMES = ("step", "t", "index", "idx", "i", "n", "nr", "no", "obs")
"""Columns whose whole numbers are never dates."""

_FEWEST_DATES = 8
"""Numbers that must all be dates before a column of any name is time."""

_CLOCKS = {
    "%Y%m%d%H": ((HOUR, 23),),
    "%Y%m%d%H%M": ((HOUR, 23), (MINUTE, 59)),
    "%Y%m%d%H%M%S": ((HOUR, 23), (MINUTE, 59), (SECOND, 59)),
}
"""Units behind the day of a date that goes on as ``2024013118`` does, each with its largest number."""

_EPOCHS = (
    (10**8, 10**10, "epoch s"),
    (10**10, 10**13, "epoch ms"),
    (10**13, 10**16, "epoch us"),
    (10**16, 2**63 - 1, "epoch ns"),
)
"""Counts from 1970, seconds from 1973, up to 2286: nobody has seconds of later years, but many have data of 1970."""


def from_integers(
    numbers: Ints, name: str, like: TimeFormat | None, *, arrow: str
) -> tuple[Ints, TimeFormat]:
    """Ticks of whole numbers, and what they were taken for.

    Args:
        numbers: The column (rows,).
        name: Its name, which decides between years and steps.
        like: Form of an earlier file, taken where the numbers allow it.
        arrow: Arrow type of the column.
    """
    pattern = _pattern(numbers, name.strip().lower(), like)
    if not pattern:
        return numbers, TimeFormat("integer", "", arrow=arrow)
    form = TimeFormat("datetime", pattern, arrow=arrow)
    if pattern.startswith("epoch"):
        return _from_epoch(numbers, pattern), replace(form, offset=0)
    numbers, clocks = _without_clock(numbers, pattern)
    years, months, days = _date_parts(numbers, pattern)
    return (days_in_months((years - 1970) * 12 + months - 1, 1) + days - 1) * DAY + clocks, form


def epoch_of(numbers: Ints | Floats) -> str:
    """Pattern of numbers that can only count since 1970, "" for any others."""
    low, high = numbers.min(), numbers.max()
    return next((pattern for start, end, pattern in _EPOCHS if start <= low and high < end), "")


def from_fractions(numbers: Ints, billionths: Ints) -> tuple[Ints, TimeFormat] | None:
    """Ticks of moments that are counted with a fraction, to the microsecond; None where they cannot be moments.

    Args:
        numbers: What stands before the point (rows,).
        billionths: What stands behind it (rows,).
    """
    unit = EPOCHS.get(pattern := epoch_of(numbers))
    if unit is None:
        return None
    return numbers * unit + billionths * unit // 10**9, TimeFormat("datetime", pattern, 0, arrow="float64")


def from_fractional(values: Floats) -> tuple[Ints, TimeFormat] | None:
    """Do what `from_fractions` does with floats (rows,)."""
    unit = EPOCHS.get(pattern := epoch_of(values)) if np.isfinite(values).all() else None
    if unit is None:
        return None
    return np.rint(values * unit).astype(np.int64), TimeFormat("datetime", pattern, 0, arrow="float64")


def _pattern(numbers: Ints, name: str, like: TimeFormat | None) -> str:
    """Pattern of the format, "" for plain steps."""
    if like is not None and like.arrow == "int64" and _allows(like.pattern, numbers):
        return like.pattern
    if pattern := next((one for one in _CLOCKS if _are_dates(numbers, one)), ""):
        return pattern  # a count of seconds has no twelve months in its digits
    if pattern := epoch_of(numbers):
        return pattern  # whatever the column is called: nobody counts steps from so far up
    low, high = int(numbers.min()), int(numbers.max())
    if name in STEP_NAMES:
        return ""
    if low >= 18_000_101 and high <= 22_001_231 and _are_dates(numbers, "%Y%m%d"):
        return "%Y%m%d"
    if low >= 180_001 and high <= 220_012 and _are_dates(numbers, "%Y%m") and name:
        return "%Y%m"
    return "%Y" if low >= 1500 and high <= 2200 else ""


def in_words(pattern: str) -> str:
    """Say what whole numbers of a pattern are: ``days (YYYYMMDD)``."""
    units = {"%Y": "years", "%m": "months", "%d": "days", "%H": "hours", "%M": "minutes", "%S": "seconds"}
    if pattern == "%Y":
        return units[pattern]
    letters = pattern.replace("%M", "MM").replace("%Y", "YYYY").replace("%S", "SS").replace("%H", "HH")
    return f"{units[pattern[-2:]]} ({letters.replace('%m', 'MM').replace('%d', 'DD')})"


def are_written_dates(numbers: Ints) -> bool:
    """Whether whole numbers can only be dates without separators: ``202401``, ``20240131`` or ``2024013118``."""
    return len(numbers) >= _FEWEST_DATES and _pattern(numbers, "date", None) in ("%Y%m%d", "%Y%m", *_CLOCKS)


def _allows(pattern: str, numbers: Ints) -> bool:
    if pattern == "%Y":
        return bool((numbers >= 1).all() and (numbers < 9000).all())
    return _are_dates(numbers, pattern) if pattern.startswith("%") else True


def _date_parts(numbers: Ints, pattern: str) -> tuple[Ints, Ints, Ints]:
    ones = np.ones_like(numbers)
    if pattern == "%Y":
        return numbers, ones, ones
    if pattern == "%Y%m":
        return numbers // 100, numbers % 100, ones
    return numbers // 10000, numbers // 100 % 100, numbers % 100


def _without_clock(numbers: Ints, pattern: str) -> tuple[Ints, Ints]:
    """Dates without their clock, and the microseconds since midnight that it shows."""
    clocks = np.zeros_like(numbers)
    for unit, _ in reversed(_CLOCKS.get(pattern, ())):
        clocks += numbers % 100 * unit
        numbers = numbers // 100
    return numbers, clocks


def _are_dates(numbers: Ints, pattern: str) -> bool:
    for _, largest in reversed(_CLOCKS.get(pattern, ())):
        if (numbers % 100 > largest).any():
            return False
        numbers = numbers // 100
    years, months, days = _date_parts(numbers, pattern)
    if pattern in _CLOCKS and not ((years >= 1900) & (years <= 2200)).all():
        return False
    if not ((months >= 1) & (months <= 12) & (days >= 1)).all():
        return False
    return bool((days <= month_lengths((years - 1970) * 12 + months - 1)).all())


def _from_epoch(numbers: Ints, pattern: str) -> Ints:
    return np.asarray(numbers // 1000) if pattern == "epoch ns" else numbers * EPOCHS[pattern]
