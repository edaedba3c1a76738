"""What the recurrences share: arithmetic on single steps, blocks of steps, slopes, and gradients of the weights.

One step of a small layer is a few hundred numbers, for which calling an operation costs more than its arithmetic.
NumPy is called in a third of torch's time and shares torch's memory, so small steps on a processor are NumPy's and all
others torch's; the functions have the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

SMALL_STEP = 1 << 15
"""Numbers of a step up to which NumPy is faster."""

SMALL_PRODUCT = 1 << 18
"""Multiplications up to which NumPy's matrix product stays on one thread, whatever it was told."""

BLOCK = 1 << 19
"""Numbers of a block of steps: two megabytes in single precision measured best, for small shapes and large ones."""

Operation = Callable[..., Any]


class Arithmetic(NamedTuple):
    """Operations that write into ``out``, and what makes a tensor fit for them without a copy."""

    array: Callable[[Tensor], Any]
    matrix: Callable[[Tensor], Any]
    """The same for ``product``, which may be torch's where the rest is NumPy's."""

    product: Operation
    add: Operation
    subtract: Operation
    multiply: Operation
    maximum: Operation
    tanh: Operation

    def steps(self, values: Tensor) -> list[Any]:
        """Everything along the first axis."""
        return list(self.array(values))

    def bend(self, like: Tensor, relu: bool) -> Operation:
        """Activation: a function of a value and ``out``, both of the shape of a tensor."""
        if not relu:
            return self.tanh
        zeros = self.array(torch.zeros_like(like))  # a lone 0 is slower than as many as there are values
        return lambda value, out: self.maximum(value, zeros, out=out)


def choose_arithmetic(batch: int, recurrent: Tensor) -> Arithmetic:
    """Arithmetic that is fastest for steps of a batch through a recurrent kernel ``(G, E)``."""
    rows, width = recurrent.shape
    plain = recurrent.device.type == "cpu" and recurrent.dtype in (torch.float32, torch.float64)
    if not plain or batch * rows > SMALL_STEP:
        same: Callable[[Tensor], Any] = Tensor.detach
        return Arithmetic(
            same, same, torch.mm, torch.add, torch.subtract, torch.multiply, torch.maximum, torch.tanh
        )
    small = batch * rows * width <= SMALL_PRODUCT
    return Arithmetic(
        array=_shared,
        matrix=_shared if small else Tensor.detach,
        product=np.dot if small else torch.mm,
        add=np.add,
        subtract=np.subtract,
        multiply=np.multiply,
        maximum=np.maximum,
        tanh=np.tanh,
    )


def _shared(values: Tensor) -> Any:
    """NumPy's view of a tensor's memory."""
    return values.detach().numpy()


def blocks(steps: int, numbers: int) -> list[slice]:
    """Slices of consecutive steps, each step with so many numbers, that the cache holds."""
    length = max(1, BLOCK // numbers)
    return [slice(first, min(first + length, steps)) for first in range(0, steps, length)]


def logistic_slope(gates: Tensor, clip: float) -> Tensor:
    """Differentiate logistic gates by their pre-activations, from what they came to; 0 where the clip holds them.

    The slope at the clip is the smallest that a gate can have, so one threshold finds them all.
    """
    slope = torch.addcmul(gates, gates, gates, value=-1)  # s (1 - s)
    if clip < torch.inf:
        bound = torch.tensor(clip, dtype=gates.dtype)
        torch.threshold_(slope, float(bound.sigmoid() * (-bound).sigmoid()) * (1 + 1e-6), 0.0)
    return slope


def bent_slope(values: Tensor, relu: bool, clip: float = torch.inf) -> Tensor:
    """Differentiate what the activation bent, from what it came to; 0 where the clip holds it."""
    if relu:
        return (values > 0) & (values < clip) if clip < torch.inf else values.sign()
    slope = torch.addcmul(values.new_ones(()), values, values, value=-1)
    if clip < torch.inf:
        bound = torch.tensor(clip, dtype=values.dtype)
        torch.threshold_(slope, float(1 - bound.tanh() ** 2) * (1 + 1e-6), 0.0)
    return slope


class Gradients:
    """Gradients of a layer's inputs and weights, gathered block by block with one product each.

    Args:
        inputs: What entered the layer (T, B, C).
        kernel: Its kernel (G, C).
        recurrent: Its recurrent kernel (G, E).
        wanted: Whether anybody asks for the gradient of the inputs.
    """

    def __init__(self, inputs: Tensor, kernel: Tensor, recurrent: Tensor, wanted: bool) -> None:
        self._given, self._weight = inputs, kernel
        self.inputs = torch.empty_like(inputs, memory_format=torch.contiguous_format) if wanted else None
        self.kernel, self.recurrent = torch.zeros_like(kernel), torch.zeros_like(recurrent)
        self.bias, self.second = kernel.new_zeros(len(kernel)), kernel.new_zeros(len(kernel))

    def add(self, part: slice, entering: Tensor, states: Tensor, pulled: Tensor | None = None) -> None:
        """Take in the steps of a block.

        Args:
            part: Which steps.
            entering: Gradient of the input projections (rows, G), a row for each step and window.
            states: Hidden states before these steps (steps, B, E).
            pulled: Gradient of the recurrent projections, if it is another.
        """
        recurring = entering if pulled is None else pulled
        self.recurrent.addmm_(recurring.t(), states.flatten(0, 1))
        self.kernel.addmm_(entering.t(), self._given[part].flatten(0, 1))
        self.bias.add_(entering.sum(0))
        if pulled is not None:
            self.second.add_(pulled.sum(0))
        if self.inputs is not None:
            torch.mm(entering, self._weight, out=self.inputs[part].flatten(0, 1))
