from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tsforecast.training.point_losses import POINT_LOSSES, point_loss

pytestmark = pytest.mark.parametrize("name", POINT_LOSSES)
TARGET = torch.tensor([[0.0, 1.0, 5.0], [2.0, -3.0, 0.5]])


def test_point_loss_vanishes_for_a_perfect_forecast_and_grows_with_the_distance(name: str) -> None:
    """Nothing is better than what came, and further off is worse."""
    losses = [point_loss(name, TARGET + shift, TARGET).item() for shift in (0.0, 0.5, 1.0, 3.0)]

    assert losses[0] == 0
    assert sorted(set(losses)) == losses


def test_point_loss_leaves_out_what_is_unknown(name: str) -> None:
    """A gap is no error and has no gradient."""
    forecast = torch.zeros_like(TARGET, requires_grad=True)
    holed = TARGET.clone()
    holed[1] = torch.nan

    loss = point_loss(name, forecast, holed)
    (gradient,) = torch.autograd.grad(loss, forecast)

    torch.testing.assert_close(loss, point_loss(name, torch.zeros(1, 3), TARGET[:1]))
    assert not gradient[1].any()
    assert gradient[0].any()


def test_point_loss_equals_torch(name: str) -> None:
    """The usual definitions: Huber's line begins at 1."""
    losses: dict[str, Callable[..., Tensor]] = {
        "mse": torch.nn.functional.mse_loss,
        "mae": torch.nn.functional.l1_loss,
        "huber": torch.nn.functional.huber_loss,
    }
    known = losses[name]

    torch.testing.assert_close(
        point_loss(name, torch.zeros_like(TARGET), TARGET), known(torch.zeros_like(TARGET), TARGET)
    )
