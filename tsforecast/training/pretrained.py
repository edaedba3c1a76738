"""Networks that start from the weights shipped with the package instead of from nothing."""

from __future__ import annotations

import torch
from torch import Tensor

from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.universal import fold, shipped_weights, suits


def load_pretrained(network: MixtureLSTM) -> None:
    """Start a network from the weights shipped with the package; its members get different ones in turn.

    Raises:
        ValueError: The weights do not suit the network; ask ``suits`` first.
    """
    if not suits(network.spec):
        raise ValueError("the pre-trained weights are for another kind of network")
    network.load_state_dict(_folded(network), strict=False)


def move_halfway(network: MixtureLSTM) -> None:
    """Move tuned weights halfway back to the shipped ones that they started from; what those lack stays as it is."""
    with torch.no_grad():
        for name, shipped in _folded(network).items():
            network.get_parameter(name).lerp_(shipped.to(network.gate_bias.device), 0.5)


def _folded(network: MixtureLSTM) -> dict[str, Tensor]:
    """Shipped weights in the shape of a network."""
    universal = {name: torch.from_numpy(value) for name, value in shipped_weights().items()}
    return fold(universal, network.spec, torch.from_numpy)
