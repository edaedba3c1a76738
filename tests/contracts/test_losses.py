from __future__ import annotations

import pytest
import torch

from tsforecast.training.losses import LOSSES

pytestmark = pytest.mark.parametrize("name", LOSSES)
LEVELS = torch.tensor([0.1, 0.5, 0.9])


def draw() -> tuple[torch.Tensor, torch.Tensor]:
    """Forecasts and what came."""
    random = torch.Generator().manual_seed(0)
    return torch.randn(2, 5, 4, 3, generator=random), torch.randn(2, 5, 4, generator=random)


def test_loss_is_one_number_and_never_negative(name: str) -> None:
    """Training makes one number small."""
    loss = LOSSES[name](*draw(), LEVELS)

    assert loss.shape == ()
    assert loss.item() > 0


def test_loss_vanishes_for_a_perfect_forecast(name: str) -> None:
    """Nothing is better than what came."""
    _, target = draw()

    assert LOSSES[name](target[..., None].expand(-1, -1, -1, 3), target, LEVELS).item() == pytest.approx(0)


def test_loss_leaves_out_what_is_unknown(name: str) -> None:
    """A gap in the future is no error: the loss is that of the rest, with no gradient at the gap."""
    forecast, target = draw()
    holed = target.clone()
    holed[1] = torch.nan
    forecast.requires_grad_()

    loss = LOSSES[name](forecast, holed, LEVELS)
    (gradient,) = torch.autograd.grad(loss, forecast)

    torch.testing.assert_close(loss, LOSSES[name](forecast[:1], target[:1], LEVELS))
    assert gradient[0].any()
    assert not gradient[1].any()


def test_loss_grows_with_the_distance(name: str) -> None:
    """Further off is worse."""
    forecast, target = draw()

    losses = [LOSSES[name](forecast + shift, target, LEVELS).item() for shift in (0.0, 2.0, 4.0, 8.0)]

    assert sorted(losses) == losses
    assert losses[0] < losses[-1]


def test_loss_leads_to_the_quantiles(name: str) -> None:
    """The forecast with the smallest loss has the promised share of outcomes below it."""
    target = torch.randn(4000, 1, generator=torch.Generator().manual_seed(1))
    forecast = torch.zeros(3, requires_grad=True)
    for step in range(400):
        loss = LOSSES[name](forecast.expand(4000, 1, 3), target, LEVELS)
        (gradient,) = torch.autograd.grad(loss, forecast)
        with torch.no_grad():
            forecast -= 3 * (1 - step / 400) * gradient

    shares = (target < forecast.detach()).float().mean(0)
    torch.testing.assert_close(shares, LEVELS, rtol=0, atol=0.01)
