"""Histories: what is known before each cutoff, as views that share one array of values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """W histories of different lengths; no method reads a value past the end of its history.

    Attributes:
        values: Values of all series end to end, NaN where missing (rows,).
        starts: Where each history begins in ``values`` (W,).
        lengths: Rows of each history (W,).
    """

    values: Floats
    starts: Ints
    lengths: Ints

    @classmethod
    def of(cls, series: Sequence[Floats]) -> Histories:
        """Whole series, one history each."""
        lengths = np.array([len(one) for one in series], dtype=np.int64)
        values = np.concatenate([np.empty(0), *series])
        return cls(values=values, starts=np.cumsum(lengths) - lengths, lengths=lengths)

    @classmethod
    def before(cls, panel: Panel, series: Ints, cutoffs: Ints, most: int | None = None) -> Histories:
        """Rows of ``series[w]`` before row ``cutoffs[w]``, all or the last ``most`` of them (W,), (W,)."""
        known = np.asarray(cutoffs, dtype=np.int64)
        lengths = known if most is None else np.minimum(known, most)
        # A guess that looks ahead may have seen what comes after a cutoff, and all histories share one array.
        values = panel.values if panel.ahead is None else panel.truth
        return cls(values=values, starts=panel.offsets[series] + known - lengths, lengths=lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def select(self, keep: Ints) -> Histories:
        """Histories at the given positions, in that order."""
        return Histories(values=self.values, starts=self.starts[keep], lengths=self.lengths[keep])

    def first_observed(self) -> Floats:
        """Oldest value that is not missing, 0 where there is none (W,)."""
        following = np.where(np.isnan(self.values), len(self.values), np.arange(len(self.values)))
        following = np.append(np.minimum.accumulate(following[::-1])[::-1], len(self.values))
        found = following[self.starts]
        return self._value_where(found, found < self.starts + self.lengths)

    def last_observed(self) -> Floats:
        """Newest value that is not missing, 0 where there is none (W,)."""
        previous = np.where(np.isnan(self.values), -1, np.arange(len(self.values)))
        previous = np.append(np.maximum.accumulate(previous), -1)
        found = previous[self.starts + self.lengths - 1]
        return self._value_where(found, (self.lengths > 0) & (found >= self.starts))

    def at(self, positions: Ints) -> Floats:
        """Values at row numbers counted from each history's start, NaN outside the history (W, K)."""
        inside = (positions >= 0) & (positions < self.lengths[:, None])
        return self._value_where(self.starts[:, None] + positions, inside, np.nan)

    def interpolated(self) -> Floats:
        """Matrix of the histories, left-aligned, gaps filled in a straight line and 0 past the end (W, T).

        Missing values at either end repeat their nearest neighbour; a history without any value is all 0.
        """
        longest = int(self.lengths.max(initial=0))
        matrix = np.zeros((len(self), longest))
        for row, (start, length) in enumerate(zip(self.starts, self.lengths, strict=True)):
            matrix[row, :length] = _filled(self.values[start : start + length])
        return matrix

    def blocks(self, rows: int, elements: int) -> Iterator[Ints]:
        """Positions of all histories, longest first, in blocks whose matrix stays small."""
        order = np.argsort(-self.lengths, kind="stable")
        begin = 0
        while begin < len(order):
            longest = max(int(self.lengths[order[begin]]), 1)
            size = min(rows, max(elements // longest, 1))
            yield order[begin : begin + size]
            begin += size

    def _value_where(self, index: Ints, valid: NDArray[np.bool_], otherwise: float = 0.0) -> Floats:
        result = np.full(np.shape(index), otherwise)
        result[valid] = self.values[index[valid]]
        return result


def _filled(values: Floats) -> Floats:
    missing = np.isnan(values)
    if not missing.any():
        return values
    if missing.all():
        return np.zeros_like(values)
    places = np.arange(len(values))
    return np.interp(places, places[~missing], values[~missing])
