from __future__ import annotations

import numpy as np
import pytest

from tsforecast.evaluation.baselines import (
    BASELINES,
    SHOWN,
    baseline_forecasts,
    drift,
    naive,
    seasonal_naive,
    window_mean,
)
from tsforecast.evaluation.histories import Histories

NAN = np.nan


def histories(*series: list[float]) -> Histories:
    """Histories of plain lists."""
    return Histories.of([np.array(one, dtype=float) for one in series])


def test_naive_repeats_the_last_observed_value() -> None:
    """A missing end is filled from before it."""
    np.testing.assert_array_equal(naive(histories([1, 2], [3, NAN, NAN]), 2), [[2, 2], [3, 3]])


def test_seasonal_naive_repeats_the_last_season() -> None:
    """Also where the horizon is longer than the season."""
    np.testing.assert_array_equal(seasonal_naive(histories([9, 1, 2, 3]), 5, 3), [[1, 2, 3, 1, 2]])


def test_seasonal_naive_looks_one_or_more_periods_further_back_for_missing_values() -> None:
    """Same season first, then the last observed value."""
    known = histories([7, 8, NAN, 9, NAN, NAN, NAN, NAN, NAN])

    np.testing.assert_array_equal(seasonal_naive(known, 3, 3), [[9, 8, 9]])


def test_seasonal_naive_of_less_than_a_season_is_naive() -> None:
    """Half a season says nothing about the other half."""
    np.testing.assert_array_equal(seasonal_naive(histories([1, 2], [1, 2, 3]), 3, 3), [[2, 2, 2], [1, 2, 3]])


def test_drift_continues_the_line_from_first_to_last() -> None:
    """Missing values at the ends repeat their neighbour."""
    np.testing.assert_allclose(
        drift(histories([1, 5, 3], [NAN, 2, 4, NAN]), 2), [[4.0, 5.0], [4 + 2 / 3, 4 + 4 / 3]]
    )


def test_window_mean_is_the_mean_of_the_last_season() -> None:
    """Missing values are left out; without a season the window is one horizon, without values the last."""
    known = histories([9, 1, NAN, 3], [5, NAN, NAN, NAN])

    np.testing.assert_array_equal(window_mean(known, 2, 3), [[2, 2], [5, 5]])
    np.testing.assert_array_equal(window_mean(histories([9, 1, 3]), 2, 1), [[2, 2]])


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_forecasts_every_kind_of_history(name: str) -> None:
    """Short, long, constant, missing or empty: there is a finite forecast of the right shape."""
    rng = np.random.default_rng(0)
    wave = 5 + np.sin(np.arange(40)) + rng.normal(size=40)
    known = Histories.of([wave, wave[:2], wave[:1], np.full(30, 4.0), np.full(9, NAN), np.empty(0)])
    forecast = BASELINES[name].forecast(known, 6, 4)

    assert forecast.shape == (6, 6)
    assert np.isfinite(forecast).all()
    np.testing.assert_allclose(forecast[3], 4.0)
    np.testing.assert_array_equal(forecast[4:], 0.0)


@pytest.mark.parametrize("name", [name for name, baseline in BASELINES.items() if not baseline.pooled])
def test_baseline_of_many_series_equals_that_of_each_alone(name: str) -> None:
    """Running series side by side mixes nothing between them, unless the method says that it learns from all."""
    rng = np.random.default_rng(1)
    series = [
        rng.normal(10, 3, size=length) + 5 * (np.arange(length) % 4) for length in (50, 7, 23, 12, 50, 1)
    ]
    together = BASELINES[name].forecast(Histories.of(series), 5, 4)

    alone = [BASELINES[name].forecast(Histories.of([one]), 5, 4)[0] for one in series]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_follows_a_change_of_unit(name: str) -> None:
    """Forecasting thousands is forecasting units and dividing."""
    values = np.random.default_rng(2).normal(50, 3, size=60) + 9 * (np.arange(60) % 4)
    plain, scaled = (BASELINES[name].forecast(Histories.of([values * unit]), 5, 4) for unit in (1.0, 1000.0))

    np.testing.assert_allclose(scaled, 1000.0 * plain)


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_says_what_it_does_and_where_it_comes_from(name: str) -> None:
    """A table of baselines can be printed from the registry."""
    assert all((BASELINES[name].about, BASELINES[name].source))


@pytest.mark.parametrize(
    ("season_lengths", "names"),
    [
        ((), ["naive", "drift"]),
        ((12,), ["naive", "seasonal naive", "drift"]),
        ((24, 168), ["naive", "seasonal naive (24)", "seasonal naive (168)", "drift"]),
    ],
)
def test_baseline_forecasts_names_one_seasonal_naive_per_season(
    season_lengths: tuple[int, ...], names: list[str]
) -> None:
    """The season length is in the name only where it tells two apart."""
    assert names == list(baseline_forecasts(histories([1, 2, 3]), 2, season_lengths))
    assert set(SHOWN) <= set(BASELINES)
