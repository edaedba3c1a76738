"""Clocks that change: which zone explains changing offsets, and which hours it has twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.times.calendar_grid import DAY, MINUTE
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

Flags = NDArray[np.bool_]
"""Whether something holds, by row."""

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


def may_change(name: str) -> bool:
    """Whether a zone of Arrow is one whose offset may change, and not UTC or an offset."""
    try:
        zone = zone_of(name)
    except UsageError:
        return False
    year = (datetime(2024, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13))
    return len(set(year)) > 1


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
    right = own[where] == offsets
    # Midnights that clocks leave out are written with the offset before the change, by Python for instance.
    left = np.flatnonzero(~right)
    if len(left) and not (ticks[left] % DAY).any():
        right[left] = ahead_of_utc(name, ticks[left]) == offsets[left] * MINUTE
    return bool(right.all())


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


def are_doubled(name: str, ticks: Ints, step: int = 1) -> Flags:
    """Which steps the clocks of a zone show twice, because they went back.

    Args:
        name: Name of the zone.
        ticks: Wall clock (rows,).
        step: Length of a step (microseconds). One that is longer than the change goes on beyond it, so that there is
            one of it, as there is one day with an hour more.
    """
    return turned_back(name, ticks) >= step


def are_skipped(name: str, ticks: Ints, step: int = 1) -> Flags:
    """Which steps the clocks of a zone never show, because they went forward.

    Args:
        name: Name of the zone.
        ticks: Wall clock (rows,).
        step: Length of a step (microseconds). One that is longer than the change goes on beyond it, so that it is
            there, as a day is whose midnight the clocks leave out.
    """
    return turned_back(name, ticks) <= -step


def turned_back(name: str, ticks: Ints) -> Ints:
    """Microseconds by which the clocks of a zone were turned back around wall-clock times (rows,)."""
    return ahead_of_utc(name, ticks) - ahead_of_utc(name, ticks, again=True)


def ahead_of_utc(name: str, ticks: Ints, *, again: bool = False) -> Ints:
    """Microseconds that the clocks of a zone are ahead of UTC when they show a time (rows,).

    Args:
        name: Name of the zone.
        ticks: Wall clock (rows,). At a time that is never shown the clocks count as those of before the change.
        again: When they show it for the second time; a time never shown counts as one of after the change then.
    """
    zone = zone_of(name)
    every = ticks.tolist()
    # A set finds the distinct ones as np.unique does, which imports masked arrays first.
    ahead = {tick: _of_clock(zone, tick, int(again)) for tick in set(every)}
    return np.array([ahead[tick] for tick in every], dtype=np.int64)


def instants(name: str, ticks: Ints, again: Flags | None = None) -> Ints:
    """Moments in UTC at which the clocks of a zone show times (rows,).

    Args:
        name: Name of the zone.
        ticks: Wall clock (rows,).
        again: Times that are shown for the second time (rows,); none if not given.
    """
    moments = ticks - ahead_of_utc(name, ticks)
    if again is not None and again.any():
        moments[again] = ticks[again] - ahead_of_utc(name, ticks[again], again=True)
    return moments


@lru_cache(maxsize=1 << 16)
def _of_clock(zone: ZoneInfo, tick: int, fold: int) -> int:
    clock = (_EPOCH + timedelta(microseconds=tick)).replace(tzinfo=zone, fold=fold)
    return (clock.utcoffset() or timedelta()) // timedelta(microseconds=1)


@lru_cache(maxsize=1 << 16)
def _offset(zone: ZoneInfo, tick: int) -> int:
    local = (_EPOCH + timedelta(microseconds=tick)).astimezone(zone).utcoffset()
    return round((local or timedelta()).total_seconds() / 60)
