from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tsforecast.models.recurrence import run_lstm

STEPS, MEMBERS, WIDTH, BATCH = 4, 2, 3, 2
ONNX_FROM_TORCH = (0, 3, 1, 2)
"""Gates i, o, f, g picked from torch's order i, f, g, o."""


def draw(members: int = MEMBERS) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw inputs, recurrent kernel, hidden and cell in float64, all asking for a gradient."""
    torch.manual_seed(0)
    shapes = (
        (STEPS, members, 4 * WIDTH, BATCH),
        (members, 4 * WIDTH, WIDTH),
        (members, WIDTH, BATCH),
        (members, WIDTH, BATCH),
    )
    inputs, recurrent, hidden, cell = (
        torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes
    )
    return inputs, recurrent, hidden, cell


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("clip", [0.9, 1e6], ids=["clipped", "free"])
def test_run_lstm_gradients_are_those_of_finite_differences(activation: str, clip: float) -> None:
    """The backward pass written by hand is the derivative of the forward pass, also where the clip holds."""
    inputs = draw()

    def run(inputs: Tensor, recurrent: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        return run_lstm(inputs, recurrent, hidden, cell, activation, clip)

    assert torch.autograd.gradcheck(run, inputs)


def test_run_lstm_clip_is_active_in_the_test_above() -> None:
    """With a clip of 0.9 the inputs of the gradient test give another result than without."""
    inputs = draw()

    assert not torch.equal(run_lstm(*inputs, "tanh", 0.9)[0], run_lstm(*inputs, "tanh", 1e6)[0])


def reorder(gates: Tensor, width: int) -> Tensor:
    """Rows of torch's LSTM in the ONNX order of the gates (4E, ...)."""
    parts = torch.split(gates, width)
    return torch.cat([parts[place] for place in ONNX_FROM_TORCH])


def test_run_lstm_equals_torch_in_outputs_and_gradients() -> None:
    """With tanh and without a clip it is the LSTM that torch has."""
    torch.manual_seed(1)
    known = nn.LSTM(5, WIDTH).double()
    sequence = torch.randn(STEPS, BATCH, 5, dtype=torch.float64)
    _, (hidden, cell) = known(sequence)
    torch.autograd.backward(hidden.sum() + (2 * cell).sum())
    weights = {name: value.detach() for name, value in known.named_parameters()}
    bias = reorder(weights["bias_ih_l0"] + weights["bias_hh_l0"], WIDTH)[:, None].requires_grad_()
    kernel = reorder(weights["weight_ih_l0"], WIDTH).requires_grad_()
    recurrent = reorder(weights["weight_hh_l0"], WIDTH).requires_grad_()
    start = torch.zeros(1, WIDTH, BATCH, dtype=torch.float64)

    projected = (kernel @ sequence.transpose(1, 2) + bias)[:, None]
    own_hidden, own_cell = run_lstm(projected, recurrent[None], start, start, "tanh", 1e6)
    torch.autograd.backward(own_hidden.sum() + (2 * own_cell).sum())

    torch.testing.assert_close(own_hidden, hidden.transpose(1, 2), rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(own_cell, cell.transpose(1, 2), rtol=1e-12, atol=1e-14)
    pairs = ((bias, "bias_ih_l0"), (kernel, "weight_ih_l0"), (recurrent, "weight_hh_l0"))
    for found, name in pairs:
        gradient = known.get_parameter(name).grad
        assert gradient is not None
        assert found.grad is not None
        wanted = reorder(gradient, WIDTH)
        torch.testing.assert_close(found.grad.reshape(wanted.shape), wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_run_lstm_members_do_not_see_each_other(activation: str) -> None:
    """Member k of a stack gives what it gives alone."""
    inputs, recurrent, hidden, cell = (one.detach() for one in draw(members=3))

    together = run_lstm(inputs, recurrent, hidden, cell, activation, 2.0)

    for member in range(3):
        own = slice(member, member + 1)
        alone = run_lstm(inputs[:, own], recurrent[own], hidden[own], cell[own], activation, 2.0)
        for found, wanted in zip(together, alone, strict=True):
            torch.testing.assert_close(found[own], wanted, rtol=1e-13, atol=1e-15)


def test_run_lstm_gradient_vanishes_where_the_clip_holds() -> None:
    """A pre-activation beyond the clip cannot be moved by a small change, so it gets no gradient."""
    inputs, recurrent, hidden, cell = draw()
    with torch.no_grad():
        inputs[:, :, :WIDTH] = 50.0

    torch.autograd.backward(run_lstm(inputs, recurrent, hidden, cell, "tanh", 2.0)[0].sum())

    assert inputs.grad is not None
    assert not inputs.grad[:, :, :WIDTH].any()
    assert inputs.grad[:, :, WIDTH:].any()
