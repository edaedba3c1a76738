"""Skill: how much smaller the model's error is than that of the best baseline, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.metrics import METRICS, Parts

NOMINAL = 0.9
"""Nominal coverage of the interval around the skill."""

RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Skill of the model against the best baseline: 1 - error / error of the baseline.

    Attributes:
        metric: Error that is compared: MASE where some series has a scale, else MAE; log loss for classes.
        rival: The baseline with the smallest error.
        value: Skill over all windows; above 0 the model is better, 1 is a perfect forecast.
        low: Lower end of the interval, NaN where there is only one origin of one series.
        high: Upper end of the interval.
        origins: Different cutoffs.
        series: Different series.
    """

    metric: str
    rival: str
    value: float
    low: float
    high: float
    origins: int
    series: int

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval reaches across 0, or there is none."""
        return not (self.low > 0 or self.high < 0)

    def to_json(self) -> dict[str, Any]:
        """Plain values, the nominal coverage of the interval included."""
        plain = {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in asdict(self).items()
        }
        return {**plain, "nominal": NOMINAL}


def skill_of(backtest: Backtest) -> Skill | None:
    """Compare the model with the best baseline; None where no baseline has a score.

    The interval comes from a paired bootstrap: origins and series are drawn with replacement, each independently of
    the other, and a window counts as often as its origin was drawn times its series was. Model and baseline are scored
    on the same windows every time. A panel with one series draws origins only, one with one origin draws series only.

    Source:
        Owen & Eckles (2012), Bootstrapping data arrays of arbitrary order, Annals of Applied Statistics 6(3).
    """
    for metric in ("MASE", "MAE"):
        scores = {name: METRICS[metric](backtest.outcome(name)) for name in backtest.points}
        parts = partial(_parts, backtest, metric)
        if (found := skill_against(metric, scores, parts, backtest.origins, backtest.series)) is not None:
            return found
    return None


def _parts(backtest: Backtest, metric: str, method: str) -> Parts:
    return METRICS[metric].parts(backtest.outcome(method))


def skill_against(
    metric: str, scores: dict[str, float], parts: Callable[[str], Parts], origins: Ints, series: Ints
) -> Skill | None:
    """Compare the model with the best of the other methods; None where none of them has a score.

    Args:
        metric: What the error is called.
        scores: Error of every method over all windows, the model's among them.
        parts: Errors of a method and what they are divided by, window by window (W,), (W,).
        origins: Origin of each window (W,).
        series: Series of each window (W,).
    """
    finite = {name: score for name, score in scores.items() if name != MODEL and math.isfinite(score)}
    if not finite:
        return None
    rival = min(finite, key=lambda name: finite[name])
    own, weight = parts(MODEL)
    origins, series = _numbered(origins), _numbered(series)
    low, high = _interval(np.stack([own, parts(rival)[0], weight]), origins, series)
    return Skill(
        metric=metric,
        rival=rival,
        value=_skill(scores[MODEL], finite[rival]),
        low=low,
        high=high,
        origins=int(origins.max()) + 1,
        series=int(series.max()) + 1,
    )


def _skill(own: float, best: float) -> float:
    if best > 0:
        return 1.0 - own / best
    return 0.0 if own == 0 else -math.inf


def _numbered(groups: Ints) -> Ints:
    """Give every group a number from 0 on (W,)."""
    return np.asarray(np.unique(groups, return_inverse=True)[1], dtype=np.int64)


def _interval(parts: Floats, origins: Ints, series: Ints) -> tuple[float, float]:
    """Find the ends of the central interval of the resampled skill.

    Shape:
        parts: errors of the model and of its rival, and what they are divided by, window by window ``(3, W)``.
    """
    counts = int(origins.max()) + 1, int(series.max()) + 1
    if max(counts) == 1:
        return math.nan, math.nan
    random = np.random.default_rng(SEED)
    found = []
    for _ in range(RESAMPLES):
        by_origin, by_series = (_drawn(random, count) for count in counts)
        weights = by_origin[origins] * by_series[series]
        own, rival, scored = parts @ weights
        if scored > 0:
            found.append(_skill(float(own), float(rival)))
    if not found:
        return math.nan, math.nan
    with np.errstate(invalid="ignore"):
        low, high = np.quantile(found, [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2], method="nearest")
    return float(low), float(high)


def _drawn(random: np.random.Generator, count: int) -> Floats:
    """How often each of ``count`` things was drawn in ``count`` draws (count,)."""
    return np.bincount(random.integers(count, size=count), minlength=count).astype(np.float64)
