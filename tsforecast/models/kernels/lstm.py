"""The LSTM with a hand-written backward pass.

torch's own knows only tanh. With ``s`` the logistic function, ``a`` ReLU or tanh and every pre-activation ``z`` cut to
``[-clip, clip]``:

    z_t = W x_t + b + R h_{t-1}                   (1)
    o, i, f = s(z_o), s(z_i), s(z_f)              (2)
    g = a(z_g)                                    (3)
    c_t = f * c_{t-1} + i * g                     (4)
    h_t = o * a(c_t)                              (5)

and backwards, with ``dh`` and ``dc`` the gradients of the states, ``'`` a slope by the pre-activation:

    dc += dh * o * a'(c_t)                        (6)
    dz_o = dh * a(c_t) * o'                       (7)
    dz_i, dz_f, dz_g = dc * (g * i', c_{t-1} * f', i * g')    (8)
    dc = dc * f,  dh = R^T dz                     (9)

Everything but ``dh`` and ``dc`` on the right of (6) to (9) is known beforehand, so it is computed for many steps at
once, and a step backwards is seven operations. The gates that are logistic lie side by side: in the order o, i, f, g,
which is torch's i, f, g, o turned by one.

Source: Hochreiter & Schmidhuber (1997); Gers et al. (2000) for the forget gate.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tsforecast.models.kernels.stepping import (
    Gradients,
    bent_slope,
    blocks,
    choose_arithmetic,
    logistic_slope,
)


def run_lstm(
    inputs: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    bias: Tensor,
    hidden: Tensor,
    cell: Tensor,
    activation: str,
    clip: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """All hidden states of an LSTM, the last one, and the last cell state.

    Args:
        inputs: What enters.
        kernel: Kernel W, gates in torch's order.
        recurrent: Recurrent kernel R.
        bias: Sum of both biases.
        hidden: First hidden state.
        cell: First cell state.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations; infinite for none.

    Shape:
        inputs ``(T, B, C)``, kernel ``(4E, C)``, recurrent ``(4E, E)``, bias ``(4E,)``, states ``(B, E)``; all hidden
        states ``(T, B, E)``.
    """
    states, last, cells = _LSTM.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, kernel, recurrent, bias, hidden, cell, activation == "relu", clip
    )
    return states, last, cells


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        kernel: Tensor,
        recurrent: Tensor,
        bias: Tensor,
        hidden: Tensor,
        cell: Tensor,
        relu: bool,
        clip: float,
    ) -> tuple[Tensor, Tensor, Tensor]:
        (steps, batch, _), (rows, width) = inputs.shape, recurrent.shape
        kernel, recurrent, bias = (weight.roll(width, 0) for weight in (kernel, recurrent, bias))
        gates = inputs.new_empty(steps, batch, rows)
        states, cells = (inputs.new_empty(steps + 1, batch, width) for _ in "hc")
        states[0], cells[0] = hidden, cell
        transposed = recurrent.t().contiguous()
        for part in blocks(steps, batch * rows):
            block = gates[part]
            torch.addmm(bias, inputs[part].flatten(0, 1), kernel.t(), out=block.view(-1, rows))  # (1)
            span = slice(part.start, part.stop + 1)
            _advance(block, states[span], cells[span], transposed, relu, clip)
        ctx.save_for_backward(inputs, kernel, recurrent, gates, states, cells)
        ctx.relu, ctx.clip = relu, clip
        ctx.set_materialize_grads(False)  # whoever wants the last state alone pays for no others
        return states[1:], states[-1].clone(), cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_states: Tensor | None, grad_hidden: Tensor | None, grad_cell: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        inputs, kernel, recurrent, gates, states, cells = ctx.saved_tensors
        (steps, batch, rows), width = gates.shape, states.shape[2]
        dh, dc = (
            states.new_zeros(batch, width) if one is None else one.contiguous().clone()
            for one in (grad_hidden, grad_cell)
        )
        found = Gradients(inputs, kernel, recurrent, ctx.needs_input_grad[0])
        for part in reversed(blocks(steps, batch * rows)):
            span = slice(part.start, part.stop + 1)
            factors = _factors(gates[part], cells[span], ctx.relu, ctx.clip)
            arriving = None if grad_states is None else grad_states[part]
            grads = _go_back(factors, arriving, recurrent, dh, dc)
            found.add(part, grads.view(-1, rows), states[part])
        kernels = (one.roll(-width, 0) for one in (found.kernel, found.recurrent, found.bias))
        return found.inputs, *kernels, dh, dc, None, None


def _advance(
    gates: Tensor, states: Tensor, cells: Tensor, recurrent: Tensor, relu: bool, clip: float
) -> None:
    """Fill gates (n, B, 4E), which hold the input projections, and states (n + 1, B, E), known at the first place."""
    batch, width = states.shape[1:]
    use = choose_arithmetic(batch, recurrent.t())
    add, multiply, product = use.add, use.multiply, use.product
    pulled, spare = torch.empty_like(gates[0]), torch.empty_like(cells[0])
    product_out, pulled_, spare_ = use.matrix(pulled), use.array(pulled), use.array(spare)
    kernel, before, bend = use.matrix(recurrent), list(use.matrix(states)), use.bend(spare, relu)
    clipped = gates.unbind() if clip < math.inf else ()
    straight = relu and not bool(
        (cells[0] < 0).any()
    )  # (3) and (4) then keep it at 0 or above, where ReLU is nothing
    o, i, f, g = (use.steps(gate) for gate in torch.split(gates, width, 2))
    h, c, z = use.steps(states), use.steps(cells), use.steps(gates)
    with np.errstate(all="ignore"):
        for step, logistic in enumerate(gates[:, :, : 3 * width].unbind()):
            product(before[step], kernel, out=product_out)
            add(z[step], pulled_, out=z[step])  # (1)
            if clipped:
                clipped[step].clamp_(-clip, clip)
            logistic.sigmoid_()  # (2)
            bend(g[step], out=g[step])  # (3)
            new = c[step + 1]
            multiply(f[step], c[step], out=new)
            multiply(i[step], g[step], out=spare_)
            add(new, spare_, out=new)  # (4)
            if not straight:
                bend(new, out=spare_)
            multiply(o[step], new if straight else spare_, out=h[step + 1])  # (5)


def _factors(gates: Tensor, cells: Tensor, relu: bool, clip: float) -> tuple[Tensor, Tensor, Tensor]:
    """Compute what a step multiplies by: for (6), for (7) and (8) in the order of the gates, and for (9)."""
    steps, batch, width = cells.shape
    o, i, f, g = torch.split(gates, width, 2)
    old, new = cells[:-1], cells[1:]
    bent = new.clamp_min(0) if relu else new.tanh()
    slope = logistic_slope(gates[:, :, : 3 * width], clip)
    factors = gates.new_empty(steps - 1, batch, 4, width)
    for place, (source, other) in enumerate(zip(torch.split(slope, width, 2), (bent, g, old), strict=True)):
        torch.mul(source, other, out=factors[:, :, place])
    torch.mul(i, bent_slope(g, relu, clip), out=factors[:, :, 3])
    return o * bent_slope(bent, relu), factors, f.contiguous()


def _go_back(
    factors: tuple[Tensor, Tensor, Tensor],
    arriving: Tensor | None,
    recurrent: Tensor,
    dh: Tensor,
    dc: Tensor,
) -> Tensor:
    """Gradients of the pre-activations of a block (n, B, 4, E); those of the states are carried on in place."""
    use = choose_arithmetic(len(dh), recurrent)
    add, multiply, product = use.add, use.multiply, use.product
    grads, spare = torch.empty_like(factors[1]), use.array(torch.empty_like(dh))
    kernel, before, h, c = use.matrix(recurrent), use.matrix(dh), use.array(dh), use.array(dc)
    rows = list(use.matrix(grads.flatten(2)))
    output, others = use.steps(grads[:, :, 0]), use.steps(grads[:, :, 1:])
    by_output, by_others = use.steps(factors[1][:, :, 0]), use.steps(factors[1][:, :, 1:])
    bend, keep = use.steps(factors[0]), use.steps(factors[2])
    given = () if arriving is None else use.steps(arriving)
    with np.errstate(all="ignore"):
        for step in range(len(rows) - 1, -1, -1):
            if given:
                add(h, given[step], out=h)
            multiply(h, bend[step], out=spare)
            add(c, spare, out=c)  # (6)
            multiply(h, by_output[step], out=output[step])  # (7)
            multiply(c[:, None], by_others[step], out=others[step])  # (8)
            multiply(c, keep[step], out=c)
            product(rows[step], kernel, out=before)  # (9)
    return grads
