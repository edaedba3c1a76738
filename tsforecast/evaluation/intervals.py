"""Interval calibration: widen or narrow quantile forecasts by what a validation block shows.

Conformalised quantile regression: how far did the actuals lie outside (or inside) each interval, in units of
the window's own scale? The matching quantile of that distance is added to both ends of the interval. All series of a
panel are looked at in the same few stretches of time, so their errors go together: coverage that is off by less than
chance allows is left alone, more is brought back to that limit and no further.

Source: Romano, Patterson & Candès (2019), Conformalized Quantile Regression, NeurIPS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.words import counted
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.metrics import coverage

PARTS = 4
"""Parts of the horizon that get a correction of their own: near steps and far steps err differently."""

PRIOR_WINDOWS = 50
"""Windows at which a correction counts half; few windows say little, so theirs shrinks towards 0."""

INDEPENDENT = 64
"""Values as good as independent that the windows are taken to hold: coverage within one standard error of so many
draws says nothing, 5 points of 80 %. Full corrections overshot, most where the saved model knows more of short series
than the one that was looked at."""

REPORTED = (0.8, 0.95)
"""Nominal coverages that every backtest reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the central intervals of one nominal coverage held.

    Attributes:
        nominal: Share of values that should lie inside.
        empirical: Share that did, NaN where it cannot be told.
        values: Values looked at.
    """

    nominal: float
    empirical: float
    values: int

    def to_json(self) -> dict[str, Any]:
        """Plain values; a share that does not exist is None."""
        empirical = self.empirical if math.isfinite(self.empirical) else None
        return {"nominal": self.nominal, "empirical": empirical, "values": self.values}


def interval_coverage(backtest: Backtest) -> tuple[Coverage, ...]:
    """Coverage of the model's intervals over a backtest, at every nominal coverage of ``REPORTED``."""
    outcome = backtest.outcome(MODEL)
    values = int(outcome.observed.sum())
    return tuple(
        Coverage(nominal=nominal, empirical=coverage(outcome, nominal), values=values) for nominal in REPORTED
    )


def coverage_in_words(coverages: Sequence[Coverage]) -> str:
    """Say how often intervals held, empty where it cannot be told."""
    told = [one for one in coverages if math.isfinite(one.empirical)]
    if not told:
        return ""
    shares = [f"{100 * one.empirical:.0f} % in the {100 * one.nominal:.0f} % interval" for one in told]
    return f"Intervals: of {counted(told[0].values, 'value')} in the backtest, {' and '.join(shares)}."


def conformal_adjustments(
    quantiles: Floats,
    actual: Floats,
    levels: Sequence[float],
    unit: Floats,
    parts: int = PARTS,
) -> Floats:
    """Corrections of normalised quantiles that bring the intervals near their nominal coverage.

    The correction of each symmetric pair of levels is a conformal quantile of
    ``max(low - y, y - high) / unit``, pooled over the steps of one part of the horizon and multiplied by
    ``n / (n + 50)`` for n windows: the least that leaves coverage within a standard error of ``INDEPENDENT`` draws.
    The median and levels without a partner stay as they are.

    Args:
        quantiles: Validation forecasts (target units).
        actual: What came, NaN where missing (target units).
        levels: Quantile levels, ascending.
        unit: Scale by which each window was normalised (target units); windows with 0 or NaN are left out.
        parts: Parts of the horizon, at most H.

    Returns:
        Amounts to add to normalised quantiles, to be sorted afterwards (units of the window's scale).

    Shape:
        quantiles ``(W, H, Q)``; actual ``(W, H)``; levels ``(Q,)``; unit ``(W,)``; result ``(H, Q)``.
    """
    usable = np.isfinite(unit) & (unit > 0)
    size = unit[usable, None, None]
    quantiles, actual = quantiles[usable] / size, actual[usable] / size[:, :, 0]
    horizon = actual.shape[1]
    adjustments = np.zeros((horizon, len(levels)))
    for steps in np.array_split(np.arange(horizon), min(parts, horizon)):
        known = ~np.isnan(actual[:, steps])
        windows = int(known.any(axis=1).sum())
        for low, high in symmetric_pairs(levels):
            outside = _distance_outside(quantiles[:, steps][..., [low, high]], actual[:, steps])[known]
            amount = _least_correction(outside, levels[high] - levels[low])
            amount *= windows / (windows + PRIOR_WINDOWS)
            adjustments[steps, low], adjustments[steps, high] = -amount, amount
    return adjustments


def symmetric_pairs(levels: Sequence[float]) -> list[tuple[int, int]]:
    """Positions of levels a and 1 - a, a below one half, outermost first."""
    return [
        (low, high)
        for low, below in enumerate(levels)
        for high, above in enumerate(levels)
        if low < high and abs(below + above - 1.0) < 1e-9
    ]


def _distance_outside(ends: Floats, actual: Floats) -> Floats:
    """How far the actual lies outside its interval, negative inside (W, S)."""
    return np.asarray(np.maximum(ends[..., 0] - actual, actual - ends[..., 1]))


def _least_correction(distances: Floats, nominal: float) -> float:
    """Smallest change of both ends after which coverage is within its tolerance, 0 where it is already."""
    slack = math.sqrt(nominal * (1 - nominal) / INDEPENDENT)
    wider, narrower = (_conformal_quantile(distances, nominal + off) for off in (-slack, slack))
    return max(wider, 0.0) + min(narrower, 0.0)


def _conformal_quantile(distances: Floats, nominal: float) -> float:
    """Smallest distance that covers the nominal share of one more draw; the largest where few were seen."""
    found = np.sort(distances[np.isfinite(distances)])
    if not len(found):
        return 0.0
    rank = math.ceil((len(found) + 1) * nominal - 1e-9)
    return float(found[min(max(rank, 1), len(found)) - 1])
