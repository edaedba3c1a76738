"""What training makes small. A new loss is one function and one entry in the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

FARTHEST = 20.0
"""Targets further out than this, in units of the window's scale, count as this far: a window that was almost
constant before a jump would otherwise drown all others."""


def pinball(forecast: Tensor, target: Tensor, levels: Tensor) -> Tensor:
    """Mean pinball loss over what is known.

    Shape:
        forecast ``(..., H, Q)``, target ``(..., H)`` with NaN where nothing is known, levels ``(Q,)``.

    Source:
        Koenker & Bassett (1978), Econometrica 46.
    """
    loss = _Pinball.apply(forecast, target, levels)  # type: ignore[no-untyped-call]  # torch has no types here
    return cast("Tensor", loss)


class _Pinball(torch.autograd.Function):
    """The gradient is known beforehand, the level or the level less one: no need to record the way."""

    @staticmethod
    def forward(ctx: Any, forecast: Tensor, target: Tensor, levels: Tensor) -> Tensor:
        known = ~torch.isnan(target)
        gap = torch.where(known, target, 0.0).clamp_(-FARTHEST, FARTHEST)[..., None] - forecast
        share = known[..., None] / (known.sum().clamp_min(1) * len(levels))
        slope = (levels - (gap < 0).to(gap.dtype)).mul_(share)
        ctx.save_for_backward(slope)
        return (gap * slope).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (slope,) = ctx.saved_tensors
        return -grad * slope, None, None


LOSSES: dict[str, Loss] = {"pinball": pinball}
