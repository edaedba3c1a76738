"""Find the frequency of a panel in its timestamps.

The differences between neighbours vote. Their mode is the step, unless other differences are frequent and
no multiple of it: then the step is what divides them all. Calendar months come before fixed spans, because
a monthly grid that holds for every timestamp is no accident, and days become business days where weekends
were passed and none of their days was seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.times.calendar_grid import (
    DAY,
    HOUR,
    MINUTE,
    MONTH_END,
    SECOND,
    WEEK,
    business_days_of,
    days_in_months,
    months_of,
    weekdays,
)
from tsforecast.data.times.disguised_dates import disguise_of
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.words import percent
from tsforecast.errors import DataError

_EXPLAINED = 0.97
"""Share of differences that must be multiples of the step."""

_MOST_STEPS_PER_ROW = 5.0
"""A grid with more steps than this per row is nobody's frequency."""

_SHORTEST_MONTH = 28 * DAY

_COARSER = (
    *((f"{number}min", number * MINUTE) for number in (1, 5, 15, 30)),
    *(("h", HOUR), ("3h", 3 * HOUR), ("6h", 6 * HOUR), ("12h", 12 * HOUR), ("D", DAY), ("W-MON", WEEK)),
    *(("MS", 30 * DAY), ("QS", 91 * DAY), ("YS", 365 * DAY)),
)
_OCCUPIED = 0.9
"""Share of coarser steps that must have a row for them to be proposed."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A frequency found in data.

    Attributes:
        frequency: The grid.
        confidence: How sure, 0 to 1.
        reason: Why, as a phrase for the person at the prompt.
    """

    frequency: Frequency
    confidence: float
    reason: str

    @property
    def words(self) -> str:
        """The frequency in a sentence, with how sure it is and why."""
        return (
            f"{self.frequency.words} ({self.frequency.alias}), {percent(self.confidence)} sure: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Timestamps of all series end to end.

    Attributes:
        ticks: All of them (rows,).
        inside: Whether a tick and the one after it belong to the same series (rows - 1,).
    """

    ticks: Ints
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]]

    @classmethod
    def of(cls, series_ticks: Sequence[Ints]) -> _Evidence:
        series = [np.asarray(ticks, dtype=np.int64) for ticks in series_ticks if len(ticks) > 1]
        if not series:
            return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_))
        ticks = np.concatenate(series)
        inside = np.ones(len(ticks) - 1, dtype=np.bool_)
        inside[np.cumsum([len(one) for one in series])[:-1] - 1] = False
        return cls(ticks, inside)

    def differences(self, numbers: Ints) -> Ints:
        """Differences of neighbours in a series, zeros left out."""
        steps = np.diff(numbers)[self.inside]
        return np.asarray(steps[steps > 0])


def infer_frequency(series_ticks: Sequence[Ints], integer: bool) -> Inference:
    """Regular grid that explains nearly all timestamps with the fewest gaps.

    Args:
        series_ticks: Ticks of every series, each sorted and without duplicates.
        integer: Time is whole numbers, not dates.

    Raises:
        DataError: There is nothing to compare, or no regular grid fits.
    """
    evidence = _Evidence.of(series_ticks)
    if not evidence.inside.any():
        raise DataError(
            "the frequency cannot be found: no series has two different timestamps",
            hint="give it with --freq, for example --freq D",
        )
    frequency = _integer_grid(evidence) if integer else _dated_grid(evidence)
    if frequency is None:
        raise _irregular(evidence, integer)
    return _judge(frequency, evidence)


def _integer_grid(evidence: _Evidence) -> Frequency | None:
    step = _common_step(evidence.differences(evidence.ticks), len(evidence.ticks))
    return Frequency("step", step, _mode(evidence.ticks % step)) if step else None


def _dated_grid(evidence: _Evidence) -> Frequency | None:
    differences = evidence.differences(evidence.ticks)
    months = _month_grid(evidence, differences)
    if months:
        return months
    step = _common_step(differences, len(evidence.ticks))
    if step and step % DAY == 0 and step < WEEK:
        return _business_grid(evidence) or _fixed_grid(evidence, step)
    return _fixed_grid(evidence, step) if step else _business_grid(evidence)


def _fixed_grid(evidence: _Evidence, step: int) -> Frequency:
    return Frequency("fixed", step, _mode(evidence.ticks % step))


def _common_step(differences: Ints, rows: int) -> int:
    """Largest step that divides nearly all differences; 0 where none does without a grid full of holes."""
    values, counts = np.unique(differences, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    values, counts = values[order], counts[order]
    step = int(values[0])
    while True:
        unexplained = values % step != 0
        if counts[unexplained].sum() <= (1 - _EXPLAINED) * len(differences):
            break
        step = math.gcd(step, int(values[unexplained][0]))
        if differences.sum() / step > _MOST_STEPS_PER_ROW * rows:
            return 0
    return step if (differences // step).sum() <= _MOST_STEPS_PER_ROW * rows else 0


def _month_grid(evidence: _Evidence, differences: Ints) -> Frequency | None:
    """Grid on one day of the month, where that day is the same in every month seen."""
    if np.quantile(differences, 1 - _EXPLAINED, method="lower") < _SHORTEST_MONTH:
        return None
    days, times = np.divmod(evidence.ticks, DAY)
    time = _mode(times)
    equal = bool((differences == differences[0]).all())
    for day, business in _month_days(days, allow_business=not equal):
        months = months_of(days)[0]
        hits = (days_in_months(months, day, business=business) == days) & (times == time)
        if hits.mean() < _EXPLAINED:
            continue
        step = _common_step(evidence.differences(months), len(days))
        if step:
            return Frequency("months", step, _mode(months % step), day, business, time)
    return None


def _month_days(days: Ints, *, allow_business: bool) -> Iterator[tuple[int, bool]]:
    """Days of the month to try, plain ones first; the second value asks for the nearest weekday."""
    seen = months_of(days)[1]
    yield 1, False
    yield MONTH_END, False
    yield _mode(seen), False
    yield int(seen.max()), False
    if allow_business:
        yield 1, True
        yield MONTH_END, True


def _business_grid(evidence: _Evidence) -> Frequency | None:
    """Build the grid of business days, where weekends were passed and none of their days was seen."""
    days, times = np.divmod(evidence.ticks, DAY)
    numbers, weekday = business_days_of(days)
    if not weekday.all() or not _weekends_passed(evidence):
        return None
    time = _mode(times)
    if (times == time).mean() < _EXPLAINED or _common_step(evidence.differences(numbers), len(days)) != 1:
        return None
    return Frequency("business", time=time)


def _weekends_passed(evidence: _Evidence) -> int:
    """Weekends between neighbouring timestamps of a series."""
    return int(evidence.differences((evidence.ticks // DAY + 3) // 7).sum())


def _judge(frequency: Frequency, evidence: _Evidence) -> Inference:
    """Put a number and words to how well the grid explains the timestamps."""
    ordinals, exact = frequency.ordinals(evidence.ticks)
    steps = evidence.differences(ordinals)
    on_grid = float(exact.mean())
    confidence = on_grid * (1 - 0.4 / len(steps))
    parts = [f"{percent(float(np.mean(steps == 1)))} of the timestamps follow the one before by one step"]
    if len(steps) < 3:
        parts = [f"from {len(evidence.ticks)} timestamps only"]
    if on_grid < 1:
        parts.append(f"{1 - on_grid:.1%} of them stand between the steps")
    if _could_be_business(frequency, evidence):
        confidence = min(confidence, 0.5)
        parts.append("no weekend was passed, so business days (--freq B) would fit as well")
    if frequency.kind == "business":
        weekends = _weekends_passed(evidence)
        # Chance that days missing at random hide every weekend passed.
        missing = max(1 - len(steps) / max(int(steps.sum()), 1), 0.2)
        confidence *= 1 - missing ** (2 * weekends)
        parts.append(f"no Saturday or Sunday in {weekends} weekend{'s' if weekends > 1 else ''}")
    return Inference(frequency, round(confidence, 3), ", ".join(parts))


def _could_be_business(frequency: Frequency, evidence: _Evidence) -> bool:
    days = evidence.ticks // DAY
    daily = frequency.kind == "fixed" and frequency.multiple == DAY
    return daily and bool((weekdays(days) < 5).all()) and not _weekends_passed(evidence)


_SPANS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"), (1, "microsecond"))
_FREQUENT = 0.05
"""Share of the rows from which on one difference says something of irregular times."""


def _irregular(evidence: _Evidence, integer: bool) -> DataError:
    differences = evidence.differences(evidence.ticks)
    usual = _mode(differences)
    share = np.mean(differences == usual)
    if share < _FREQUENT:
        low, middle, high = (
            f"{number:g}" if integer else _about(number) for number in np.quantile(differences, (0, 0.5, 1))
        )
        found = f"the differences go from {low} to {high}, their median is {middle}"
    else:
        found = f"the most frequent difference is {usual if integer else _span(usual)}, in {share:.0%} of the rows"
    steps = coarser_steps(np.split(evidence.ticks, np.flatnonzero(~evidence.inside) + 1))
    disguise = disguise_of(evidence.ticks) if integer else ""
    hint = "give the steps with --freq, for example --freq 10step"
    if disguise:
        hint = f"if the whole numbers are {disguise}, write them as 2024-01-31; else {hint}"
    if not integer:
        hint = (
            f"make regular steps with --resample {steps} --aggregate mean; or give the frequency with --freq"
        )
    return DataError(f"the timestamps follow no regular frequency: {found}", hint=hint)


def coarser_steps(series_ticks: Sequence[Ints]) -> str:
    """Name of the finest usual steps of which few would be empty, for dates that stand too far apart for their grid.

    Args:
        series_ticks: Ticks of every series, each sorted.
    """
    for name, size in _COARSER:
        places = [ticks // size for ticks in series_ticks if len(ticks)]
        steps = sum(int(one[-1] - one[0]) + 1 for one in places)
        if sum(len(np.unique(one)) for one in places) >= _OCCUPIED * steps:
            return name
    return _COARSER[-1][0]


def _span(microseconds: int) -> str:
    """Write a time span as people say it: ``3 days``, ``90 minutes``."""
    size, name = next(unit for unit in _SPANS if microseconds % unit[0] == 0)
    count = microseconds // size
    return f"{count} {name}{'' if count == 1 else 's'}"


def _about(microseconds: float) -> str:
    """Write a time span roughly: ``1.2 hours``."""
    size, name = next((unit for unit in _SPANS if microseconds >= unit[0]), _SPANS[-1])
    count = f"{microseconds / size:.3g}"
    return f"{count} {name}{'' if count == '1' else 's'}"


def _mode(values: Ints) -> int:
    """Most frequent value, the smallest of several."""
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()])
