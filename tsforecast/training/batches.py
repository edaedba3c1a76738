"""Random windows to learn from."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows

LONG = 4
"""Contexts that a typical series holds where series count as long."""

SHORT_SHARE = 0.1
"""Share of short series in a panel that others learn from padded windows for."""

FEWEST_ROWS = 3
"""Rows a context must have to say anything about level and change."""


class Batches:
    """Draws a series, then a cutoff in it, each with equal chances.

    Series of which no window can be made are left out.

    Args:
        panel: Training part of the panel: what is not in it cannot be seen.
        context_length: Past steps (T).
        horizon: Future steps (H).
        seed: Seed of the draws.
        timestamps: Whether windows say when their steps are.
    """

    def __init__(
        self, panel: Panel, context_length: int, horizon: int, seed: int, *, timestamps: bool = False
    ) -> None:
        self.windows = Windows(panel, context_length, horizon, timestamps=timestamps)
        low, high = cutoff_bounds(panel.lengths, context_length, horizon)
        self._series = np.flatnonzero((high >= low) & _varies(panel))
        self._low, self._high = low[self._series], high[self._series]
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return int((self._high - self._low + 1).sum())

    def draw(self, count: int) -> tuple[Inputs, Floats]:
        """Draw ``count`` windows and their futures (count, H)."""
        pick = self.random.integers(0, len(self._series), count)
        cutoffs = self.random.integers(self._low[pick], self._high[pick] + 1)
        series = self._series[pick]
        return self.windows.inputs(series, cutoffs), self.windows.futures(series, cutoffs)


def cutoff_bounds(lengths: Ints, context_length: int, horizon: int) -> tuple[Ints, Ints]:
    """First and last cutoff to learn from, per series (N,).

    Long series give only whole windows; short ones also windows padded at the start and cut at the end, since
    a few poor examples are better than none. Where most series are long but a tenth is shorter than a context, long
    ones give padded windows too: what short series need is learnt from all.
    """
    whole_from = context_length
    usable = lengths[lengths > horizon]
    if len(usable) and np.median(usable) >= LONG * context_length:
        whole_from = min(context_length, int(np.quantile(usable, SHORT_SHARE)))
    low = np.maximum(np.minimum(whole_from, lengths // 2), FEWEST_ROWS)
    whole = lengths - horizon
    high = np.where(whole - low >= horizon, whole, lengths - 1)
    return low, high


def _varies(panel: Panel) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    with np.errstate(invalid="ignore"):
        return np.array(
            [len(one) > 0 and np.fmax.reduce(one) > np.fmin.reduce(one) for one in panel], dtype=bool
        )
