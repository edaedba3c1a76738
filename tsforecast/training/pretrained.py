"""Weights that serve every frequency, learnt beforehand from made-up series.

A *universal* set of weights is written for patches of ``PATCH`` steps and experts for every season slot. For
a concrete network it is folded into the plain weights of that network: a patch of any length is resampled to
``PATCH`` steps and back by linear maps, which are multiplied into the kernels; the gate keeps the rows of the
experts that exist; and what is special about the network's shape (``facts``) enters through the biases:

    encoder_input = U_in R_in,   residual = R_out U_out,   bias = U_b [1, facts]

The folded network is an ordinary one: it trains, predicts and exports like any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from tsforecast.config import QUANTILE_LEVELS
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import POSITION_FEATURES, NetworkSpec

PATCH = 24
"""Steps of a patch that the universal weights are written for."""

FACTS = 8
"""Numbers that describe the shape of a network."""

WEIGHTS = Path(__file__).with_name("weights") / "universal.safetensors"


def suits(spec: NetworkSpec) -> bool:
    """Whether the weights were learnt for networks of this kind."""
    return (
        spec.network == "mixture"
        and spec.hidden == 64
        and spec.activation == "relu"
        and spec.clip == 2.0
        and spec.normalisation == "spread"
        and spec.levels == QUANTILE_LEVELS
    )


def load_pretrained(network: MixtureLSTM) -> None:
    """Start a network from the weights shipped with the package; its members get different ones in turn.

    Raises:
        ValueError: The weights do not suit the network; ask ``suits`` first.
    """
    if not suits(network.spec):
        raise ValueError("the pre-trained weights are for another kind of network")
    network.load_state_dict(fold(shipped_weights(), network.spec), strict=False)


@cache
def shipped_weights() -> dict[str, Tensor]:
    """Universal weights of all members, stored in half precision (U, ...)."""
    from safetensors.torch import load

    return {name: value.to(torch.float32) for name, value in load(WEIGHTS.read_bytes()).items()}


def fold(universal: Mapping[str, Tensor], spec: NetworkSpec) -> dict[str, Tensor]:
    """Plain weights of a concrete network; gradients flow back to the universal ones.

    Shape:
        universal weights ``(U, ...)``, plain ones ``(M, ...)``; member i is universal member i modulo U.
    """
    member = torch.arange(spec.members) % len(universal["gate_bias"])
    own = {name: value[member] for name, value in universal.items()}
    members, width, levels = spec.members, spec.hidden, len(spec.levels)
    inward, outward = resampling(spec.patch_length, PATCH), resampling(PATCH, spec.patch_length)
    known = torch.cat([torch.ones(1), facts(spec)])[:, None]
    rows = torch.arange(len(spec.expert_names))
    kernel = own["encoder_input"].reshape(members, 4 * width, 2, PATCH)
    place = own["decoder_input"].reshape(members, 4 * width, POSITION_FEATURES, 1 + FACTS)
    spread = own["residual_weight"].reshape(members, PATCH, levels * width)
    centre = (own["residual_bias"] @ known).reshape(members, PATCH, levels)
    return {
        "encoder_input": torch.matmul(kernel, inward).flatten(2),
        "encoder_recurrent": own["encoder_recurrent"],
        "encoder_bias": own["encoder_bias"] @ known,
        "decoder_input": torch.matmul(place, known)[..., 0],
        "decoder_recurrent": own["decoder_recurrent"],
        "decoder_bias": own["decoder_bias"] @ known,
        "gate_weight": own["gate_weight"][:, rows],
        "gate_bias": (own["gate_bias"] @ known)[:, rows],
        "residual_weight": torch.matmul(outward, spread).reshape(members, -1, width),
        "residual_bias": torch.matmul(outward, centre).reshape(members, -1, 1),
    }


@cache
def resampling(source: int, target: int) -> Tensor:
    """Matrix that resamples ``source`` steps to ``target`` steps, linearly between their middles.

    Where steps become fewer, each new one is the mean over a finer grid, so that no old one is skipped.

    Shape:
        ``(target, source)``; rows sum to one.
    """
    finer = math.ceil(max(source, target) / target)
    place = (torch.arange(target * finer) + 0.5) * source / (target * finer) - 0.5
    place = place.clamp(0, source - 1)
    distance = (place[:, None] - torch.arange(source)).abs()
    return (1 - distance).clamp_min(0).reshape(target, finer, source).mean(1)


def facts(spec: NetworkSpec) -> Tensor:
    """Describe a shape by numbers of size about one (FACTS,)."""
    seasons, patch = spec.usable_seasons, spec.patch_length
    season = seasons[0] if seasons else patch
    longest = seasons[-1] if seasons else patch
    return torch.tensor(
        [
            float(bool(seasons)),
            float(len(seasons) > 1),
            math.log(patch) / 3,
            math.log(spec.context_length / patch) / 2,
            math.log(spec.horizon / patch) / 2,
            math.log(season / patch),
            math.log(longest / season) / 2,
            math.log(spec.context_length / longest) / 2,
        ]
    )
