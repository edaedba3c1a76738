"""The recurrent layers are those that torch and Keras have, with what theirs lack."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tsforecast import models
from tsforecast.models.layers import GRU, LSTM, RNN, RecurrentLayers

KINDS: dict[str, type[RecurrentLayers]] = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
TORCH: dict[str, Callable[..., nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
KERAS = np.load(Path(__file__).with_name("reference") / "keras_layers.npz")
EVERY = pytest.mark.parametrize("kind", KINDS)
KERAS_GATES = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "rnn": (0,)}
"""Gates in torch's order picked from Keras' order: i, f, g, o and z, r, n there."""


def tensors_of(found: Any) -> list[Tensor]:
    """All tensors of a layer's result, in order."""
    return [found] if isinstance(found, Tensor) else [one for part in found for one in tensors_of(part)]


def weighted(found: Any) -> Tensor:
    """One number that every value of a result has its own part in."""
    parts = [(one * torch.linspace(-1, 2, one.numel(), dtype=one.dtype).view(one.shape)).sum()
             for one in tensors_of(found)]  # fmt: skip
    return torch.stack(parts).sum()


def from_keras(kind: str, rows: Tensor) -> Tensor:
    """Gates along the first axis in torch's order."""
    parts = rows.chunk(len(KERAS_GATES[kind]))
    return torch.cat([parts[place] for place in KERAS_GATES[kind]])


def keras_tensors(kind: str, what: str) -> dict[str, Tensor]:
    """Weights or gradients of the reference under torch's names; ``bias_hh`` only where Keras has it."""
    kernel, recurrent, bias = (
        torch.from_numpy(KERAS[f"{kind}/{what}/{name}"]) for name in ("kernel", "recurrent_kernel", "bias")
    )
    biases = bias if bias.dim() == 2 else bias[None]
    named = {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": biases[0]}
    second = {"bias_hh_l0": biases[1]} if len(biases) == 2 else {}
    return {name: from_keras(kind, value) for name, value in {**named, **second}.items()}


@EVERY
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("clip", [0.7, math.inf], ids=["clipped", "free"])
def test_gradients_are_those_of_finite_differences(kind: str, activation: str, clip: float) -> None:
    """The backward pass written by hand is the derivative of the forward pass for input, weights and states."""
    torch.manual_seed(0)
    layer = KINDS[kind](
        2, (3, 2), activation=activation, clip=clip, bidirectional=True, initialisation="torch"
    ).double()
    inputs = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    names, weights = zip(*layer.named_parameters(), strict=True)

    def run(inputs: Tensor, *weights: Tensor) -> Tensor:
        return weighted(torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), inputs))

    assert torch.autograd.gradcheck(run, (inputs, *(one.detach().requires_grad_() for one in weights)))


@EVERY
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("batched", [True, False])
def test_tanh_layers_equal_torch(kind: str, batch_first: bool, bidirectional: bool, batched: bool) -> None:
    """With weights moved over by load_state_dict, outputs, states and all gradients are torch's."""
    torch.manual_seed(1)
    known = TORCH[kind](3, 4, 2, batch_first=batch_first, bidirectional=bidirectional).double()
    own = KINDS[kind](
        3, 4, 2, activation="tanh", batch_first=batch_first, bidirectional=bidirectional
    ).double()
    own.load_state_dict(known.state_dict())
    shape = (5, 6, 3) if batched else (5, 3)
    one, other = (torch.linspace(-2, 2, math.prod(shape)).double().view(shape).requires_grad_() for _ in "ab")
    batch = (shape[0 if batch_first else 1],) if batched else ()
    first = torch.randn(4 if bidirectional else 2, *batch, 4, dtype=torch.float64)
    state = (first, 2 * first) if kind == "lstm" else first

    found, wanted = own(one, state), known(other, state)
    weighted(found).backward()
    weighted(wanted).backward()

    torch.testing.assert_close(tensors_of(found), tensors_of(wanted), rtol=1e-11, atol=1e-12)
    torch.testing.assert_close(one.grad, other.grad, rtol=1e-10, atol=1e-12)
    for name, weight in known.named_parameters():
        torch.testing.assert_close(own.get_parameter(name).grad, weight.grad, rtol=1e-10, atol=1e-12)


@EVERY
def test_state_dict_moves_back_to_torch(kind: str) -> None:
    """Names and shapes are torch's, also where the second bias is held at zero."""
    own = KINDS[kind](3, 4, 2, bidirectional=True, single_bias=True)

    TORCH[kind](3, 4, 2, bidirectional=True).load_state_dict(own.state_dict())


def test_plain_relu_equals_torch() -> None:
    """The one ReLU recurrence that torch has."""
    torch.manual_seed(2)
    known = nn.RNN(3, 4, nonlinearity="relu").double()
    own = RNN(3, 4, activation="relu").double()
    own.load_state_dict(known.state_dict())
    inputs = torch.randn(6, 2, 3, dtype=torch.float64)

    torch.testing.assert_close(own(inputs), known(inputs))


@EVERY
def test_relu_layers_equal_keras(kind: str) -> None:
    """Outputs and all gradients of Keras' layers, stored by the script beside the arrays."""
    layer = KINDS[kind](2, 4, activation="relu", batch_first=True, single_bias=True).double()
    missing = layer.load_state_dict(keras_tensors(kind, "weight"), strict=False)
    assert missing.unexpected_keys == []
    inputs = torch.from_numpy(KERAS[f"{kind}/inputs"]).requires_grad_()

    output = layer(inputs)[0]
    (output * torch.from_numpy(KERAS[f"{kind}/loss_weights"])).sum().backward()

    close: dict[str, Any] = {"rtol": 1e-6, "atol": 1e-7}
    torch.testing.assert_close(output, torch.from_numpy(KERAS[f"{kind}/output"]), **close)
    torch.testing.assert_close(inputs.grad, torch.from_numpy(KERAS[f"{kind}/input_gradient"]), **close)
    gradients = keras_tensors(kind, "gradient")
    assert set(gradients) == {name for name, _ in layer.named_parameters()}
    for name, wanted in gradients.items():
        torch.testing.assert_close(layer.get_parameter(name).grad, wanted, **close)


def test_reference_names_its_versions() -> None:
    """Whoever doubts the arrays can make them again."""
    assert "keras 3" in str(KERAS["versions"])


@EVERY
def test_keras_initialisation_is_the_default(kind: str) -> None:
    """Glorot kernels, orthonormal recurrent kernels, zero biases, and 1 for what forgets."""
    layer = KINDS[kind](6, 8)
    rows = layer.gates * 8

    bound = math.sqrt(6 / (6 + rows))
    kernel, recurrent, bias, second = (
        layer.state_dict()[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    assert 0.8 * bound < kernel.abs().max() <= bound
    torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(8))
    assert not second.any()
    ones = [8 <= place < 16 for place in range(rows)] if kind == "lstm" else [False] * rows
    assert bias.bool().tolist() == ones


def test_unequal_widths_give_a_state_per_layer() -> None:
    """Layers of 5 and 3 cells: the output has the last width, and a run can go on from its own states."""
    torch.manual_seed(3)
    layer = LSTM(2, [5, 3], batch_first=True)
    inputs = torch.randn(4, 6, 2)

    whole, _ = layer(inputs)
    begun, state = layer(inputs[:, :2])
    rest, _ = layer(inputs[:, 2:], state)

    assert [tuple(one.shape) for one in state[0]] == [(1, 4, 5), (1, 4, 3)]
    torch.testing.assert_close(torch.cat([begun, rest], 1), whole)


def test_dropout_works_between_layers_and_only_in_training() -> None:
    """As in torch: not after the last layer, and not when forecasting."""
    torch.manual_seed(4)
    stacked, single = LSTM(2, (8, 8), dropout=0.5), LSTM(2, 8, dropout=0.5)
    inputs = torch.randn(5, 3, 2)

    assert not torch.equal(stacked(inputs)[0], stacked(inputs)[0])
    torch.testing.assert_close(single(inputs)[0], single(inputs)[0])
    stacked.eval()
    torch.testing.assert_close(stacked(inputs)[0], stacked(inputs)[0])


@EVERY
def test_clip_bounds_what_the_activation_sees(kind: str) -> None:
    """A huge input is no more than the clip to a ReLU."""
    layer = KINDS[kind](1, 4, clip=2.0)
    huge = 1e6 * torch.ones(1, 1, 1)

    bound = 2.0 if kind != "lstm" else 2.0 * torch.sigmoid(torch.tensor(2.0)) ** 2
    assert layer(huge)[0].abs().max() <= bound + 1e-6


@pytest.mark.parametrize(
    "values",
    [
        {"hidden_size": ()},
        {"hidden_size": 0},
        {"hidden_size": (4, 3), "num_layers": 3},
        {"activation": "selu"},
        {"dropout": 1.0},
        {"clip": 0.0},
        {"initialisation": "zeros"},
    ],
)
def test_layer_that_cannot_be_is_refused(values: dict[str, Any]) -> None:
    """A mistake shows where it is made."""
    with pytest.raises(ValueError, match=r"must be|num_layers"):
        LSTM(**{"input_size": 1, "hidden_size": 4, **values})


def test_names_of_the_package_are_the_layers() -> None:
    """``tsforecast.models.LSTM`` and its like are at hand."""
    assert (models.LSTM, models.GRU, models.RNN) == (LSTM, GRU, RNN)
    with pytest.raises(AttributeError, match="Transformer"):
        models.__getattr__("Transformer")


def test_package_does_not_load_torch_by_itself() -> None:
    """Predict imports the package and must not pay for torch."""
    code = "import sys, tsforecast.models; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
