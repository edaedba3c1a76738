from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.building import (
    arrays_of,
    awkward_windows,
    covariate_spec,
    covariate_windows,
    rough_network,
    seasonal_windows,
)
from tsforecast.exporters import ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.models.spec import CALENDAR_WIDTHS, NetworkSpec
from tsforecast.runtime.session import OnnxForecaster

NAMES = ("a", "b", "c")


@st.composite
def specs(draw: st.DrawFn) -> NetworkSpec:
    """Draw any combination of covariates and calendar, patches that fit or do not."""
    kinds = {kind: draw(st.integers(0, 2)) for kind in ("past", "future", "static")}
    names = {
        f"{kind}_covariates": tuple(f"{kind}{place}" for place in range(count))
        for kind, count in kinds.items()
    }
    every = [name for many in names.values() for name in many]
    coded = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    calendar = tuple(draw(st.lists(st.sampled_from([*CALENDAR_WIDTHS]), unique=True)))
    return covariate_spec(
        **names,
        categories=tuple((name, draw(st.integers(1, 9))) for name in sorted(coded)),
        calendar=calendar,
        context_length=draw(st.integers(2, 30)),
        horizon=draw(st.integers(1, 12)),
        patch_length=draw(st.integers(1, 8)),
        members=draw(st.integers(1, 3)),
        activation=draw(st.sampled_from(["relu", "tanh"])),
    )


@settings(max_examples=40)
@given(spec=specs(), seed=st.integers(0, 9))
def test_export_equals_torch_for_every_combination(spec: NetworkSpec, seed: int) -> None:
    """Whatever enters the network, missing, huge or unknown: the file gives what the network gives."""
    length = spec.context_length
    contexts = np.concatenate([seasonal_windows(3, length, seed), awkward_windows(length)])
    network, inputs = rough_network(spec, seed), covariate_windows(spec, contexts, seed)
    weights = arrays_of(network)

    for recurrence in ("lstm", "unrolled"):
        graph = ort.export(spec, weights, {}, 17, form=GraphForm(recurrence=recurrence))
        assert ort.verify(graph, spec, weights, inputs) <= ort.LIMIT


@pytest.mark.parametrize("opset", range(ort.OPSETS[0], ort.OPSETS[1] + 1))
def test_export_with_covariates_keeps_the_contract_in_every_operator_set(opset: int) -> None:
    """Names, types and shapes of the inputs are those that users feed; parity holds."""
    spec = covariate_spec(members=2)
    network = rough_network(spec)
    inputs, weights = covariate_windows(spec, awkward_windows(24)), arrays_of(network)
    file = ort.export(spec, weights, {}, opset)

    def shape(value: Any) -> list[Any]:
        return [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]

    given_shapes = {one.name: shape(one) for one in onnx.load_model_from_string(file).graph.input}
    assert ort.verify(file, spec, weights, inputs) <= ort.LIMIT
    assert given_shapes == {
        "context": ["B", 24],
        "past_covariates": ["B", 24, 2],
        "future_covariates": ["B", 29, 3],
        "static_covariates": ["B", 2],
        "timestamps": ["B", 29],
    }
    assert OnnxForecaster(file).timestamps


def test_graph_is_fed_only_what_it_asks_for() -> None:
    """A graph without covariates takes windows that have them: those of a panel with more columns."""
    spec = covariate_spec()
    plain = rough_network(
        covariate_spec(past_covariates=(), future_covariates=(), static_covariates=(), calendar=())
    )
    file = ort.export(plain.spec, arrays_of(plain), {}, 17)

    forecaster = OnnxForecaster(file)

    assert not forecaster.timestamps
    assert np.isfinite(forecaster.forecast(covariate_windows(spec, seasonal_windows(3, 24)))).all()


@pytest.mark.parametrize(
    "name", ["encoder_kernel", "decoder_kernel", "encoder_static", "decoder_static", "step_kernel", "step_bias",
             "step_output", "past_embedding_1", "future_embedding_2", "static_embedding_1", "centre", "holidays"],
)  # fmt: skip
def test_verify_notices_a_changed_covariate_weight(name: str) -> None:
    """Every part is behind the number that people trust."""
    spec = covariate_spec()
    network = rough_network(spec)
    changed = arrays_of(network)
    key = f"covariates.{name}"
    changed[key] = 1 - changed[key] if name == "holidays" else changed[key] + np.float32(0.2)
    inputs = covariate_windows(spec, seasonal_windows(16, 24))

    found = ort.verify(ort.export(spec, arrays_of(network), {}, 17), spec, changed, inputs)

    assert found > 10 * ort.LIMIT
