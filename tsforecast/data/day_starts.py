"""Days that begin at one o'clock, because clocks went forward at midnight."""

from __future__ import annotations

import numpy as np

from tsforecast.data.calendar_grid import DAY, Ints
from tsforecast.data.zones import turned_back


def on_midnights(ticks: Ints, zone: str) -> Ints:
    """Put the first moment of a day whose midnight its clocks leave out on that midnight, in tables of whole days.

    In Chile a day of September begins at one o'clock, and what writes days as moments, such as pandas, writes so.

    Args:
        ticks: Wall clock (rows,).
        zone: Name of the time zone, "" where there is none.

    Returns:
        The same where any other row has a time of the day (rows,).
    """
    late = ticks % DAY > 0
    if not zone or not late.any() or late.all():
        return ticks
    days, where = np.unique(ticks[late] // DAY * DAY, return_inverse=True)
    if len(days) > len(ticks) - late.sum():
        return ticks  # more days that begin late than others: these are hours
    first = days - turned_back(zone, days)
    if (first[where] != ticks[late]).any():
        return ticks
    return np.where(late, ticks // DAY * DAY, ticks)
