"""The recurrences give the same however their steps are computed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tsforecast.models.kernels import stepping
from tsforecast.models.layers import GRU, LSTM, RNN, RecurrentLayers

KINDS: dict[str, type[RecurrentLayers]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
EVERY = pytest.mark.parametrize("kind", KINDS)


def results(kind: str, activation: str, clip: float) -> list[Tensor]:
    """Output of a layer and the gradients of its input and weights."""
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, activation=activation, clip=clip, initialisation="torch").double()
    inputs = torch.randn(7, 5, 3, dtype=torch.float64, requires_grad=True)
    output = layer(inputs)[0]
    output.sin().sum().backward()
    gradients = [one.grad for one in (inputs, *layer.parameters())]
    assert all(one is not None for one in gradients)
    return [output, *(one for one in gradients if one is not None)]


@EVERY
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("clip", [0.3, torch.inf], ids=["clipped", "free"])
@pytest.mark.parametrize(
    "limits",
    [{"SMALL_STEP": 0}, {"SMALL_PRODUCT": 0}, {"BLOCK": 1}, {"BLOCK": 3 * 5 * 16}],
    ids=lambda limits: " ".join(f"{name} {value}" for name, value in limits.items()),
)
def test_arithmetic_and_blocks_do_not_show(
    kind: str, activation: str, clip: float, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NumPy's steps or torch's, one block or many: outputs and gradients are equal."""
    wanted = results(kind, activation, clip)
    for name, value in limits.items():
        monkeypatch.setattr(stepping, name, value)

    torch.testing.assert_close(results(kind, activation, clip), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("small", [0, stepping.SMALL_STEP], ids=["torch", "numpy"])
def test_relu_counts_where_the_first_cell_state_is_negative(
    small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells that start at 0 never fall below it and need no ReLU; those that start below do."""
    monkeypatch.setattr(stepping, "SMALL_STEP", small)
    torch.manual_seed(1)
    layer = LSTM(2, 3, initialisation="torch").double()
    inputs, hidden = (torch.randn(*shape, 2, 3, dtype=torch.float64) for shape in ((4,), (1,)))
    cell = torch.tensor([[[-3.0, 0.5, -0.2], [1.0, -2.0, 0.1]]], dtype=torch.float64, requires_grad=True)

    def run(cell: Tensor) -> Any:
        output, (_, last) = layer(inputs[..., :2], (hidden, cell))
        return output, last

    assert (run(cell)[0] >= 0).all()
    assert (run(cell)[0] == 0).any()
    assert torch.autograd.gradcheck(run, (cell,))


@EVERY
def test_an_explosion_is_silent(kind: str) -> None:
    """Numbers too large become infinite or none, as in torch, without a warning from the arithmetic."""
    layer = KINDS[kind](1, 4, initialisation="torch")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
            weight.chunk(layer.gates)[min(2, layer.gates - 1)].fill_(
                3e19
            )  # the candidate alone: no gate saturates

    output = layer(1e19 * torch.ones(6, 2, 1))[0]
    output.sum().backward()

    assert not torch.isfinite(output).all()


@EVERY
def test_half_precision_is_computed_too(kind: str) -> None:
    """What NumPy has no numbers for is left to torch."""
    torch.manual_seed(2)
    layer = KINDS[kind](2, 4)
    inputs = torch.randn(5, 3, 2)
    wanted = layer(inputs)[0]

    found = layer.to(torch.bfloat16)(inputs.to(torch.bfloat16))[0]

    torch.testing.assert_close(found.float(), wanted, rtol=0.1, atol=0.1)
