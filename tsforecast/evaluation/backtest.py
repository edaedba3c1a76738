"""Backtests: forecasts from cutoffs in the past, beside what came and what the baselines said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import DataError, UsageError
from tsforecast.evaluation.baselines import SHOWN, baseline_forecasts
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.kinds import Windowed
from tsforecast.evaluation.metrics import Outcome, at_level
from tsforecast.evaluation.statistical import statistical_forecasts

MODEL = "model"
"""Name of the model among the methods of a backtest."""

_CHUNK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest(Windowed):
    """W windows of numbers that have been forecast.

    Attributes:
        scale: MASE denominator of each window (W,).
        squared_scale: RMSSE denominator before the root of each window (W,).
        points: Point forecasts by method, ``"model"`` first, each (W, H).
        quantiles: Quantile forecasts of the model (W, H, Q).
        levels: Quantile levels, ascending (Q).
    """

    scale: Floats
    squared_scale: Floats
    points: dict[str, Floats]
    quantiles: Floats
    levels: tuple[float, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The model first, then the baselines."""
        return tuple(self.points)

    def outcome(self, method: str) -> Outcome:
        """Forecasts of one method in the form that metrics read."""
        own = method == MODEL
        return Outcome(
            actual=self.actual,
            forecast=self.points[method],
            scale=self.scale,
            squared_scale=self.squared_scale,
            quantiles=self.quantiles if own else None,
            levels=self.levels if own else (),
        )


def run_backtest(
    panel: Panel,
    forecast: Callable[[Inputs], Floats],
    *,
    levels: Sequence[float],
    context_length: int,
    horizon: int,
    series: Ints,
    cutoffs: Ints,
    season_lengths: Sequence[int],
    scales: tuple[Floats, Floats],
    baselines: Sequence[str] = SHOWN,
    timestamps: bool = False,
    sliding: bool = False,
    gap: int = 0,
    limit: float = 0.0,
) -> Backtest:
    """Forecast every window from its context alone and set the baselines beside it.

    Args:
        panel: The series.
        forecast: What is known of B windows to quantile forecasts (B, H, Q).
        levels: Quantile levels of the forecast, ascending and around 0.5 (Q).
        context_length: Past steps that the forecaster sees (T).
        horizon: Future steps (H).
        series: Series of each window (W,).
        cutoffs: Rows known to each window (W,).
        season_lengths: Seasons for the baselines, possibly none.
        scales: MASE and RMSSE denominators of every series, ``mase_scales`` of the training part (N,), (N,).
        baselines: Names from ``BASELINES`` and ``STATISTICAL``.
        timestamps: Whether the forecaster asks when the steps of a window are.
        sliding: Whether the baselines see the last T rows before a cutoff only, as the forecaster does.
        gap: First steps of the horizon that are not scored.
        limit: Time for each baseline of ``STATISTICAL``; one that needs more is left out (seconds).

    Returns:
        The windows that have at least one actual.

    Raises:
        DataError: There is no such window.
    """
    windows, actual, series, cutoffs = scored_windows(
        panel, context_length, horizon, series, cutoffs, timestamps=timestamps, gap=gap
    )
    quantiles = forecast_windows(windows, forecast, series, cutoffs, len(levels))
    histories = Histories.before(panel, series, cutoffs, context_length if sliding else None)
    season = min([one for one in season_lengths if one > 1], default=1)
    return Backtest(
        series_ids=panel.series_ids,
        series=series,
        cutoffs=cutoffs,
        origins=panel.first[series] + cutoffs - 1,
        actual=actual,
        scale=scales[0][series],
        squared_scale=scales[1][series],
        points={
            MODEL: at_level(quantiles, tuple(levels), 0.5),
            **baseline_forecasts(histories, horizon, season_lengths, baselines),
            **statistical_forecasts(histories, horizon, season, baselines, limit),
        },
        quantiles=quantiles,
        levels=tuple(levels),
    )


def scored_windows(
    panel: Panel,
    context_length: int,
    horizon: int,
    series: Ints,
    cutoffs: Ints,
    *,
    timestamps: bool,
    gap: int,
) -> tuple[Windows, Floats, Ints, Ints]:
    """Windows that have at least one actual: where they come from, actuals, series and cutoffs.

    Raises:
        DataError: There is no such window.
    """
    windows = Windows(panel, context_length, horizon, timestamps=timestamps)
    actual = without_first(windows.futures(series, cutoffs), gap)
    kept = ~np.isnan(actual).all(axis=1)
    if not kept.any():
        raise DataError(
            f"nothing to score: no series has a value in the {horizon} steps after a cutoff",
            hint="give more rows, a shorter --horizon or a smaller --step",
        )
    return windows, actual[kept], series[kept], cutoffs[kept]


def without_first(actual: Floats, gap: int) -> Floats:
    """Actuals with the first steps of every window hidden (W, H).

    Raises:
        UsageError: The gap hides the whole horizon.
    """
    if gap >= actual.shape[1]:
        raise UsageError(
            f"--gap {gap} leaves no step of the horizon of {actual.shape[1]} to score",
            hint="a smaller --gap, or a model with a longer horizon",
        )
    hidden = actual.copy()
    hidden[:, :gap] = np.nan
    return hidden


def forecast_windows(
    windows: Windows, forecast: Callable[[Inputs], Floats], series: Ints, cutoffs: Ints, count: int
) -> Floats:
    """Forecasts of all windows, a chunk at a time (W, H, count)."""
    quantiles = np.empty((len(series), windows.horizon, count))
    for begin in range(0, len(series), _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        quantiles[chunk] = forecast(windows.inputs(series[chunk], cutoffs[chunk]))
    return quantiles
