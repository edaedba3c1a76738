"""The plain recurrence with a hand-written backward pass.

With ``a`` ReLU or tanh, and the pre-activation cut to ``[-clip, clip]``:

    h_t = a(W x_t + b + R h_{t-1})                (1)

and backwards, with ``a'`` the slope by the pre-activation:

    dz = dh * a',  dh = R^T dz                    (2)

Source: Elman (1990), Cognitive Science 14.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tsforecast.models.kernels.stepping import Gradients, bent_slope, blocks, choose_arithmetic


def run_rnn(
    inputs: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    bias: Tensor,
    hidden: Tensor,
    activation: str,
    clip: float,
) -> Tensor:
    """All hidden states of a plain recurrence.

    Args:
        inputs: What enters.
        kernel: Kernel W.
        recurrent: Recurrent kernel R.
        bias: Sum of both biases.
        hidden: First hidden state.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations; infinite for none.

    Shape:
        inputs ``(T, B, C)``, kernel ``(E, C)``, recurrent ``(E, E)``, bias ``(E,)``, hidden ``(B, E)``; result
        ``(T, B, E)``.
    """
    states: Tensor = _RNN.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, kernel, recurrent, bias, hidden, activation == "relu", clip
    )
    return states


class _RNN(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        kernel: Tensor,
        recurrent: Tensor,
        bias: Tensor,
        hidden: Tensor,
        relu: bool,
        clip: float,
    ) -> Tensor:
        (steps, batch, _), width = inputs.shape, len(recurrent)
        states = inputs.new_empty(steps + 1, batch, width)
        states[0] = hidden
        transposed = recurrent.t().contiguous()
        for part in blocks(steps, batch * width):
            span = slice(part.start, part.stop + 1)
            block = states[span]
            torch.addmm(bias, inputs[part].flatten(0, 1), kernel.t(), out=block[1:].view(-1, width))
            _advance(block, transposed, relu, clip)
        ctx.save_for_backward(inputs, kernel, recurrent, states)
        ctx.relu, ctx.clip = relu, clip
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor | None, ...]:
        inputs, kernel, recurrent, states = ctx.saved_tensors
        steps, (batch, width) = len(states) - 1, states.shape[1:]
        dh = states.new_zeros(batch, width)
        found = Gradients(inputs, kernel, recurrent, ctx.needs_input_grad[0])
        for part in reversed(blocks(steps, batch * width)):
            after = states[part.start + 1 : part.stop + 1]
            slope = bent_slope(after, ctx.relu, ctx.clip).to(states.dtype)
            grads = _go_back(slope, grad_states[part], recurrent, dh)
            found.add(part, grads.view(-1, width), states[part])
        return found.inputs, found.kernel, found.recurrent, found.bias, dh, None, None


def _advance(states: Tensor, recurrent: Tensor, relu: bool, clip: float) -> None:
    """Fill states (n + 1, B, E), which hold the first state and then the input projections."""
    use = choose_arithmetic(states.shape[1], recurrent)
    pulled = torch.empty_like(states[0])
    kernel, product_out, pulled_ = use.matrix(recurrent), use.matrix(pulled), use.array(pulled)
    before, h, bend = list(use.matrix(states)), use.steps(states), use.bend(pulled, relu)
    clipped = states.unbind() if clip < math.inf else ()
    with np.errstate(all="ignore"):
        for step in range(1, len(h)):
            use.product(before[step - 1], kernel, out=product_out)
            use.add(h[step], pulled_, out=h[step])
            if clipped:
                clipped[step].clamp_(-clip, clip)
            bend(h[step], out=h[step])  # (1)


def _go_back(slope: Tensor, arriving: Tensor, recurrent: Tensor, dh: Tensor) -> Tensor:
    """Gradients of the pre-activations of a block (n, B, E); that of the state is carried on in place."""
    use = choose_arithmetic(len(dh), recurrent)
    grads = torch.empty_like(slope)
    kernel, product_out, h = use.matrix(recurrent), use.matrix(dh), use.array(dh)
    rows = list(use.matrix(grads))
    made, bend, given = (use.steps(one) for one in (grads, slope, arriving))
    with np.errstate(all="ignore"):
        for step in range(len(rows) - 1, -1, -1):
            use.add(h, given[step], out=h)
            use.multiply(h, bend[step], out=made[step])
            use.product(rows[step], kernel, out=product_out)  # (2)
    return grads
