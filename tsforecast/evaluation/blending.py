"""How much of a forecast the network may have: all of it, unless a classical one was better on validation windows.

With the network's forecast f, the better classical one g and a share s, the blend is ``(1 - s) f + s g``. The share is
0 where f is at least as good as g, else the smallest that makes the blend as good as g: at s = 1 it is g itself, so the
blend is never worse than any of the classical forecasts on the windows it was chosen on. Weights fitted freely were
worse on windows not seen, and an even mean with Theta more so.

Source: the combination of forecasts, Bates & Granger (1969); its puzzle of fitted weights, Claeskens et al. (2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats

SHARES = tuple(step / 10 for step in range(11))
"""Shares that are tried: finer ones would claim to know more than validation windows tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """What the validation windows say.

    Attributes:
        classical: The best classical forecast, empty where there is none to compare with.
        share: Its share of the forecast.
        network_error: Mean scaled error of the network alone, NaN where nothing could be compared.
        classical_error: The same of that classical forecast.
    """

    classical: str = ""
    share: float = 0.0
    network_error: float = float("nan")
    classical_error: float = float("nan")


def choose_blend(
    network: Floats,
    classical: Mapping[str, Floats],
    actual: Floats,
    scale: Floats,
    *,
    logarithmic: bool = False,
) -> Blend:
    """Smallest share of a classical forecast with which the blend is as good as that forecast.

    Args:
        network: Point forecasts (target units).
        classical: Point forecasts by name (target units).
        actual: What came, NaN where missing (target units).
        scale: MASE denominator of each window; windows with 0 or NaN are left out (target units).
        logarithmic: Whether logarithms are mixed, as in a network that forecasts them.

    Shape:
        forecasts and actual ``(W, H)``; scale ``(W,)``.
    """
    with np.errstate(invalid="ignore"):
        usable = (scale > 0) & np.isfinite(scale) & ~np.isnan(actual).all(1)
        usable &= np.isfinite(network).all(1)
    if not usable.any() or not classical:
        return Blend()
    errors = {name: _error(one, actual, scale, usable) for name, one in classical.items()}
    best = min(errors, key=lambda name: errors[name])
    own = _error(network, actual, scale, usable)
    mix = _geometric if logarithmic else _arithmetic
    enough = (
        share
        for share in SHARES
        if _error(mix(network, classical[best], share), actual, scale, usable) <= errors[best]
    )
    return Blend(classical=best, share=next(enough, 1.0), network_error=own, classical_error=errors[best])


def _error(
    forecast: Floats, actual: Floats, scale: Floats, usable: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> float:
    """Mean over windows of the mean absolute error in units of the scale."""
    away = np.abs(forecast[usable] - actual[usable]) / scale[usable, None]
    return float(np.nanmean(away, axis=1).mean())


def _arithmetic(network: Floats, classical: Floats, share: float) -> Floats:
    return (1 - share) * network + share * classical


def _geometric(network: Floats, classical: Floats, share: float) -> Floats:
    return np.exp((1 - share) * np.log(network) + share * np.log(classical))
