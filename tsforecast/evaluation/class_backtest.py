"""Backtests of targets that are classes: probabilities from cutoffs in the past, beside what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Floats, Ints, Panel
from tsforecast.evaluation.backtest import MODEL, forecast_windows, scored_windows
from tsforecast.evaluation.class_baselines import CLASS_BASELINES
from tsforecast.evaluation.class_metrics import ClassOutcome
from tsforecast.evaluation.histories import Histories


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBacktest:
    """W windows that have been forecast.

    Attributes:
        series_ids: Names of all series of the panel (N).
        series: Series of each window, a position in ``series_ids`` (W,).
        cutoffs: Rows of the series that the forecast could see (W,).
        origins: Grid ordinal of the last row the forecast could see (W,).
        actual: Code of what came, NaN where nothing was observed (W, H).
        codes: Code of the class that each method names, ``"model"`` first, each (W, H).
        chances: Probability that each method gives every class, each (W, H, C).
        classes: Labels, code 0 first (C).
    """

    series_ids: tuple[str, ...]
    series: Ints
    cutoffs: Ints
    origins: Ints
    actual: Floats
    codes: dict[str, Floats]
    chances: dict[str, Floats]
    classes: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """The model first, then the baselines."""
        return tuple(self.codes)

    def outcome(self, method: str) -> ClassOutcome:
        """Forecasts of one method in the form that metrics read."""
        return ClassOutcome(actual=self.actual, code=self.codes[method], chance=self.chances[method])


def most_likely(chance: Floats) -> Floats:
    """Code of the most likely class, the first of several, NaN where there is no forecast.

    Shape:
        chance ``(..., C)``; result ``(...)``.
    """
    missing = np.isnan(chance).any(-1)
    return np.where(missing, np.nan, np.nan_to_num(chance).argmax(-1))


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
    chance = forecast_windows(windows, forecast, series, cutoffs, count)
    histories = Histories.before(panel, series, cutoffs, context_length if sliding else None)
    said = {name: method(histories, horizon, count) for name, method in CLASS_BASELINES.items()}
    return ClassBacktest(
        series_ids=panel.series_ids,
        series=series,
        cutoffs=cutoffs,
        origins=panel.first[series] + cutoffs - 1,
        actual=actual,
        codes={MODEL: most_likely(chance), **{name: codes for name, (codes, _) in said.items()}},
        chances={MODEL: chance, **{name: chances for name, (_, chances) in said.items()}},
        classes=panel.schema.classes,
    )


def joined_classes(parts: Sequence[ClassBacktest]) -> ClassBacktest:
    """Backtests of the same panel and methods as one."""
    return replace(
        parts[0],
        series=np.concatenate([part.series for part in parts]),
        cutoffs=np.concatenate([part.cutoffs for part in parts]),
        origins=np.concatenate([part.origins for part in parts]),
        actual=np.concatenate([part.actual for part in parts]),
        codes={name: np.concatenate([part.codes[name] for part in parts]) for name in parts[0].codes},
        chances={name: np.concatenate([part.chances[name] for part in parts]) for name in parts[0].chances},
    )
