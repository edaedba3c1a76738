"""Intervals for a point forecast: how far it was off on windows it was not trained on.

Split conformal prediction: the half width of a central interval is the conformal quantile of the absolute residuals,
in units of each window's own scale.

Source: Vovk, Gammerman & Shafer (2005); Lei et al. (2018), Journal of the American Statistical Association 113.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.intervals import PARTS, symmetric_pairs

FEWEST_RESIDUALS = 20
"""Residuals that a part of the horizon needs for widths of its own: fewer say nothing of an outer quantile."""


def residual_adjustments(point: Floats, actual: Floats, levels: Sequence[float], unit: Floats) -> Floats:
    """Amounts that make quantiles of a point forecast.

    Args:
        point: Forecasts (target units).
        actual: What came, NaN where missing (target units).
        levels: Quantile levels, ascending.
        unit: Scale by which each window was normalised (target units); windows with 0 or NaN are left out.

    Returns:
        Amounts to add to the normalised point forecast; 0 at the median and where nothing is known.

    Shape:
        point and actual ``(W, H)``; unit ``(W,)``; result ``(H, Q)``.

    Example:
        >>> point, actual = np.zeros((1, 3)), np.array([[-1.0, 2.0, 3.0]])
        >>> residual_adjustments(point, actual, (0.25, 0.5, 0.75), np.ones(1))[0]
        array([-2.,  0.,  2.])
    """
    usable = np.isfinite(unit) & (unit > 0)
    away = np.abs(actual[usable] - point[usable]) / unit[usable, None]
    horizon = actual.shape[1]
    known = int(np.isfinite(away).sum())
    parts = min(PARTS, horizon, max(1, known // FEWEST_RESIDUALS))
    amounts = np.zeros((horizon, len(levels)))
    for steps in np.array_split(np.arange(horizon), parts):
        sizes = np.sort(away[:, steps][np.isfinite(away[:, steps])])
        if not len(sizes):
            continue
        for low, high in symmetric_pairs(levels):
            rank = math.ceil((len(sizes) + 1) * (levels[high] - levels[low]) - 1e-9)
            size = sizes[min(max(rank, 1), len(sizes)) - 1]
            amounts[steps, low], amounts[steps, high] = -size, size
    return amounts
