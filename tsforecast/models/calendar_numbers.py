"""Numbers of the calendar that the network and its graph share, without torch."""

from __future__ import annotations

import math

import numpy as np

DAY = 86_400
"""Seconds."""

MONDAY = 3
"""1970-01-01 lies this many days after a Monday."""

WAVE_RATES = (2 * math.pi, 2 * math.pi, 4 * math.pi, 4 * math.pi)
WAVE_SHIFTS = (0.0, math.pi / 2, 0.0, math.pi / 2)
"""Sine and cosine of a cycle and of its second harmonic, all as sines."""

AROUND = (0, 1, -1)
"""Days looked up for a holiday: the day itself, the next one (so it is the day before), the last one."""


def holiday_first_day(years: tuple[int, ...]) -> int:
    """Day since 1970-01-01 on which a table of holidays begins."""
    return _new_year(years[0]) if years else 0


def holiday_table_length(years: tuple[int, ...]) -> int:
    """Entries of a table of holidays: its days, and one without a holiday at either end."""
    return _new_year(years[1] + 1) - _new_year(years[0]) + 2 if years else 2


def _new_year(year: int) -> int:
    return int(np.datetime64(f"{year:04}-01-01", "D").astype(np.int64))
