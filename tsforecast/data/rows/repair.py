"""Repairs that the user asks for, every one counted: rows of one time, coarser steps, gaps, outliers, short series."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.words import counted, listed, quoted
from tsforecast.errors import DataError

_FENCE = 3.0
"""Spans between the quartiles that a value may lie outside them."""

_FEWEST_FOR_FENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What was done to a panel.

    Attributes:
        counts: Values or series by the name of the repair, those that changed something.
        limits: Lowest and highest value that was left to each series, where outliers are clipped.
    """

    counts: dict[str, int] = field(default_factory=dict)
    limits: dict[str, tuple[float, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``model.json``."""
        return {"counts": dict(self.counts), "limits": {name: list(two) for name, two in self.limits.items()}}


_IN_WORDS = {
    "short_rows_skip": ("row", "with fewer cells than the header left out"),
    "short_rows_fill": ("row", "with fewer cells than the header filled up with empty cells"),
    "clock_joined": ("row", "of an hour that clocks show twice joined"),
    "merged": ("duplicate row", "merged ({duplicates})"),
    "resampled": ("row", "made into steps of {resample} ({aggregate})"),
    "clipped": ("outlier", "clipped"),
    "filled": ("missing value", "filled ({fill})"),
    "dropped_series": ("series", "too short and left out"),
}
"""What was mended and how, by the name of the repair."""


def repairs_in_words(counts: Mapping[str, int], how: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what was mended, a sentence for each kind.

    Args:
        counts: Rows, values or series by the name of the repair.
        how: Settings by their names.
    """
    known = (name for name in _IN_WORDS if counts.get(name))
    return tuple(
        f"{counted(counts[name], _IN_WORDS[name][0])} {_IN_WORDS[name][1].format_map(how)}" for name in known
    )


def mend_panel(
    panel: Panel, settings: DataSettings, learn_from: Callable[[Panel], Ints] | None = None
) -> tuple[Panel, Repairs, tuple[Note, ...]]:
    """Leave short series out and repair the others, as far as the settings ask for it.

    Args:
        panel: As it was read.
        settings: What to repair.
        learn_from: Rows of each series that tell which values are outliers (N,), all if not given.

    Returns:
        The panel, what was done, and a sentence for each repair.

    Raises:
        DataError: A series is short and may not be left out.
    """
    long, dropped = enough_rows(panel, settings)
    rows = learn_from(long) if learn_from is not None and settings.outliers == "clip" else None
    mended, repairs, notes = repair_panel(long, settings, rows=rows)
    lost = len(panel) - len(long)
    counts = {**repairs.counts, **({"dropped_series": lost} if lost else {})}
    return mended, replace(repairs, counts=counts), (*notes, *dropped)


def repair_panel(
    panel: Panel,
    settings: DataSettings,
    limits: Mapping[str, tuple[float, float]] | None = None,
    rows: Ints | None = None,
) -> tuple[Panel, Repairs, tuple[Note, ...]]:
    """Clip outliers, then fill gaps, as far as the settings ask for it.

    Args:
        panel: As it was read.
        settings: What to repair.
        limits: Of the series that a model knows; others keep their outliers then, for what is usual of them would have
            to be learnt from rows after a cutoff. None to find them.
        rows: Rows of each series that limits are found in, all if not given (N,).

    Returns:
        The panel, what was done, and a sentence for each repair.
    """
    counts, notes, fences = {}, [], {}
    if settings.outliers == "clip":
        fences = _fences(panel if rows is None else panel.head(rows)) if limits is None else dict(limits)
        panel, clipped, touched = _clipped(panel, fences)
        if clipped:
            counts["clipped"] = clipped
            notes.append(Note(f"{counted(clipped, 'outlier')} clipped in {listed(touched, limit=3)}"))
    if settings.fill != "none":
        panel, filled = fill_gaps(panel, settings.fill)
        if filled:
            counts["filled"] = filled
            notes.append(Note(f"{counted(filled, 'missing value')} filled ({settings.fill})"))
    return panel, Repairs(counts=counts, limits=fences), tuple(notes)


def enough_rows(panel: Panel, settings: DataSettings) -> tuple[Panel, tuple[Note, ...]]:
    """Leave short series out, or refuse them, where the settings say how long is long enough."""
    if settings.min_rows is None and not settings.drop_short:
        return panel, ()
    horizon = getattr(settings, "horizon", None) or panel.frequency.default_horizon
    fewest = fewest_rows(settings, horizon)
    panel, gone = without_short(panel, fewest, drop=settings.drop_short, fill=settings.fill)
    return panel, (
        Note(f"{counted(len(gone), 'series')} too short and left out: {listed(gone, limit=3)}"),
    ) * bool(gone)


def fewest_rows(settings: DataSettings, horizon: int) -> int:
    """Values that a series must have: as many as are asked for, or two horizons."""
    return settings.min_rows or 2 * horizon


def without_short(
    panel: Panel, fewest: int, *, drop: bool, kept: frozenset[str] = frozenset(), fill: str = "none"
) -> tuple[Panel, tuple[str, ...]]:
    """Drop the series with too few values, or refuse them.

    Args:
        panel: All series.
        fewest: Values that a series needs.
        drop: Leave short ones out instead of refusing them.
        kept: Series that stay however short they are.
        fill: How gaps will be filled, for what fills them counts.

    Raises:
        DataError: A series is short and may not be dropped, or none is long enough.
    """
    whole = panel if fill == "none" else fill_gaps(panel, fill)[0]
    sizes = np.array([int(np.isfinite(values).sum()) for values in whole], dtype=np.int64)
    names = np.array(panel.series_ids, dtype=object)
    short = (sizes < fewest) & np.array([name not in kept for name in panel.series_ids], dtype=np.bool_)
    if not short.any():
        return panel, ()
    first = int(np.argmax(short))
    if not drop or short.all():
        raise DataError(
            f"series {quoted(names[first])} has {counted(int(sizes[first]), 'value')}, "
            f"fewer than the {fewest} asked for with --min-rows",
            hint="lower --min-rows" if drop else "--drop-short leaves such series out",
        )
    return panel.select(np.flatnonzero(~short)), tuple(str(name) for name in names[short])


def fill_gaps(panel: Panel, how: str) -> tuple[Panel, int]:
    """Fill missing values, and count them; a series without any value stays as it is.

    A line, a season and the last value are guesses: they help a network to see, but no forecast is learnt from them or
    scored against them. Zero is a statement of the user about what a missing row means, so it counts as observed.
    """
    season = next(iter(panel.frequency.season_candidates), 1)
    filled, ahead = panel.values.copy(), np.zeros(len(panel.values), dtype=np.int64)
    for index, values in enumerate(panel):
        if np.isfinite(values).any():
            rows = slice(int(panel.offsets[index]), int(panel.offsets[index + 1]))
            filled[rows], ahead[rows] = FILLERS[how](values, season)
    number = int(np.isnan(panel.values).sum() - np.isnan(filled).sum())
    observed = panel.truth if how in GUESSES else panel.observed
    if panel.ahead is not None:
        ahead = np.maximum(ahead, panel.ahead)
    return replace(panel, values=filled, observed=observed, ahead=ahead if ahead.any() else None), number


def _linear(values: Floats, _: int) -> tuple[Floats, Ints]:
    """Straight line between the neighbours, of which the next one is ahead; the end stays missing."""
    known = np.flatnonzero(np.isfinite(values))
    places = np.arange(len(values))
    line = np.interp(places, known, values[known], left=np.nan, right=np.nan)
    following = known[np.minimum(np.searchsorted(known, places), len(known) - 1)]
    is_guess = np.isnan(values) & ~np.isnan(line)
    return np.where(is_guess, line, values), np.where(is_guess, following - places, 0)


def _seasonal(values: Floats, season: int) -> tuple[Floats, Ints]:
    """Value one season before, else one after; a straight line where neither is known. The end stays missing."""
    known = np.flatnonzero(np.isfinite(values))
    filled, ahead = values.copy(), np.zeros(len(values), dtype=np.int64)
    for place in range(int(known[0]), int(known[-1]) + 1):
        if np.isnan(filled[place]):
            before, after = place - season, place + season
            if before >= 0:
                filled[place] = filled[before]
            if np.isnan(filled[place]) and after < len(values):
                filled[place] = values[after]
                ahead[place] = season
    line, beyond = _linear(filled, season)
    # That no end is filled makes every guess wait for the next value; the neighbours of a line may be guesses too.
    return line, np.where(beyond > 0, beyond + season, np.maximum(ahead, _linear(values, season)[1]))


def _zero(values: Floats, _: int) -> tuple[Floats, Ints]:
    return np.where(np.isnan(values), 0.0, values), np.zeros(len(values), dtype=np.int64)


def _forward(values: Floats, _: int) -> tuple[Floats, Ints]:
    """Last value before."""
    places = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))
    return np.asarray(values[places]), np.zeros(len(values), dtype=np.int64)


FILLERS: dict[str, Callable[[Floats, int], tuple[Floats, Ints]]] = {
    "linear": _linear,
    "seasonal": _seasonal,
    "zero": _zero,
    "ffill": _forward,
}
"""Ways to fill gaps: values of one series and its season length (steps) to values, and how far each looks ahead."""

GUESSES = frozenset(FILLERS) - {"zero"}
"""Those that invent what nobody has seen."""


def _fences(panel: Panel) -> dict[str, tuple[float, float]]:
    found = {name: fences_of(values) for name, values in zip(panel.series_ids, panel, strict=True)}
    return {name: fences for name, fences in found.items() if fences is not None}


def fences_of(values: Floats) -> tuple[float, float] | None:
    """Lowest and highest usual value: three spans between the quartiles outside them; None for few or equal values.

    Source:
        Tukey (1977), Exploratory Data Analysis.
    """
    known = values[np.isfinite(values)]
    if len(known) < _FEWEST_FOR_FENCES:
        return None
    low, high = (float(one) for one in np.quantile(known, [0.25, 0.75]))
    return (low - _FENCE * (high - low), high + _FENCE * (high - low)) if high > low else None


def _clipped(panel: Panel, fences: Mapping[str, tuple[float, float]]) -> tuple[Panel, int, list[str]]:
    values, number, touched = panel.values.copy(), 0, []
    for index, name in enumerate(panel.series_ids):
        if name not in fences:
            continue
        part = values[panel.offsets[index] : panel.offsets[index + 1]]
        low, high = fences[name]
        outside = int(((part < low) | (part > high)).sum())
        np.clip(part, low, high, out=part)
        number += outside
        touched += [name] if outside else []
    return replace(panel, values=values), number, touched
