"""The LSTM recurrence with a hand-written backward pass.

torch's own LSTM knows only tanh. Here the activation is ReLU or tanh and the gate pre-activations can be
clipped, as the ``activations`` and ``clip`` attributes of the ONNX operator say. With ``s`` the logistic
function, ``a`` the activation and ``z`` cut to ``[-clip, clip]``:

    z_t = x_t + R h_{t-1}                         (1)
    i, o, f = s(z_i), s(z_o), s(z_f)              (2)
    g = a(z_g)                                    (3)
    c_t = f * c_{t-1} + i * g                     (4)
    h_t = o * a(c_t)                              (5)

Several networks of one shape run side by side: the first axis of every weight is the member M. The batch is
the last axis, so that each gate is one contiguous block. This is for few wide steps, as the mixture network has them;
``kernels/lstm.py`` is for many narrow ones.

Source: Hochreiter & Schmidhuber (1997); Gers et al. (2000) for the forget gate.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tsforecast.models.kernels.stepping import bent_slope, logistic_slope


def run_lstm(
    inputs: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor, activation: str, clip: float
) -> tuple[Tensor, Tensor]:
    """Last state of an LSTM.

    Args:
        inputs: Input projections with bias, gates in the order i, o, f, g (the ONNX order).
        recurrent: Recurrent kernel.
        hidden: First hidden state.
        cell: First cell state.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations.

    Shape:
        inputs ``(S, M, 4E, B)``, recurrent ``(M, 4E, E)``, hidden, cell and results ``(M, E, B)``.
    """
    last, cells = _Recurrence.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, recurrent, hidden, cell, activation == "relu", clip
    )
    return last, cells


class _Recurrence(torch.autograd.Function):
    """Equations (1) to (5) and their gradients, one loop each way."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor, relu: bool, clip: float
    ) -> tuple[Tensor, Tensor]:
        steps, members, four, batch = inputs.shape
        width = four // 4
        gates = torch.empty_like(inputs, memory_format=torch.contiguous_format)
        states = inputs.new_empty(steps + 1, members, width, batch)
        cells = inputs.new_empty(steps + 1, members, width, batch)
        states[0], cells[0] = hidden, cell
        for gate, given, state, after, old, new in zip(
            gates, inputs, states[:-1], states[1:], cells[:-1], cells[1:], strict=True
        ):
            torch.baddbmm(given, recurrent, state, out=gate).clamp_(-clip, clip)  # (1)
            gate[:, : 3 * width].sigmoid_()  # (2)
            i, o, f, g = torch.split(gate, width, 1)
            g.relu_() if relu else g.tanh_()  # (3)
            torch.mul(f, old, out=new).addcmul_(i, g)  # (4)
            torch.mul(o, new.relu() if relu else new.tanh(), out=after)  # (5)
        ctx.save_for_backward(recurrent, gates, states, cells)
        ctx.relu, ctx.clip = relu, clip
        return states[-1].clone(), cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_state: Tensor, grad_cell: Tensor) -> tuple[Tensor | None, ...]:
        recurrent, gates, states, cells = ctx.saved_tensors
        steps, members, four, batch = gates.shape
        width = four // 4
        outputs = gates[:, :, width : 2 * width]
        bent = cells[1:].relu() if ctx.relu else cells[1:].tanh()
        bend = outputs * (cells[1:] > 0) if ctx.relu else outputs * (1 - bent * bent)
        slope = _gate_slopes(gates, ctx.relu, ctx.clip)
        kernel = recurrent.transpose(1, 2).contiguous()
        grads = torch.empty_like(gates)
        dh, dc = grad_state, grad_cell
        for step in range(steps - 1, -1, -1):
            grad = grads[step]
            i, _, f, g = torch.split(gates[step], width, 1)
            di, do, df, dg = torch.split(grad, width, 1)
            dc = torch.addcmul(dc, dh, bend[step])
            torch.mul(dc, g, out=di)
            torch.mul(dh, bent[step], out=do)
            torch.mul(dc, cells[step], out=df)
            torch.mul(dc, i, out=dg)
            grad.mul_(slope[step])
            dh = torch.bmm(kernel, grad)
            dc = dc * f
        after = grads.permute(1, 2, 0, 3).reshape(members, four, steps * batch)
        before = states[:-1].permute(1, 0, 3, 2).reshape(members, steps * batch, width)
        return grads, torch.bmm(after, before), dh, dc, None, None


def _gate_slopes(gates: Tensor, relu: bool, clip: float) -> Tensor:
    """Differentiate every gate by its pre-activation; zero where the clip holds it (S, M, 4E, B)."""
    logistic = gates.shape[2] // 4 * 3
    slopes = (
        logistic_slope(gates[:, :, :logistic], clip),
        bent_slope(gates[:, :, logistic:], relu, clip).to(gates.dtype),
    )
    return torch.cat(slopes, 2)
