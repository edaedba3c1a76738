"""Weights that serve every frequency, learnt beforehand from made-up series; needs no torch.

A *universal* set of weights is written for patches of ``PATCH`` steps and experts for every season slot. For
a concrete network it is folded into the plain weights of that network: a patch of any length is resampled to
``PATCH`` steps and back by linear maps, which are multiplied into the kernels; the gate keeps the rows of the
experts that exist; and what is special about the network's shape (``facts``) enters through the biases:

    encoder_input = U_in R_in,   residual = R_out U_out,   bias = U_b [1, facts]

The folded network is an ordinary one: it trains, predicts and exports like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from tsforecast.config import QUANTILE_LEVELS
from tsforecast.models.spec import LOG, POSITION_FEATURES, SPREAD, NetworkSpec

if TYPE_CHECKING:
    from torch import Tensor

Singles = NDArray[np.float32]
A = TypeVar("A", Singles, "Tensor")

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
        and spec.normalisation in (SPREAD, LOG)
        and spec.levels == QUANTILE_LEVELS
    )


@cache
def shipped_weights() -> dict[str, Singles]:
    """Universal weights of all members, stored in half precision (U, ...)."""
    from safetensors.numpy import load

    return {name: value.astype(np.float32) for name, value in load(WEIGHTS.read_bytes()).items()}


def shipped_members() -> int:
    """Members that the shipped weights hold (U)."""
    return len(shipped_weights()["gate_bias"])


def fold(universal: Mapping[str, A], spec: NetworkSpec, lift: Callable[[Singles], A]) -> dict[str, A]:
    """Plain weights of a concrete network; gradients of tensors flow back to the universal ones.

    Args:
        universal: Arrays of NumPy or of torch.
        spec: The network.
        lift: Makes an array of that kind from one of NumPy.

    Shape:
        universal weights ``(U, ...)``, plain ones ``(M, ...)``; member i is universal member i modulo U.
    """
    member = [index % len(universal["gate_bias"]) for index in range(spec.members)]
    own = {name: value[member] for name, value in universal.items()}
    members, width, levels, patch = spec.members, spec.hidden, len(spec.levels), spec.patch_length
    inward, outward = lift(resampling(patch, PATCH)), lift(resampling(PATCH, patch))
    known = lift(np.concatenate([np.ones(1, np.float32), facts(spec)])[:, None])
    experts = slice(len(spec.expert_names))
    kernel = own["encoder_input"].reshape(members, 4 * width, 2, PATCH)
    place = own["decoder_input"].reshape(members, 4 * width, POSITION_FEATURES, 1 + FACTS)
    spread = own["residual_weight"].reshape(members, PATCH, levels * width)
    centre = (own["residual_bias"] @ known).reshape(members, PATCH, levels)
    return {
        "encoder_input": (kernel @ inward).reshape(members, 4 * width, 2 * patch),
        "encoder_recurrent": own["encoder_recurrent"],
        "encoder_bias": own["encoder_bias"] @ known,
        "decoder_input": (place @ known)[..., 0],
        "decoder_recurrent": own["decoder_recurrent"],
        "decoder_bias": own["decoder_bias"] @ known,
        "gate_weight": own["gate_weight"][:, experts],
        "gate_bias": (own["gate_bias"] @ known)[:, experts],
        "residual_weight": (outward @ spread).reshape(members, patch * levels, width),
        "residual_bias": (outward @ centre).reshape(members, patch * levels, 1),
    }


@cache
def resampling(source: int, target: int) -> Singles:
    """Matrix that resamples ``source`` steps to ``target`` steps, linearly between their middles.

    Where steps become fewer, each new one is the mean over a finer grid, so that no old one is skipped.

    Shape:
        ``(target, source)``; rows sum to one.
    """
    finer = math.ceil(max(source, target) / target)
    place = (np.arange(target * finer, dtype=np.float32) + 0.5) * source / (target * finer) - 0.5
    distance = np.abs(place.clip(0, source - 1)[:, None] - np.arange(source, dtype=np.float32))
    weights = (1 - distance).clip(0).reshape(target, finer, source)
    return np.asarray(weights.mean(1, dtype=np.float32))


def facts(spec: NetworkSpec) -> Singles:
    """Describe a shape by numbers of size about one (FACTS,)."""
    seasons, patch = spec.usable_seasons, spec.patch_length
    season = seasons[0] if seasons else patch
    longest = seasons[-1] if seasons else patch
    return np.array(
        [
            float(bool(seasons)),
            float(len(seasons) > 1),
            math.log(patch) / 3,
            math.log(spec.context_length / patch) / 2,
            math.log(spec.horizon / patch) / 2,
            math.log(season / patch),
            math.log(longest / season) / 2,
            math.log(spec.context_length / longest) / 2,
        ],
        dtype=np.float32,
    )
