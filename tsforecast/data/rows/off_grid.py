"""Timestamps that do not stand on the grid of the others: a typing error, or a series with a rhythm of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.rows.observations import Observations
from tsforecast.data.times.calendar_grid import DAY, WEEK
from tsforecast.data.times.day_starts import clock_hint
from tsforecast.data.times.timeline import Frequency, Inference, infer_frequency, parse_frequency
from tsforecast.data.words import listed, quoted
from tsforecast.errors import ArtifactError, DataError

_RHYTHM = 3
"""Timestamps of one series between the steps from which on they are no typing errors."""

_MOST_SERIES = 100
"""Series that are looked at one by one for the rhythm of most."""

_OFF_GRID = "off the grid"

_FAR = 5
"""Spans of all other timestamps that a mistyped year lies away from them, at least."""

_FAR_SHARE = 0.01
"""Share of the timestamps up to which those far from the others are typing errors, or a single one."""

_CALENDAR = {
    ("months", 1): ("MS", "month"),
    ("months", 3): ("QS", "quarter"),
    ("months", 12): ("YS", "year"),
    ("fixed", WEEK): ("W-MON", "week"),
}
"""Steps of the calendar for those of a grid: their alias, and what people call them."""


def infer_common(seen: Observations, sample: list[Ints], *, integer: bool) -> Inference:
    """Frequency of the timestamps; where they follow none because of one series or a typing error, tell that one.

    Args:
        seen: The observations.
        sample: Ticks to look at, by series.
        integer: Time is whole numbers.

    Raises:
        DataError: There is nothing to compare, or no regular grid fits.
    """
    try:
        return infer_frequency(sample, integer)
    except DataError as error:
        usual = _usual(sample[:_MOST_SERIES], integer)
        if usual is None:
            if (far := _far_away(seen, integer)) is not None:
                raise far from error
            hint = clock_hint(seen.ticks, seen.time_format)
            raise (DataError(error.message, hint=hint) if hint else error) from error
        exact = usual.ordinals(seen.ticks)[1]
        if exact.all() or not _odd_series(seen, exact):
            raise
        raise off_grid_error(seen, usual, exact) from error


def _far_away(seen: Observations, integer: bool) -> DataError | None:
    """Tell one or a few timestamps that lie many times farther from all others than these span, None where none do.

    The others must follow a frequency: then a mistyped year is what is wrong.
    """
    ticks = np.unique(seen.ticks)
    gaps = np.diff(ticks)
    place = int(np.argmax(gaps)) + 1 if len(gaps) else 0
    early, late = ticks[:place], ticks[place:]
    few, most = sorted((early, late), key=len)
    if not 0 < len(few) <= max(1, _FAR_SHARE * len(ticks)) or gaps.max() < _FAR * (most[-1] - most[0]):
        return None
    here = np.isin(seen.ticks, few)
    series = [ticks[~far] for ticks, far in zip(_split(seen, seen.ticks), _split(seen, here), strict=True)]
    try:
        infer_frequency(series, integer)
    except DataError:
        return None
    rows = np.sort(seen.rows[here]).astype(np.int64)
    first = int(np.flatnonzero(here & (seen.rows == rows[0]))[0])
    near = most[0] if few is early else most[-1]
    return seen.table.refusal(
        f"{quoted(seen.text(int(seen.ticks[first])))} lies far from all other timestamps, the nearest is "
        f"{quoted(seen.text(int(near)))}",
        rows=rows,
        column=seen.time,
        hint="correct the timestamp, or leave its row out",
        kind=_OFF_GRID,
    )


def _split(seen: Observations, values: NDArray[Any]) -> list[NDArray[Any]]:
    return np.split(values, seen.offsets[1:-1])


def _usual(sample: list[Ints], integer: bool) -> Frequency | None:
    """Grid of at least half of the series, None where no two of them agree."""
    found = []
    for ticks in sample:
        try:
            found.append(infer_frequency([ticks], integer).frequency)
        except DataError:
            continue
    most = max(found, key=found.count, default=None)
    return most if most is not None and found.count(most) >= max(2, len(sample) / 2) else None


def off_grid_error(seen: Observations, frequency: Frequency, exact: NDArray[np.bool_]) -> DataError:
    """Tell which timestamps do not stand on the grid, of which series where that differs, and what mends them.

    Args:
        seen: The observations.
        frequency: The grid.
        exact: Which of them stand on it (rows,).
    """
    wrong = np.flatnonzero(~exact)
    position = int(wrong[np.argmin(seen.rows[wrong])])
    odd = _odd_series(seen, exact)
    of, others = "", "timestamps"
    hint = (
        clock_hint(seen.ticks, seen.time_format)
        or "correct the timestamp, or give another frequency with --freq"
    )
    lost = ""
    if odd:
        of, others = f" of series {quoted(seen.series_ids[seen.series_of(position)])}", "series"
        names = listed([seen.series_ids[index] for index in odd], limit=3)
        hint = (
            f"{names} {'has' if len(odd) == 1 else 'have'} other dates than the rest: {_coarser(seen, frequency)}"
            "write them as those of the others, or fit what differs from a file of its own"
        )
        whole = [index for index in odd if not exact[seen.offsets[index] : seen.offsets[index + 1]].any()]
        if whole:
            lost = f"and nothing is left of series {listed([seen.series_ids[one] for one in whole], limit=3)}"
    rows = np.unique(seen.rows[wrong])
    more = f", nor do {len(rows) - 1} others" if len(rows) > 1 else ""
    error = seen.table.refusal(
        f"{quoted(seen.text(int(seen.ticks[position])))}{of} does not stand on the {frequency.words} grid "
        f"({frequency.alias}) of the other {others}{more}",
        rows=rows,
        column=seen.time,
        hint=hint,
        kind=_OFF_GRID,
    )
    error.lost = lost
    return error


def _odd_series(seen: Observations, exact: NDArray[np.bool_]) -> list[int]:
    """Series with several timestamps between the steps, where most series have none."""
    wrong = np.add.reduceat((~exact).astype(np.int64), seen.starts)
    odd = np.flatnonzero(wrong >= _RHYTHM)
    return [int(one) for one in odd] if len(odd) and (wrong == 0).sum() >= len(odd) else []


def _coarser(seen: Observations, frequency: Frequency) -> str:
    """Propose steps of the calendar, where every series has one row in each."""
    alias, unit = _CALENDAR.get((frequency.kind, frequency.multiple), ("", ""))
    if not alias:
        return ""
    steps = np.diff(parse_frequency(alias).ordinals(seen.ticks)[0])
    inside = np.isin(np.arange(1, len(seen.ticks)), seen.offsets[1:-1], invert=True)
    if not (steps[inside] == 1).all():
        return ""
    return f"--resample {alias} --aggregate last takes each for its calendar {unit}; or "


def mismatch(seen: Observations, frequency: Frequency, exact: NDArray[np.bool_]) -> Exception:
    """Tell where rows for a model do not stand on its grid: they have another one, or a wrong timestamp."""
    found = inferred(seen)
    if found is None or found != frequency:
        wrong = np.flatnonzero(~exact)
        position = int(wrong[np.argmin(seen.rows[wrong])])
        tick = int(seen.ticks[position])
        at = f"at {quoted(seen.text(tick))} ({seen.table.place(int(seen.rows[position]))})"
        if frequency.kind == "business":
            at += _weekend(tick // DAY)
        return other_frequency(seen, frequency, f"{found.words} ({found.alias})" if found else at)
    return off_grid_error(seen, frequency, exact)


def _weekend(day: int) -> str:
    name = {5: "a Saturday", 6: "a Sunday"}.get((day + 3) % 7)
    return f", {name}" if name else ""


def inferred(seen: Observations) -> Frequency | None:
    """Frequency of the observations, None where they have none."""
    try:
        return infer_frequency(_split(seen, seen.ticks), seen.time_format.kind == "integer").frequency
    except DataError:
        return None


def other_frequency(seen: Observations, frequency: Frequency, found: str) -> ArtifactError:
    """Tell that the data have another frequency than the model.

    Args:
        seen: The observations.
        frequency: The model's.
        found: That of the data, in words.
    """
    return ArtifactError(
        f"{seen.table.source} does not fit the model: {unlike(frequency, found)}",
        hint="give data of the model's frequency, or fit a model on these data",
    )


def unlike(frequency: Frequency, found: str) -> str:
    """Put the frequencies of a model and of data side by side."""
    return f"the model is {frequency.words} ({frequency.alias}), the data are {found}"
