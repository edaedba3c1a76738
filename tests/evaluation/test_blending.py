"""The share of a classical forecast: as small as it can be, as large as it must be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.blending import choose_blend


def error(forecast: Floats, actual: Floats, scale: Floats) -> float:
    """Mean absolute scaled error."""
    return float((np.abs(forecast - actual) / scale[:, None]).mean())


@given(st.integers(0, 10_000), st.floats(0, 3), st.integers(1, 6))
def test_the_blend_is_never_worse_than_a_classical_forecast(seed: int, noise: float, windows: int) -> None:
    """On the windows it was chosen on, whatever the forecasts are."""
    random = np.random.default_rng(seed)
    actual = random.normal(size=(windows, 4))
    network = actual + noise * random.normal(size=actual.shape)
    classical = {name: actual + random.normal(size=actual.shape) for name in ("Theta", "last value")}
    scale = random.uniform(0.5, 2, windows)
    blend = choose_blend(network, classical, actual, scale)
    blended = (1 - blend.share) * network + blend.share * classical[blend.classical]
    best = min(error(one, actual, scale) for one in classical.values())
    assert error(blended, actual, scale) <= best * (1 + 1e-12)


def test_a_network_that_is_better_has_everything() -> None:
    """No share is taken from a network that beats the classical forecasts."""
    actual = np.arange(12.0).reshape(3, 4)
    blend = choose_blend(actual + 0.1, {"Theta": actual + 0.2}, actual, np.ones(3))
    assert (blend.share, blend.classical) == (0.0, "Theta")


def test_a_network_that_only_harms_has_nothing() -> None:
    """Where a classical forecast is right and the network is not, the network's share is zero."""
    actual = np.arange(12.0).reshape(3, 4)
    blend = choose_blend(actual + 1, {"Theta": actual + 3, "last value": actual}, actual, np.ones(3))
    assert (blend.share, blend.classical) == (1.0, "last value")


def test_windows_without_scale_or_values_have_no_say() -> None:
    """A constant series, a window of gaps and one the network cannot forecast are left out."""
    actual = np.array([[1.0, 2.0], [5.0, 5.0], [np.nan, np.nan], [3.0, np.nan]])
    network = np.array([[1.0, 2.0], [9.0, 9.0], [0.0, 0.0], [np.nan, np.nan]])
    classical = {"Theta": np.array([[2.0, 3.0], [5.0, 5.0], [0.0, 0.0], [3.0, 3.0]])}
    blend = choose_blend(network, classical, actual, np.array([1.0, 0.0, 1.0, 1.0]))
    assert (blend.share, blend.network_error, blend.classical_error) == (0.0, 0.0, 1.0)


def test_nothing_to_compare_leaves_the_network_alone() -> None:
    """Without one usable window there is no choice to make."""
    blend = choose_blend(np.zeros((1, 2)), {"Theta": np.ones((1, 2))}, np.full((1, 2), np.nan), np.ones(1))
    assert (blend.share, blend.classical) == (0.0, "")
