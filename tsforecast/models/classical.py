"""Classical forecasts that may stand in for the network, in part or altogether, where it does not help."""

from __future__ import annotations

import torch
from torch import Tensor

from tsforecast.models.spec import LAST_VALUE, THETA, NetworkSpec
from tsforecast.models.theta import theta_forecast


def classical_forecast(name: str, values: Tensor, observed: Tensor, spec: NetworkSpec) -> Tensor:
    """Forecast normalised windows by the method of that name.

    Args:
        name: One of ``NetworkSpec.classical_names``.
        values: Normalised and filled window.
        observed: 1 where a value was known.
        spec: Horizon and seasons.

    Shape:
        values, observed ``(B, T)``; result ``(B, H)``.
    """
    methods = spec.classical_seasons
    season = methods[name]
    if name.startswith(THETA):
        return theta_forecast(values, observed, season, spec.horizon)
    if name == LAST_VALUE:
        return values[:, -1:].expand(-1, spec.horizon)
    repeat = torch.arange(spec.horizon, device=values.device) % season
    return values[:, -season:][:, repeat]
