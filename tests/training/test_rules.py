from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.models.recurrent_building import recurrent_spec
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.training.epochs import loss_of
from tsforecast.training.rules import RULES, FlatOptimiser

KERAS = np.load(Path(__file__).parents[1] / "models" / "reference" / "keras_layers.npz")


@pytest.mark.parametrize("rule", RULES)
def test_rule_finds_the_minimum(rule: str) -> None:
    """Whatever the rule, a bowl is gone down."""
    layer = torch.nn.Linear(3, 1).double()
    optimiser = FlatOptimiser(layer, rule)
    wanted = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    for _ in range(1200):
        optimiser.clear()
        ((layer.weight - wanted) ** 2).sum().backward()
        optimiser.step(0.01)

    torch.testing.assert_close(layer.weight.detach()[0], wanted, atol=0.02, rtol=0)


@pytest.mark.parametrize(("rule", "known"), [("adam", torch.optim.Adam), ("sgd", torch.optim.SGD)])
def test_rule_equals_torch(rule: str, known: Callable[..., torch.optim.Optimizer]) -> None:
    """Two optimisers, one path."""
    torch.manual_seed(0)
    own, other = torch.nn.Linear(3, 2).double(), torch.nn.Linear(3, 2).double()
    other.load_state_dict(own.state_dict())
    epsilon = {"eps": 1e-7} if rule == "adam" else {}
    ours, theirs = FlatOptimiser(own, rule), known(other.parameters(), lr=0.01, **epsilon)
    for step in range(5):
        inputs = torch.linspace(-1, 1 + step, 6, dtype=torch.float64).view(2, 3)
        ours.clear()
        theirs.zero_grad()
        for layer in (own, other):
            (layer(inputs) ** 2).sum().backward()
        ours.step(0.01)
        theirs.step()

    torch.testing.assert_close(own.state_dict(), other.state_dict(), rtol=1e-9, atol=1e-12)


def test_classic_training_is_that_of_keras() -> None:
    """LSTM(4, relu), Dense(1), MSE and RMSprop give Keras' weights after five steps, to 1e-6."""
    spec = recurrent_spec("plain", head="recursive", widths=(4,), context_length=7)
    network = RecurrentNetwork(spec).double()
    before, after = ([torch.from_numpy(np.ascontiguousarray(KERAS[f"training/{when}/{place}"].T)) for place in range(5)]
                     for when in ("before", "after"))  # fmt: skip
    names = ("layers.weight_ih_l0", "layers.weight_hh_l0", "layers.bias_ih_l0", "dense.weight", "dense.bias")
    start = dict(zip(names, before, strict=True))
    network.load_state_dict(start, strict=False)
    optimiser = FlatOptimiser(network, "rmsprop")

    for inputs, target in zip(KERAS["training/inputs"], KERAS["training/targets"], strict=True):
        optimiser.clear()
        batch = (torch.from_numpy(inputs[..., 0]), torch.from_numpy(target))
        loss_of(network, "mse", batch).backward()
        optimiser.step(1e-3)

    for name, wanted in zip(names, after, strict=True):
        torch.testing.assert_close(network.state_dict()[name], wanted, rtol=1e-6, atol=1e-7)
        assert not torch.equal(wanted, start[name])


def test_gradient_norm_is_bounded_where_asked() -> None:
    """A step of plain descent is no longer than rate times bound."""
    layer = torch.nn.Linear(3, 1)
    optimiser = FlatOptimiser(layer, "sgd", clip_norm=1.0)
    before = optimiser.weights.clone()
    (1e6 * layer.weight.sum()).backward()
    optimiser.step(0.1)

    torch.testing.assert_close((optimiser.weights - before).norm(), torch.tensor(0.1))
