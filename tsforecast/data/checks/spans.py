"""Checks of where series begin, end and have holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.checks.finding import Examined, Finding
from tsforecast.data.panel import Panel
from tsforecast.data.rows.merging import CLOCK_CHANGE
from tsforecast.data.times.calendar_grid import DAY, HOUR
from tsforecast.data.times.zones import USUAL, are_skipped
from tsforecast.data.words import counted

_MANY_MISSING = 0.05


def missing(examined: Examined) -> Iterator[Finding]:
    """Find holes in a series, with the longest one."""
    for index, values in enumerate(examined.panel):
        rows = np.setdiff1d(_holes(values), _skipped(examined, index, values))
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
            mend="--fill linear; or seasonal, zero or ffill in its place",
        )


def short(examined: Examined) -> Iterator[Finding]:
    """Find series too short to be tested, or to be learned from."""
    sizes = [int(np.isfinite(values).sum()) for values in examined.panel]
    others = max(sizes) >= 3 * examined.horizon  # without any, leaving short ones out would leave nothing
    for index, known in enumerate(sizes):
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
                mend=" or ".join(
                    ([f"--horizon {known // 3}"] if known >= 3 else [])
                    + [f"--drop-short --min-rows {3 * examined.horizon}, which leaves it out"] * others
                )
                or "give more history",
            )


def stopped(examined: Examined) -> Iterator[Finding]:
    """Find series that end more than a horizon before the others do."""
    last = examined.panel.last
    behind = last.max() - last
    over = np.flatnonzero(behind > examined.horizon)
    if len(over) > len(last) / 2:
        # They did not stop, they were never of one time: one sentence is enough.
        yield Finding(
            check="stopped",
            severity="note",
            found=f"{len(over)} of {len(last)} series end up to {counted(int(behind.max()), 'step')} before the last",
            meaning="each is forecast from its own end, so the forecasts are of different times",
        )
        return
    for index in over.tolist():
        rows = len(examined.panel.series(index))
        yield examined.finding(
            index,
            rows - 1,
            check="stopped",
            severity="warning",
            found=f"ends {examined.at(index, rows - 1)}, {counted(int(behind[index]), 'step')} before others",
            meaning="its forecast begins at its own end, which is long past for the other series",
            mend="take its rows out of the table if it is over",
        )


def still_to_come(panel: Panel) -> Ints:
    """Find series that end after today; a last step that has begun, such as a week under way, counts as today.

    Returns:
        Their places in the panel [N'].
    """
    if panel.schema.time_format.kind != "datetime":
        return np.empty(0, np.int64)
    tomorrow = (np.datetime64("now", "D") + 2).astype("datetime64[us]").astype(np.int64)
    begun = np.minimum(panel.frequency.ticks(panel.last), panel.frequency.ticks(panel.last - 1) + DAY)
    return np.flatnonzero(begun >= tomorrow)


def ahead_of_today(examined: Examined) -> Iterator[Finding]:
    """Find series that end after today."""
    for index in still_to_come(examined.panel).tolist():
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
    if examined.panel.schema.time_format.zone:
        return
    for index, values in enumerate(examined.panel):
        spring = _skipped(examined, index, values)
        if len(spring):
            ticks = examined.panel.frequency.ticks(int(examined.panel.first[index]) + spring)
            zone = next((name for name in USUAL if are_skipped(name, ticks).all()), "")
            yield examined.finding(
                index,
                int(spring[0]),
                check=CLOCK_CHANGE,
                severity="note",
                found=f"no {examined.at(index, int(spring[0]))}, when clocks go forward",
                meaning="the times are those of a clock on a wall, so this hour did not exist",
                mend=f"--tz {zone or 'ZONE'}, or your own zone; the hour that comes twice in autumn is understood then",
            )


def _holes(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """Rows without a value between the first and the last one."""
    known = np.flatnonzero(np.isfinite(values))
    inside = np.arange(known[0], known[-1] + 1) if len(known) else known
    return np.asarray(inside[np.isnan(values[inside])], dtype=np.int64)


def _skipped(examined: Examined, index: int, values: Floats) -> Ints:
    """Rows of a series whose hour did not exist: by its zone, else holes of an hour in the nights of the change."""
    frequency, form = examined.panel.frequency, examined.panel.schema.time_format
    nothing = np.empty(0, dtype=np.int64)
    if frequency.kind != "fixed" or frequency.multiple > HOUR or form.kind != "datetime":
        return nothing
    rows = _holes(values)
    ticks = frequency.ticks(int(examined.panel.first[index]) + rows)
    if form.zone:
        return rows[are_skipped(form.zone, ticks, frequency.multiple)]
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    hours = [run for run in runs if len(run) == HOUR // frequency.multiple]
    rows = np.concatenate([nothing, *hours])
    return rows[_are_clock_changes(frequency.ticks(int(examined.panel.first[index]) + rows))]


def _are_clock_changes(ticks: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether wall-clock times lie from 1 to 4 in the night of the second or the last Sunday of March (rows,)."""
    days = ticks // DAY
    moments = ticks.astype("datetime64[us]")
    months = moments.astype("datetime64[M]").astype(np.int64) % 12
    dates = (moments.astype("datetime64[D]") - moments.astype("datetime64[M]")).astype(np.int64) + 1
    in_week = ((dates >= 8) & (dates <= 14)) | (dates >= 25)
    hours = ticks % DAY // HOUR
    return np.asarray((months == 2) & in_week & ((days + 3) % 7 == 6) & (hours >= 1) & (hours < 4))
