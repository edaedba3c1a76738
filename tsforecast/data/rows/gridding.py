"""From observations to a panel: the frequency, the grid, and what is missing on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Codes, Floats, Ints
from tsforecast.data.arrow import code_type
from tsforecast.data.covariates import Covariates
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.rows.observations import Observations, counted_series
from tsforecast.data.rows.off_grid import infer_common, inferred, mismatch, off_grid_error, other_frequency
from tsforecast.data.rows.pairs import empty_pairs
from tsforecast.data.times.inference import coarser_steps
from tsforecast.data.times.timeline import Frequency, Inference, parse_frequency
from tsforecast.data.words import counted, quoted
from tsforecast.errors import DataError, UsageError

MOST_MISSING = 0.2
"""Share of a series, between its first and last value, that may be missing."""

_ROOM = 10
"""A grid with this many times more steps than there are rows has a mistyped timestamp at its end."""

_ENOUGH = 1 << 18
"""Rows that show the frequency."""

_PART = 1 << 17
"""Rows that are placed together."""

_FEW_STEPS = 24
"""New rows for a known model may have gaps while they span fewer steps: the history fills them up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Observations placed on a grid.

    Attributes:
        seen: The observations.
        frequency: The grid.
        ordinals: Grid step of each row (rows,).
        first: Step where each series starts: its first value, or its first row where it has none (N,).
        last_value: Step of each series' last value (N,).
        last: Step where each series' target ends: its last row, or its last value where future covariates go on (N,).
        end: Step of each series' last row (N,).
        values: Observed values in each series (N,).
    """

    seen: Observations
    frequency: Frequency
    ordinals: Codes
    first: Ints
    last_value: Ints
    last: Ints
    end: Ints
    values: Ints

    @property
    def missing(self) -> Ints:
        """Steps without a value between the first and the last value of each series (N,)."""
        return np.where(self.values > 0, self.last_value - self.first + 1 - self.values, 0)

    @property
    def share(self) -> Floats:
        """Share of each series that is missing (N,)."""
        return np.asarray(self.missing / np.maximum(self.last_value - self.first + 1, 1))


def choose_frequency(seen: Observations, name: str | None) -> Inference:
    """Frequency by its name, else by the timestamps.

    Raises:
        DataError: There is only one row, or no regular grid fits.
        UsageError: Nobody calls a frequency so, or it does not suit the kind of time.
    """
    if len(seen.ticks) == 1 or seen.table.rows == 1:
        raise DataError(f"{seen.table.source} has 1 row, a series needs at least 2", hint="give more history")
    integer = seen.time_format.kind == "integer"
    if name is None:
        return infer_common(seen, _sample(seen), integer=integer)
    frequency = parse_frequency(name).anchored_at(int(seen.ticks[0]))
    if integer != (frequency.kind == "step"):
        holds = "whole numbers" if integer else "dates"
        raise UsageError(
            f"--freq {name} does not suit column {quoted(seen.time)}, which holds {holds}",
            hint="use --freq step" if integer else "use for example h, D or MS",
        )
    return Inference(frequency, 1.0, "given")


def _sample(seen: Observations) -> list[Ints]:
    """Ticks of the series, of very many rows those of some series: what the others do shows on the grid."""
    series = np.split(seen.ticks, seen.offsets[1:-1])
    if len(seen.ticks) <= _ENOUGH:
        return series
    step = -(-len(seen.ticks) // _ENOUGH)
    return [ticks[:_ENOUGH] for ticks in series[::step]]


def place(
    seen: Observations, frequency: Frequency, *, known: bool = False, skip: bool = False, filled: bool = False
) -> Grid:
    """Put observations on a grid.

    Args:
        seen: The observations.
        frequency: The grid.
        known: The grid is a model's, not one chosen for these data.
        skip: Leave out series that do not fit the grid or lack too much, instead of raising.
        filled: Gaps will be filled, so that they may be long.

    Raises:
        DataError: A timestamp lies between the steps, or too much of a series is missing.
        ArtifactError: The data have another frequency than the model.
    """
    if known and (seen.time_format.kind == "integer") != (frequency.kind == "step"):
        raise other_frequency(
            seen, frequency, "dates" if seen.time_format.kind == "datetime" else "whole numbers"
        )
    ordinals, exact = _ordinals(frequency, seen.ticks)
    if not exact.all():
        wrong = (mismatch if known else off_grid_error)(seen, frequency, exact)
        if not (skip and isinstance(wrong, DataError)):
            raise wrong
        seen = seen.without({seen.series_of(int(row)): wrong for row in np.flatnonzero(~exact)})
        ordinals = _ordinals(frequency, seen.ticks)[0]
    grid = _bounds(seen, frequency, ordinals, known=known)
    lost = _lost(grid, known=known, filled=filled)
    if not lost.any():
        return grid
    if not skip:
        raise _gap_error(grid, lost, known=known)
    seen = seen.without({int(one): _too_many_missing(grid, int(one)) for one in np.flatnonzero(lost)})
    return _bounds(seen, frequency, _ordinals(frequency, seen.ticks)[0], known=known)


def _ordinals(frequency: Frequency, ticks: Ints) -> tuple[Codes, NDArray[np.bool_]]:
    """Find grid points as `Frequency.ordinals` does, some rows at a time, which needs less memory."""
    ends, _ = frequency.ordinals(np.array([ticks.min(), ticks.max()]))
    ordinals = np.empty(len(ticks), dtype=code_type(int(np.abs(ends).max()) + 1))
    exact = np.empty(len(ticks), dtype=np.bool_)
    for start in range(0, len(ticks), _PART):
        part = slice(start, start + _PART)
        ordinals[part], exact[part] = frequency.ordinals(ticks[part])
    return ordinals, exact


def _parts(offsets: Ints) -> Iterator[tuple[slice, Ints]]:
    """Give the rows some at a time, and the series of each of them."""
    for start in range(0, int(offsets[-1]), _PART):
        end = min(start + _PART, int(offsets[-1]))
        first = int(np.searchsorted(offsets, start, side="right")) - 1
        last = int(np.searchsorted(offsets, end, side="left"))
        bounds = np.clip(offsets[first : last + 1], start, end)
        yield slice(start, end), np.repeat(np.arange(first, last), bounds[1:] - bounds[:-1])


def fill(grid: Grid, schema: Schema) -> Panel:
    """Panel of the grid, NaN where nothing was observed."""
    seen, cells = grid.seen, grid.seen.covariates
    values, offsets = _laid_out(grid, seen.values, grid.last)
    covariates = None
    if cells.columns.names:
        beside, rows = _laid_out(grid, cells.values, grid.end)
        covariates = Covariates(values=beside, offsets=rows, static=cells.static)
    return Panel(
        series_ids=seen.series_ids,
        values=values,
        offsets=offsets,
        first=grid.first,
        frequency=grid.frequency,
        schema=schema,
        covariates=covariates,
    )


def _laid_out(grid: Grid, observed: Floats, last: Ints) -> tuple[Floats, Ints]:
    """Observed rows on the grid up to a step of each series, NaN where there is none, and the offsets.

    Shape:
        observed ``(rows,)`` or ``(rows, P + F)``, last ``(N,)``; results alike and ``(N + 1,)``.
    """
    offsets = np.concatenate([[0], np.cumsum(last - grid.first + 1)]).astype(np.int64)
    starts, ends = grid.seen.offsets[:-1], grid.seen.offsets[1:] - 1
    if (
        np.array_equal(offsets, grid.seen.offsets)
        and np.array_equal(grid.ordinals[starts], grid.first)
        and np.array_equal(grid.ordinals[ends], last)
    ):
        return observed, offsets  # as many rows as steps, so that every row is at its place
    values = np.full((int(offsets[-1]), *observed.shape[1:]), np.nan)
    shift = offsets[:-1] - grid.first
    for part, series in _parts(grid.seen.offsets):
        steps = grid.ordinals[part]
        inside = (steps >= grid.first[series]) & (steps <= last[series])
        values[(steps + shift[series])[inside]] = observed[part][inside]
    return values, offsets


def describe_problems(
    grid: Grid, *, advise: bool = True, paired: bool = False, for_model: bool = False
) -> tuple[Note, ...]:
    """Tell what a person should know: missing values, series without any, series that never change.

    Args:
        grid: The rows on their grid.
        advise: Say that covariates could be named, since they can.
        paired: Each column of each id is a series: rows may well hold only some of them.
        for_model: A history may come before the rows, without which nothing can be said of what never changes.

    Raises:
        DataError: No series has a value.
    """
    seen, notes = grid.seen, []
    names = np.array(seen.series_ids, dtype=object)
    ahead_only = grid.last < grid.first
    if not grid.values.any() and not ahead_only.any():
        raise DataError(
            f"{seen.table.source} has no values, every cell is missing", hint="check the target column"
        )
    gaps = bool(grid.missing.any())
    absent = (
        int((grid.last_value - grid.first + 1)[grid.values > 0].sum()) - _rows_inside(grid) if gaps else 0
    )
    empty = int(grid.missing.sum()) - absent
    if absent or empty:
        parts = [counted(absent, "time step") + " absent"] if absent else []
        parts += [counted(empty, "empty cell")] if empty else []
        notes.append(Note(f"{' and '.join(parts)} became missing values"))
    notes += [*late_starts(grid), *open_ends(grid, advise=advise)]
    low = np.fmin.reduceat(seen.values, seen.starts)
    constant = (low == np.fmax.reduceat(seen.values, seen.starts)) & (grid.values > 1)
    if constant.any() and not for_model:
        sentence = counted_series(
            list(names[constant]), "are constant", f"is constant ({low[constant][0]:g})"
        )
        notes.append(Note(sentence, warning=True))
    silent = (grid.values == 0) & ~ahead_only
    if paired and silent.any():
        silent &= ~empty_pairs(seen.series_ids, grid.values > 0)
    if silent.any():
        sentence = counted_series(list(names[silent]), "have no values", "has no values")
        notes.append(Note(sentence, warning=True))
    return tuple(notes)


def late_starts(grid: Grid) -> list[Note]:
    """Tell where the first rows of a series hold no value: it begins after them."""
    steps = np.where(grid.values > 0, grid.first - grid.ordinals[grid.seen.starts], 0)
    late = np.flatnonzero(steps > 0)
    if not len(late):
        return []
    most = counted(int(steps.max()), "step")
    if len(late) == 1:
        text = f"the first {most} of series {quoted(grid.seen.series_ids[late[0]])}"
    else:
        text = f"up to {most} at the start of {len(late)} series"
    return [Note(f"{text} have no value and are left out")]


def open_ends(grid: Grid, *, advise: bool = True) -> list[Note]:
    """Tell where the last rows of a series hold no value and nothing known ahead: they are past, and unknown."""
    steps = np.where(grid.values > 0, grid.last - grid.last_value, 0)
    late = np.flatnonzero(steps > 0)
    if not len(late):
        return []
    whose = f"series {quoted(grid.seen.series_ids[late[0]])}" if len(late) == 1 else f"{len(late)} series"
    steps_in_words = counted(int(steps.max()), "step")
    ahead = ", or name what is known ahead with --future," if advise else ""
    return [
        Note(
            f"the last {steps_in_words} of {whose} have no value, and forecasts begin after them; "
            f"leave such rows out{ahead} to forecast them"
        )
    ]


def _rows_inside(grid: Grid) -> int:
    """Rows between the first and the last value of their series."""
    number = 0
    for part, series in _parts(grid.seen.offsets):
        steps = grid.ordinals[part]
        inside = (steps >= grid.first[series]) & (steps <= grid.last_value[series])
        number += int((inside & (grid.values > 0)[series]).sum())
    return number


def _bounds(seen: Observations, frequency: Frequency, ordinals: Codes, *, known: bool) -> Grid:
    has_value = ~np.isnan(seen.values)
    first, last = (ordinals[rows].astype(np.int64) for rows in (seen.starts, seen.offsets[1:] - 1))
    if has_value.all() and not seen.covariates.columns.names:
        return Grid(
            seen=seen,
            frequency=frequency,
            ordinals=ordinals,
            first=first,
            last_value=last,
            last=last,
            end=last,
            values=np.diff(seen.offsets),
        )
    number = np.add.reduceat(has_value, seen.starts, dtype=np.int64)
    ends = np.iinfo(ordinals.dtype)
    first_value = np.minimum.reduceat(np.where(has_value, ordinals, ends.max), seen.starts).astype(np.int64)
    last_value = np.maximum.reduceat(np.where(has_value, ordinals, ends.min), seen.starts).astype(np.int64)
    # Rows for a model may hold nothing but what is known ahead; they are no part of the target then.
    target_end = np.where(number > 0, last_value, first - 1 if known else last)
    goes_on = _goes_on(seen, ordinals, target_end)
    return Grid(
        seen=seen,
        frequency=frequency,
        ordinals=ordinals,
        first=np.where(number > 0, first_value, first),
        last_value=np.where(number > 0, last_value, last),
        last=np.where(goes_on, target_end, last),
        end=last,
        values=number,
    )


def _goes_on(seen: Observations, ordinals: Codes, target_end: Ints) -> NDArray[np.bool_]:
    """Whether something is known ahead of the target of each series (N,)."""
    if not seen.covariates.columns.future:
        return np.zeros(len(target_end), dtype=np.bool_)
    later = ordinals > np.repeat(target_end, np.diff(seen.offsets))
    known = ~np.isnan(seen.covariates.ahead).all(axis=1)
    return np.asarray(np.logical_or.reduceat(later & known, seen.starts))


def _lost(grid: Grid, *, known: bool, filled: bool) -> NDArray[np.bool_]:
    """Which series lack too much (N,)."""
    span = grid.last_value - grid.first + 1
    lost = (grid.share > MOST_MISSING) & (not filled)
    if known:
        lost &= span > _FEW_STEPS
    return np.asarray(lost | _too_long(grid))


def _gap_error(grid: Grid, lost: NDArray[np.bool_], *, known: bool) -> Exception:
    if known:
        found = inferred(grid.seen)
        if found is not None and found.alias != grid.frequency.alias:
            return other_frequency(grid.seen, grid.frequency, f"{found.words} ({found.alias})")
    return _too_many_missing(grid, int(np.argmax(lost)))


def _too_long(grid: Grid) -> NDArray[np.bool_]:
    return np.asarray(grid.end - grid.first + 1 > _ROOM * np.diff(grid.seen.offsets) + 1000)


def _proposal(grid: Grid) -> str:
    """Propose coarser steps, where the rows stand too far apart for those of the grid all along."""
    seen = grid.seen
    if seen.time_format.kind == "integer":
        return ""
    known = ~np.isnan(seen.values)
    if np.median(np.diff(grid.ordinals[known])) <= 1:
        return ""  # one long gap, and no coarser steps beside it
    parts = zip(seen.offsets[:-1], seen.offsets[1:], strict=True)
    steps = coarser_steps([seen.ticks[start:end][known[start:end]] for start, end in parts])
    return f"; --resample {steps} --aggregate mean makes coarser steps"


def _too_many_missing(grid: Grid, index: int) -> DataError:
    seen = grid.seen
    part = slice(int(seen.offsets[index]), int(seen.offsets[index + 1]))
    first, last = grid.first[index], (grid.end if _too_long(grid)[index] else grid.last)[index]
    # Rows without a value count as missing, but for the two that bound the series.
    steps = np.unique(np.append(grid.ordinals[part][~np.isnan(seen.values[part])], [first, last]))
    share = grid.share[index] or 1 - grid.values[index] / (last - first + 1)
    longest = int(np.argmax(np.diff(steps)))
    start, end = (
        int(tick) for tick in grid.frequency.ticks(np.array([steps[longest] + 1, steps[longest + 1] - 1]))
    )
    return DataError(
        f"{seen.table.source}: {share:.0%} of series {quoted(seen.series_ids[index])} is missing "
        f"on the {grid.frequency.words} grid ({grid.frequency.alias}); "
        f"the longest gap is {seen.text(start)} to {seen.text(end)}",
        hint="give another frequency with --freq if this one is wrong; else cut the file after the gap, "
        f"or say with --fill linear, seasonal, zero or ffill what belongs there{_proposal(grid)}",
    )
