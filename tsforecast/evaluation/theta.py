"""The classic Theta method, for many series at once.

Source: Assimakopoulos & Nikolopoulos (2000), International Journal of Forecasting 16(4), with the seasonality
test and the classical decomposition that the M3 and M4 competitions put before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.histories import Histories

NORMAL_90 = 1.645
"""Two-sided 90 % point of the normal distribution, used by the seasonality test."""

_LOWEST, _HIGHEST = 1e-4, 1.0 - 1e-4
_COARSE, _FINE, _REFINEMENTS = 41, 21, 3
_BLOCK_ROWS, _BLOCK_ELEMENTS = 512, 1_000_000


class Seasons(NamedTuple):
    """Seasonal figures of W series.

    Attributes:
        figures: One value per season; 0 (additive) or 1 (multiplicative) without seasonality (W, m).
        additive: Whether the figure is added, not multiplied (W,).
    """

    figures: Floats
    additive: NDArray[np.bool_]

    def remove(self, values: Floats) -> Floats:
        """Seasonally adjusted values of rows 0, 1, ... (W, T)."""
        pattern = self.figures[:, np.arange(values.shape[1]) % self.figures.shape[1]]
        return np.where(
            self.additive[:, None], values - pattern, values / np.where(pattern == 0, 1.0, pattern)
        )

    def restore(self, values: Floats, lengths: Ints) -> Floats:
        """Put the season back on forecasts of rows lengths, lengths + 1, ... (W, H)."""
        ahead = (lengths[:, None] + np.arange(values.shape[1])) % self.figures.shape[1]
        pattern = np.take_along_axis(self.figures, ahead, axis=1)
        return np.where(self.additive[:, None], values + pattern, values * pattern)


def theta_forecast(histories: Histories, horizon: int, season_length: int) -> Floats:
    """Mean of the linear trend and of exponential smoothing on the doubled curvature, Theta(2).

    Args:
        histories: What is known; gaps are filled in a straight line.
        horizon: Future steps (H).
        season_length: Length of the season that is tested for and removed; 1 for none.

    Returns:
        Forecasts, never below 0 where the adjusted history lies above 0 (W, H).
    """
    result = np.zeros((len(histories), horizon))
    for block in histories.blocks(_BLOCK_ROWS, _BLOCK_ELEMENTS):
        chosen = histories.select(block)
        if chosen.lengths[0] > 0:
            result[block] = _forecast_block(chosen.interpolated(), chosen.lengths, horizon, season_length)
    return result


def _forecast_block(values: Floats, lengths: Ints, horizon: int, season_length: int) -> Floats:
    rows = np.arange(values.shape[1])
    inside = rows < lengths[:, None]
    seasons = find_seasons(values, lengths, season_length)
    adjusted = np.where(inside, seasons.remove(values), 0.0)
    intercept, slope = _trend(adjusted, inside)
    line = np.where(inside, 2.0 * adjusted - (intercept + slope * rows), 0.0)
    ahead = lengths[:, None] + np.arange(horizon)
    forecast = 0.5 * smoothed_level(line, lengths)[:, None] + 0.5 * (intercept + slope * ahead)
    positive = np.asarray(np.where(inside, adjusted, 1.0).min(axis=1) > 0)
    forecast = np.where(positive[:, None], np.maximum(forecast, 0.0), forecast)
    return seasons.restore(forecast, lengths)


def find_seasons(values: Floats, lengths: Ints, season_length: int) -> Seasons:
    """Seasonal figures of the series that pass the seasonality test, neutral ones for the others.

    Shape:
        values ``(W, T)`` left-aligned; lengths ``(W,)``.
    """
    figures = np.zeros((len(values), season_length))
    additive = np.ones(len(values), dtype=np.bool_)
    chosen = np.flatnonzero(is_seasonal(values, lengths, season_length))
    if len(chosen):
        found = _decompose(values[chosen], lengths[chosen], season_length)
        figures[chosen], additive[chosen] = found
    return Seasons(figures, additive)


def is_seasonal(values: Floats, lengths: Ints, season_length: int) -> NDArray[np.bool_]:
    """Test at 90 % whether the autocorrelation at one season differs from 0, given those at shorter lags.

    Series shorter than three seasons and constant ones are not seasonal.

    Shape:
        values ``(W, T)`` left-aligned, 0 past the end; lengths ``(W,)``; result ``(W,)``.

    Source:
        Bartlett's formula, as in the M4 competition's benchmarks.
    """
    enough = lengths >= 3 * season_length
    if season_length <= 1 or not enough.any():
        return np.zeros(len(values), dtype=np.bool_)
    inside = np.arange(values.shape[1]) < lengths[:, None]
    mean = values.sum(axis=1, keepdims=True) / np.maximum(lengths, 1)[:, None]
    centred = np.where(inside, values - mean, 0.0)
    correlations, varies = _autocorrelations(centred, season_length)
    shorter = 1.0 + 2.0 * (correlations[:, :-1] ** 2).sum(axis=1)
    limit = NORMAL_90 * np.sqrt(shorter / np.maximum(lengths, 1))
    return np.asarray(enough & varies & (np.abs(correlations[:, -1]) > limit))


def _autocorrelations(centred: Floats, lags: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Autocorrelations at lags 1 to ``lags``, and whether the series varies at all (W, lags), (W,)."""
    # Scaled first, so that the squares of very large or small values stay finite.
    peak = np.abs(centred).max(axis=1, keepdims=True)
    varies = peak[:, 0] > 0
    centred = centred / np.where(peak > 0, peak, 1.0)
    # Zero padding by the number of lags keeps the circular correlation of the transform from wrapping.
    size = 1 << int(centred.shape[1] + lags).bit_length()
    spectrum = np.fft.rfft(centred, n=size, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, n=size, axis=1)[:, 1 : lags + 1]
    variance = (centred**2).sum(axis=1, keepdims=True)
    return covariance / np.where(variance > 0, variance, 1.0), varies


def _decompose(values: Floats, lengths: Ints, season_length: int) -> Seasons:
    """Classical decomposition: multiplicative where all values lie above 0, else additive."""
    inside = np.arange(values.shape[1]) < lengths[:, None]
    additive = np.asarray(np.where(inside, values, 1.0).min(axis=1) <= 0)
    trend, known = _moving_average(values, lengths, season_length)
    ratio = values / np.where(known & (trend != 0), trend, 1.0)
    detrended = np.where(additive[:, None], values - trend, ratio)
    figures = np.stack(
        [
            _masked_mean(detrended[:, one::season_length], known[:, one::season_length])
            for one in range(season_length)
        ],
        axis=1,
    )
    mean = figures.mean(axis=1, keepdims=True)
    figures = np.where(additive[:, None], figures - mean, figures / np.where(mean == 0, 1.0, mean))
    return Seasons(figures, additive)


def _moving_average(values: Floats, lengths: Ints, season_length: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Centred moving average over one season (half weights at both ends for even m), where known (W, T)."""
    half = season_length // 2
    centre = values.mean(axis=1, keepdims=True)
    # Running sums of centred values lose no digits to a large level.
    sums = np.pad(np.cumsum(values - centre, axis=1), ((0, 0), (1, 0)))
    first = sums[:, season_length:] - sums[:, :-season_length]
    if season_length % 2 == 0:
        first = 0.5 * (first[:, :-1] + first[:, 1:])
    trend = np.zeros_like(values)
    trend[:, half : half + first.shape[1]] = first / season_length + centre
    rows = np.arange(values.shape[1])
    return trend, (rows >= half) & (rows < (lengths - half)[:, None])


def _masked_mean(values: Floats, counted: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(counted, values, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))


def _trend(values: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Least-squares line through each row: value at row 0 and slope per row (W, 1), (W, 1)."""
    rows = np.arange(values.shape[1], dtype=np.float64)
    count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
    middle = (count - 1) / 2.0
    offset = np.where(inside, rows - middle, 0.0)
    mean = values.sum(axis=1, keepdims=True) / count
    spread = (offset**2).sum(axis=1, keepdims=True)
    slope = (offset * (values - mean)).sum(axis=1, keepdims=True) / np.where(spread > 0, spread, 1.0)
    return mean - slope * middle, slope


def smoothed_level(values: Floats, lengths: Ints) -> Floats:
    """Find the last level of simple exponential smoothing, fitted by least squares.

    The smoothing constant is searched on a grid that narrows around the best point, the initial level is
    solved for; all series walk together.

    Shape:
        values ``(W, T)`` left-aligned; lengths ``(W,)`` descending; result ``(W,)``.
    """
    series = np.arange(len(values))
    steps = np.ascontiguousarray(values.T)
    grid = np.tile(np.linspace(_LOWEST, _HIGHEST, _COARSE), (len(values), 1))
    for _ in range(_REFINEMENTS):
        best = grid[series, _smooth(steps, lengths, grid)[0].argmin(axis=1)]
        width = grid[:, 1] - grid[:, 0]
        low, high = np.maximum(_LOWEST, best - width), np.minimum(_HIGHEST, best + width)
        grid = np.linspace(low, high, _FINE, axis=1)
    errors, levels = _smooth(steps, lengths, grid)
    return np.asarray(levels[series, errors.argmin(axis=1)])


def _smooth(steps: Floats, lengths: Ints, alphas: Floats) -> tuple[Floats, Floats]:
    """Smallest squared error over the initial level, and final level with it, for every smoothing constant.

    Raising the initial level by d changes the error at step t by -d (1 - alpha)^t: the best d is a
    regression.

    Shape:
        steps ``(T, W)``; lengths ``(W,)`` descending; alphas ``(W, A)``; results ``(W, A)``.
    """
    keep = 1.0 - alphas
    level = np.repeat(steps[0][:, None], alphas.shape[1], axis=1)
    decay, squares, cross = np.ones_like(alphas), np.zeros_like(alphas), np.zeros_like(alphas)
    running = np.searchsorted(-lengths, -np.arange(len(steps)), side="left")
    for step, count in zip(steps, running, strict=True):
        now = slice(0, count)
        error = step[now, None] - level[now]
        squares[now] += error * error
        cross[now] += error * decay[now]
        level[now] += alphas[now] * error
        decay[now] *= keep[now]
    power = (1.0 - decay**2) / (1.0 - keep**2)
    shift = cross / np.where(power > 0, power, 1.0)
    return squares - cross * shift, level + decay * shift
