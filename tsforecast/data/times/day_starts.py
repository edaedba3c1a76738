"""Days that begin at one o'clock, because clocks went forward at midnight."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.zones import USUAL, turned_back, wall_clock


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


def clock_hint(ticks: Ints, form: TimeFormat) -> str:
    """Name the clock on which timestamps follow a grid that they do not follow on their own, "" where none is known.

    Args:
        ticks: Wall clock (rows,).
        form: How they are written.
    """
    if (
        form.zone
        and form.has_offset
        and ((ticks % HOUR) == HOUR // 2).any()
        and not (ticks % (HOUR // 2)).any()
    ):
        return f"the clocks of {form.zone} change by half an hour: --tz UTC reads all on the clock of UTC"
    if form.offset is None:
        return ""
    instants = np.unique(ticks) - form.offset * MINUTE
    for zone in USUAL:
        if (
            len(np.unique(wall_clock(zone, instants[:3]) % DAY)) == 1
            and not (wall_clock(zone, instants) % DAY).any()
        ):
            return f"these are days on the clocks of {zone}: --tz {zone}, or your own, reads them so"
    return ""
