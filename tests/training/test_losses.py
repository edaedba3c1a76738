from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tsforecast.training.losses import FARTHEST, pinball

LEVELS = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)


def plain_pinball(forecast: Tensor, target: Tensor) -> Tensor:
    """Write the formula of the book over what is known, left to autograd."""
    gap = target[..., None] - forecast
    loss = torch.maximum(LEVELS * gap, (LEVELS - 1) * gap)
    return loss[~torch.isnan(target)].mean()


def draw() -> tuple[Tensor, Tensor]:
    """Forecasts and targets, some of them unknown."""
    torch.manual_seed(0)
    forecast = torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True)
    target = torch.randn(6, 4, dtype=torch.float64)
    target[torch.rand(6, 4) < 0.3] = torch.nan
    return forecast, target


def test_pinball_and_its_gradient_are_those_of_the_formula() -> None:
    """The gradient written by hand is the one autograd finds."""
    forecast, target = draw()

    found, wanted = pinball(forecast, target, LEVELS), plain_pinball(forecast, target)

    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(*(torch.autograd.grad(3 * one, forecast)[0] for one in (found, wanted)))


def test_pinball_without_any_known_target_is_nothing() -> None:
    """A batch of gaps moves no weight."""
    forecast, target = draw()

    loss = pinball(forecast, torch.full_like(target, torch.nan), LEVELS)

    assert loss.item() == 0
    assert not torch.autograd.grad(loss, forecast)[0].any()


@pytest.mark.parametrize("sign", [-1, 1])
def test_pinball_counts_far_targets_as_less_far(sign: int) -> None:
    """One jump of a flat window does not drown all others."""
    forecast = torch.zeros(1, 1, 3, dtype=torch.float64)
    far, farther = (torch.tensor([[sign * FARTHEST * factor]], dtype=torch.float64) for factor in (1, 1e6))

    assert pinball(forecast, far, LEVELS) == pinball(forecast, farther, LEVELS)
    assert pinball(forecast, far / 2, LEVELS) < pinball(forecast, far, LEVELS)
