from __future__ import annotations

import numpy as np
import pytest

from tsforecast.training import synthetic
from tsforecast.training.synthetic import (
    autoregression,
    draw_series,
    moving_average,
    profile,
    seasonal_sum,
    unit,
)


@pytest.mark.parametrize("seasons", [(), (4,), (12,), (7, 28), (24, 168)])
@pytest.mark.parametrize("length", [8, 61])
def test_draw_series_gives_finite_series_of_the_size_asked_for(seasons: tuple[int, ...], length: int) -> None:
    """Every mechanism works for every season, also one longer than the series."""
    series = draw_series(np.random.default_rng(0), 200, length, seasons)

    assert (200, length) == series.shape
    assert np.isfinite(series).all()


def test_draw_series_follows_its_seed() -> None:
    """The same seed gives the same series, another seed others."""
    first, again, other = (draw_series(np.random.default_rng(seed), 20, 30, (4,)) for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("count", [1, 2])
def test_draw_series_can_make_a_single_series(count: int) -> None:
    """No mechanism needs company."""
    assert (count, 10) == draw_series(np.random.default_rng(3), count, 10, (4,)).shape


def test_mechanisms_share_all_series() -> None:
    """The shares are chances: they sum to one."""
    assert np.isclose(1, sum(share for share, _ in synthetic.MECHANISMS))


def test_seasonal_series_repeat_their_season() -> None:
    """Changes in a series with a season of 12 are like those a season before, not half a season before."""
    series = unit(draw_series(np.random.default_rng(5), 500, 120, (12,)))
    steps = unit(np.diff(series))

    whole, half = ((steps[:, lag:] * steps[:, :-lag]).mean(1) for lag in (12, 6))

    assert np.median(whole) > 0.15
    assert np.median(whole) > np.median(half) + 0.15


@pytest.mark.parametrize("season", [2, 7, 12, 52, 168])
def test_profile_has_mean_zero_and_size_one(season: int) -> None:
    """A season neither moves the level nor changes the size it is given; one without any shape is zero."""
    shapes = profile(np.random.default_rng(0), 300, season)

    assert np.allclose(shapes.mean(1), 0)
    assert set(np.unique(shapes.std(1).round(3))) <= {0.0, 1.0}


def test_seasonal_sum_undoes_the_seasonal_difference() -> None:
    """Summing over seasons gives the series back from its seasonal differences."""
    series = np.random.default_rng(0).normal(size=(3, 23))
    differences = series.copy()
    differences[:, 4:] -= series[:, :-4]

    assert np.allclose(series, seasonal_sum(differences, 4))


def test_filters_follow_their_definition() -> None:
    """An impulse dies away by the AR weight and comes back once by the MA weight."""
    impulse, weight = np.array([[1.0, 0, 0, 0]]), np.array([[0.5]])

    fading, echoed = autoregression(impulse, weight), moving_average(impulse, 2, weight)

    assert fading.tolist() == [[1, 0.5, 0.25, 0.125]]
    assert echoed.tolist() == [[1, 0, 0.5, 0]]
    assert impulse.tolist() == [[1, 0, 0, 0]]


def test_unit_makes_a_constant_row_zero() -> None:
    """A row that never changes has no size to scale by."""
    assert not unit(np.full((2, 5), 3.0)).any()
