"""Calendar arithmetic on whole arrays: months of unequal length and business days.

A tick is a number of microseconds of wall clock since 1970-01-01, a Thursday. Nothing here knows time zones:
the caller's clock is the series' own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
WEEKDAY_WORDS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

MONTH_END = 31
"""Day of the month that means the last one, whatever its number."""

_MONDAY_BEFORE_EPOCH = 3
"""1970-01-01 lies this many days after a Monday."""


def weekdays(days: Ints) -> Ints:
    """Day of the week of days since 1970-01-01, Monday is 0."""
    return (days + _MONDAY_BEFORE_EPOCH) % 7


def months_of(days: Ints) -> tuple[Ints, Ints]:
    """Months since 1970-01 and days of the month (from 1) of days since 1970-01-01."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    starts = months.astype("datetime64[D]").astype(np.int64)
    return months.astype(np.int64), days - starts + 1


def month_lengths(months: Ints) -> Ints:
    """Days in each of the months since 1970-01."""
    return _month_starts(months + 1) - _month_starts(months)


def days_in_months(months: Ints, day: int, *, business: bool = False) -> Ints:
    """Days since 1970-01-01 of one day in each month.

    Args:
        months: Months since 1970-01.
        day: Day of the month from 1; a month that is too short gives its last day.
        business: Move a Saturday or Sunday to the next weekday, at the end of a month to the one before.
    """
    days = _month_starts(months) + np.minimum(day, month_lengths(months)) - 1
    if not business:
        return days
    beyond_friday = np.maximum(weekdays(days) - 4, 0)
    back = day == MONTH_END
    return np.asarray(days - beyond_friday if back else days + (3 - beyond_friday) * (beyond_friday > 0))


def business_days_of(days: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Count business days since Monday 1969-12-29, a weekend as its Friday, and say which days are one."""
    week, weekday = np.divmod(days + _MONDAY_BEFORE_EPOCH, 7)
    return 5 * week + np.minimum(weekday, 4), weekday <= 4


def days_of_business(numbers: Ints) -> Ints:
    """Days since 1970-01-01 of business days since Monday 1969-12-29."""
    week, weekday = np.divmod(numbers, 5)
    return 7 * week + weekday - _MONDAY_BEFORE_EPOCH


def _month_starts(months: Ints) -> Ints:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
