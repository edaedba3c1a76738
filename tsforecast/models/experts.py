"""Classical forecasts of a normalised window, computed inside the network for the gate to mix.

Names and order are ``NetworkSpec.expert_names``. Every expert weighs a value by whether it was observed, so a
filled gap or the padding of a short series does not pass for data.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tsforecast.models.spec import FAINT, SEASONS_AVERAGED


def expert_forecasts(values: Tensor, observed: Tensor, season_lengths: tuple[int, ...], steps: int) -> Tensor:
    """All experts side by side.

    Args:
        values: Normalised window.
        observed: 1 where a value was known.
        season_lengths: Seasons that fit the window.
        steps: Steps to forecast.

    Shape:
        values, observed ``(B, T)``; result ``(B, K, steps)``.
    """
    weights = observed + FAINT
    last = values[:, -1:]
    mean = (values * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True)
    count = (observed.sum(1, keepdim=True) - 1).clamp_min(1)
    slope = (last - values[:, :1]) / count
    ahead = torch.arange(1, steps + 1, dtype=values.dtype, device=values.device)
    flat = [last.expand(-1, steps), mean.expand(-1, steps), last + slope * ahead]
    for season in season_lengths:
        flat += _seasonal(values, weights, season, steps)
    return torch.stack(flat, 1)


def _seasonal(values: Tensor, weights: Tensor, season: int, steps: int) -> list[Tensor]:
    length = values.shape[1]
    seasons = min(SEASONS_AVERAGED, length // season)
    recent = values[:, length - seasons * season :].reshape(-1, seasons, season)
    weight = weights[:, length - seasons * season :].reshape(-1, seasons, season)
    profile = (recent * weight).sum(1) / weight.sum(1)
    newest = recent[:, -1]
    level = newest.mean(1, keepdim=True) - profile.mean(1, keepdim=True)
    repeat = torch.arange(steps, device=values.device) % season
    return [newest[:, repeat], profile[:, repeat], (profile + level)[:, repeat]]
