"""Classical forecasts inside the network: what they promise, window by window."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.models.building import panel_of, rough_network, seasonal_windows, small_spec
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.evaluation.baselines import baseline_forecasts
from tsforecast.evaluation.histories import Histories
from tsforecast.models.spec import SMOOTHING, NetworkSpec
from tsforecast.models.theta import smoothed_level, theta_forecast


def smoothed(values: Floats, alpha: float) -> tuple[float, float]:
    """Last level and sum of squared errors, one step after the other."""
    level, squares = values[0], 0.0
    for value in values[1:]:
        squares += (value - level) ** 2
        level += alpha * (value - level)
    return level, squares


def known(values: Tensor) -> Tensor:
    """Mask of windows in which everything was observed."""
    return torch.ones_like(values)


def test_smoothing_follows_its_recursion_for_every_constant() -> None:
    """Levels by convolution, weighed by likelihood, are those of the textbook recursion."""
    values = np.random.default_rng(0).normal(size=40).cumsum()
    levels, squares = np.array([smoothed(values, alpha) for alpha in SMOOTHING]).T
    likelihood = squares**-10.0
    wanted = (levels * likelihood).sum() / likelihood.sum()
    window = torch.tensor(values[None], dtype=torch.float32)
    assert float(smoothed_level(window, known(window))) == pytest.approx(wanted, rel=1e-4)


def test_a_level_with_a_season_goes_on() -> None:
    """What is exactly a level and a season, Theta continues."""
    time = np.arange(48)
    season = np.array([3.0, -1.0, -2.0, 0.0])
    series = season[time % 4] + 5
    window = torch.tensor(series[None], dtype=torch.float32)
    forecast = theta_forecast(window, known(window), 4, 8).numpy()[0]
    np.testing.assert_allclose(forecast, 5 + season[np.arange(48, 56) % 4], atol=0.01)


def test_a_season_that_is_only_noise_is_left_alone() -> None:
    """On noise the seasonal figure is shrunk to less than half of the plain mean profile."""
    values = torch.tensor(np.random.default_rng(1).normal(size=(400, 48)), dtype=torch.float32)
    with_season, without = (theta_forecast(values, known(values), season, 12) for season in (12, 1))
    profile = values.reshape(400, 4, 12).mean(1)
    assert float((with_season - without).std()) < 0.5 * float(profile.std())


def test_padding_does_not_pass_for_data() -> None:
    """A short history padded at the start is forecast as it would be without the padding."""
    values = torch.tensor(seasonal_windows(5, 24), dtype=torch.float32)
    padded = torch.cat([values[:, :1].expand(-1, 12), values], 1)
    mask = torch.cat([torch.zeros(5, 12), torch.ones(5, 24)], 1)
    plain = theta_forecast(values, known(values), 1, 6)
    np.testing.assert_allclose(theta_forecast(padded, mask, 1, 6), plain, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("spec", [small_spec(), small_spec(season_lengths=())])
def test_naive_forecasts_are_the_baselines(spec: NetworkSpec) -> None:
    """Seasonal naive and the last value are exactly those that the backtest compares with."""
    windows = seasonal_windows(6, spec.context_length)
    found = rough_network(spec).classical_forecasts(windows)
    histories = Histories.of(list(panel_of(list(windows))))
    seasons = spec.usable_seasons
    wanted = baseline_forecasts(histories, spec.horizon, seasons, ("naive", "seasonal naive"))
    name = f"seasonal naive ({seasons[0]})" if seasons else "last value"
    baseline = next(
        value for key, value in wanted.items() if key.startswith("seasonal" if seasons else "naive")
    )
    np.testing.assert_allclose(found[name], baseline, rtol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_share_moves_the_forecast_and_keeps_its_spread(share: float) -> None:
    """The median becomes the blend; the distance of the other levels from it stays."""
    windows = seasonal_windows(4, 24)
    network = rough_network(small_spec())
    network.adjustments.zero_()
    alone, _ = network.forecast(Inputs.of(windows))
    theta = network.classical_forecasts(windows)["Theta (4)"]
    network.spec = small_spec(classical="Theta (4)", classical_share=share)
    blended, _ = network.forecast(Inputs.of(windows))
    middle = network.spec.levels.index(0.5)
    wanted = alone + share * (theta - alone[..., middle])[..., None]
    np.testing.assert_allclose(blended, wanted, rtol=1e-5)
