"""Metrics of forecasts, each a ratio of two sums over windows.

Every metric gives a numerator and a denominator per window. Adding them up over all windows, over one series
or over one forecast step and dividing once is what makes the same definition serve every table.

Missing actuals are left out. A missing forecast where an actual exists is not: it makes the metric NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats, Ints
from tsforecast.errors import UsageError
from tsforecast.evaluation.kinds import AnyMetric, AnyOutcome

NOMINAL = 0.8
"""Nominal coverage of the interval that the metric ``coverage`` looks at: quantile levels 0.1 to 0.9."""

Parts = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(AnyOutcome):
    """What was forecast of numbers and what came.

    Attributes:
        forecast: Point forecast (W, H).
        scale: MASE denominator of each window's series, 0 or NaN where there is none (W,).
        squared_scale: RMSSE denominator before the root (W,).
        quantiles: Quantile forecasts, None where the method gives points only (W, H, Q).
        levels: Quantile levels, ascending (Q).
    """

    forecast: Floats
    scale: Floats
    squared_scale: Floats
    quantiles: Floats | None = None
    levels: tuple[float, ...] = ()

    @property
    def error(self) -> Floats:
        """Forecast minus actual, 0 where no actual exists (W, H)."""
        return np.where(self.observed, self.forecast - self.actual, 0.0)

    def step(self, index: int) -> Outcome:
        """Outcome of one forecast step of the same windows (W, 1)."""
        one = slice(index, index + 1)
        quantiles = None if self.quantiles is None else self.quantiles[:, one]
        return replace(self, actual=self.actual[:, one], forecast=self.forecast[:, one], quantiles=quantiles)


def _same(ratio: Floats) -> Floats:
    return ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(AnyMetric[Outcome]):
    """One metric of numbers.

    Attributes:
        parts: Numerator and denominator of each window (W,), (W,).
        finish: Last step after the division.
    """

    parts: Callable[[Outcome], Parts]
    finish: Callable[[Floats], Floats] = _same

    def grouped(self, outcome: Outcome, groups: Ints, count: int) -> Floats:
        """Ratio of two sums over each group of windows (G,)."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            above, below = (
                np.bincount(groups, weights=part, minlength=count) for part in self.parts(outcome)
            )
            return self.finish(np.where(below > 0, above / below, np.nan))


def _counts(outcome: Outcome) -> Floats:
    return np.asarray(outcome.observed.sum(axis=1), dtype=np.float64)


def _magnitude(outcome: Outcome) -> Floats:
    return np.asarray(np.where(outcome.observed, np.abs(outcome.actual), 0.0).sum(axis=1))


def _window_means(values: Floats, counted: NDArray[np.bool_]) -> Parts:
    """Mean of the counted steps of each window, and 1 for every window that has one."""
    count = counted.sum(axis=1)
    mean = np.where(counted, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    return mean, (count > 0).astype(np.float64)


def _scaled(mean: Floats, has: Floats, scale: Floats) -> Parts:
    """Divide by the scale; windows without a usable scale count on neither side."""
    usable = scale > 0
    return np.where(usable, mean / np.where(usable, scale, 1.0), 0.0), has * usable


def _mae(outcome: Outcome) -> Parts:
    return np.abs(outcome.error).sum(axis=1), _counts(outcome)


def _mse(outcome: Outcome) -> Parts:
    return (outcome.error**2).sum(axis=1), _counts(outcome)


def _bias(outcome: Outcome) -> Parts:
    return outcome.error.sum(axis=1), _counts(outcome)


def _wape(outcome: Outcome) -> Parts:
    return np.abs(outcome.error).sum(axis=1), _magnitude(outcome)


def _mape(outcome: Outcome) -> Parts:
    counted = outcome.observed & (outcome.actual != 0)
    size = np.where(counted, np.abs(outcome.actual), 1.0)
    return _window_means(100.0 * np.abs(outcome.error) / size, counted)


def _smape(outcome: Outcome) -> Parts:
    size = np.abs(outcome.actual) + np.abs(outcome.forecast)
    values = 200.0 * np.abs(outcome.error) / np.where(size == 0, 1.0, size)
    return _window_means(values, outcome.observed)


def _mase(outcome: Outcome) -> Parts:
    return _scaled(*_window_means(np.abs(outcome.error), outcome.observed), outcome.scale)


def _rmsse(outcome: Outcome) -> Parts:
    mean, has = _window_means(outcome.error**2, outcome.observed)
    return _scaled(np.sqrt(mean), has, np.sqrt(outcome.squared_scale))


def _wql(outcome: Outcome) -> Parts:
    """Pinball losses; those of a point forecast (all quantiles equal, levels symmetric) add up to WAPE."""
    if outcome.quantiles is None:
        return _wape(outcome)
    loss = _pinball(outcome, outcome.quantiles).sum(axis=2)
    return loss.sum(axis=1) / len(outcome.levels), _magnitude(outcome)


def _pinball(outcome: Outcome, quantiles: Floats) -> Floats:
    """Twice the pinball loss of every step and level, 0 where no actual exists (W, H, Q)."""
    short = outcome.actual[..., None] - quantiles
    levels = np.array(outcome.levels)
    loss = 2.0 * np.maximum(levels * short, (levels - 1.0) * short)
    return np.asarray(np.where(outcome.observed[..., None], loss, 0.0))


def _crps(outcome: Outcome) -> Parts:
    """Integrate over the levels, each standing for those nearest to it; a point forecast gives MAE."""
    if outcome.quantiles is None:
        return _mae(outcome)
    levels = np.array(outcome.levels)
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2.0, [1.0]])
    return (_pinball(outcome, outcome.quantiles) @ np.diff(edges)).sum(axis=1), _counts(outcome)


def _interval_score(outcome: Outcome) -> Parts:
    tail = (1.0 - NOMINAL) / 2.0
    if outcome.quantiles is None or not _spans(outcome.levels, tail):
        return np.zeros(len(outcome.actual)), np.zeros(len(outcome.actual))
    low = at_level(outcome.quantiles, outcome.levels, tail)
    high = at_level(outcome.quantiles, outcome.levels, 1.0 - tail)
    missed = np.maximum(low - outcome.actual, 0.0) + np.maximum(outcome.actual - high, 0.0)
    score = np.where(outcome.observed, high - low + missed / tail, 0.0)
    return score.sum(axis=1), _counts(outcome)


def _coverage(outcome: Outcome, nominal: float = NOMINAL) -> Parts:
    tail = (1.0 - nominal) / 2.0
    if outcome.quantiles is None or not _spans(outcome.levels, tail):
        return np.zeros(len(outcome.actual)), np.zeros(len(outcome.actual))
    low = at_level(outcome.quantiles, outcome.levels, tail)
    high = at_level(outcome.quantiles, outcome.levels, 1.0 - tail)
    inside = (outcome.actual >= low) & (outcome.actual <= high)
    # A missing forecast is no interval: it must not pass for a miss.
    hits = np.where(outcome.observed & np.isnan(low + high), np.nan, inside & outcome.observed)
    return hits.sum(axis=1, dtype=np.float64), _counts(outcome)


def _spans(levels: tuple[float, ...], tail: float) -> bool:
    return bool(levels) and levels[0] <= tail + 1e-9 and levels[-1] >= 1.0 - tail - 1e-9


def at_level(quantiles: Floats, levels: tuple[float, ...], level: float) -> Floats:
    """Quantile at any level between the given ones, linear between its neighbours.

    Raises:
        UsageError: The level lies outside the given ones.

    Shape:
        quantiles ``(..., Q)``; result ``(...)``.
    """
    position = float(np.interp(level, levels, np.arange(len(levels))))
    nearest = round(position)
    if abs(levels[nearest] - level) < 1e-9:
        return quantiles[..., nearest]
    if not levels[0] < level < levels[-1]:
        raise UsageError(f"quantile level {level:g} lies outside the model's {levels[0]:g} to {levels[-1]:g}")
    below = int(position)
    share = position - below
    return (1.0 - share) * quantiles[..., below] + share * quantiles[..., below + 1]


def coverage(outcome: Outcome, nominal: float = NOMINAL) -> float:
    """Empirical coverage: share of actuals inside the central interval of the given nominal coverage.

    Raises:
        UsageError: The nominal coverage is no share, or the quantile levels do not reach that far out.
    """
    if not 0.0 < nominal < 1.0 or not _spans(outcome.levels, (1.0 - nominal) / 2.0):
        raise UsageError(f"no interval of nominal coverage {nominal:g} between the quantile levels given")
    above, below = _coverage(outcome, nominal)
    return float(above.sum() / below.sum()) if below.sum() > 0 else float("nan")


def skipped_windows(outcome: Outcome) -> int:
    """Count the windows that MASE leaves out: their series has no scale (constant, or too short)."""
    return int((outcome.observed.any(axis=1) & ~(outcome.scale > 0)).sum())


METRICS: dict[str, Metric] = {
    "MASE": Metric(
        about="Mean absolute error in units of the seasonal naive error of the training part.",
        formula="mean over w of mean |f - y| / scale_w, scale = mean |y_t - y_(t-m)| over the training part",
        source="Hyndman & Koehler (2006), International Journal of Forecasting 22(4)",
        parts=_mase,
    ),
    "sMAPE": Metric(
        about="Symmetric percentage error, 0 to 200.",
        formula="mean over w of mean 200 |f - y| / (|y| + |f|), 0 where both are 0",
        source="Makridakis, Spiliotis & Assimakopoulos (2020), the M4 competition",
        parts=_smape,
        unit="%",
    ),
    "MAE": Metric(
        about="Mean absolute error.",
        formula="sum |f - y| / number of actuals",
        source="Hyndman & Koehler (2006), International Journal of Forecasting 22(4)",
        parts=_mae,
        unit="target units",
    ),
    "RMSE": Metric(
        about="Root of the mean squared error; large misses weigh more.",
        formula="sqrt(sum (f - y)^2 / number of actuals)",
        source="Hyndman & Koehler (2006), International Journal of Forecasting 22(4)",
        parts=_mse,
        finish=np.sqrt,
        unit="target units",
    ),
    "RMSSE": Metric(
        about="Root mean squared error in units of the seasonal naive error of the training part.",
        formula="mean over w of sqrt(mean (f - y)^2 / mean (y_t - y_(t-m))^2 over the training part)",
        source="Makridakis, Spiliotis & Assimakopoulos (2022), the M5 competition",
        parts=_rmsse,
    ),
    "MAPE": Metric(
        about="Percentage error; steps whose actual is 0 are left out, so read it beside MASE.",
        formula="mean over w of mean 100 |f - y| / |y| over steps with y other than 0",
        source="Hyndman & Koehler (2006), International Journal of Forecasting 22(4)",
        parts=_mape,
        unit="%",
    ),
    "WAPE": Metric(
        about="Sum of absolute errors over the sum of absolute actuals.",
        formula="sum |f - y| / sum |y|",
        source="Kolassa & Schütz (2007), Foresight 6",
        parts=_wape,
    ),
    "bias": Metric(
        about="Mean error; above 0 the forecasts are too high.",
        formula="sum (f - y) / number of actuals",
        source="Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, section 5.8",
        parts=_bias,
        unit="target units",
    ),
    "WQL": Metric(
        about="Weighted quantile loss, the mean over the quantile levels; equals WAPE for a point forecast.",
        formula="mean over levels q of 2 sum max(q (y - f_q), (q - 1) (y - f_q)) / sum |y|",
        source="Park et al. (2022), Learning Quantile Functions without Quantile Crossing, AISTATS",
        parts=_wql,
    ),
    "coverage": Metric(
        about="Share of actuals inside the 80 % interval (quantile levels 0.1 to 0.9); 0.8 is right.",
        formula="number of y with f_0.1 <= y <= f_0.9 / number of actuals",
        source="Gneiting & Raftery (2007), Journal of the American Statistical Association 102(477)",
        parts=_coverage,
    ),
    "interval score": Metric(
        about="Width of the 80 % interval, plus ten times what lies outside it; smaller is better.",
        formula="mean of (u - l) + (2 / 0.2) (max(l - y, 0) + max(y - u, 0)), l = f_0.1, u = f_0.9",
        source="Gneiting & Raftery (2007), Journal of the American Statistical Association 102(477), section 6.2",
        parts=_interval_score,
        unit="target units",
    ),
    "CRPS": Metric(
        about="Continuous ranked probability score by quantiles; equals MAE for a point forecast.",
        formula="mean of sum over levels q of 2 w_q max(q (y - f_q), (q - 1) (y - f_q)), w_q the share of [0, 1]"
        " nearest to q",
        source="Gneiting & Raftery (2007), Journal of the American Statistical Association 102(477), section 4.2",
        parts=_crps,
        unit="target units",
    ),
}

SHOWN: tuple[str, ...] = tuple(name for name in METRICS if name not in ("interval score", "CRPS"))
"""Metrics of a table where nobody asks for others."""
