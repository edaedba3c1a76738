"""Find the season lengths of a panel.

A season length m is judged by one number, its agreement: how alike two neighbouring seasons are once the
trend (a moving average over one season) and the profiles of the seasons already found are taken away. It is
the autocorrelation at lag m: 1 for a clean repetition, about 0 for noise and for random walks. Its standard
error allows for noise that is itself autocorrelated.

Two rules, because a season that a forecaster misses costs it far more than one that it need not have had:

* what the frequency suggests (24 and 168 for hours) is kept, even where it is weak, once at least a quarter
  of the series are long enough (2.1 seasons) and the agreement is above one standard error of noise, which
  one in six walks without any season passes too. Only the year of days must be plain to see;
* any other length must have three seasons in the data, belong to the set of lengths whose waves explain the
  data best (`harmonics`) and agree clearly. Where there is one, the calendar's lengths must belong to that set
  too: then they explain what the others do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.harmonics import SeasonSearch, SeasonSet
from tsforecast.data.panel import Panel
from tsforecast.data.times.calendar_grid import DAY

_MOST_SEASONS = 3
_MOST_SERIES = 48
_MOST_ROWS = 8192
_MOST_VALUES = 100_000

_WEAK = 0.03
"""Agreement above which a season that the frequency suggests is kept."""

_PLAIN = 0.2
"""Agreement that a suggested season longer than `_LONG` steps needs."""

_LONG = 360

_CLEAR = 0.15
"""Agreement that any other season needs where the frequency suggests none."""

_CLEAR_BESIDE = 0.4
"""The same where it does: hours and days rarely have a season that no calendar knows."""

_PLAIN_BESIDE = 0.5
"""The same where no season agrees clearly before another one is taken away."""

_WANDERING = 0.4
"""Correlation of neighbouring steps above which what the seasons leave is a walk and no noise."""

_CLEAR_SHARE = 0.05
"""Share of the whole variance around the trend that any other season needs."""

_SHORTEST_OTHER = 3

_LONGEST_OTHER = 400
"""Longest season that the frequency does not suggest (steps): a window holds two of them."""

_NEAR = 0.01
"""Share of a length by which it may miss whole seasons of the calendar and still be taken for them."""

_WILD = 4.0
"""Values further from the trend than this many standard deviations are clipped."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Some series of a panel side by side, right-aligned.

    Attributes:
        values: Centred and of unit spread, linear trend taken away, 0 where missing (N, rows).
        known: 1 where a value was observed, else 0 (N, rows).
    """

    values: Floats
    known: Floats

    def trendless(self, width: int) -> _Sample:
        """Take a moving average away from every series."""
        return _Sample((self.values - _smooth(self, width)) * self.known, self.known)

    def without_profile(self, season_length: int) -> _Sample:
        """Take the mean profile of one season away from every series."""
        rows = self.values.shape[1]
        cycles = -(-rows // season_length)
        counts = _fold(self.known, season_length, cycles)
        profile = _fold(self.trendless(season_length).values, season_length, cycles) / np.maximum(counts, 1)
        repeated = np.tile(profile, cycles)[:, cycles * season_length - rows :]
        return _Sample((self.values - repeated) * self.known, self.known)

    def without_profiles(self, season_lengths: Iterable[int]) -> _Sample:
        """Take several seasons away, in the given order."""
        sample = self
        for season_length in season_lengths:
            sample = sample.without_profile(season_length)
        return sample


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How alike neighbouring seasons are.

    Attributes:
        value: Mean correlation over the series.
        error: Its standard error if there were no season.
    """

    value: float
    error: float

    def exceeds(self, level: float, sigmas: float) -> bool:
        """Whether the value is above a level and above what noise would give."""
        return self.value > max(level, sigmas * self.error)


_NONE = _Agreement(0.0, 1.0)


def find_season_lengths(panel: Panel) -> tuple[int, ...]:
    """Season lengths of a panel, at most three, shortest first; empty where there is no season (steps)."""
    suggested = _suggested(panel)
    whole = _sample(panel, at_least=12)
    if whole is None:
        return suggested
    reach = min(whole.values.shape[1] // 3, _LONGEST_OTHER)
    search = SeasonSearch(whole.values, whole.known, range(_SHORTEST_OTHER, reach + 1), suggested)
    chosen = search.best(_MOST_SEASONS)
    # Data with a season of their own need not follow the calendar: it must explain what the others do not.
    calendar = [
        known
        for known in suggested
        if known > search.longest or any(_nearly_repeats(length, known) for length in chosen.lengths)
    ]
    level = _CLEAR_BESIDE if panel.frequency.season_candidates else _CLEAR
    free = [
        length
        for length in _free(search, chosen)
        if not any(_nearly_repeats(length, known) for known in suggested)
        and not any(_related(length, known) for known in calendar)
    ]
    others = _clear(whole, free, calendar, chosen, level)
    parted = not calendar and any(_holds_more(whole, known, others) for known in suggested)
    if parted or not others:
        return suggested
    return tuple(sorted({*calendar, *others})[:_MOST_SEASONS])


def _free(search: SeasonSearch, chosen: SeasonSet) -> list[int]:
    """Chosen lengths and their parts that are seasons too, without those that only repeat in another."""
    parts = {length: search.parts(chosen, length) for length in chosen.lengths}
    return sorted(
        length
        for length in {*chosen.lengths, *(part for some in parts.values() for part in some)}
        if all(length in some for whole, some in parts.items() if whole != length and whole % length == 0)
    )


def _clear(
    whole: _Sample, lengths: list[int], calendar: list[int], chosen: SeasonSet, level: float
) -> list[int]:
    """Those that agree clearly once the others are taken away, where one does so on its own."""
    bare = whole.without_profiles(calendar)
    sigmas = _sigmas(whole)
    # Taking away a season that is not there from a walk can leave one.
    alone = any(_agreement(bare, length).exceeds(_CLEAR, sigmas) for length in lengths)
    if not alone and chosen.wandering > _WANDERING:
        return []
    found = []
    for length in lengths:
        # A multiple holds the season itself: its profile would take all of it away.
        sample = whole.without_profiles(other for other in (*calendar, *lengths) if other % length)
        agreement = _agreement(sample, length)
        share = agreement.value * _left(whole, sample, length)
        if agreement.exceeds(level if alone else _PLAIN_BESIDE, sigmas) and share > _CLEAR_SHARE:
            found.append(length)
    return found


def _holds_more(whole: _Sample, known: int, others: list[int]) -> bool:
    """Whether a season of the calendar, one part of which was found, may have more to it than the part."""
    parts = [length for length in others if known % length == 0]
    return bool(parts) and _agreement(whole.without_profiles(parts), known).exceeds(_WEAK, 1.5)


def _suggested(panel: Panel) -> tuple[int, ...]:
    """Seasons of the frequency that the series are long enough for and do not clearly lack."""
    found: list[int] = []
    for season_length in panel.frequency.season_candidates:
        sample = _sample(panel, at_least=int(2.1 * season_length))
        if season_length < 2 or sample is None:
            continue
        agreement = _agreement(sample.without_profiles(found), season_length)
        plain = panel.frequency.multiple == DAY and season_length >= _LONG
        if agreement.exceeds(_PLAIN, 2.0) if plain else agreement.exceeds(_WEAK, 1.0):
            found.append(season_length)
    return tuple(found[:_MOST_SEASONS])


def _sigmas(sample: _Sample) -> float:
    """Count the standard errors that an agreement must exceed: what the best of so many noises would."""
    tried = min(sample.values.shape[1] // 3, _LONGEST_OTHER)
    return float(np.sqrt(2 * np.log(max(tried, 2))) + 0.5)


def _nearly_repeats(length: int, known: int) -> bool:
    """Whether a length is about a whole number of known seasons: four years of weeks are 209 of them."""
    return abs(length - max(round(length / known), 1) * known) <= _NEAR * length


def _left(whole: _Sample, rest: _Sample, length: int) -> float:
    """Share of the variance around the trend that is left once some seasons are taken away."""
    before, after = ((sample.trendless(length).values ** 2).sum() for sample in (whole, rest))
    return float(after / max(before, 1e-12))


def _related(length: int, known: int) -> bool:
    """Whether a season is part of a known one, or a multiple of it that only repeats what is known."""
    return known % length == 0 or length % known == 0


def _agreement(sample: _Sample, season_length: int) -> _Agreement:
    """Mean correlation of neighbouring seasons over the series.

    Source:
        Bartlett (1946): autocorrelated noise has the standard error of a shorter white one.
    """
    if sample.values.shape[1] < 2 * season_length:
        return _NONE
    values = sample.trendless(season_length).values
    left, right = values[:, :-season_length], values[:, season_length:]
    both = sample.known[:, :-season_length] * sample.known[:, season_length:]
    pairs = both.sum(axis=1)
    power = ((left**2 + right**2) * both).sum(axis=1) / 2
    usable = (pairs >= season_length / 2) & (power > 1e-9 * pairs)
    if not usable.any():
        return _NONE
    correlation = (left * right).sum(axis=1)[usable] / power[usable]
    noise = sample.without_profile(season_length).trendless(season_length).values[usable]
    variance = _colour(noise) / pairs[usable]
    error = np.sqrt(variance.sum()) / len(variance)
    return _Agreement(float(correlation.mean()), float(error))


def _colour(noise: Floats) -> Floats:
    """Sum of the squared autocorrelations of each series, 1 for white noise (N,)."""
    power = np.abs(np.fft.rfft(noise, axis=1)[:, 1:]) ** 2
    total = np.maximum(power.sum(axis=1), 1e-12)
    # A periodogram of white noise is exponential, so that its mean square is twice its squared mean.
    return np.asarray(np.maximum(power.shape[1] * (power**2).sum(axis=1) / total**2 / 2, 1.0))


def _sample(panel: Panel, at_least: int) -> _Sample | None:
    """Series spread over the panel that are long enough; None where fewer than a quarter are."""
    enough = np.flatnonzero(panel.lengths >= max(at_least, 1))
    if not len(enough) or len(enough) < len(panel) / 4:
        return None
    rows = int(min(panel.lengths[enough].max(), _MOST_ROWS))
    count = min(len(enough), _MOST_SERIES, _MOST_VALUES // rows)
    chosen = enough[np.linspace(0, len(enough) - 1, count).astype(np.int64)]
    values = np.full((len(chosen), rows), np.nan)
    for row, index in enumerate(chosen):
        series = panel.series(int(index))[-rows:]
        values[row, rows - len(series) :] = series
    return _standardized(values)


def _standardized(values: Floats) -> _Sample:
    """Without linear trend, of unit spread, outliers clipped: one wild day must not decide."""
    known = np.isfinite(values).astype(np.float64)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    filled = np.where(known > 0, values, 0.0)
    filled = (filled - filled.sum(axis=1, keepdims=True) / count) * known
    time = np.arange(values.shape[1]) * known
    time = (time - time.sum(axis=1, keepdims=True) / count) * known
    slope = (filled * time).sum(axis=1, keepdims=True) / np.maximum((time**2).sum(axis=1, keepdims=True), 1)
    filled = filled - slope * time
    spread = np.sqrt((filled**2).sum(axis=1, keepdims=True) / count)
    scaled = np.divide(filled, spread, out=np.zeros_like(filled), where=spread > 0)
    return _Sample(np.clip(scaled, -_WILD, _WILD), known)


def _smooth(sample: _Sample, width: int) -> Floats:
    """Centred moving average of the known values over one season, partial at the ends (N, rows)."""
    sums = _moving_sum(sample.values, width)
    counts = _moving_sum(sample.known, width)
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)


def _moving_sum(values: Floats, width: int) -> Floats:
    """Sum over a centred window; an even one takes half of each end, as classical decomposition does."""
    half = width // 2
    total = np.pad(np.cumsum(values, axis=1), ((0, 0), (half + 1, half)), mode="edge")
    total[:, : half + 1] = 0
    sums = total[:, 2 * half + 1 :] - total[:, : -2 * half - 1]
    if width % 2:
        return np.asarray(sums)
    padded = np.pad(values, ((0, 0), (half, half)))
    return np.asarray(sums - (padded[:, : -2 * half] + padded[:, 2 * half :]) / 2)


def _fold(values: Floats, season_length: int, cycles: int) -> Floats:
    """Sum over all cycles at each position of the season, the last row at the last position (N, m)."""
    count, rows = values.shape
    padded = np.pad(values, ((0, 0), (cycles * season_length - rows, 0)))
    return np.asarray(padded.reshape(count, cycles, season_length).sum(axis=1))
