from __future__ import annotations

import json
import shlex
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import SHAPES, awkward_windows, seasonal_windows
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import NetworkSpec
from tsforecast.models.universal import WEIGHTS, fold, shipped_members, suits
from tsforecast.training import pretrain
from tsforecast.training.pretrained import load_pretrained


def pretrained(shape: dict[str, Any]) -> MixtureLSTM:
    """Network of a shape with the shipped weights."""
    network = build(NetworkSpec(**shape))
    load_pretrained(network)
    return network


@pytest.mark.parametrize("shape", SHAPES)
def test_pretrained_network_forecasts_any_window(shape: dict[str, Any]) -> None:
    """Gaps, padding, huge and tiny values: finite where anything was known."""
    context = awkward_windows(shape["context_length"])[1:]

    quantiles, _ = pretrained(shape).forecast(Inputs.of(context))

    assert np.isfinite(quantiles).all()


def test_pretrained_network_beats_the_mean_without_training() -> None:
    """The shipped weights know a season when they see one."""
    series = seasonal_windows(50, 72, season=12)
    context, future = series[:, :60], series[:, 60:]
    shape = {"context_length": 60, "horizon": 12, "season_lengths": (12,), "patch_length": 12, "members": 3}

    forecast = pretrained(shape).forecast(Inputs.of(context))[0][..., 6]

    error, usual = (np.abs(future - guess).mean() for guess in (forecast, context.mean(1, keepdims=True)))
    assert error < 0.5 * usual


def test_members_differ() -> None:
    """Members start from different weights, or their median would be one of them."""
    network = pretrained(SHAPES[0])

    assert not torch.equal(network.gate_weight[0], network.gate_weight[1])


@pytest.mark.parametrize("changes", [{"activation": "tanh"}, {"hidden": 32}, {"levels": (0.1, 0.5, 0.9)}])
def test_load_pretrained_refuses_other_networks(changes: dict[str, Any]) -> None:
    """Weights of one kind of network mean nothing in another."""
    spec = NetworkSpec(**SHAPES[0] | changes)

    assert not suits(spec)
    with pytest.raises(ValueError, match="another kind"):
        load_pretrained(build(spec))


def test_gradient_reaches_every_universal_weight() -> None:
    """Folding passes gradients on, so that all shapes teach the same weights."""
    torch.manual_seed(0)
    universal = pretrain.fresh_weights(2)
    spec = NetworkSpec(context_length=60, horizon=9, season_lengths=(2, 4, 20), patch_length=4, members=2)

    total = torch.stack(
        [value.sum() for value in fold(dict(universal.items()), spec, torch.from_numpy).values()]
    ).sum()
    total.backward()

    idle = [name for name, value in universal.items() if value.grad is None or not value.grad.any()]
    assert idle == []


def test_pretraining_lowers_the_loss_and_follows_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps of the real script: same seed, same weights; and it learns."""
    monkeypatch.setattr(pretrain, "BATCH", 4)
    monkeypatch.setattr(pretrain, "SHUFFLED", 4)
    monkeypatch.setattr(pretrain, "WARM_UP", 2)

    first, again = (pretrain.pretrain(seed=3, steps=4) for _ in range(2))

    assert all(torch.equal(first[name], again[name]) for name in first)
    torch.manual_seed(3)
    start = pretrain.fresh_weights(pretrain.MEMBERS)
    assert all(not torch.equal(first[name], start[name]) for name in ("encoder_input", "gate_bias"))


def test_the_weights_say_how_they_were_made() -> None:
    """The command beside the shipped weights is one that the script takes, and makes a file of their name."""
    origin = json.loads(WEIGHTS.with_suffix(".json").read_text())

    interpreter, module, *words = shlex.split(origin["command"].replace("-m ", ""))

    assert (interpreter, module) == ("python", pretrain.__name__)
    assert pretrain._options(words).output.name == WEIGHTS.name
    assert origin["members"] == shipped_members()


def test_drawn_shapes_are_networks() -> None:
    """Every shape drawn for pre-training suits the shipped weights and holds what it forecasts from."""
    random = np.random.default_rng(0)

    specs = [pretrain.draw_spec(random) for _ in range(200)]

    assert all(suits(spec) and 1 <= spec.patch_length <= spec.context_length for spec in specs)
    assert {0, 1, 2} == {len(spec.usable_seasons) for spec in specs}
