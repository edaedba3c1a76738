"""Steps that rows were made into by ``--resample``, and that the data begin or end in the middle of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.notes import Note
from tsforecast.data.panel import StepRows
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.words import counted
from tsforecast.errors import DataError

if TYPE_CHECKING:
    from tsforecast.data.rows.observations import Observations

_WHOLE = 0.9
"""Share of the usual number of rows from which on a step counts as whole: a day of 23 hours is one."""

_USUAL = 0.99
"""Share of the spans between two rows that are no break in the data."""

_FEW = 3
"""Steps of a series, up to which the rows in them do not tell how many are usual."""

_CLOCKED = 0.5
"""Share of equal spans between rows from which on these follow a clock, so that fewer of them are a gap."""

_RECURRING = 0.1
"""Share of the steps from which on their number of rows is a usual one as well."""

_OF_ONE_ROW = ("first", "last")
"""Ways to make one value of several that take one of them as it is, so that half a step has a value as true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    """First and last step of each series with a value, and what of them is cut off (N,)."""

    first: Ints
    last: Ints
    no_start: NDArray[np.bool_]
    no_end: NDArray[np.bool_]


def without_cut_steps(
    seen: Observations,
    merged: Observations,
    starts: Ints,
    frequency: Frequency,
    how: str,
    known: StepRows | None = None,
) -> Observations:
    """Leave out the values of first and last steps that the rows do not cover, and say so.

    The sum of three hours is no small day: as the newest value it would pull the forecast down. A step is cut off where
    it has fewer rows than usual and the data begin later, or end earlier, than two rows usually stand apart; where
    only the first is so, nothing can be said, and that is a warning. New rows for a model may lie in a single step, so
    that only the model knows what is usual.

    Args:
        seen: Rows as they are in the table.
        merged: The same with one row per step.
        starts: First row of each step in ``seen`` (steps,).
        frequency: Steps that were asked for.
        how: What one value was made by.
        known: What is usual by the table of a model.

    Raises:
        DataError: The rows cover no step at all.
    """
    counted_in = np.isfinite(seen.values)
    sizes = np.add.reduceat(counted_in.astype(np.int64), starts) if len(starts) else starts
    if not sizes.any():
        return merged
    lie = known or _usual(seen, merged, sizes, frequency)
    usual = lie.usual
    short = (sizes > 0) & (sizes < _WHOLE * usual)
    ends = _ends(seen, merged, starts, frequency, sizes, lie.gap, alone=known is not None)
    doubtful = short[ends.last]
    cut_first, cut_last = short[ends.first] & ends.no_start, doubtful & ends.no_end
    if how in _OF_ONE_ROW:
        cut_first, cut_last = np.zeros_like(cut_first), np.zeros_like(cut_last)
    notes = []
    for cut, places, words in (
        (cut_first, ends.first, "first step begins before the data"),
        (cut_last, ends.last, "last step ends after the data"),
    ):
        if cut.any():
            rows = counted(int(sizes[places[cut]].min()), "row")
            of = f" of {counted(int(cut.sum()), 'series')}" if len(cut) > 1 else ""
            notes.append(Note(f"the {words} and was left out{of}: {rows} where {usual:g} are usual"))
    if (doubtful & ~cut_last).any():
        notes.append(
            Note("the last step was made from fewer rows than others, so it may be incomplete", True)
        )
    if how == "sum":
        inner = short.copy()
        inner[np.concatenate([ends.first, ends.last])] = False
        inner &= _lack_rows(seen, starts, sizes, for_model=known is not None)
        notes += _thin(merged, sizes, inner, usual)
    blank = np.concatenate([ends.first[cut_first], ends.last[cut_last]])
    values = merged.values.copy()
    values[blank] = np.nan
    if len(blank) and not np.isfinite(values).any():
        raise DataError(
            f"{seen.table.source} covers no whole step that is {frequency.words}, about {usual:g} rows",
            hint="give the rows of one whole step at least: the newest rows begin and end within steps"
            + ("; a model folder forecasts from its history without any" if known else ""),
        )
    gone = np.intersect1d(blank, merged.offsets[1:] - 1)
    left = _without(replace(merged, values=values), gone)
    return replace(left, notes=(*merged.notes, *notes), step_rows=lie)


def _lack_rows(seen: Observations, starts: Ints, sizes: Ints, *, for_model: bool) -> NDArray[np.bool_]:
    """Whether a step of fewer rows than usual has too few of them, which only rows that follow a clock show (steps,).

    Half days that come each week are whole ones. A few new rows for a model do not show that they come again, so
    that there a gap between two rows of one step has to.
    """
    spans = _spans(seen)
    if not len(spans) or np.mean(spans == np.median(spans)) < _CLOCKED:
        return np.zeros(len(sizes), dtype=np.bool_)
    if not for_model:
        again = np.bincount(sizes)[sizes]
        return np.asarray(again < max(_FEW, _RECURRING * np.count_nonzero(sizes)))
    rows = np.flatnonzero(np.isfinite(seen.values))
    steps = np.searchsorted(starts, rows, side="right") - 1
    apart = (np.diff(seen.ticks[rows]) > np.median(spans)) & (np.diff(steps) == 0)
    torn = np.zeros(len(starts), dtype=np.bool_)
    torn[steps[1:][apart]] = True
    return torn


def _thin(merged: Observations, sizes: Ints, inner: NDArray[np.bool_], usual: float) -> list[Note]:
    """Warn of steps within the data whose sums lack rows."""
    places = np.flatnonzero(inner)
    if not len(places):
        return []
    first = int(places[0])
    when = merged.time_format.shown(merged.ticks[places[:1]])[0]
    few = f"{len(places)} of {counted(int(np.count_nonzero(sizes)), 'step')}"
    has = "has" if len(places) == 1 else "have"
    text = (
        f"{few} {has} fewer rows than usual, the first is {when} ({sizes[first]} where {usual:g} are usual): "
        "sums of them may be too low"
    )
    return [Note(text, warning=True, row=int(merged.rows[first]))]


def _usual(seen: Observations, merged: Observations, sizes: Ints, frequency: Frequency) -> StepRows:
    """Tell from the rows themselves how they lie in steps.

    Args:
        seen: Rows as they are in the table.
        merged: The same with one row per step.
        sizes: Rows with a value in each step (steps,).
        frequency: Steps that were asked for.
    """
    spans = _spans(seen)
    usual = float(np.median(sizes[sizes > 0]))
    if len(sizes) <= _FEW * len(merged.series_ids):
        usual = max(usual, _expected(spans, merged, frequency))
    gap = np.quantile(spans, _USUAL, method="higher") if len(spans) else np.iinfo(np.int64).max
    return StepRows(usual, int(gap))


def _expected(spans: Ints, merged: Observations, frequency: Frequency) -> float:
    """Rows that a step has if they stand as far apart as most do: new rows for a model may hold no whole step."""
    if not len(spans) or np.median(spans) <= 0:
        return 0.0
    ends = frequency.ticks(frequency.ordinals(merged.ticks)[0] + 1)
    return float(np.round(np.median(ends - merged.ticks) / np.median(spans)))


def _spans(seen: Observations) -> Ints:
    """Spans between neighbouring rows of a series."""
    inside = np.isin(np.arange(1, len(seen.ticks)), seen.offsets[1:-1], invert=True)
    return np.asarray(np.diff(seen.ticks)[inside])


def _ends(
    seen: Observations,
    merged: Observations,
    starts: Ints,
    frequency: Frequency,
    sizes: Ints,
    gap: int,
    *,
    alone: bool,
) -> _Ends:
    """Find where each series begins and ends, and whether its rows do so within a step.

    Args:
        seen: Rows as they are in the table.
        merged: The same with one row per step.
        starts: First row of each step (steps,).
        frequency: Steps that were asked for.
        sizes: Rows with a value in each step (steps,).
        gap: Longest time between two rows that is no break.
        alone: Whether something can be said of a step that is the only one of its series.
    """
    known = np.isfinite(seen.values)
    places, limit = np.arange(len(starts)), np.iinfo(np.int64)
    series = merged.offsets[:-1]
    first = np.minimum.reduceat(np.where(sizes > 0, places, len(starts) - 1), series)
    last = np.maximum.reduceat(np.where(sizes > 0, places, 0), series)
    last = np.maximum(last, series)
    earliest = np.minimum.reduceat(np.where(known, seen.ticks, limit.max), starts)[first]
    latest = np.maximum.reduceat(np.where(known, seen.ticks, limit.min), starts)[last]
    end = frequency.ticks(frequency.ordinals(merged.ticks[last])[0] + 1)
    may = (first < last) | alone
    return _Ends(
        first=first.astype(np.int64),
        last=last.astype(np.int64),
        no_start=may & (sizes[first] > 0) & (earliest - merged.ticks[first] > gap),
        no_end=may & (sizes[last] > 0) & (end - latest > gap),
    )


def _without(merged: Observations, gone: Ints) -> Observations:
    """Take rows out, each of which is the last one of its series."""
    if not len(gone):
        return merged
    kept = np.delete(np.arange(len(merged.ticks)), gone)
    cells = merged.covariates
    static = cells.static[kept] if len(cells.static) == len(merged.ticks) else cells.static
    return replace(
        merged,
        offsets=np.searchsorted(kept, merged.offsets).astype(np.int64),
        ticks=merged.ticks[kept],
        values=merged.values[kept],
        rows=merged.rows[kept],
        covariates=replace(cells, values=cells.values[kept], static=static),
    )
