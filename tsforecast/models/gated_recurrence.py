"""The GRU and the plain recurrence with hand-written backward passes, beside the LSTM of ``recurrence.py``.

``s`` is the logistic function, ``a`` the activation (ReLU or tanh), ``z`` every pre-activation, cut to
``[-clip, clip]``. The GRU, in the form that torch, Keras (``reset_after``) and ONNX (``linear_before_reset``) share:

    u_t = R h_{t-1} + b                               (1)
    r, z = s(x_r + u_r), s(x_z + u_z)                 (2)
    n = a(x_n + r * u_n)                              (3)
    h_t = (1 - z) * n + z * h_{t-1}                   (4)

The plain recurrence:

    h_t = a(x_t + R h_{t-1})                          (5)

Members run side by side and the batch is the last axis, as in ``recurrence.py``.

Source: Cho et al. (2014), EMNLP, for the GRU; Elman (1990), Cognitive Science 14, for the plain recurrence.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tsforecast.models.recurrence import gate_slopes


def run_gru_steps(
    inputs: Tensor, recurrent: Tensor, bias: Tensor, hidden: Tensor, activation: str, clip: float
) -> Tensor:
    """All hidden states of a GRU.

    Args:
        inputs: Input projections with their bias, gates in the order r, z, n (torch's order).
        recurrent: Recurrent kernel.
        bias: Bias of the recurrent product.
        hidden: First hidden state.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations.

    Shape:
        inputs ``(S, M, 3E, B)``, recurrent ``(M, 3E, E)``, bias ``(M, 3E, 1)``, hidden ``(M, E, B)``; result
        ``(S, M, E, B)``.
    """
    states: Tensor = _GRU.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, recurrent, bias, hidden, activation == "relu", clip
    )
    return states


def run_rnn_steps(inputs: Tensor, recurrent: Tensor, hidden: Tensor, activation: str, clip: float) -> Tensor:
    """All hidden states of a plain recurrence.

    Shape:
        inputs ``(S, M, E, B)`` with all biases, recurrent ``(M, E, E)``, hidden ``(M, E, B)``; result
        ``(S, M, E, B)``.
    """
    states: Tensor = _RNN.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, recurrent, hidden, activation == "relu", clip
    )
    return states


class _GRU(torch.autograd.Function):
    """Equations (1) to (4) and their gradients, one loop each way."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, recurrent: Tensor, bias: Tensor, hidden: Tensor, relu: bool, clip: float
    ) -> Tensor:
        steps, members, three, batch = inputs.shape
        width = three // 3
        gates = torch.empty_like(inputs, memory_format=torch.contiguous_format)
        carried = inputs.new_empty(steps, members, width, batch)
        states = inputs.new_empty(steps + 1, members, width, batch)
        states[0] = hidden
        for step in range(steps):
            gate, given, state = gates[step], inputs[step], states[step]
            pulled = torch.baddbmm(bias, recurrent, state)  # (1)
            carried[step] = pulled[:, 2 * width :]
            two = gate[:, : 2 * width]
            torch.add(given[:, : 2 * width], pulled[:, : 2 * width], out=two).clamp_(-clip, clip).sigmoid_()
            r, z, n = torch.split(gate, width, 1)  # (2) above, (3) below
            torch.addcmul(given[:, 2 * width :], r, carried[step], out=n).clamp_(-clip, clip)
            n.relu_() if relu else n.tanh_()
            torch.lerp(n, state, z, out=states[step + 1])  # (4)
        ctx.save_for_backward(recurrent, gates, carried, states)
        ctx.relu, ctx.clip = relu, clip
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor | None, ...]:
        recurrent, gates, carried, states = ctx.saved_tensors
        width = carried.shape[2]
        slope = gate_slopes(gates, 2 * width, ctx.relu, ctx.clip)
        kernel = recurrent.transpose(1, 2).contiguous()
        grads, pulled = torch.empty_like(gates), torch.empty_like(gates)
        dh = torch.zeros_like(states[0])
        for step in range(len(gates) - 1, -1, -1):
            dh = dh + grad_states[step]
            r, z, n = torch.split(gates[step], width, 1)
            dr, dz, dn = torch.split(grads[step], width, 1)
            torch.mul(dh, 1 - z, out=dn).mul_(slope[step][:, 2 * width :])
            torch.mul(dn, carried[step], out=dr)
            torch.mul(dh, states[step] - n, out=dz)
            grads[step][:, : 2 * width].mul_(slope[step][:, : 2 * width])
            pulled[step] = grads[step]
            pulled[step][:, 2 * width :].mul_(r)
            dh = torch.baddbmm(dh * z, kernel, pulled[step])
        return grads, _kernel_gradient(pulled, states), pulled.sum((0, 3))[..., None], dh, None, None


class _RNN(torch.autograd.Function):
    """Equation (5) and its gradient, one loop each way."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, recurrent: Tensor, hidden: Tensor, relu: bool, clip: float
    ) -> Tensor:
        steps, members, width, batch = inputs.shape
        states = inputs.new_empty(steps + 1, members, width, batch)
        states[0] = hidden
        for given, before, after in zip(inputs, states[:-1], states[1:], strict=True):
            torch.baddbmm(given, recurrent, before, out=after).clamp_(-clip, clip)  # (5)
            after.relu_() if relu else after.tanh_()
        ctx.save_for_backward(recurrent, states)
        ctx.relu, ctx.clip = relu, clip
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor | None, ...]:
        recurrent, states = ctx.saved_tensors
        slope = gate_slopes(states[1:], 0, ctx.relu, ctx.clip)
        kernel = recurrent.transpose(1, 2).contiguous()
        grads = torch.empty_like(slope)
        dh = torch.zeros_like(states[0])
        for step in range(len(grads) - 1, -1, -1):
            torch.mul(dh + grad_states[step], slope[step], out=grads[step])
            dh = torch.bmm(kernel, grads[step])
        return grads, _kernel_gradient(grads, states), dh, None, None


def _kernel_gradient(grads: Tensor, states: Tensor) -> Tensor:
    """One product for the recurrent kernel: gradients of all steps with the states before them (M, G, E)."""
    steps, members, rows, batch = grads.shape
    after = grads.permute(1, 2, 0, 3).reshape(members, rows, steps * batch)
    before = states[:-1].permute(1, 0, 3, 2).reshape(members, steps * batch, -1)
    return torch.bmm(after, before)
