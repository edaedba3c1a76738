from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import awkward_windows, seasonal_windows
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import NetworkSpec
from tsforecast.training import pretrain
from tsforecast.training.pretrained import (
    PATCH,
    WEIGHTS,
    fold,
    load_pretrained,
    resampling,
    shipped_weights,
    suits,
)

SHAPES: list[dict[str, Any]] = [
    {"context_length": 60, "horizon": 18, "season_lengths": (12,), "patch_length": 12, "members": 2},
    {"context_length": 9, "horizon": 4, "season_lengths": (), "patch_length": 1, "members": 1},
    {"context_length": 50, "horizon": 13, "season_lengths": (52,), "patch_length": 7, "members": 3},
    {"context_length": 60, "horizon": 7, "season_lengths": (5, 10, 30), "patch_length": 30, "members": 5},
]


def pretrained(shape: dict[str, Any]) -> MixtureLSTM:
    """Network of a shape with the shipped weights."""
    network = build(NetworkSpec(**shape))
    load_pretrained(network)
    return network


@pytest.mark.parametrize("shape", SHAPES)
def test_fold_gives_every_weight_of_a_network(shape: dict[str, Any]) -> None:
    """Names and shapes are those of the plain network."""
    network = build(NetworkSpec(**shape))

    folded = fold(shipped_weights(), network.spec)

    assert {k: v.shape for k, v in network.named_parameters()} == {k: v.shape for k, v in folded.items()}


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


@pytest.mark.parametrize(("source", "target"), [(1, 24), (12, 24), (24, 12), (7, 24), (24, 7), (48, 24)])
def test_resampling_keeps_level_and_slope(source: int, target: int) -> None:
    """A constant stays what it is; away from the ends a line stays a line."""
    matrix = resampling(source, target)
    line = (matrix @ ((torch.arange(source) + 0.5) / source)).numpy()

    assert torch.allclose(matrix.sum(1), torch.ones(target))
    inner = slice(target // 4, target - target // 4) if source > 1 else slice(0, 0)
    assert np.allclose(((np.arange(target) + 0.5) / target)[inner], line[inner], atol=1e-6)


def test_gradient_reaches_every_universal_weight() -> None:
    """Folding passes gradients on, so that all shapes teach the same weights."""
    torch.manual_seed(0)
    universal = pretrain.fresh_weights(2)
    spec = NetworkSpec(context_length=60, horizon=9, season_lengths=(2, 4, 20), patch_length=4, members=2)

    total = torch.stack([value.sum() for value in fold(dict(universal.items()), spec).values()]).sum()
    total.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations

    idle = [name for name, value in universal.items() if value.grad is None or not value.grad.any()]
    assert idle == []


def test_fold_of_a_plain_patch_is_exact() -> None:
    """At the universal patch length nothing is resampled: kernels are taken as they are."""
    universal = shipped_weights()
    spec = NetworkSpec(context_length=4 * PATCH, horizon=PATCH, season_lengths=(24,), patch_length=PATCH)

    folded = fold(universal, spec)

    assert torch.allclose(universal["encoder_input"][:1], folded["encoder_input"])
    assert torch.allclose(universal["residual_weight"][:1], folded["residual_weight"])


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


def test_drawn_shapes_are_networks() -> None:
    """Every shape drawn for pre-training suits the shipped weights and holds what it forecasts from."""
    random = np.random.default_rng(0)

    specs = [pretrain.draw_spec(random) for _ in range(200)]

    assert all(suits(spec) and 1 <= spec.patch_length <= spec.context_length for spec in specs)
    assert {0, 1, 2} == {len(spec.usable_seasons) for spec in specs}


def test_provenance_stands_beside_the_weights() -> None:
    """Whoever wonders where the weights come from finds the command that makes them."""
    origin = json.loads(Path(WEIGHTS).with_suffix(".json").read_text(encoding="utf-8"))

    assert "tsforecast.training.pretrain" in origin["command"]
    assert sum(value.numel() for value in shipped_weights().values()) == origin["weights"]
