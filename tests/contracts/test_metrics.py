from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tsforecast.evaluation.metrics import METRICS, Outcome

pytestmark = pytest.mark.parametrize("name", METRICS)
LEVELS = (0.1, 0.5, 0.9)
IDEAL = {"coverage": 1.0}
"""Metrics whose perfect value is not 0."""


def outcome_of(error: float, windows: int = 20) -> Outcome:
    """Forecasts that are off by about so much."""
    random = np.random.default_rng(0)
    actual = random.uniform(5, 15, (windows, 4))
    forecast = actual + error * random.normal(size=actual.shape) + error
    quantiles = forecast[..., None] + error * np.array([-1.0, 0.0, 1.0])
    ones = np.ones(windows)
    return Outcome(
        actual=actual, forecast=forecast, scale=ones, squared_scale=ones, quantiles=quantiles, levels=LEVELS
    )


def test_metric_explains_itself(name: str) -> None:
    """A number in a table has a meaning, a formula and a source."""
    metric = METRICS[name]

    assert metric.about.endswith(".")
    assert metric.formula
    assert metric.source


def test_metric_of_a_perfect_forecast_is_ideal(name: str) -> None:
    """What came, exactly: no error, all inside."""
    assert IDEAL.get(name, 0.0) == pytest.approx(METRICS[name](outcome_of(0.0)))


def test_metric_is_worse_for_a_worse_forecast(name: str) -> None:
    """More error moves the number away from its ideal."""
    ideal = IDEAL.get(name, 0.0)

    near, far = (abs(METRICS[name](outcome_of(error)) - ideal) for error in (0.1, 3.0))

    assert near < far or (name == "coverage" and near <= far)


def test_metric_leaves_out_missing_actuals(name: str) -> None:
    """A window of which nothing is known changes nothing."""
    plain = outcome_of(1.0)
    unknown = plain.actual.copy()
    unknown[10:] = np.nan
    half = replace(
        plain,
        **{
            key: getattr(plain, key)[:10]
            for key in ("actual", "forecast", "scale", "squared_scale", "quantiles")
        },
    )

    assert METRICS[name](half) == pytest.approx(METRICS[name](replace(plain, actual=unknown)))


def test_metric_does_not_hide_a_missing_forecast(name: str) -> None:
    """A method that forecasts nothing is not a method without error."""
    plain = outcome_of(1.0)
    forecast, quantiles = plain.forecast.copy(), outcome_of(1.0).quantiles
    assert quantiles is not None
    forecast[3, 2] = np.nan
    quantiles[3, 2] = np.nan

    assert np.isnan(METRICS[name](replace(plain, forecast=forecast, quantiles=quantiles)))
