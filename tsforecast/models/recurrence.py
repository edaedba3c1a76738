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
the last axis, so that each gate is one contiguous block.

Source: Hochreiter & Schmidhuber (1997); Gers et al. (2000) for the forget gate.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


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
    return run_lstm_steps(inputs, recurrent, hidden, cell, activation, clip)[1:]


def run_lstm_steps(
    inputs: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor, activation: str, clip: float
) -> tuple[Tensor, Tensor, Tensor]:
    """All hidden states of an LSTM ``(S, M, E, B)``, and its last state as ``run_lstm`` gives it."""
    states, last, cells = _Recurrence.apply(  # type: ignore[no-untyped-call]  # torch ships it without annotations
        inputs, recurrent, hidden, cell, activation == "relu", clip
    )
    return states, last, cells


class _Recurrence(torch.autograd.Function):
    """Equations (1) to (5) and their gradients, one loop each way."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor, relu: bool, clip: float
    ) -> tuple[Tensor, Tensor, Tensor]:
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
        ctx.set_materialize_grads(False)  # whoever wants the last state alone pays for no others
        return states[1:], states[-1].clone(), cells[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_states: Tensor | None, grad_state: Tensor | None, grad_cell: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        recurrent, gates, states, cells = ctx.saved_tensors
        steps, members, four, batch = gates.shape
        width = four // 4
        outputs = gates[:, :, width : 2 * width]
        bent = cells[1:].relu() if ctx.relu else cells[1:].tanh()
        bend = outputs * (cells[1:] > 0) if ctx.relu else outputs * (1 - bent * bent)
        slope = gate_slopes(gates, 3 * width, ctx.relu, ctx.clip)
        kernel = recurrent.transpose(1, 2).contiguous()
        grads = torch.empty_like(gates)
        dh = torch.zeros_like(cells[0]) if grad_state is None else grad_state
        dc = torch.zeros_like(cells[0]) if grad_cell is None else grad_cell
        for step in range(steps - 1, -1, -1):
            if grad_states is not None:
                dh = dh + grad_states[step]
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


def gate_slopes(gates: Tensor, logistic: int, relu: bool, clip: float) -> Tensor:
    """Differentiate every gate by its pre-activation; zero where the clip holds it (same shape).

    The slope of a clipped gate is the smallest one a gate can have, so one threshold finds them all.

    Args:
        gates: What the gates came to (S, M, G, B).
        logistic: Rows that are sigmoids; those after them are bent by the activation.
        relu: Whether that is ReLU, else tanh.
        clip: Bound of the pre-activations.
    """
    bound = torch.tensor(clip, dtype=gates.dtype)
    edge = float(bound.sigmoid() * (-bound).sigmoid())
    slope = torch.addcmul(gates, gates, gates, value=-1)  # s (1 - s) on the sigmoid gates
    torch.threshold_(slope[:, :, :logistic], edge * (1 + 1e-6), 0.0)
    candidate = gates[:, :, logistic:]
    if relu:
        slope[:, :, logistic:] = (candidate > 0) & (candidate < clip)
    else:
        flat = torch.addcmul(torch.ones_like(candidate), candidate, candidate, value=-1)
        slope[:, :, logistic:] = torch.threshold_(flat, float(1 - bound.tanh() ** 2) * (1 + 1e-6), 0.0)
    return slope
