"""Baselines: the forecasts that a model has to beat before anyone trusts it.

Every baseline sees the whole history up to the cutoff. A history without any value is forecast as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.boosting import boosted_lags
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.theta import theta_forecast

Forecaster = Callable[[Histories, int, int], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """One baseline.

    Attributes:
        about: One line for people.
        source: Where the method is described.
        forecast: Histories, horizon and season length to forecasts (W, H).
        every_season: Whether it is run once for each season length, instead of for the shortest alone.
        pooled: Whether it learns from all histories together, so that one series' forecast depends on the others.
    """

    about: str
    source: str
    forecast: Forecaster
    every_season: bool = False
    pooled: bool = False


def naive(histories: Histories, horizon: int, season_length: int = 1) -> Floats:  # noqa: ARG001 - one signature for all
    """Repeat the last observed value (W, H)."""
    return np.repeat(histories.last_observed()[:, None], horizon, axis=1)


def seasonal_naive(histories: Histories, horizon: int, season_length: int) -> Floats:
    """Repeat the last season.

    A value missing from it is taken from the same season one or more periods earlier, else from the last
    observed value. Histories shorter than one season are forecast by ``naive``.

    Shape:
        Result ``(W, H)``.
    """
    repeated = naive(histories, horizon)
    if season_length <= 1:
        return repeated
    needed = min(season_length, horizon)
    positions = histories.lengths[:, None] - season_length + np.arange(needed)
    season = histories.at(positions)
    missing = np.isnan(season)
    while (missing & (positions >= season_length)).any():
        positions = np.where(missing, positions - season_length, positions)
        season = np.where(missing, histories.at(positions), season)
        missing = np.isnan(season)
    season = np.where(missing, repeated[:, :1], season)
    forecast = season[:, np.arange(horizon) % season_length]
    return np.where((histories.lengths >= season_length)[:, None], forecast, repeated)


def drift(histories: Histories, horizon: int, season_length: int = 1) -> Floats:  # noqa: ARG001 - one signature for all
    """Continue the line from the first to the last observed value.

    Missing values at the ends repeat their neighbour, so the line spans the whole history.

    Shape:
        Result ``(W, H)``.
    """
    last = histories.last_observed()
    slope = (last - histories.first_observed()) / np.maximum(histories.lengths - 1, 1)
    return last[:, None] + slope[:, None] * np.arange(1, horizon + 1)


def window_mean(histories: Histories, horizon: int, season_length: int) -> Floats:
    """Repeat the mean of the last season (of the last H rows without one), missing values left out (W, H)."""
    rows = season_length if season_length > 1 else horizon
    recent = histories.at(histories.lengths[:, None] - rows + np.arange(rows))
    counted = ~np.isnan(recent)
    mean = np.where(counted, recent, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    mean = np.where(counted.any(axis=1), mean, histories.last_observed())
    return np.repeat(mean[:, None], horizon, axis=1)


_BOOK = "Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, section 5.2"

BASELINES: dict[str, Baseline] = {
    "naive": Baseline(about="Repeats the last value.", source=_BOOK, forecast=naive),
    "seasonal naive": Baseline(
        about="Repeats the last season.", source=_BOOK, forecast=seasonal_naive, every_season=True
    ),
    "drift": Baseline(
        about="Continues the line from the first to the last value.", source=_BOOK, forecast=drift
    ),
    "window mean": Baseline(about="Repeats the mean of the last season.", source=_BOOK, forecast=window_mean),
    "theta": Baseline(
        about="Averages the linear trend and exponential smoothing, after seasonal adjustment.",
        source="Assimakopoulos & Nikolopoulos (2000), International Journal of Forecasting 16(4)",
        forecast=theta_forecast,
    ),
    "boosted lags": Baseline(
        about="Fits gradient-boosted trees to the last values, one model for all series.",
        source="Friedman (2001), Annals of Statistics 29(5)",
        forecast=boosted_lags,
        pooled=True,
    ),
}

SHOWN: tuple[str, ...] = ("naive", "seasonal naive", "drift")
"""Baselines that every backtest compares with."""


def baseline_forecasts(
    histories: Histories, horizon: int, season_lengths: Sequence[int], names: Sequence[str] = SHOWN
) -> dict[str, Floats]:
    """Forecasts of the named baselines; names of another family are passed over.

    Seasonal naive stands once for each season length, named ``seasonal naive (24)`` where there are several,
    and is left out where there is none. The others use the shortest season.

    Returns:
        Forecasts by the name to show, each (W, H).
    """
    seasons = sorted({length for length in season_lengths if length > 1})
    forecasts: dict[str, Floats] = {}
    for name in names:
        if name not in BASELINES:
            continue
        baseline = BASELINES[name]
        lengths = seasons if baseline.every_season else seasons[:1] or [1]
        for length in lengths:
            shown = f"{name} ({length})" if len(lengths) > 1 else name
            forecasts[shown] = baseline.forecast(histories, horizon, length)
    return forecasts
