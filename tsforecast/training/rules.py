"""How the textbooks move weights: Adam, RMSprop and plain descent over one flat buffer, as Keras defines them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

KERAS_EPSILON = 1e-7


class FlatOptimiser:
    """One optimiser step for all weights of a network at once.

    Args:
        network: Its parameters become views of this optimiser's buffer.
        rule: Name from ``RULES``.
        clip_norm: Largest norm of the gradient, None for any.
    """

    def __init__(self, network: nn.Module, rule: str, clip_norm: float | None = None) -> None:
        parameters = list(network.parameters())
        self.weights = torch.cat([one.detach().reshape(-1) for one in parameters])
        self.gradient = torch.zeros_like(self.weights)
        self.first = torch.zeros_like(self.weights)
        self.second = torch.zeros_like(self.weights)
        self.count = 0
        self._rule, self._clip_norm = RULES[rule], clip_norm
        start = 0
        for one in parameters:
            stop = start + one.numel()
            one.data = self.weights[start:stop].view(one.shape)
            one.grad = self.gradient[start:stop].view(one.shape)
            start = stop

    @property
    def tensors(self) -> dict[str, Tensor]:
        """What it knows, to be kept and filled in again."""
        return {"weights": self.weights, "first": self.first, "second": self.second}

    def clear(self) -> None:
        """Forget the gradient."""
        self.gradient.zero_()

    def step(self, rate: float) -> None:
        """Move against the gradient."""
        self.count += 1
        if self._clip_norm is not None:
            self.gradient.mul_((self._clip_norm / (self.gradient.norm() + 1e-6)).clamp_max(1.0))
        self._rule(self, rate)

    def restore(self, weights: Tensor) -> None:
        """Go back to earlier weights; the moments start afresh, since they led astray."""
        self.weights.copy_(weights)
        self.first.zero_()
        self.second.zero_()
        self.count = 0


def descend(state: FlatOptimiser, rate: float) -> None:
    """Plain gradient descent."""
    state.weights.add_(state.gradient, alpha=-rate)


def rmsprop(state: FlatOptimiser, rate: float) -> None:
    """RMSprop with rho 0.9; as in Keras, epsilon stands under the root.

    Source:
        Tieleman & Hinton (2012), Coursera lecture 6.5.
    """
    state.second.mul_(0.9).addcmul_(state.gradient, state.gradient, value=0.1)
    state.weights.addcmul_(state.gradient, (state.second + KERAS_EPSILON).rsqrt_(), value=-rate)


def adam(state: FlatOptimiser, rate: float) -> None:
    """Adam with the usual constants.

    Source:
        Kingma & Ba (2015), ICLR.
    """
    state.first.lerp_(state.gradient, 0.1)
    state.second.mul_(0.999).addcmul_(state.gradient, state.gradient, value=0.001)
    size = rate / (1 - 0.9**state.count)
    root = (state.second / (1 - 0.999**state.count)).sqrt_().add_(KERAS_EPSILON)
    state.weights.addcdiv_(state.first, root, value=-size)


RULES: dict[str, Callable[[FlatOptimiser, float], None]] = {
    "adam": adam,
    "rmsprop": rmsprop,
    "sgd": descend,
}
