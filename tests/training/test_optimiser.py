from __future__ import annotations

import torch
from torch import nn

from tsforecast.training.optimiser import FlatAdam


def small_network() -> nn.Sequential:
    """Two layers with some weights in float64."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()


def loss_of(network: nn.Module, step: int) -> torch.Tensor:
    """Squared error on a batch of its own for every step."""
    given = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(step))
    error: torch.Tensor = network(given) - given[:, :2].sin()
    return (error**2).mean()


def test_step_is_that_of_torch() -> None:
    """Without a clipped gradient it is Adam as torch has it, step for step."""
    own, known = small_network(), small_network()
    adam, reference = FlatAdam(own, clip_norm=1e9), torch.optim.Adam(known.parameters(), lr=0.01)
    for step in range(30):
        adam.clear()
        torch.autograd.backward(loss_of(own, step))
        adam.step(0.01)
        reference.zero_grad()
        torch.autograd.backward(loss_of(known, step))
        reference.step()

    for found, wanted in zip(own.parameters(), known.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-7, atol=1e-9)


def test_step_bounds_the_gradient() -> None:
    """A gradient beyond the bound counts as one of that length in the same direction."""
    clipped, scaled = small_network(), small_network()
    bounded, free = FlatAdam(clipped, clip_norm=0.5), FlatAdam(scaled, clip_norm=1e9)
    limit = 0.5 * next(iter(clipped.parameters())).shape[0] ** 0.5
    for step in range(5):
        bounded.clear()
        torch.autograd.backward(1e4 * loss_of(clipped, step))
        bounded.step(0.01)
        free.clear()
        torch.autograd.backward(loss_of(scaled, step))
        norm = torch.cat([one.grad.reshape(-1) for one in scaled.parameters() if one.grad is not None]).norm()
        for one in scaled.parameters():
            assert one.grad is not None
            one.grad.mul_(limit / norm)
        free.step(0.01)

    for found, wanted in zip(clipped.parameters(), scaled.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-7)


def test_restore_gives_the_weights_of_a_snapshot_and_forgets_the_way() -> None:
    """After a restore training continues as if it had started there."""
    own = small_network()
    adam = FlatAdam(own)
    start = adam.weights.clone()

    def walk() -> torch.Tensor:
        for step in range(5):
            adam.clear()
            torch.autograd.backward(loss_of(own, step))
            adam.step(0.05)
        return adam.weights.clone()

    first = walk()
    adam.restore(start)
    again = walk()

    assert not torch.equal(start, first)
    assert torch.equal(first, again)


def test_average_is_the_mean_of_the_first_weights_and_then_forgets() -> None:
    """What a network is judged by: the mean of its recent weights."""
    network = small_network()
    adam, seen = FlatAdam(network), []
    for step in range(300):
        adam.clear()
        torch.autograd.backward(loss_of(network, step))
        adam.step(0.01)
        seen.append(adam.weights.clone())
        if step == 9:
            torch.testing.assert_close(adam.average, torch.stack(seen).mean(0))

    recent, old = torch.stack(seen[-100:]).mean(0), torch.stack(seen).mean(0)
    assert (adam.average - recent).norm() < (adam.average - old).norm()


def test_swap_puts_the_average_in_place_and_back() -> None:
    """A check looks at the average; training goes on from the weights."""
    network = small_network()
    adam = FlatAdam(network)
    for step in range(3):
        adam.clear()
        torch.autograd.backward(loss_of(network, step))
        adam.step(0.01)
    weights, average = adam.weights.clone(), adam.average.clone()

    adam.swap()
    shown = torch.cat([one.detach().reshape(-1) for one in network.parameters()])
    adam.swap()

    assert not torch.equal(weights, average)
    assert torch.equal(average, shown)
    assert torch.equal(weights, adam.weights)
