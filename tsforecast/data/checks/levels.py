"""Checks of the values of series."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.checks.finding import Examined, Finding
from tsforecast.data.rows.repair import fences_of
from tsforecast.data.times.calendar_grid import DAY, HOUR
from tsforecast.data.words import counted, listed

_MANY_ZEROS = 0.5
_FEW_NEGATIVE = 0.05
_FEWEST = 40
_FEWEST_STEPS = 24
"""Coarser steps that a series must still have to be worth the proposal."""

_STEPS = {"h": HOUR, "D": DAY, "W": 7 * DAY, "MS": 30 * DAY, "QS": 91 * DAY, "YS": 365 * DAY}
"""Steps that are proposed, and about how long they are (microseconds)."""

_NINES = re.compile(r"-?(?=9+\.?9+$)(?:\.?9){3,}")
"""Numbers such as -999 and 99.9, which instruments write where they have none."""

_GAP = 0.1
"""Share of a shift that must lie between what is usual before and after, so that the two do not overlap."""


def constant(examined: Examined) -> Iterator[Finding]:
    """Find series that never change."""
    for index, values in enumerate(examined.panel):
        known = values[np.isfinite(values)]
        if len(known) > 1 and known.min() == known.max():
            yield examined.finding(
                index,
                0,
                check="constant",
                severity="warning",
                found=f"always {known[0]:g}",
                meaning="the forecast is this value, and scores that divide by its changes do not exist",
                mend="check the sensor or the export, or leave the series out",
            )


def intermittent(examined: Examined) -> Iterator[Finding]:
    """Find series that are zero most of the time."""
    for index, values in enumerate(examined.panel):
        known = values[np.isfinite(values)]
        zeros = int((known == 0).sum())
        if zeros > _MANY_ZEROS * len(known) and known.any():
            yield examined.finding(
                index,
                0,
                check="intermittent",
                severity="note",
                found=f"{zeros / len(known):.0%} of its values are 0",
                meaning="the median may be 0 throughout; look at the upper quantiles",
                mend=_coarser(examined, values) or "--quantiles 0.5,0.9 in predict shows an upper one",
            )


def outliers(examined: Examined) -> Iterator[Finding]:
    """Find values far outside the middle half of their series."""
    for index, values in enumerate(examined.panel):
        fences = fences_of(values)
        if fences is None:
            continue
        rows = np.flatnonzero((values < fences[0]) | (values > fences[1]))
        if len(rows):
            worst = int(rows[np.argmax(np.abs(values[rows] - np.mean(fences)))])
            yield examined.finding(
                index,
                worst,
                check="outliers",
                severity="note",
                found=f"{counted(len(rows), 'value')} outside {fences[0]:g} to {fences[1]:g}, "
                f"the farthest {values[worst]:g} at {examined.at(index, worst)}",
                meaning="wrong ones pull the forecast, true ones are worth knowing",
                mend=f"{_stand_in(values[rows])}--outliers clip pulls them in",
            )


def level_shift(examined: Examined) -> Iterator[Finding]:
    """Find series whose level jumps once and stays."""
    for index, values in enumerate(examined.panel):
        row = _shift(values)
        if row is not None:
            before, after = np.nanmedian(values[:row]), np.nanmedian(values[row:])
            yield examined.finding(
                index,
                row,
                check="level shift",
                severity="note",
                found=f"from {examined.at(index, row)} on around {after:g}, before around {before:g}",
                meaning="what was learned before may not hold after",
                mend="cut the rows before it if they will not come back",
            )


def negative(examined: Examined) -> Iterator[Finding]:
    """Find a few negative values among whole numbers that are counts otherwise."""
    for index, values in enumerate(examined.panel):
        known = values[np.isfinite(values)]
        below = np.flatnonzero(values < 0)
        if len(below) and len(below) < _FEW_NEGATIVE * len(known) and (known == np.round(known)).all():
            first = int(below[0])
            yield examined.finding(
                index,
                first,
                check="negative",
                severity="warning",
                found=f"{counted(len(below), 'negative value')} among counts, "
                f"the first {values[first]:g} at {examined.at(index, first)}",
                meaning="forecasts may fall below 0 then",
                mend=f"{_stand_in(values[below])}correct them; fit --non-negative keeps the forecasts at 0 or above",
            )


def _stand_in(odd: Floats) -> str:
    """Propose to read numbers such as -999 that come more than once as missing, "" where there are none."""
    numbers, counts = np.unique(odd, return_counts=True)
    texts = [f"{number:.15g}" for number in numbers[counts > 1]]
    nines = [text for text in texts if _NINES.fullmatch(text)]
    return (
        f"--na {','.join(nines)} reads {listed(nines)} as missing if that is what it means; " if nines else ""
    )


def _coarser(examined: Examined, values: Floats) -> str:
    """Propose the finest steps whose sums are mostly not 0, "" where there are none."""
    frequency = examined.panel.frequency
    if examined.panel.schema.time_format.kind != "datetime":
        return ""
    step = int(np.diff(frequency.ticks(np.array([0, 1])))[0])
    for name, length in _STEPS.items():
        rows = round(length / step)
        sums = np.add.reduceat(np.nan_to_num(values), np.arange(0, len(values), max(rows, 1)))
        if rows > 1 and len(sums) >= _FEWEST_STEPS and (sums == 0).mean() <= _MANY_ZEROS:
            return f"--resample {name} --aggregate sum"
    return ""


def _shift(values: Floats) -> int | None:
    """Find the row where the level jumps, None where it does not: the two sides lie apart, and at once."""
    if len(values) < _FEWEST or np.isnan(values).all():
        return None
    filled = np.where(np.isnan(values), np.nanmedian(values), values)
    sums = np.cumsum(filled - filled.mean())
    margin = len(values) // 8
    row = margin + int(np.argmax(np.abs(sums[margin - 1 : -margin])))
    left, right = filled[:row], filled[row:]
    low, high = sorted((left, right), key=lambda side: float(np.median(side)))
    apart = float(np.median(high) - np.median(low))
    gap = float(np.quantile(high, 0.05) - np.quantile(low, 0.95))
    # The jump must happen at once and stay: a trend has passed half of it just before.
    before, after = filled[row - margin // 2 : row], filled[row : row + margin // 2]
    near = max(
        abs(float(np.median(before) - np.median(left))), abs(float(np.median(after) - np.median(right)))
    )
    return row if apart > 0 and gap > _GAP * apart and near < apart / 4 else None
