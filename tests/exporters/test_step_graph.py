"""The form of one step per call forecasts what torch forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from tests.models.building import (
    arrays_of,
    awkward_windows,
    covariate_spec,
    covariate_windows,
    rough_network,
    seasonal_windows,
    small_spec,
)
from tests.models.recurrent_building import VARIANTS, recurrent_spec, rough_recurrent
from tsforecast.artifacts import Arrays
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import build_model, ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.runtime.session import OnnxForecaster

STEP = GraphForm(recurrence="step")
WITH_ALL: dict[str, Any] = {"attention": True, "filters": 3, "kernel": 2, "clip": 2.0, "widths": (5, 3)}
ONE_WAY = {
    **{name: {} for name, changes in VARIANTS.items() if not changes.get("bidirectional")},
    "recursive": WITH_ALL,
    "gru": WITH_ALL,
    "rnn": WITH_ALL,
}
"""Networks that read their window in one direction: changes by variant."""


def recurrent_arrays(network: RecurrentNetwork) -> Arrays:
    """Weights as the exporters take them."""
    return {name: value.numpy() for name, value in network.state_dict().items()}


def test_step_of_the_default_network_equals_torch() -> None:
    """Patches, covariates, members: the last of as many calls as there are patches is the forecast."""
    for spec in (small_spec(members=3), covariate_spec(members=2, context_length=26)):
        contexts = np.concatenate(
            [seasonal_windows(3, spec.context_length), awkward_windows(spec.context_length)]
        )
        network, inputs = rough_network(spec), covariate_windows(spec, contexts)
        weights = arrays_of(network)

        file = ort.export(spec, weights, {}, 17, form=STEP)

        assert ort.verify(file, spec, weights, inputs) <= ort.LIMIT
        assert OnnxForecaster(file).calls == spec.context_patches > 1


@pytest.mark.parametrize("variant", ONE_WAY)
def test_step_of_a_textbook_network_equals_torch(variant: str) -> None:
    """Every cell, two layers, attention on the way, convolutions at the edge, forecasts fed back."""
    network = rough_recurrent(recurrent_spec(variant, **ONE_WAY[variant]))
    spec = network.spec
    contexts = np.concatenate(
        [seasonal_windows(3, spec.context_length), awkward_windows(spec.context_length)]
    )
    weights = recurrent_arrays(network)

    file = ort.export(spec, weights, {}, 17, form=STEP)

    assert ort.verify(file, spec, weights, Inputs.of(contexts)) <= ort.LIMIT
    assert OnnxForecaster(file).calls == 24 * (5 if spec.head == "recursive" else 1)


@pytest.mark.parametrize("variant", ["mixture", "recursive"])
def test_step_has_neither_recurrent_operators_nor_loops(variant: str) -> None:
    """A runtime that knows neither can run it, and its size does not grow with the window."""

    def operators(length: int) -> list[str]:
        shape: dict[str, Any] = {"context_length": length, "season_lengths": (4,)}
        if variant == "mixture":
            mixture = rough_network(small_spec(patch_length=4, **shape))
            model = build_model(mixture.spec, arrays_of(mixture), 17, form=STEP)
        else:
            network = rough_recurrent(recurrent_spec(variant, **shape))
            model = build_model(network.spec, recurrent_arrays(network), 17, form=STEP)
        onnx.checker.check_model(model, full_check=True)
        return [node.op_type for node in onnx.load_model_from_string(model).graph.node]

    assert not {"LSTM", "GRU", "RNN", "Loop", "Scan", "If"} & {*operators(16)}
    assert operators(16) == operators(32)


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_step_takes_one_batch_size_and_smaller_numbers(precision: str) -> None:
    """Its own inputs keep their shapes; the forecast stays near."""
    network = rough_network(small_spec(members=2))
    spec, weights = network.spec, arrays_of(network)
    inputs = Inputs.of(seasonal_windows(5, spec.context_length))
    form = GraphForm(recurrence="step", levels=(0.1, 0.5, 0.9), batch=2)

    file = ort.export(spec, weights, {}, 17, form=form, precision=precision)

    graph = onnx.load_model_from_string(file).graph
    shapes = {one.name: [axis.dim_value for axis in one.type.tensor_type.shape.dim] for one in graph.input}
    assert shapes == {"context": [2, 24], "step": [1], "state": [2, 2 * 2 * spec.hidden]}
    wanted = network.forecast(inputs)[0][:, :, [spec.levels.index(one) for one in form.levels]]
    assert ort.difference(OnnxForecaster(file).forecast(inputs), wanted, inputs.context) < 0.5
