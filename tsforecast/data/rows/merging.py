"""Several rows of one series and time made into one: duplicates, hours that a clock has twice, coarser steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.arrow import taken
from tsforecast.data.cell_errors import CellError
from tsforecast.data.notes import Note
from tsforecast.data.panel import StepRows
from tsforecast.data.rows.whole_steps import without_cut_steps
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.frequency_names import parse_frequency
from tsforecast.data.times.timestamps import parse_times
from tsforecast.data.times.zones import are_doubled
from tsforecast.data.words import counted
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.data.rows.observations import Observations

Merge = Callable[[Floats, Ints], Floats]

CLOCK_CHANGE = "clock change"
"""What findings and notes on clocks that change are called."""


def resample_frequency(settings: DataSettings) -> Frequency | None:
    """Grid that ``--resample`` asks for.

    Raises:
        UsageError: Nobody calls a frequency so, or its steps are named by their end.
    """
    if settings.resample is None:
        return None
    named = parse_frequency(settings.resample)
    frequency = replace(named, free=frozenset())
    if frequency.kind == "months" and "day" in named.free:
        frequency = replace(frequency, phase=0, day=1)  # such as M, which names no day
    if frequency.kind == "months" and (frequency.day != 1 or frequency.business):
        raise UsageError(
            f"--resample {settings.resample} names steps by another day than their first",
            hint="use MS, QS or YS",
        )
    return frequency


def check_resampling(settings: DataSettings) -> None:
    """Refuse a way to make steps where none are to be made.

    Raises:
        UsageError: ``--aggregate`` is given, and ``--resample`` is not.
    """
    if settings.resample is None and settings.aggregate != DataSettings().aggregate:
        raise UsageError(
            f"--aggregate {settings.aggregate} says what --resample makes of the rows of a step, which is not given",
            hint="give --resample as well, such as h or D; rows of one time are made one by --duplicates",
        )


def merge_rows(seen: Observations, settings: DataSettings, known: StepRows | None = None) -> Observations:
    """Make one row of those that stand at one time, as far as the settings or the clock of a zone ask for it.

    Args:
        seen: Rows as they are in the table.
        settings: What to make one row of.
        known: How the rows of a model's table lie in its steps; None where this table tells it.
    """
    frequency = resample_frequency(settings)
    if frequency is not None:
        return _resampled(seen, frequency, settings.aggregate, known)
    zone = seen.time_format.zone
    if zone and (seen.time_format.has_offset or not seen.time_format.arrow.startswith("int")):
        seen = _with_single_hours(seen, zone, settings.duplicates)
    if settings.duplicates == "error":
        return seen
    return _without_duplicates(seen, settings.duplicates, np.ones(len(seen.ticks), dtype=np.bool_))


def _without_duplicates(seen: Observations, how: str, may: NDArray[np.bool_]) -> Observations:
    merged = _merged(seen, seen.ticks, how, may)
    lost = _rows_of(seen) - _rows_of(merged)
    note = Note(f"{counted(lost, 'duplicate row')} merged ({how})")
    repairs = {**seen.repairs, "merged": lost + seen.repairs.get("merged", 0)}
    return replace(merged, notes=(*merged.notes, note), repairs=repairs) if lost else merged


def _resampled(seen: Observations, frequency: Frequency, how: str, known: StepRows | None) -> Observations:
    ticks = frequency.ticks(frequency.ordinals(seen.ticks)[0])
    merged = _merged(seen, ticks, how, np.ones(len(ticks), dtype=np.bool_), {**AGGREGATES, **_KNOWN})
    before, after = _rows_of(seen), _rows_of(merged)
    note = Note(f"{counted(before, 'row')} became {after} {frequency.words} ones ({how})")
    merged = replace(merged, notes=(*merged.notes, note), repairs={"resampled": before})
    return without_cut_steps(seen, merged, _starts(seen, ticks), frequency, how, known)


def _with_single_hours(seen: Observations, zone: str, duplicates: str) -> Observations:
    """Mean of the rows of an hour that the clocks of a zone show twice; those of one moment are duplicates.

    Source:
        Weron and Misiorek (2008), International Journal of Forecasting 24(4): the doubled hour by its mean.
    """
    twice = _same_as_before(seen, seen.ticks)
    if not twice.any():
        return seen
    doubled = np.zeros(len(twice), dtype=np.bool_)
    doubled[twice] = are_doubled(zone, seen.ticks[twice])
    same = _at_one_moment(seen, doubled)
    if same.any() and duplicates != "error":
        return _with_single_hours(_without_duplicates(seen, duplicates, same), zone, duplicates)
    merged = _merged(seen, seen.ticks, "mean", doubled & ~same)
    lost = _rows_of(seen) - _rows_of(merged)
    if not lost:
        return seen
    kept = "last" if seen.classes else "mean"
    text = f"the clocks of {zone} went back: {counted(lost, 'row')} of an hour shown twice joined by their {kept}"
    gone = np.setdiff1d(seen.rows, merged.rows)
    first = int(gone.min()) if len(gone) else None
    note = Note(text, check=CLOCK_CHANGE, row=first)
    return replace(merged, notes=(*merged.notes, note), repairs={**seen.repairs, "clock_joined": lost})


def _at_one_moment(seen: Observations, doubled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows are of the same moment as the one before, where offsets tell (rows,)."""
    same, form = np.zeros(len(doubled), dtype=np.bool_), seen.time_format
    later = np.flatnonzero(doubled)
    if not (form.has_offset and len(later)):
        return same
    both = taken(
        seen.table.columns[seen.time], seen.rows[np.concatenate([later - 1, later])].astype(np.int64)
    )
    with suppress(CellError, UsageError):
        moments, _ = parse_times(both, name=seen.time, day_first=form.day_first, zone="UTC")
        same[later] = moments[: len(later)] == moments[len(later) :]
    return same


def _merged(
    seen: Observations,
    ticks: Ints,
    how: str,
    may: NDArray[np.bool_],
    merges: Mapping[str, Merge] | None = None,
) -> Observations:
    """Join rows with the row before where both have one tick and ``may`` allows it."""
    merges = merges or AGGREGATES
    starts = np.flatnonzero(~(_same_as_before(seen, ticks) & may))
    if len(starts) == len(ticks):
        return replace(seen, ticks=ticks)
    # There is no class between two: hours that a clock has twice are joined by the later one.
    cells, merge = seen.covariates, merges["last" if seen.classes and how == "mean" else how]
    # Covariates are levels, so that they are averaged where targets are summed.
    average = merges["mean" if how == "sum" else how]
    beside = [average(cells.values[:, number], starts) for number in range(cells.values.shape[1])]
    for number, name in enumerate((*cells.columns.past, *cells.columns.future)):
        if name in cells.categories:
            beside[number] = _last(cells.values[:, number], starts)
    return replace(
        seen,
        ticks=ticks[starts],
        values=merge(seen.values, starts),
        rows=seen.rows[starts],
        offsets=np.searchsorted(starts, seen.offsets).astype(np.int64),
        covariates=replace(
            cells,
            values=np.column_stack(beside) if beside else np.empty((len(starts), 0)),
            static=cells.static[starts] if len(cells.static) == len(ticks) else cells.static,
        ),
    )


def _rows_of(seen: Observations) -> int:
    """Count the rows of the table, each of which may hold a value of several series."""
    alone = len(seen.ticks) <= seen.table.rows
    return len(seen.ticks) if alone else int(np.count_nonzero(np.bincount(seen.rows)))


def _starts(seen: Observations, ticks: Ints) -> Ints:
    return np.flatnonzero(~_same_as_before(seen, ticks)).astype(np.int64)


def _same_as_before(seen: Observations, ticks: Ints) -> NDArray[np.bool_]:
    """Whether a row has the tick of the one before it in its series (rows,)."""
    same = np.zeros(len(ticks), dtype=np.bool_)
    np.equal(ticks[1:], ticks[:-1], out=same[1:])
    same[seen.offsets[:-1]] = False
    return same


def _sum(values: Floats, starts: Ints) -> Floats:
    known = np.add.reduceat(np.isfinite(values).astype(np.int64), starts)
    return np.where(known > 0, np.add.reduceat(np.nan_to_num(values), starts), np.nan)


def _mean(values: Floats, starts: Ints) -> Floats:
    known = np.add.reduceat(np.isfinite(values).astype(np.int64), starts)
    mean = _sum(values, starts) / np.maximum(known, 1)
    # Rounding must not make 1534.1000000000001 of several times 1534.1.
    return np.asarray(np.clip(mean, np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)))


def _median(values: Floats, starts: Ints) -> Floats:
    groups = np.split(values, starts[1:])
    known = (group[np.isfinite(group)] for group in groups)
    return np.array([float(np.median(group)) if len(group) else np.nan for group in known])


def _first(values: Floats, starts: Ints) -> Floats:
    return np.asarray(values[starts])


def _last(values: Floats, starts: Ints) -> Floats:
    return np.asarray(values[np.append(starts[1:], len(values)) - 1])


def _first_known(values: Floats, starts: Ints) -> Floats:
    places = np.where(np.isnan(values), len(values), np.arange(len(values)))
    return np.asarray(np.append(values, np.nan)[np.minimum.reduceat(places, starts)])


def _last_known(values: Floats, starts: Ints) -> Floats:
    places = np.where(np.isnan(values), -1, np.arange(len(values)))
    return np.asarray(np.append(values, np.nan)[np.maximum.reduceat(places, starts)])


AGGREGATES: dict[str, Merge] = {
    "mean": _mean,
    "sum": _sum,
    "median": _median,
    "min": lambda values, starts: np.asarray(np.fmin.reduceat(values, starts)),
    "max": lambda values, starts: np.asarray(np.fmax.reduceat(values, starts)),
    "first": _first,
    "last": _last,
}
"""Ways to make one value of several: values (rows,) and the first row of each group (G,) to (G,)."""

_KNOWN: dict[str, Merge] = {"first": _first_known, "last": _last_known}
"""Of the rows of a step those without a value are passed over; of two rows of one time the user chose one."""
