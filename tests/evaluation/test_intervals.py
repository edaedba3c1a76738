from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.backtest import Backtest
from tsforecast.evaluation.intervals import (
    Coverage,
    conformal_adjustments,
    coverage_in_words,
    interval_coverage,
    symmetric_pairs,
)

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
NORMAL = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])
HORIZON = 8


def draw(seed: int, windows: int, width: float) -> tuple[Floats, Floats, Floats]:
    """Draw normal actuals in units of each window, with quantiles of the right shape but a wrong width."""
    rng = np.random.default_rng(seed)
    unit = rng.uniform(1, 100, windows)
    spread = np.linspace(1.0, 3.0, HORIZON)
    actual = rng.normal(size=(windows, HORIZON)) * spread * unit[:, None]
    quantiles = unit[:, None, None] * (spread[:, None] * NORMAL * width)
    return quantiles, actual, unit


def shares_inside(quantiles: Floats, actual: Floats) -> list[float]:
    """Empirical coverage of the 80 % and the 40 % interval."""
    return [
        float(((actual >= quantiles[..., low]) & (actual <= quantiles[..., high])).mean())
        for low, high in symmetric_pairs(LEVELS)
    ]


@pytest.mark.parametrize(("width", "off"), [(0.4, -1), (2.5, 1)])
def test_conformal_adjustments_bring_coverage_within_its_tolerance(width: float, off: int) -> None:
    """Too narrow or too wide: on fresh windows coverage is one standard error of 64 draws off 80 % and 40 %."""
    quantiles, actual, unit = draw(0, 2000, width)
    adjustments = conformal_adjustments(quantiles, actual, LEVELS, unit)
    fresh, truth, fresh_unit = draw(1, 2000, width)

    adjusted = np.sort(fresh + adjustments * fresh_unit[:, None, None], axis=-1)
    inside = shares_inside(adjusted, truth)
    expected = [nominal + off * (nominal * (1 - nominal) / 64) ** 0.5 for nominal in (0.8, 0.4)]
    assert inside == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("width", [0.95, 1.0, 1.05])
def test_conformal_adjustments_leave_intervals_alone_that_hold(width: float) -> None:
    """Coverage that is off by no more than chance is not corrected."""
    quantiles, actual, unit = draw(0, 2000, width)

    assert not conformal_adjustments(quantiles, actual, LEVELS, unit).any()


def test_conformal_adjustments_leave_the_median_and_unpaired_levels() -> None:
    """Only intervals are corrected."""
    quantiles, actual, unit = draw(0, 100, 0.5)
    adjustments = conformal_adjustments(quantiles[..., :4], actual, LEVELS[:4], unit)

    assert not adjustments[:, [0, 2]].any()
    assert adjustments[:, [1, 3]].all()


def test_conformal_adjustments_are_symmetric_and_constant_within_each_part() -> None:
    """At most four parts of the horizon, each with its own width; a horizon of two has two."""
    quantiles, actual, unit = draw(0, 300, 0.5)
    adjustments = conformal_adjustments(quantiles, actual, LEVELS, unit)
    short = conformal_adjustments(quantiles[:, :2], actual[:, :2], LEVELS, unit)

    np.testing.assert_array_equal(adjustments, -adjustments[:, ::-1])
    assert tuple(len(np.unique(one[:, 4])) for one in (adjustments, short)) == (4, 2)
    np.testing.assert_array_equal(adjustments[0::2], adjustments[1::2])


def test_conformal_adjustments_shrink_when_few_windows_were_seen() -> None:
    """One window moves the intervals by 1/51 of what it shows, no window not at all."""
    quantiles, actual = np.zeros((1, 1, 5)), np.array([[10.0]])

    one = conformal_adjustments(quantiles, actual, LEVELS, np.array([2.0]))
    none = conformal_adjustments(quantiles, actual * np.nan, LEVELS, np.array([2.0]))

    np.testing.assert_allclose(one, np.array([[-5, -5, 0, 5, 5]]) / 51)
    assert not none.any()


def test_conformal_adjustments_ignore_windows_without_a_unit_and_missing_actuals() -> None:
    """A constant window cannot be measured in its own scale."""
    quantiles, actual, unit = draw(0, 200, 0.5)
    expected = conformal_adjustments(quantiles[:150], actual[:150], LEVELS, unit[:150])
    unit[150:180] = 0.0
    actual[180:] = np.nan

    np.testing.assert_allclose(conformal_adjustments(quantiles, actual, LEVELS, unit), expected)


def test_coverage_is_told_beside_what_it_should_be() -> None:
    """Each interval by its own quantiles, over the values that came; steps without one do not count."""
    levels = (0.025, 0.1, 0.5, 0.9, 0.975)
    actual = np.array([[0.0, 1.5, 2.5, 3.5, np.nan]])
    backtest = Backtest(
        series_ids=("a",),
        series=np.zeros(1, dtype=np.int64),
        cutoffs=np.ones(1, dtype=np.int64),
        origins=np.ones(1, dtype=np.int64),
        actual=actual,
        scale=np.ones(1),
        squared_scale=np.ones(1),
        points={"model": np.zeros((1, 5))},
        quantiles=np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], (1, 5, 1)),
        levels=levels,
    )

    inner, outer = interval_coverage(backtest)

    assert (inner.nominal, inner.empirical, inner.values) == (0.8, 0.25, 4)
    assert (outer.nominal, outer.empirical, outer.values) == (0.95, 0.5, 4)
    assert coverage_in_words([inner, outer]) == (
        "Intervals: of 4 values in the backtest, 25 % in the 80 % interval and 50 % in the 95 % interval."
    )


def test_coverage_that_cannot_be_told_is_not_told() -> None:
    """A forecast that is not finite has no coverage, in words or numbers."""
    unknown = Coverage(nominal=0.8, empirical=float("nan"), values=3)

    assert coverage_in_words([unknown]) == ""
    assert unknown.to_json() == {"nominal": 0.8, "empirical": None, "values": 3}
