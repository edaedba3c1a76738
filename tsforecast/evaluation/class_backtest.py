"""Backtests of targets that are classes: probabilities from cutoffs in the past, beside what came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.evaluation.backtest import MODEL, forecast_windows, scored_windows
from tsforecast.evaluation.class_baselines import CLASS_BASELINES
from tsforecast.evaluation.class_metrics import ClassOutcome
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.kinds import Windowed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBacktest(Windowed):
    """W windows of classes that have been forecast.

    Attributes:
        codes: Code of the class that each method names, ``"model"`` first, each (W, H).
        probabilities: Probability that each method gives every class, each (W, H, C).
        classes: Labels, code 0 first (C).
    """

    codes: dict[str, Floats]
    probabilities: dict[str, Floats]
    classes: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The model first, then the baselines."""
        return tuple(self.codes)

    def outcome(self, method: str) -> ClassOutcome:
        """Forecasts of one method in the form that metrics read."""
        return ClassOutcome(
            actual=self.actual, code=self.codes[method], probability=self.probabilities[method]
        )


def most_likely(probability: Floats) -> Floats:
    """Code of the most likely class, the first of several, NaN where there is no forecast.

    Shape:
        probability ``(..., C)``; result ``(...)``.
    """
    missing = np.isnan(probability).any(-1)
    return np.where(missing, np.nan, np.nan_to_num(probability).argmax(-1))


def run_class_backtest(
    panel: Panel,
    forecast: Callable[[Inputs], Floats],
    *,
    context_length: int,
    horizon: int,
    series: Ints,
    cutoffs: Ints,
    timestamps: bool = False,
    sliding: bool = False,
    gap: int = 0,
) -> ClassBacktest:
    """Forecast every window from its context alone and set the baselines beside it.

    Args:
        panel: The series, their values codes of classes.
        forecast: What is known of B windows to probabilities (B, H, C).
        context_length: Past steps that the forecaster sees (T).
        horizon: Future steps (H).
        series: Series of each window (W,).
        cutoffs: Rows known to each window (W,).
        timestamps: Whether the forecaster asks when the steps of a window are.
        sliding: Whether the baselines see the last T rows before a cutoff only, as the forecaster does.
        gap: First steps of the horizon that are not scored.

    Raises:
        DataError: No window has an actual.
    """
    windows, actual, series, cutoffs = scored_windows(
        panel, context_length, horizon, series, cutoffs, timestamps=timestamps, gap=gap
    )
    count = len(panel.schema.classes)
    probability = forecast_windows(windows, forecast, series, cutoffs, count)
    histories = Histories.before(panel, series, cutoffs, context_length if sliding else None)
    said = {name: method(histories, horizon, count) for name, method in CLASS_BASELINES.items()}
    return ClassBacktest(
        series_ids=panel.series_ids,
        series=series,
        cutoffs=cutoffs,
        origins=panel.first[series] + cutoffs - 1,
        actual=actual,
        codes={MODEL: most_likely(probability), **{name: codes for name, (codes, _) in said.items()}},
        probabilities={
            MODEL: probability,
            **{name: probabilities for name, (_, probabilities) in said.items()},
        },
        classes=panel.schema.classes,
    )
