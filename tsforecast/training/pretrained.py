"""Networks that start from the weights shipped with the package instead of from nothing."""

from __future__ import annotations

import torch

from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.universal import fold, shipped_weights, suits


def load_pretrained(network: MixtureLSTM) -> None:
    """Start a network from the weights shipped with the package; its members get different ones in turn.

    Raises:
        ValueError: The weights do not suit the network; ask ``suits`` first.
    """
    if not suits(network.spec):
        raise ValueError("the pre-trained weights are for another kind of network")
    universal = {name: torch.from_numpy(value) for name, value in shipped_weights().items()}
    network.load_state_dict(fold(universal, network.spec, torch.from_numpy), strict=False)
