"""The graph of a network for classes gives the probabilities that torch gives."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from tests.models.building import covariate_windows, seasonal_windows
from tests.models.class_building import CLASS_VARIANTS, class_spec, codes_of, rough_classes
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import build_model, ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.models.class_spec import ClassSpec
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.workflows.parts import network_arrays

EVERY = pytest.mark.parametrize("variant", CLASS_VARIANTS)


def windows(spec: ClassSpec, count: int) -> Inputs:
    """Give windows of codes with all that the network knows beside them."""
    return covariate_windows(spec, codes_of(seasonal_windows(count, spec.context_length), spec))


@EVERY
def test_graph_takes_any_number_of_windows(variant: str) -> None:
    """A window's probabilities do not depend on those beside it."""
    network = rough_classes(class_spec(variant))
    forecaster = OnnxForecaster(ort.export(network.spec, network_arrays(network), {}, 17))
    inputs = windows(network.spec, 5)

    together = forecaster.forecast(inputs)

    for count in (1, 3):
        alone = forecaster.forecast(inputs.take(slice(0, count)))
        np.testing.assert_allclose(alone, together[:count], rtol=1e-6)


@EVERY
def test_graph_has_one_operator_per_layer(variant: str) -> None:
    """No unrolled loop: native operators, and one more where something is known ahead."""
    spec = class_spec(variant)
    network = rough_classes(spec)

    nodes = onnx.load_model_from_string(build_model(spec, network_arrays(network), 17)).graph.node

    recurrent = [node for node in nodes if node.op_type == spec.cell.upper()]
    ways = [
        attribute.s for node in recurrent for attribute in node.attribute if attribute.name == "direction"
    ]
    assert len(recurrent) == len(spec.widths) + bool(spec.future_covariates or spec.calendar)
    assert (b"bidirectional" in ways) == spec.bidirectional
    assert not {node.op_type for node in nodes} & {"Loop", "Scan"}


@EVERY
@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_smaller_numbers_keep_the_probabilities(variant: str, precision: str) -> None:
    """One batch size and smaller numbers leave a file that runs and says nearly the same."""
    network = rough_classes(class_spec(variant))
    spec = network.spec
    inputs = windows(spec, 5)

    file = ort.export(spec, network_arrays(network), {}, 17, form=GraphForm(batch=2), precision=precision)

    found, wanted = OnnxForecaster(file).forecast(inputs), network.forecast(inputs)[0]
    assert np.abs(found - wanted).max() <= {"fp16": 0.01, "int8": 0.2}[precision]


def test_graph_tells_the_attention() -> None:
    """The second output is the attention by blocks of steps, as torch has it."""
    network = rough_classes(class_spec("all parts"))
    inputs = windows(network.spec, 4)
    model = build_model(network.spec, network_arrays(network), 17, explain=True)

    found = OnnxForecaster(model).gate_weights(inputs)

    np.testing.assert_allclose(found[:, 0], network.forecast(inputs)[1], rtol=1e-4, atol=1e-7)
