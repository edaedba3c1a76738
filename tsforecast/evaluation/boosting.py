"""Gradient-boosted trees on lags: what a careful analyst would try before an LSTM.

One model for all series: it sees the last values of a window on the window's own scale, the value one season before
the step to forecast, and how far ahead that step lies.

Source: Friedman (2001), Greedy Function Approximation; the lag features as in the M5 competition's best entries,
Makridakis et al. (2022).
"""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.histories import Histories

LAGS = (8, 48)
"""Fewest and most last values that the trees see; two seasons where that lies between."""

EXAMPLES = 40_000
"""Training examples drawn: more cost time and change little."""


def boosted_lags(histories: Histories, horizon: int, season_length: int) -> Floats:
    """Forecast with trees trained on what lies before the earliest cutoff of each series.

    Where that is too short for a single example, or nothing in it differs, the last value is repeated.

    Shape:
        Result ``(W, H)``.
    """
    lags = int(np.clip(2 * season_length, *LAGS))
    past, ahead, target = _examples(histories, horizon, lags)
    if not len(target):
        return np.repeat(histories.last_observed()[:, None], horizon, axis=1)
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(loss="absolute_error", max_iter=150, random_state=0)
    features = _features(past, ahead, season_length)
    telling = np.array([len(np.unique(column[~np.isnan(column)])) > 1 for column in features.T])
    if not telling.any():
        return np.repeat(histories.last_observed()[:, None], horizon, axis=1)
    trees.fit(features[:, telling], target)
    newest, centre, scale = _normalised(_ending_at(histories, histories.lengths, lags))
    steps = np.tile(np.arange(1, horizon + 1), len(newest))
    rows = np.repeat(newest, horizon, axis=0)
    asked = _features(rows, steps, season_length)[:, telling]  # columns of one value confuse the trees
    forecast = np.asarray(trees.predict(asked)).reshape(-1, horizon)
    return forecast * scale[:, None] + centre[:, None]


def _examples(histories: Histories, horizon: int, lags: int) -> tuple[Floats, Ints, Floats]:
    """Windows, steps ahead and targets from before the earliest cutoff of each series."""
    first = _earliest(histories)
    random = np.random.default_rng(0)
    count = np.maximum(first.lengths - lags, 0)
    if not count.sum():
        return np.empty((0, lags)), np.empty(0, dtype=np.int64), np.empty(0)
    pick = random.choice(len(first), size=EXAMPLES, p=count / count.sum())
    ends = lags + (random.random(EXAMPLES) * count[pick]).astype(np.int64)
    ahead = random.integers(1, horizon + 1, EXAMPLES)
    chosen = first.select(pick)
    past, centre, scale = _normalised(_ending_at(chosen, ends, lags))
    target = (chosen.at((ends + ahead - 1)[:, None])[:, 0] - centre) / scale
    kept = np.isfinite(target)
    return past[kept], ahead[kept], target[kept]


def _earliest(histories: Histories) -> Histories:
    """Find the shortest history of each series: nothing in it lies after any cutoff."""
    starts, where = np.unique(histories.starts, return_inverse=True)
    lengths = np.full(len(starts), np.iinfo(np.int64).max)
    np.minimum.at(lengths, where, histories.lengths)
    return Histories(values=histories.values, starts=starts, lengths=lengths)


def _ending_at(histories: Histories, ends: Ints, lags: int) -> Floats:
    return histories.at(ends[:, None] - lags + np.arange(lags))


def _normalised(windows: Floats) -> tuple[Floats, Floats, Floats]:
    """Windows on their own scale, with its centre and unit; missing values stay missing."""
    known = ~np.isnan(windows)
    count = np.maximum(known.sum(1), 1)
    centre = np.where(known, windows, 0.0).sum(1) / count
    spread = np.sqrt((np.where(known, windows - centre[:, None], 0.0) ** 2).sum(1) / count)
    scale = np.where(spread > 0, spread, 1.0)
    return (windows - centre[:, None]) / scale[:, None], centre, scale


def _features(past: Floats, ahead: Ints, season_length: int) -> Floats:
    """Lags, the value one season before the target where the window holds it, and the distance."""
    lags = past.shape[1]
    back = lags - 1 + ahead - season_length * np.ceil(ahead / season_length).astype(np.int64)
    seasonal = np.where(back >= 0, past[np.arange(len(past)), np.maximum(back, 0)], np.nan)
    return np.column_stack([past, seasonal, ahead])
