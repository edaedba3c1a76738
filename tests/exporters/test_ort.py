from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.building import (
    arrays_of,
    awkward_windows,
    rough_network,
    seasonal_panel,
    seasonal_windows,
    small_spec,
)
from tsforecast.config import NORMALISATIONS
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.exporters.mixture_graph import build_model
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import NetworkSpec
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.training.batches import Batches
from tsforecast.training.loop import Schedule, Trainer

OPSETS = range(ort.OPSETS[0], ort.OPSETS[1] + 1)


@st.composite
def specs(draw: st.DrawFn) -> NetworkSpec:
    """Draw a shape, also one whose patches fit neither context nor horizon, or whose seasons do not fit."""
    length = draw(st.integers(2, 40))
    seasons = draw(st.lists(st.integers(2, 45), max_size=4, unique=True))
    spec = small_spec(
        context_length=length,
        horizon=draw(st.integers(1, 20)),
        season_lengths=tuple(sorted(seasons)),
        patch_length=draw(st.integers(1, length + 2)),
        hidden=draw(st.integers(1, 9)),
        activation=draw(st.sampled_from(["relu", "tanh"])),
        normalisation=draw(st.sampled_from(NORMALISATIONS)),
        members=draw(st.integers(1, 4)),
        clip=draw(st.sampled_from([0.5, 2.0, 50.0])),
    )
    share = draw(st.sampled_from([0.0, 0.3, 1.0]))
    return replace(spec, classical=draw(st.sampled_from(spec.classical_names)), classical_share=share)


def graph_of(network: MixtureLSTM, opset: int = 17) -> bytes:
    """ONNX file of a network, its own spec, no description."""
    return ort.export(network.spec, arrays_of(network), {}, opset)


def parity(network: MixtureLSTM, contexts: Floats, opset: int = 17) -> float:
    """Difference of a network and its graph."""
    return ort.verify(graph_of(network, opset), network.spec, arrays_of(network), Inputs.of(contexts))


def trained_network(activation: str) -> MixtureLSTM:
    """Make a network whose weights come from training instead of a random draw."""
    spec = small_spec(activation=activation, members=2)
    network = rough_network(spec, noise=0.0)
    batches = Batches(seasonal_panel(), spec.context_length, spec.horizon, seed=0)
    Trainer(network, batches, Schedule(steps=40, batch=16)).run()
    return network


@settings(max_examples=40)
@given(spec=specs(), seed=st.integers(0, 9))
def test_export_equals_torch_for_every_shape(spec: NetworkSpec, seed: int) -> None:
    """One graph, one forecast: whatever the shape and the window, the file gives what the network gives."""
    length = spec.context_length
    contexts = np.concatenate([seasonal_windows(3, length, seed), awkward_windows(length)])

    network = rough_network(spec, seed)
    assert parity(network, contexts) <= ort.LIMIT
    unrolled = ort.export(spec, arrays_of(network), {}, 17, form=GraphForm(recurrence="unrolled"))
    assert ort.verify(unrolled, spec, arrays_of(network), Inputs.of(contexts)) <= ort.LIMIT


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("opset", OPSETS)
def test_export_equals_torch_in_every_operator_set(activation: str, opset: int) -> None:
    """Operator sets moved axes from attributes to inputs; no forecast moves with them."""
    network = trained_network(activation)
    contexts = np.concatenate([seasonal_windows(5, 24), awkward_windows(24)])

    assert parity(network, contexts, opset) <= ort.LIMIT


@pytest.mark.parametrize("count", [1, 64])
def test_export_equals_torch_for_every_batch(count: int) -> None:
    """The batch axis is dynamic: one window on a device, many on a server."""
    assert parity(trained_network("relu"), seasonal_windows(count, 24)) <= ort.LIMIT


def test_export_forecasts_a_window_alike_alone_and_in_a_batch() -> None:
    """The windows beside it do not matter, not even those without a value."""
    forecaster = OnnxForecaster(graph_of(rough_network(small_spec(members=3))))
    contexts = np.concatenate([seasonal_windows(3, 24), awkward_windows(24)])

    together = forecaster.forecast(Inputs.of(contexts))

    alone = np.concatenate([forecaster.forecast(Inputs.of(row[None])) for row in contexts])
    assert ort.difference(together, alone, contexts) <= 1e-6


@pytest.mark.parametrize(
    ("recurrence", "precision"),
    [("lstm", "fp32"), ("unrolled", "fp32"), ("step", "fp32"), ("lstm", "fp16"), ("lstm", "int8")],
)
@pytest.mark.parametrize("normalisation", ["spread", "change"])
def test_export_keeps_a_small_season_on_a_huge_level(
    normalisation: str, recurrence: str, precision: str
) -> None:
    """A billion more is the same forecast, a billion higher: in every form and precision."""
    network = rough_network(small_spec(normalisation=normalisation))
    form = GraphForm(recurrence=recurrence)
    forecaster = OnnxForecaster(
        ort.export(network.spec, arrays_of(network), {}, 17, form=form, precision=precision)
    )
    context = np.sin(np.arange(24) * np.pi / 2)[None]

    np.testing.assert_allclose(
        forecaster.forecast(Inputs.of(context + 1e9)) - 1e9,
        forecaster.forecast(Inputs.of(context)),
        rtol=0,
        atol=2e-5,
    )


def test_export_gives_sorted_quantiles_or_nothing() -> None:
    """Quantiles never cross; a window without a value has no forecast at all."""
    quantiles = OnnxForecaster(graph_of(rough_network(small_spec()))).forecast(Inputs.of(awkward_windows(24)))

    missing = np.isnan(quantiles).any((1, 2))
    assert [True, *[False] * 8] == missing.tolist()
    assert (np.diff(quantiles[1:], axis=-1) >= 0).all()


def test_export_writes_the_same_bytes_again() -> None:
    """A file can be compared by its hash."""
    network = rough_network(small_spec(members=2))
    weights = arrays_of(network)
    backwards = dict(reversed(weights.items()))

    files = [
        ort.export(network.spec, given, about, 17)
        for given, about in ((weights, {"b": 1, "a": 2}), (backwards, {"a": 2, "b": 1}))
    ]

    assert files[0] == files[1]


@pytest.mark.parametrize(("own", "other"), [("relu", "tanh"), ("tanh", "relu")])
def test_verify_notices_swapped_activations(own: str, other: str) -> None:
    """A runtime that ignores the activation attribute is far outside the limit."""
    network = trained_network(own)
    swapped = ort.export(replace(network.spec, activation=other), arrays_of(network), {}, 17)

    found = ort.verify(swapped, network.spec, arrays_of(network), Inputs.of(seasonal_windows(16, 24)))

    assert found > 100 * ort.LIMIT


def test_verify_notices_an_ignored_clip() -> None:
    """A runtime that ignores the clip attribute is far outside the limit."""
    network = rough_network(small_spec(clip=0.5))
    free = ort.export(replace(network.spec, clip=1e6), arrays_of(network), {}, 17)

    assert (
        ort.verify(free, network.spec, arrays_of(network), Inputs.of(seasonal_windows(16, 24)))
        > 100 * ort.LIMIT
    )


@pytest.mark.parametrize(
    "name", ["encoder_bias", "decoder_recurrent", "gate_weight", "residual_bias", "adjustments"]
)
def test_verify_notices_a_changed_weight(name: str) -> None:
    """Every part of the network is behind the number that people trust."""
    network = rough_network(small_spec())
    changed = arrays_of(network)
    noise = np.random.default_rng(0).normal(scale=0.1, size=changed[name].shape)
    changed[name] = changed[name] + noise.astype(np.float32)

    found = ort.verify(graph_of(network), network.spec, changed, Inputs.of(seasonal_windows(16, 24)))

    assert found > 10 * ort.LIMIT


@pytest.mark.parametrize("opset", OPSETS)
def test_export_passes_the_checker_and_fixes_its_shapes(opset: int) -> None:
    """Inputs and outputs are those of the contract: float64, named, only the batch is open."""
    spec = small_spec(members=2)
    model = onnx.load_model_from_string(graph_of(rough_network(spec), opset))

    onnx.checker.check_model(model, full_check=True)

    def shape(value: Any) -> list[Any]:
        return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]

    assert {one.name: shape(one) for one in model.graph.input} == {"context": ["B", 24]}
    assert {one.name: shape(one) for one in model.graph.output} == {"quantiles": ["B", 5, 13]}
    assert {onnx.TensorProto.DOUBLE} == {
        one.type.tensor_type.elem_type for one in (*model.graph.input, *model.graph.output)
    }
    assert [("", opset)] == [(one.domain, one.version) for one in model.opset_import]


def test_export_describes_itself_in_json() -> None:
    """The file says how to feed it without any other file."""
    network = rough_network(small_spec())
    model = onnx.load_model_from_string(
        ort.export(network.spec, arrays_of(network), {"cutoff": "2024-01"}, 18)
    )

    about = json.loads({one.key: one.value for one in model.metadata_props}["tsforecast"])

    assert (about["cutoff"], about["opset"]) == ("2024-01", 18)
    assert len(about["digest"]) == 64


def test_export_uses_one_native_recurrence_per_member() -> None:
    """The runtime has a fast LSTM; a hand-made one would be slow on a device."""
    model = onnx.load_model_from_string(graph_of(rough_network(small_spec(members=3))))

    assert [node.op_type for node in model.graph.node].count("LSTM") == 3


def test_explaining_graph_also_gives_the_gate() -> None:
    """On request the graph says what it leans on, in the numbers torch has."""
    network = rough_network(small_spec(members=2))
    contexts = seasonal_windows(4, 24)
    graph = build_model(network.spec, arrays_of(network), 17, explain=True)

    weights = OnnxForecaster(graph).gate_weights(Inputs.of(contexts))

    np.testing.assert_allclose(weights.mean(1), network.forecast(Inputs.of(contexts))[1], atol=1e-6)
    np.testing.assert_allclose(weights.sum(2), 1, rtol=1e-6)
    assert weights.shape == (4, network.spec.future_patches, len(network.spec.expert_names))
    assert np.abs(weights[:, 0] - weights[:, 1]).max() > 1e-3


@settings(max_examples=25, deadline=None)
@given(
    level=st.floats(-100, 100), floor=st.floats(-20, 20), members=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_nothing_is_forecast_below_the_floor(level: float, floor: float, members: int, seed: int) -> None:
    """In torch and in the graph alike no quantile lies below the floor, and quantiles stay sorted."""
    network = rough_network(small_spec(members=members, floor=floor), seed)
    contexts = np.concatenate([seasonal_windows(6, 24, seed), awkward_windows(24)]) + level
    graph = ort.export(network.spec, arrays_of(network), {}, 17)

    for quantiles in (
        network.forecast(Inputs.of(contexts))[0],
        OnnxForecaster(graph).forecast(Inputs.of(contexts)),
    ):
        known = quantiles[~np.isnan(quantiles).any((1, 2))]
        assert len(known) == len(contexts) - 1
        assert known.min() >= floor
        assert (np.diff(known, axis=-1) >= 0).all()
    assert ort.verify(graph, network.spec, arrays_of(network), Inputs.of(contexts)) <= ort.LIMIT


@settings(max_examples=25, deadline=None)
@given(level=st.floats(0, 3), members=st.integers(1, 3), seed=st.integers(0, 99))
def test_intervals_of_counts_end_at_counts(level: float, members: int, seed: int) -> None:
    """Below one half a lower end is 0, above it an upper end is 1; all stay sorted, and torch and graph agree."""
    network = rough_network(small_spec(members=members, floor=0.0, counts=True), seed)
    plain = replace(network.spec, counts=False)
    contexts = np.round(np.abs(seasonal_windows(6, 24, seed)) / 40 + level)
    graph = ort.export(network.spec, arrays_of(network), {}, 17)
    found = OnnxForecaster(graph).forecast(Inputs.of(contexts))
    network.spec = plain
    before, _ = network.forecast(Inputs.of(contexts))
    levels = np.array(plain.levels)

    assert (found[(before < 0.5) & (levels < 0.5)] == 0).all()
    assert (found[(before > 0.51) & (before < 1) & (levels > 0.5)] == 1).all()
    assert (np.diff(found, axis=-1) >= 0).all()
    np.testing.assert_allclose(found[before > 1.001], before[before > 1.001], rtol=1e-4)
    assert (
        ort.verify(graph, replace(plain, counts=True), arrays_of(network), Inputs.of(contexts)) <= ort.LIMIT
    )


def test_floor_changes_only_what_lies_below_it() -> None:
    """What is above the floor is the forecast without it."""
    free = rough_network(small_spec(members=2))
    bound = rough_network(small_spec(members=2, floor=50.0))
    contexts = seasonal_windows(8, 24)

    wanted = np.maximum(free.forecast(Inputs.of(contexts))[0], 50.0)

    assert (wanted == 50).any()
    assert (wanted > 50).any()
    np.testing.assert_array_equal(bound.forecast(Inputs.of(contexts))[0], wanted)
    without, within = (OnnxForecaster(graph_of(one)).forecast(Inputs.of(contexts)) for one in (free, bound))
    np.testing.assert_array_equal(within, np.maximum(without, 50.0))


def test_difference_is_in_units_of_the_window() -> None:
    """A hundredth of a standard deviation is 0.01, for a series in units or in 1e300."""
    contexts = np.array([[1.0, 3.0], [1e300, 3e300], [np.nan, 5.0], [np.nan, np.nan]])
    wanted = np.zeros((4, 1, 1))
    wanted[3] = np.nan
    found = wanted + np.array([0.01, 1e298, 0.0, 0.0])[:, None, None]

    assert ort.difference(found, wanted, contexts) == pytest.approx(0.01)
    assert ort.difference(found[1:2], wanted[1:2], contexts[1:2]) == pytest.approx(0.01)


def test_difference_of_a_constant_window_is_in_millionths_of_its_level() -> None:
    """Without a deviation the level gives the unit."""
    contexts, wanted = np.full((1, 4), 1e6), np.full((1, 2, 3), 1e6)

    assert ort.difference(wanted + 0.5, wanted, contexts) == pytest.approx(0.5)


def test_difference_is_endless_where_only_one_forecast_is_missing() -> None:
    """A missing number is not a small difference."""
    contexts, wanted = np.ones((1, 4)), np.ones((1, 2, 3))
    found = wanted.copy()
    found[0, 0, 0] = np.nan

    assert float("inf") == ort.difference(found, wanted, contexts)


def test_export_equals_torch_where_logarithms_carry_quantiles_far_away() -> None:
    """A series that multiplied itself has an upper quantile thousands of deviations off: no reason to refuse a file."""
    spec = small_spec(normalisation="log")
    network = rough_network(spec, noise=0.05)
    with torch.no_grad():
        network.adjustments[:, -1] = 20.0
    contexts = 20 * np.exp(np.linspace(0, 6, 24)) * np.array([[1.0], [1e6]])
    inputs = Inputs.of(contexts)

    far = network.forecast(inputs)[0][..., -1] / contexts.std(1, keepdims=True)

    assert (far > 1e3).all()
    assert parity(network, contexts) <= ort.LIMIT


def test_apart_measures_logarithms_by_their_own_deviation() -> None:
    """A relative error counts as much far above the window as beside it, and a large one is still seen."""
    spec = small_spec(normalisation="log")
    contexts = np.exp(np.array([[0.0, 2.0, np.nan], [0.0, 2.0, -np.inf]]))
    wanted = np.full((2, 1, 2), 1e9)

    assert ort.apart(spec, wanted * 1.01, wanted, contexts) == pytest.approx(0.01, rel=0.1)
    assert ort.apart(replace(spec, normalisation="spread"), wanted * 1.01, wanted, contexts) > 1e6


def test_apart_survives_windows_without_logarithms() -> None:
    """Zeros, constants and gaps alone have no deviation of logarithms, and nothing overflows."""
    spec = small_spec(normalisation="log")
    contexts = np.array([[0.0, 0.0], [5.0, 5.0], [np.nan, np.nan], [1e-300, 1e300]])
    wanted = np.array([1.0, 5.0, np.nan, np.exp(700.0)])[:, None, None]

    assert ort.apart(spec, wanted.copy(), wanted, contexts) == 0.0
