"""The GRU with a hand-written backward pass, in the form that torch, Keras (``reset_after``) and ONNX share.

With ``s`` the logistic function, ``a`` ReLU or tanh and every pre-activation cut to ``[-clip, clip]``:

    x_t' = W x_t + b,  u_t = R h_{t-1} + d            (1)
    r, z = s(x_r' + u_r), s(x_z' + u_z)               (2)
    n = a(x_n' + r * u_n)                             (3)
    h_t = n + z * (h_{t-1} - n)                       (4)

and backwards, with ``'`` a slope by the pre-activation:

    dn = dh * (1 - z) * n'                            (5)
    dr = dn * u_n * r',  dz = dh * (h_{t-1} - n) * z'   (6)
    dh = dh * z + R^T (dr, dz, dn * r)                (7)

All four gradients are ``dh`` times what is known beforehand, so a step backwards is four operations. They are kept in
the order n, r, z, n * r: the first three enter the inputs, the last three the state.

Source: Cho et al. (2014), EMNLP.
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


def run_gru(
    inputs: Tensor,
    kernel: Tensor,
    recurrent: Tensor,
    bias: Tensor,
    second: Tensor,
    hidden: Tensor,
    activation: str,
    clip: float,
) -> Tensor:
    """All hidden states of a GRU.

    Args:
        inputs: What enters.
        kernel: Kernel W, gates in torch's order r, z, n.
        recurrent: Recurrent kernel R.
        bias: Bias b of the inputs.
        second: Bias d of the recurrent product.
        hidden: First hidden state.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations; infinite for none.

    Shape:
        inputs ``(T, B, C)``, kernel ``(3E, C)``, recurrent ``(3E, E)``, biases ``(3E,)``, hidden ``(B, E)``; result
        ``(T, B, E)``.
    """
    states: Tensor = _GRU.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, kernel, recurrent, bias, second, hidden, activation == "relu", clip
    )
    return states


class _GRU(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        kernel: Tensor,
        recurrent: Tensor,
        bias: Tensor,
        second: Tensor,
        hidden: Tensor,
        relu: bool,
        clip: float,
    ) -> Tensor:
        (steps, batch, _), (rows, width) = inputs.shape, recurrent.shape
        gates = inputs.new_empty(steps, batch, rows)
        carried = inputs.new_empty(steps, batch, width)
        states = inputs.new_empty(steps + 1, batch, width)
        states[0] = hidden
        entering = torch.cat([bias[: 2 * width] + second[: 2 * width], bias[2 * width :]])
        transposed, pull = recurrent.t().contiguous(), second[2 * width :].expand(batch, width)
        for part in blocks(steps, batch * rows):
            block = gates[part]
            torch.addmm(entering, inputs[part].flatten(0, 1), kernel.t(), out=block.view(-1, rows))  # (1)
            span = slice(part.start, part.stop + 1)
            _advance(block, carried[part], states[span], transposed, pull, relu, clip)
        ctx.save_for_backward(inputs, kernel, recurrent, gates, carried, states)
        ctx.relu, ctx.clip = relu, clip
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor | None, ...]:
        inputs, kernel, recurrent, gates, carried, states = ctx.saved_tensors
        (steps, batch, rows), width = gates.shape, states.shape[2]
        dh = states.new_zeros(batch, width)
        turned = kernel.roll(width, 0)  # n, r, z
        found = Gradients(inputs, turned, recurrent, ctx.needs_input_grad[0])
        for part in reversed(blocks(steps, batch * rows)):
            factors, keep = _factors(gates[part], carried[part], states[part], ctx.relu, ctx.clip)
            grads = _go_back(factors, keep, grad_states[part], recurrent, dh).view(-1, 4 * width)
            found.add(part, grads[:, :rows], states[part], grads[:, width:])
        back = (one.roll(-width, 0) for one in (found.kernel, found.bias))
        return found.inputs, next(back), found.recurrent, next(back), found.second, dh, None, None


def _advance(
    gates: Tensor,
    carried: Tensor,
    states: Tensor,
    recurrent: Tensor,
    pull: Tensor,
    relu: bool,
    clip: float,
) -> None:
    """Fill gates (n, B, 3E), which hold the input projections, ``u_n`` (n, B, E) and states (n + 1, B, E)."""
    batch, width = states.shape[1:]
    use = choose_arithmetic(batch, recurrent.t())
    add, multiply, product = use.add, use.multiply, use.product
    pulled, spare = torch.empty_like(gates[0]), torch.empty_like(states[0])
    product_out, two, third = (
        use.matrix(pulled), use.array(pulled[:, : 2 * width]), use.array(pulled[:, 2 * width :]),
    )  # fmt: skip
    spare_, bias = use.array(spare), use.array(pull)
    kernel, before, bend = use.matrix(recurrent), list(use.matrix(states)), use.bend(spare, relu)
    clipped = gates.unbind() if clip < math.inf else ()
    logistic = gates[:, :, : 2 * width]
    h, u, rz = use.steps(states), use.steps(carried), use.steps(logistic)
    r, z, n = (use.steps(gate) for gate in torch.split(gates, width, 2))
    with np.errstate(all="ignore"):
        for step, squashed in enumerate(logistic.unbind()):
            product(before[step], kernel, out=product_out)
            add(third, bias, out=u[step])  # (1)
            add(rz[step], two, out=rz[step])
            if clipped:
                squashed.clamp_(-clip, clip)
            squashed.sigmoid_()  # (2)
            multiply(r[step], u[step], out=spare_)
            add(n[step], spare_, out=n[step])
            if clipped:
                clipped[step][:, 2 * width :].clamp_(-clip, clip)
            bend(n[step], out=n[step])  # (3)
            use.subtract(h[step], n[step], out=spare_)
            multiply(z[step], spare_, out=spare_)
            add(n[step], spare_, out=h[step + 1])  # (4)


def _factors(
    gates: Tensor, carried: Tensor, states: Tensor, relu: bool, clip: float
) -> tuple[Tensor, Tensor]:
    """Compute what ``dh`` is multiplied by, for (5) and (6) in the order n, r, z, n * r, and for (7)."""
    steps, batch, width = states.shape
    r, z, n = torch.split(gates, width, 2)
    reset, update = torch.split(logistic_slope(gates[:, :, : 2 * width], clip), width, 2)
    factors = gates.new_empty(steps, batch, 4, width)
    candidate = torch.mul(1 - z, bent_slope(n, relu, clip), out=factors[:, :, 0])
    torch.mul(candidate, carried * reset, out=factors[:, :, 1])
    torch.mul(states - n, update, out=factors[:, :, 2])
    torch.mul(candidate, r, out=factors[:, :, 3])
    return factors, z.contiguous()


def _go_back(factors: Tensor, keep: Tensor, arriving: Tensor, recurrent: Tensor, dh: Tensor) -> Tensor:
    """Gradients of the pre-activations of a block (n, B, 4, E); that of the state is carried on in place."""
    use = choose_arithmetic(len(dh), recurrent)
    grads, spare = torch.empty_like(factors), torch.empty_like(dh)
    kernel, product_out, spare_, h = (
        use.matrix(recurrent), use.matrix(spare), use.array(spare), use.array(dh),
    )  # fmt: skip
    recurring = list(use.matrix(grads[:, :, 1:].flatten(2)))
    made, by, kept, given = (use.steps(one) for one in (grads, factors, keep, arriving))
    with np.errstate(all="ignore"):
        for step in range(len(made) - 1, -1, -1):
            use.add(h, given[step], out=h)
            use.multiply(h[:, None], by[step], out=made[step])  # (5), (6)
            use.product(recurring[step], kernel, out=product_out)
            use.multiply(h, kept[step], out=h)
            use.add(h, spare_, out=h)  # (7)
    return grads
