"""Adam over one flat buffer.

torch's optimisers walk over the parameters one by one and cost a second of imports; a small network then
spends as long on its update as on its gradient. Here all parameters of a network are views of one vector.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

AVERAGE = 0.98
"""Share of the past in the running average of the weights: it forgets within about 50 steps."""


class FlatAdam:
    """Adam (Kingma & Ba, 2015) with a bound on the gradient norm and an average of the recent weights.

    A network is judged and kept by that average: at a high rate the weights themselves jump about.

    Args:
        network: Its parameters, each with the member axis first, become views of this optimiser's buffer.
        clip_norm: Largest gradient norm of one member; members together may have the root of their number
        times it.
    """

    def __init__(
        self, network: nn.Module, clip_norm: float = 1.0, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        parameters = list(network.parameters())
        self.weights = torch.cat([one.detach().reshape(-1) for one in parameters])
        self._gradient = torch.zeros_like(self.weights)
        self.average = self.weights.clone()
        self.steps = 0
        self._mean = torch.zeros_like(self.weights)
        self._square = torch.zeros_like(self.weights)
        self._clip_norm, self._betas, self.count = clip_norm * math.sqrt(parameters[0].shape[0]), betas, 0
        start = 0
        for one in parameters:
            stop = start + one.numel()
            one.data = self.weights[start:stop].view(one.shape)
            one.grad = self._gradient[start:stop].view(one.shape)
            start = stop

    @property
    def tensors(self) -> dict[str, Tensor]:
        """What it knows, to be kept and filled in again."""
        return {
            "weights": self.weights,
            "average": self.average,
            "mean": self._mean,
            "square": self._square,
        }

    def clear(self) -> None:
        """Forget the gradient."""
        self._gradient.zero_()

    def step(self, rate: float) -> None:
        """Move against the gradient."""
        first, second = self._betas
        self.count += 1
        self._gradient.mul_((self._clip_norm / (self._gradient.norm() + 1e-6)).clamp_max(1.0))
        self._mean.lerp_(self._gradient, 1 - first)
        self._square.mul_(second).addcmul_(self._gradient, self._gradient, value=1 - second)
        size = rate / (1 - first**self.count)
        root = (self._square / (1 - second**self.count)).sqrt_().add_(1e-8)
        self.weights.addcdiv_(self._mean, root, value=-size)

        self.average.lerp_(self.weights, max(1 - AVERAGE, 1 / (self.steps + 1)))
        self.steps += 1

    def swap(self) -> None:
        """Put the average of the recent weights in place of the weights, and back."""
        held = self.weights.clone()
        self.weights.copy_(self.average)
        self.average.copy_(held)

    def restore(self, weights: Tensor) -> None:
        """Go back to earlier weights; the moments start afresh, since they led astray."""
        self.weights.copy_(weights)
        self.average.copy_(weights)
        self._mean.zero_()
        self._square.zero_()
        self.count = 0
