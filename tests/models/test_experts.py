from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.building import seasonal_windows, small_spec
from tsforecast.data.arrays import Floats
from tsforecast.models.experts import expert_forecasts
from tsforecast.models.preparation import prepare
from tsforecast.models.spec import FAINT, SEASONS_AVERAGED

SEASONS = (4, 7)


def by_hand(values: Floats, observed: Floats, steps: int) -> list[list[float]]:
    """All experts of one window, written as one would on paper (K, steps)."""
    length = len(values)
    weights = observed + FAINT
    mean = sum(values * weights) / sum(weights)
    slope = (values[-1] - values[0]) / max(sum(observed) - 1, 1)
    rows = [
        [values[-1]] * steps,
        [mean] * steps,
        [values[-1] + slope * ahead for ahead in range(1, steps + 1)],
    ]
    for season in SEASONS:
        count = min(SEASONS_AVERAGED, length // season)
        newest, profile = [], []
        for phase in range(season):
            places = [length - season * back + phase for back in range(count, 0, -1)]
            newest.append(values[places[-1]])
            profile.append(sum(values[at] * weights[at] for at in places) / sum(weights[at] for at in places))
        level = np.mean(newest) - np.mean(profile)
        rows.append([newest[step % season] for step in range(steps)])
        rows.append([profile[step % season] for step in range(steps)])
        rows.append([profile[step % season] + level for step in range(steps)])
    return rows


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9], ids=["complete", "holed", "mostly missing"])
def test_expert_forecasts_are_those_of_plain_loops(share: float) -> None:
    """Every expert is what its name says, and a missing value does not count as an observation."""
    context = seasonal_windows(6, 30)
    context[np.random.default_rng(0).random(context.shape) < share] = np.nan
    window = prepare(torch.from_numpy(context), SEASONS, "spread")

    found = expert_forecasts(window.values, window.observed, SEASONS, 9).numpy()

    values, observed = window.values.double().numpy(), window.observed.double().numpy()
    wanted = [by_hand(values[row], observed[row], 9) for row in range(len(context))]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=3e-6)


@pytest.mark.parametrize("seasons", [(), (4,), (4, 12), (2, 3, 5), (2, 3, 5, 7), (4, 500)])
def test_expert_names_are_as_many_as_the_experts(seasons: tuple[int, ...]) -> None:
    """The words for a gate weight belong to that weight; a season longer than the context has none."""
    spec = small_spec(season_lengths=seasons)
    context = torch.zeros(2, spec.context_length)

    forecasts = expert_forecasts(context, context + 1, spec.usable_seasons, 3)

    assert len(spec.expert_names) == forecasts.shape[1]
    assert len(set(spec.expert_names)) == len(spec.expert_names)


def test_expert_of_the_last_season_continues_a_perfect_season() -> None:
    """On a series that repeats itself all three seasonal experts give its continuation."""
    series = np.tile([1.0, 5.0, 2.0, 8.0], 8)
    values = torch.from_numpy(series[None, :24]).float()

    forecasts = expert_forecasts(values, torch.ones_like(values), (4,), 8)

    np.testing.assert_allclose(forecasts[0, 3:], np.tile(series[24:], (3, 1)), rtol=1e-6)
