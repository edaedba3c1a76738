"""Clocks that change: which zone explains changing offsets, and which hours it has twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.calendar_grid import MINUTE, Ints
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

USUAL = (
    "Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Chisinau", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Halifax", "America/St_Johns",
    "America/Santiago", "America/Havana", "Atlantic/Azores", "Australia/Sydney", "Australia/Adelaide",
    "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Jerusalem", "Asia/Beirut", "Africa/Cairo",
    "Africa/Casablanca",
)  # fmt: skip
"""One zone for each rule that is in force today: the offsets of Paris are those of Berlin."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_of(name: str) -> ZoneInfo:
    """Zone by its name.

    Raises:
        UsageError: Nobody calls a zone so.
    """
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise UsageError(
            f"unknown time zone {name!r}", hint="use a name such as Europe/Berlin or America/New_York"
        ) from None


def explains(name: str, ticks: Ints, offsets: Ints) -> bool:
    """Whether a zone has the given offset at every moment.

    Args:
        name: Name of the zone.
        ticks: Wall clock (U,).
        offsets: Minutes that it is ahead of UTC (U,).
    """
    instants = ticks - offsets * MINUTE
    # One look per day is not enough where the clocks change, so every distinct hour is asked.
    hours, where = np.unique(instants // (30 * MINUTE), return_inverse=True)
    zone = zone_of(name)
    own = np.array([_offset(zone, int(hour) * 30 * MINUTE) for hour in hours], dtype=np.int64)
    return bool((own[where] == offsets).all())


def wall_clock(name: str, instants: Ints) -> Ints:
    """Tell what the clocks of a zone show at moments of UTC (U,)."""
    hours, where = np.unique(instants // (30 * MINUTE), return_inverse=True)
    zone = zone_of(name)
    ahead = np.array([_offset(zone, int(hour) * 30 * MINUTE) for hour in hours], dtype=np.int64)
    return instants + ahead[where] * MINUTE


def find_zone(ticks: Ints, offsets: Ints) -> str:
    """First usual zone that explains all offsets, "" where none does."""
    changes = np.flatnonzero(np.diff(offsets)) if len(offsets) > 1 else np.empty(0, dtype=np.int64)
    # Moments around the changes rule out most zones quickly.
    few = np.unique(np.concatenate([changes, changes + 1, [0, len(ticks) - 1]])).astype(np.int64)
    for name in USUAL:
        if explains(name, ticks[few], offsets[few]) and explains(name, ticks, offsets):
            return name
    return ""


def are_doubled(name: str, ticks: Ints) -> NDArray[np.bool_]:
    """Which wall-clock times a zone has twice, because its clocks went back (U,)."""
    return turned_back(name, ticks) > 0


def are_skipped(name: str, ticks: Ints) -> NDArray[np.bool_]:
    """Which wall-clock times a zone never has, because its clocks went forward (U,)."""
    return turned_back(name, ticks) < 0


def turned_back(name: str, ticks: Ints) -> Ints:
    """Microseconds by which the clocks of a zone were turned back around wall-clock times (U,)."""
    zone = zone_of(name)
    found = np.zeros(len(ticks), dtype=np.int64)
    for index, tick in enumerate(ticks.tolist()):
        clock = (_EPOCH + timedelta(microseconds=tick)).replace(tzinfo=zone)
        before, after = clock.utcoffset(), clock.replace(fold=1).utcoffset()
        if before is not None and after is not None:
            found[index] = (before - after) // timedelta(microseconds=1)
    return found


@lru_cache(maxsize=1 << 16)
def _offset(zone: ZoneInfo, tick: int) -> int:
    local = (_EPOCH + timedelta(microseconds=tick)).astimezone(zone).utcoffset()
    return round((local or timedelta()).total_seconds() / 60)
