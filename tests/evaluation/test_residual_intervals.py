from __future__ import annotations

import numpy as np
import pytest

from tsforecast.config import QUANTILE_LEVELS
from tsforecast.evaluation.residual_intervals import residual_adjustments


def test_residual_adjustments_hold_on_new_windows() -> None:
    """Four of five new values lie in the central 80 % interval, at near and at far steps."""
    random = np.random.default_rng(0)
    spread = np.linspace(1, 4, 8)
    seen, new = (spread * random.normal(size=(2000, 8)) for _ in "ab")

    amounts = residual_adjustments(np.zeros((2000, 8)), seen, QUANTILE_LEVELS, np.ones(2000))

    low, high = amounts[:, QUANTILE_LEVELS.index(0.1)], amounts[:, QUANTILE_LEVELS.index(0.9)]
    held = ((low <= new) & (new <= high)).mean(0)
    assert abs(held[::2].mean() - 0.8) < 0.05
    assert abs(held.mean() - 0.8) < 0.02
    assert (high[-1] > 2 * high[0]).all()


def test_residual_adjustments_are_in_units_of_the_window() -> None:
    """A series ten times as large with errors ten times as large has the same amounts."""
    residual = np.random.default_rng(1).normal(size=(60, 4))

    plain = residual_adjustments(np.zeros((60, 4)), residual, QUANTILE_LEVELS, np.ones(60))
    scaled = residual_adjustments(np.zeros((60, 4)), 10 * residual, QUANTILE_LEVELS, np.full(60, 10.0))

    np.testing.assert_allclose(plain, scaled)
    assert (np.diff(plain, axis=1) >= 0).all()


@pytest.mark.parametrize("unit", [0.0, np.nan])
def test_residual_adjustments_of_nothing_are_zero(unit: float) -> None:
    """Without one usable window there is nothing to say."""
    found = residual_adjustments(np.zeros((2, 3)), np.ones((2, 3)), (0.1, 0.5, 0.9), np.full(2, unit))

    np.testing.assert_array_equal(found, np.zeros((3, 3)))
