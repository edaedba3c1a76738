from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import SHAPES
from tsforecast.models import build
from tsforecast.models.spec import NetworkSpec
from tsforecast.models.universal import PATCH, WEIGHTS, fold, resampling, shipped_weights


@pytest.mark.parametrize("shape", SHAPES)
def test_fold_gives_every_weight_of_a_network(shape: dict[str, Any]) -> None:
    """Names and shapes are those of the plain network."""
    network = build(NetworkSpec(**shape))

    folded = fold(shipped_weights(), network.spec, np.asarray)

    assert {k: v.shape for k, v in network.named_parameters()} == {k: v.shape for k, v in folded.items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_fold_of_arrays_is_fold_of_tensors(shape: dict[str, Any]) -> None:
    """What predict runs without torch is what pre-training taught."""
    spec, arrays = NetworkSpec(**shape), shipped_weights()
    tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}

    without, with_torch = fold(arrays, spec, np.asarray), fold(tensors, spec, torch.from_numpy)

    for name, value in with_torch.items():
        assert without[name].dtype == np.float32
        np.testing.assert_allclose(without[name], value.numpy(), rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(("source", "target"), [(1, 24), (12, 24), (24, 12), (7, 24), (24, 7), (48, 24)])
def test_resampling_keeps_level_and_slope(source: int, target: int) -> None:
    """A constant stays what it is; away from the ends a line stays a line."""
    matrix = resampling(source, target)
    line = matrix @ ((np.arange(source) + 0.5) / source)

    np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-6)
    inner = slice(target // 4, target - target // 4) if source > 1 else slice(0, 0)
    assert np.allclose(((np.arange(target) + 0.5) / target)[inner], line[inner], atol=1e-6)


def test_fold_of_a_plain_patch_is_exact() -> None:
    """At the universal patch length nothing is resampled: kernels are taken as they are."""
    universal = shipped_weights()
    spec = NetworkSpec(context_length=4 * PATCH, horizon=PATCH, season_lengths=(24,), patch_length=PATCH)

    folded = fold(universal, spec, np.asarray)

    np.testing.assert_allclose(folded["encoder_input"], universal["encoder_input"][:1], rtol=1e-5)
    np.testing.assert_allclose(folded["residual_weight"], universal["residual_weight"][:1], rtol=1e-5)


def test_provenance_stands_beside_the_weights() -> None:
    """Whoever wonders where the weights come from finds the command that makes them."""
    origin = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))

    assert "tsforecast.training.pretrain" in origin["command"]
    assert sum(value.size for value in shipped_weights().values()) == origin["weights"]
