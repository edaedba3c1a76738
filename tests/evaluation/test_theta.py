from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.theta import find_seasons, is_seasonal, smoothed_level, theta_forecast


def errors_by_hand(values: Floats, alpha: float, start: float) -> tuple[Floats, float]:
    """One-step errors and last level of exponential smoothing, as the textbook writes it."""
    level, errors = start, []
    for value in values:
        errors.append(value - level)
        level += alpha * errors[-1]
    return np.array(errors), level


def best_level_by_hand(values: Floats) -> float:
    """Last level of the best of many smoothing constants, each with its best initial level."""
    found = []
    for alpha in np.linspace(1e-4, 1 - 1e-4, 1001):
        zero, one = (errors_by_hand(values, alpha, start)[0] for start in (0.0, 1.0))
        start = float(zero @ (zero - one) / ((zero - one) @ (zero - one)))
        errors, level = errors_by_hand(values, alpha, start)
        found.append((errors @ errors, level))
    return min(found)[1]


def test_theta_continues_half_the_slope_of_a_straight_line_from_its_end() -> None:
    """On a line the smoothed part stays at its last value and the trend part goes on."""
    forecast = theta_forecast(Histories.of([10.0 + 2.0 * np.arange(30.0)]), 3, 1)

    np.testing.assert_allclose(forecast, [[69.0, 70.0, 71.0]], atol=1e-3)


@pytest.mark.parametrize("season_length", [4, 7])
@pytest.mark.parametrize("level", [100.0, -3.0])
def test_theta_repeats_a_pure_season(season_length: int, level: float) -> None:
    """Seasons are found and put back in phase, multiplied above 0 and added elsewhere."""
    season = np.sin(np.arange(season_length))
    values = level + np.resize(season - season.mean(), 10 * season_length + 3)
    forecast = theta_forecast(Histories.of([values]), 2 * season_length, season_length)

    expected = level + np.resize(season - season.mean(), len(values) + 2 * season_length)[len(values) :]
    np.testing.assert_allclose(forecast, [expected], atol=0.02)


def test_theta_stays_above_zero_for_a_falling_positive_series() -> None:
    """A positive history never has a negative forecast."""
    assert theta_forecast(Histories.of([np.linspace(50.0, 0.5, 30)]), 40, 1).min() >= 0.0


def test_theta_fills_gaps_in_a_straight_line() -> None:
    """Missing values inside the history change nothing where the truth is a line."""
    line = 10.0 + np.arange(30.0)
    holes = line.copy()
    holes[[3, 4, 17]] = np.nan

    forecasts = theta_forecast(Histories.of([line, holes]), 4, 1)
    np.testing.assert_allclose(forecasts[0], forecasts[1])


def test_smoothed_level_is_that_of_the_least_squares_fit() -> None:
    """Searching all series at once finds what trying every smoothing constant one by one finds."""
    rng = np.random.default_rng(5)
    series = [np.cumsum(rng.normal(size=length)) + rng.normal(size=length) for length in (40, 25, 12, 6)]
    values = np.stack([np.pad(one, (0, 40 - len(one))) for one in series])
    levels = smoothed_level(values, np.array([len(one) for one in series]))

    np.testing.assert_allclose(levels, [best_level_by_hand(one) for one in series], atol=0.01)


def test_is_seasonal_tells_a_season_from_noise_and_from_too_little_data() -> None:
    """A clear wave passes; noise, a constant and less than three seasons do not."""
    rng = np.random.default_rng(3)
    wave, noise = np.sin(np.arange(60) * np.pi / 6), rng.normal(size=60)
    short = np.where(np.arange(60) < 35, wave, 0.0)
    values = np.stack([wave, noise, np.full(60, 4.0), short])

    assert is_seasonal(values, np.array([60, 60, 60, 35]), 12).tolist() == [True, False, False, False]


def test_is_seasonal_agrees_with_the_autocorrelations_of_the_textbook() -> None:
    """The transform-based test decides as plain sums of products do."""
    rng = np.random.default_rng(4)
    values = rng.normal(size=(200, 40)) + 0.6 * np.cos(np.arange(40) * np.pi / 3)
    expected = []
    for one in values:
        off = one - one.mean()
        r = np.array([off[lag:] @ off[:-lag] for lag in range(1, 7)]) / (off @ off)
        expected.append(abs(r[5]) > 1.645 * np.sqrt((1 + 2 * (r[:5] ** 2).sum()) / 40))

    assert 20 < sum(expected) < 180
    assert expected == is_seasonal(values, np.full(200, 40), 6).tolist()


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_find_seasons_recovers_known_figures_at_any_scale(scale: float) -> None:
    """Multiplicative figures average 1 and do not depend on the unit."""
    figures = np.array([0.5, 1.5, 1.2, 0.8])
    values = scale * np.resize(figures, 40)[None]

    np.testing.assert_allclose(find_seasons(values, np.array([40]), 4).figures, [figures])
