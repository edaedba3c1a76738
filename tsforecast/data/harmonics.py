"""Choose the set of season lengths whose harmonics together explain a sample best.

A season of m steps is a sum of waves with k / m turns a step, of which smooth seasons need only a few. Waves
of several lengths are fitted together by least squares, so that what one length explains is not counted
again for another, and a criterion weighs what is left against the number of waves. A length that has nothing
of its own is never worth its waves; a neighbour of the true length leaves more than that one does.

Source:
    Schwarz (1978) for the price of a coefficient, Chen and Chen (2008) for that of the choice among many.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from tsforecast.data.arrays import Floats

_MOST_VALUES = 4000
_MOST_ROWS = 1000
_MOST_SERIES = 12

_BEAM = 2
"""Sets of lengths that are followed at a time."""

_TRIED = 5
"""Lengths by which each of them is extended."""

_MOST_WAVES = 20
"""Waves of one length, the strongest: more would take time and explain little."""

_OVERSAMPLED = 8
"""Points of the periodogram for each that carries information: a line must not fall between two."""

_STRONGER = 10.0
"""How much stronger waves of a part must be, over the root of the steps of a part."""

_TREND_TERMS = 4


@dataclass(frozen=True, slots=True)
class SeasonSet:
    """Season lengths and what they explain.

    Attributes:
        waves: For each length the harmonics that stand out (turns a season).
        cost: The criterion, less is better.
        rest: What is left, 0 where missing (N, rows).
    """

    waves: dict[int, tuple[int, ...]]
    cost: float
    rest: Floats = field(repr=False)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Season lengths, shortest first (steps)."""
        return tuple(sorted(self.waves))

    @property
    def wandering(self) -> float:
        """Correlation of neighbouring steps in what is left."""
        return float((self.rest[:, 1:] * self.rest[:, :-1]).sum() / max((self.rest**2).sum(), 1e-12))


class SeasonSearch:
    """Search for the best set of season lengths in some series."""

    def __init__(self, values: Floats, known: Floats, lengths: Iterable[int], usual: Iterable[int]) -> None:
        """Take the newest rows of a few series.

        Args:
            values: Of unit spread, 0 where missing (N, rows).
            known: 1 where a value was observed, else 0 (N, rows).
            lengths: Season lengths that may be chosen (steps).
            usual: More of them, whose neighbours need no trial.
        """
        rows = min(values.shape[1], _MOST_ROWS)
        count = max(1, min(len(values), _MOST_SERIES, _MOST_VALUES // rows))
        chosen = np.linspace(0, len(values) - 1, count).astype(np.int64)
        self._values, self._known = values[chosen, -rows:], known[chosen, -rows:]
        self._usual = set(usual)
        self.longest = rows // 2
        """Longest season that can be chosen (steps)."""
        self._lengths = np.array(
            [length for length in sorted({*lengths, *self._usual}) if 2 <= length <= self.longest]
        )
        self._counts = np.maximum(self._known.sum(axis=1), 1)
        self._time = np.arange(rows) - (rows - 1) / 2
        self._trend = np.polynomial.legendre.legvander(2 * self._time / rows, _TREND_TERMS - 1).T
        self._waves: dict[float, Floats] = {}

    def best(self, most: int) -> SeasonSet:
        """Find the best set of at most so many lengths."""
        beam = [self._fit({})]
        best = beam[0]
        for _ in range(most):
            longer = {one.lengths: one for parent in beam for one in self._extended(parent)}
            beam = sorted(longer.values(), key=lambda one: one.cost)[:_BEAM]
            if not beam or beam[0].cost >= best.cost:
                break
            best = beam[0]
            while (polished := self._polished(best)).lengths != best.lengths:
                best = polished
            beam[0] = best = polished
        return self._split(best) if len(best.waves) < most else best

    def _split(self, chosen: SeasonSet) -> SeasonSet:
        """Set with two lengths for one where that is better: a multiple of one may nearly be one of another."""
        best = chosen
        for length in sorted(set(chosen.waves) - self._usual):
            parent = self._without(chosen, length)
            energy = self._energy(parent.rest)
            enough = energy.score(length) / 10
            for part in (part for part in range(3, length) if length % part == 0):
                if part in self._lengths and part not in parent.waves and energy.score(part) > enough:
                    single = self._with(parent, part, energy)
                    if np.isfinite(single.cost):
                        best = min([best, *self._extended(single)], key=lambda one: one.cost)
        return best

    def parts(self, chosen: SeasonSet, length: int) -> list[int]:
        """Parts of a chosen length that are seasons too: their waves are far stronger than its others (steps)."""
        energy = self._energy(self._without(chosen, length).rest)
        powers = np.maximum(energy.excess(length), 0)
        found = []
        for times in range(3, length // 3 + 1):
            part = length // times
            if length % times == 0:
                shared = np.arange(1, len(powers) + 1) % times == 0
                # By chance the mean of a few powers is far above that of many.
                bar = 1 + _STRONGER / np.sqrt(part - 1)
                if (
                    powers[shared].mean() > bar * powers[~shared].mean()
                    and powers[shared].sum() > powers.sum() / 4
                ):
                    found.append(part)
        return found

    def _without(self, chosen: SeasonSet, length: int) -> SeasonSet:
        """Set with one length less."""
        return self._fit({key: waves for key, waves in chosen.waves.items() if key != length})

    def _extended(self, parent: SeasonSet) -> list[SeasonSet]:
        """Extend the set by one length each, the best of its neighbours."""
        energy = self._energy(parent.rest)
        return [self._climbed(parent, length, energy) for length in self._promising(energy, parent)]

    def _climbed(self, parent: SeasonSet, length: int, energy: _Energy) -> SeasonSet:
        """Set with the length, or the better one among its neighbours."""
        best, at = self._with(parent, length, energy), length
        for step in (1, -1):
            while at + step in self._lengths and at + step not in parent.waves:
                other = self._with(parent, at + step, energy)
                if other.cost >= best.cost:
                    break
                best, at = other, at + step
        return best

    def _polished(self, chosen: SeasonSet) -> SeasonSet:
        """Set in which every length was tried against its neighbours, its parts and its multiples."""
        best = chosen
        for length in sorted(set(chosen.lengths) - self._usual):
            parent = self._without(best, length)
            energy = self._energy(parent.rest)
            if parent.cost < best.cost:
                best = parent
                continue
            near = {length + step for step in (-2, -1, 0, 1, 2)}
            parts = {part for part in range(2, length) if length % part == 0}
            enough = energy.score(length) / 2
            for other in sorted(near | parts | {2 * length}):
                if other in self._lengths and other not in parent.waves and energy.score(other) > enough:
                    best = min(best, self._with(parent, other, energy), key=lambda one: one.cost)
        return best

    def _with(self, parent: SeasonSet, length: int, energy: _Energy) -> SeasonSet:
        """Parent with one length more, and the waves that stand out once it is there."""
        waves = parent.waves | {length: energy.standing_out(length)}
        if not waves[length]:
            return SeasonSet(waves, np.inf, parent.rest)
        first = self._fit(waves)
        left = self._energy(first.rest)
        more = {key: tuple(sorted({*harmonics, *left.standing_out(key)})) for key, harmonics in waves.items()}
        best = first if more == waves else min(first, self._fit(more), key=lambda one: one.cost)
        # Waves that all repeat k times a season are those of a season k times as short.
        whole = all(math.gcd(*harmonics) == 1 for harmonics in best.waves.values())
        return best if whole else SeasonSet(waves, np.inf, parent.rest)

    def _promising(self, energy: _Energy, parent: SeasonSet) -> list[int]:
        """Lengths whose waves hold most of what the parent leaves, one of each hill."""
        lengths = [int(length) for length in self._lengths if length not in parent.waves]
        scores = np.array([energy.score(length) for length in lengths])
        strongest = energy.strongest_period()
        taken = [length for length in map(round, (strongest, 2 * strongest)) if length in lengths]
        for place in np.argsort(-scores, kind="stable"):
            length = lengths[place]
            if scores[place] <= 0 or len(taken) >= _TRIED:
                break
            far = all(abs(length - other) > max(1, other // 16) for other in taken)
            if far and math.gcd(*energy.standing_out(length)) == 1:
                taken.append(length)
        return taken

    def _energy(self, rest: Floats) -> _Energy:
        return _Energy.of(rest, self._known)

    def _fit(self, waves: dict[int, tuple[int, ...]]) -> SeasonSet:
        """Least squares with a trend and the waves, every series on its own."""
        turns = sorted({k / length for length, harmonics in waves.items() for k in harmonics})
        design = np.concatenate([self._trend, *map(self._wave, turns)]).T
        whole = design.T @ design
        rest = np.zeros_like(self._values)
        cost = 0.0
        for row, (values, known) in enumerate(zip(self._values, self._known, strict=True)):
            # The fewer rows, the quicker: those that are there, or those that are not.
            few = known.sum() < len(known) / 2
            some = design[known == float(few)]
            gram = some.T @ some if few else whole - some.T @ some
            gram[np.diag_indices_from(gram)] += 1e-6 * len(known)
            rest[row] = (values - design @ np.linalg.solve(gram, design.T @ values)) * known
            cost += self._counts[row] * np.log(max((rest[row] ** 2).sum() / self._counts[row], 1e-8))
        return SeasonSet(waves, cost + self._price(waves), rest)

    def _wave(self, turns: float) -> Floats:
        """Cosine and sine of so many turns a step, kept for the next fit (2, rows)."""
        if turns not in self._waves:
            angle = 2 * np.pi * turns * self._time
            self._waves[turns] = np.stack([np.cos(angle), np.sin(angle)])
        return self._waves[turns]

    def _price(self, waves: dict[int, tuple[int, ...]]) -> float:
        """Price of the coefficients, and of having chosen these lengths and waves among many."""
        coefficients = 2 * np.log(self._counts).sum()
        chosen = sum(
            len(harmonics) * (coefficients + 2 * np.log(length / 2)) for length, harmonics in waves.items()
        )
        return float(chosen + len(waves) * 2 * np.log(len(self._lengths) + 1))


@dataclass(frozen=True, slots=True)
class _Energy:
    """Periodogram of what is left, tapered so that a strong line does not hide weak ones.

    Attributes:
        power: Sum over the series, relative to noise of one per coefficient (points,).
        points: Points of a whole turn a step.
        series: Count of the series.
        rows: Rows of the series.
    """

    power: Floats
    points: int
    series: int
    rows: int

    @classmethod
    def of(cls, rest: Floats, known: Floats) -> _Energy:
        rows = rest.shape[1]
        points = 1 << int(_OVERSAMPLED * rows).bit_length()
        taper = np.hanning(rows + 2)[1:-1]
        weight = np.maximum(((taper * known) ** 2).sum(axis=1, keepdims=True), 1e-12)
        power = 2 * np.abs(np.fft.rfft(rest * taper, points, axis=1)) ** 2 / weight
        # Lines are few: the median is that of the noise, whose power is exponential.
        noise = np.maximum(np.median(power, axis=1, keepdims=True) / (2 * np.log(2)), 1e-6)
        return cls((power / noise).sum(axis=0), points, len(rest), rows)

    def strongest_period(self) -> float:
        """Period of the strongest line (steps)."""
        lowest = self.points // self.rows
        return float(self.points / (lowest + np.argmax(self.power[lowest:])))

    def excess(self, length: int) -> Floats:
        """Power of every harmonic above what noise would give by chance (m // 2,)."""
        turns = np.arange(1, length // 2 + 1) / length
        bar = 2 * self.series * np.log(self.rows) + 2 * np.log(length / 2 + 1)
        return np.asarray(self.power[np.round(turns * self.points).astype(np.int64)] - bar)

    def standing_out(self, length: int) -> tuple[int, ...]:
        """Harmonics above the noise, the strongest where there are too many."""
        excess = self.excess(length)
        order = np.argsort(-excess, kind="stable")[:_MOST_WAVES]
        return tuple(sorted(int(place) + 1 for place in order if excess[place] > 0))

    def score(self, length: int) -> float:
        """Sum of what stands out."""
        return float(np.maximum(self.excess(length), 0).sum())
