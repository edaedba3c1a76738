"""What the textbooks make small. A new loss is one function and one entry in the table."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

PointLoss = Callable[[Tensor], Tensor]


def squared(error: Tensor) -> Tensor:
    """Square of an error (same shape)."""
    return error * error


def huber(error: Tensor) -> Tensor:
    """Half the square of a small error, a straight line from 1 on (same shape).

    Source:
        Huber (1964), Annals of Mathematical Statistics 35.
    """
    size = error.abs()
    return torch.where(size < 1, 0.5 * error * error, size - 0.5)


POINT_LOSSES: dict[str, PointLoss] = {"mse": squared, "mae": torch.abs, "huber": huber}


def point_loss(name: str, forecast: Tensor, target: Tensor) -> Tensor:
    """Mean loss over what is known.

    Shape:
        forecast and target ``(..., H)``, target with NaN where nothing is known.
    """
    known = ~torch.isnan(target)
    error = torch.where(known, target - forecast, 0.0)
    return POINT_LOSSES[name](error).sum() / known.sum().clamp_min(1)
