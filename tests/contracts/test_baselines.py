from __future__ import annotations

import numpy as np
import pytest

from tests.models.building import panel_of
from tsforecast.data.arrays import Floats
from tsforecast.evaluation.baselines import BASELINES, SHOWN, baseline_forecasts
from tsforecast.evaluation.histories import Histories

HORIZON, SEASON = 7, 4


def forecast_of(name: str, series: list[Floats], season: int = SEASON) -> Floats:
    """Forecast of one baseline from the end of every series."""
    panel = panel_of(series)
    histories = Histories.before(panel, np.arange(len(series)), panel.lengths)
    return BASELINES[name].forecast(histories, HORIZON, season)


def some_series() -> list[Floats]:
    """Series of many kinds, all of which have something to forecast from."""
    random = np.random.default_rng(0)
    holed = random.normal(10, 3, 40)
    holed[[0, 7, 8, 20, 39]] = np.nan
    return [random.normal(10, 3, 60), holed, np.arange(5.0), np.array([3.0]), np.zeros(30), -np.arange(25.0)]


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("season", [1, SEASON, 50])
def test_baseline_forecasts_every_series(name: str, season: int) -> None:
    """One finite number per step for short, holed, constant and negative series, whatever the season."""
    series = some_series()

    forecast = forecast_of(name, series, season)

    assert (len(series), HORIZON) == forecast.shape
    assert np.isfinite(forecast).all()


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_looks_only_at_its_own_history(name: str) -> None:
    """What comes after the cutoff, or stands in another series, changes nothing."""
    one, other = np.random.default_rng(0).normal(10, 3, (2, 50))
    spoiled = one.copy()
    spoiled[40:] = 1e9
    panels = [panel_of([one, other]), panel_of([spoiled, other * -5])]

    histories = [Histories.before(panel, np.array([0]), np.array([40])) for panel in panels]
    found = [BASELINES[name].forecast(one, HORIZON, SEASON) for one in histories]

    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_continues_a_constant(name: str) -> None:
    """Nobody gets a constant wrong."""
    np.testing.assert_allclose(forecast_of(name, [np.full(40, 3.5)]), 3.5)


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_says_what_it_does(name: str) -> None:
    """A row in a table has a meaning and a source."""
    assert BASELINES[name].about.endswith(".")
    assert BASELINES[name].source


def test_baselines_that_are_shown_exist() -> None:
    """Every backtest finds what it compares with."""
    panel = panel_of(some_series())
    histories = Histories.before(panel, np.arange(len(panel)), panel.lengths)

    assert set(SHOWN) <= set(BASELINES)
    assert list(SHOWN) == list(baseline_forecasts(histories, HORIZON, (SEASON,)))
