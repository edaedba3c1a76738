"""Checks of where series begin, end and have holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tsforecast.data.calendar_grid import DAY, HOUR
from tsforecast.data.checks.finding import Examined, Finding
from tsforecast.data.panel import Floats, Ints
from tsforecast.data.words import counted

_MANY_MISSING = 0.05


def missing(examined: Examined) -> Iterator[Finding]:
    """Find holes in a series, with the longest one."""
    for index, values in enumerate(examined.panel):
        rows = _holes(values)
        if not len(rows):
            continue
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        longest = max(runs, key=len)
        share = len(rows) / len(values)
        yield examined.finding(
            index,
            int(longest[0]),
            check="missing",
            severity="warning" if share > _MANY_MISSING else "note",
            found=f"{counted(len(rows), 'step')} of {len(values)} missing, "
            f"at most {len(longest)} on end, from {examined.at(index, int(longest[0]))}",
            meaning="the network sees them as missing, which costs accuracy where they are many",
            mend="--fill linear, seasonal, zero or ffill",
        )


def short(examined: Examined) -> Iterator[Finding]:
    """Find series too short to be tested, or to be learned from."""
    for index, values in enumerate(examined.panel):
        known = int(np.isfinite(values).sum())
        if known < 3 * examined.horizon:
            alone = known < examined.horizon + 3
            yield examined.finding(
                index,
                0,
                check="short",
                severity="warning",
                found=f"{counted(known, 'value')} for a horizon of {examined.horizon}",
                meaning="it is forecast, but nothing is learned from it"
                if alone
                else "too little for training, validation and a backtest of a horizon each",
                mend="--drop-short leaves it out; a shorter --horizon needs less",
            )


def stopped(examined: Examined) -> Iterator[Finding]:
    """Find series that end more than a horizon before the others do."""
    last = examined.panel.last
    behind = last.max() - last
    for index in np.flatnonzero(behind > examined.horizon).tolist():
        rows = len(examined.panel.series(index))
        yield examined.finding(
            index,
            rows - 1,
            check="stopped",
            severity="warning",
            found=f"ends {examined.at(index, rows - 1)}, {counted(int(behind[index]), 'step')} before others",
            meaning="its forecast begins at its own end, which is long past for the other series",
            mend="leave it out if it is over",
        )


def ahead_of_today(examined: Examined) -> Iterator[Finding]:
    """Find series that end after today."""
    if examined.panel.schema.time_format.kind != "datetime":
        return
    tomorrow = (np.datetime64("now", "D") + 2).astype("datetime64[us]").astype(np.int64)
    ends = examined.panel.frequency.ticks(examined.panel.last)
    for index in np.flatnonzero(ends >= tomorrow).tolist():
        rows = len(examined.panel.series(index))
        yield examined.finding(
            index,
            rows - 1,
            check="future",
            severity="warning",
            found=f"ends {examined.at(index, rows - 1)}, which is still to come",
            meaning="plans or typing errors would be learned from as if they had happened",
            mend="correct the timestamps, or leave the rows out",
        )


def clock_changes(examined: Examined) -> Iterator[Finding]:
    """Find hours that are missing alone on the Sundays of spring on which clocks go forward."""
    frequency = examined.panel.frequency
    zone = examined.panel.schema.time_format.zone
    if frequency.kind != "fixed" or frequency.multiple > HOUR or zone:
        return
    for index, values in enumerate(examined.panel):
        rows = _holes_of(values, HOUR // frequency.multiple)
        ticks = frequency.ticks(int(examined.panel.first[index]) + rows)
        spring = rows[_are_clock_changes(ticks)]
        if len(spring):
            yield examined.finding(
                index,
                int(spring[0]),
                check="clock change",
                severity="note",
                found=f"no {examined.at(index, int(spring[0]))}, when clocks go forward",
                meaning="the times are those of a clock on a wall, so this hour did not exist",
                mend="--tz names the zone; the hour that comes twice in autumn is understood then",
            )


def _holes(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """Rows without a value between the first and the last one."""
    known = np.flatnonzero(np.isfinite(values))
    inside = np.arange(known[0], known[-1] + 1) if len(known) else known
    return np.asarray(inside[np.isnan(values[inside])], dtype=np.int64)


def _holes_of(values: Floats, length: int) -> Ints:
    """First rows of the holes that are so long and no longer."""
    rows = _holes(values)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    return np.array([run[0] for run in runs if len(run) == length], dtype=np.int64)


def _are_clock_changes(ticks: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether wall-clock times lie from 1 to 4 in the night of the second or the last Sunday of March (rows,)."""
    days = ticks // DAY
    moments = ticks.astype("datetime64[us]")
    months = moments.astype("datetime64[M]").astype(np.int64) % 12
    dates = (moments.astype("datetime64[D]") - moments.astype("datetime64[M]")).astype(np.int64) + 1
    in_week = ((dates >= 8) & (dates <= 14)) | (dates >= 25)
    hours = ticks % DAY // HOUR
    return np.asarray((months == 2) & in_week & ((days + 3) % 7 == 6) & (hours >= 1) & (hours < 4))
