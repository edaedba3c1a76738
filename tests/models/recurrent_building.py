"""Small recurrent networks for the tests of everything that trains or exports."""

from __future__ import annotations

from typing import Any

import torch

from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.models.recurrent_spec import RecurrentSpec

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "two layers": {"widths": (6, 4)},
    "gru": {"cell": "gru"},
    "rnn": {"cell": "rnn"},
    "bidirectional": {"bidirectional": True, "widths": (5, 3)},
    "attention": {"attention": True},
    "convolution": {"filters": 4, "kernel": 3},
    "clip": {"clip": 0.5},
    "recursive": {"head": "recursive"},
    "recursive with all": {
        "head": "recursive",
        "bidirectional": True,
        "attention": True,
        "filters": 3,
        "kernel": 2,
        "clip": 2.0,
    },
    "by range": {"normalisation": "minmax"},
    "classic": {"head": "recursive", "normalisation": "minmax"},
    "quantiles": {"quantile_head": True},
    "floor": {"floor": 45.0},
}
"""Every part of the network at least once."""

TINY: dict[str, Any] = {
    "context_length": 24,
    "horizon": 5,
    "patch_length": 5,
    "season_lengths": (4, 12),
    "widths": (6,),
}
"""Shape of a recurrent network where its variant does not say otherwise."""


def recurrent_spec(variant: str, **changes: Any) -> RecurrentSpec:
    """Shape of a network that trains in milliseconds."""
    return RecurrentSpec(**TINY | VARIANTS[variant] | changes)


def rough_recurrent(spec: RecurrentSpec, seed: int = 0, noise: float = 0.1) -> RecurrentNetwork:
    """Make a network whose every weight is off its start, so that no part of it is idle."""
    torch.manual_seed(seed)
    network = RecurrentNetwork(spec)
    with torch.no_grad():
        for weight in (*network.parameters(), network.adjustments):
            weight.add_(noise * torch.randn_like(weight))
        network.low.fill_(20.0)
        network.high.fill_(90.0)
    return network.eval()
