"""What an ablation changes: shapes of the network, and patches for what no setting has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tsforecast.evaluation.blending import Blend
from tsforecast.models import mixture
from tsforecast.models.experts import expert_forecasts
from tsforecast.models.mixture import MixtureLSTM, normal_quantiles
from tsforecast.models.spec import NetworkSpec
from tsforecast.training import groups, optimiser, search
from tsforecast.training.groups import Group

AS_IT_IS = "as it is"
NO_PRETRAINED = "no pre-trained members"

LONGEST_BY_STEP = 120
"""Context of which every step can be one step of the recurrence in reasonable time."""

UNBOUNDED = 50.0
"""Bound of the gates' pre-activations that never holds: the logistic function is 1 there in single precision."""

Patch = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different.

    Attributes:
        words: What the table calls it.
        spec: Shape of the network made from the usual one, None where it would be the same.
        patches: What is replaced while it trains.
        only_scarce: Whether it means something only where data are scarce.
    """

    words: str
    spec: Callable[[NetworkSpec], NetworkSpec | None] = lambda usual: usual
    patches: tuple[Patch, ...] = ()
    only_scarce: bool = False


@contextmanager
def put(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Hold another value in an attribute for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _with(**values: Any) -> Callable[[NetworkSpec], NetworkSpec]:
    return lambda usual: replace(usual, **values)


def _fewer_seasons(count: int) -> Callable[[NetworkSpec], NetworkSpec | None]:
    def shape(usual: NetworkSpec) -> NetworkSpec | None:
        kept = usual.season_lengths[:count]
        return None if kept == usual.season_lengths else replace(usual, season_lengths=kept)

    return shape


def _step_by_step(usual: NetworkSpec) -> NetworkSpec | None:
    if usual.context_length > LONGEST_BY_STEP or usual.patch_length == 1:
        return None
    return replace(usual, patch_length=1)


def _twice_the_context(usual: NetworkSpec) -> NetworkSpec:
    return replace(usual, context_length=2 * usual.context_length)


def only_last_value(values: Tensor, observed: Tensor, season_lengths: tuple[int, ...], steps: int) -> Tensor:
    """Put the last value in the place of every expert (B, K, steps)."""
    count = _EXPERTS(values[:1], observed[:1], season_lengths, 1).shape[1]
    return values[:, -1:, None].expand(-1, count, steps)


def start_without_residual(group: Group, spec: NetworkSpec, seed: int, device: torch.device) -> MixtureLSTM:
    """Fresh members whose quantiles are a bell around the mix of experts, and stay so."""
    network = _START(group, spec, seed, device)
    with torch.no_grad():
        network.residual_weight.zero_()
        network.residual_bias.copy_(normal_quantiles(spec.members, spec))
    for weight in (network.residual_weight, network.residual_bias):
        weight.register_hook(torch.zeros_like)
    return network


_EXPERTS, _START = expert_forecasts, Group.start

CHANGES = (
    Change(words=AS_IT_IS),
    Change(words=NO_PRETRAINED, patches=(lambda: put(groups, "suits", lambda _: False),), only_scarce=True),
    Change(words="tanh instead of ReLU", spec=_with(activation="tanh")),
    Change(words="no clip of the gates", spec=_with(clip=UNBOUNDED)),
    Change(words="normalised by last value and mean step", spec=_with(normalisation="change")),
    Change(
        words="no experts but the last value",
        patches=(lambda: put(mixture, "expert_forecasts", only_last_value),),
    ),
    Change(words="experts only, no residual", patches=(lambda: put(Group, "start", start_without_residual),)),
    Change(words="no season found", spec=_fewer_seasons(0)),
    Change(words="shortest season only", spec=_fewer_seasons(1)),
    Change(words="one step per patch", spec=_step_by_step),
    Change(words="context twice as long", spec=_twice_the_context),
    Change(words="hidden width 32", spec=_with(hidden=32)),
    Change(words="hidden width 128", spec=_with(hidden=128)),
    Change(words="a tenth of the decoder dropped", spec=_with(dropout=0.1)),
    Change(words="one member", spec=_with(members=1)),
    Change(words="no average of weights", patches=(lambda: put(optimiser, "AVERAGE", 0.0),)),
    Change(words="no blend", patches=(lambda: put(search, "find_blend", lambda *_: Blend()),)),
)
"""Every row of the table, in its order."""
