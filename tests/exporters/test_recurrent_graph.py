"""The graph of a textbook network forecasts what torch forecasts."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from tests.models.building import seasonal_windows
from tests.models.recurrent_building import VARIANTS, recurrent_spec, rough_recurrent
from tsforecast.artifacts import Arrays
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import build_model, ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.runtime.session import OnnxForecaster

EVERY = pytest.mark.parametrize("variant", VARIANTS)


def arrays_of(network: RecurrentNetwork) -> Arrays:
    """Weights as the exporters take them."""
    return {name: value.numpy() for name, value in network.state_dict().items()}


@EVERY
@pytest.mark.parametrize("count", [1, 3])
def test_graph_takes_any_number_of_windows(variant: str, count: int) -> None:
    """A window's forecast does not depend on those beside it."""
    network = rough_recurrent(recurrent_spec(variant))
    forecaster = OnnxForecaster(ort.export(network.spec, arrays_of(network), {}, 17))
    context = seasonal_windows(4, 24)

    alone = forecaster.forecast(Inputs.of(context[:count]))

    np.testing.assert_allclose(alone, forecaster.forecast(Inputs.of(context))[:count], rtol=1e-6)


@EVERY
def test_graph_has_one_operator_per_layer(variant: str) -> None:
    """No unrolled loop: native operators, in the body of a Loop where the head is recursive."""
    network = rough_recurrent(recurrent_spec(variant))
    model = onnx.load_model_from_string(build_model(network.spec, arrays_of(network), 17))
    nodes = list(model.graph.node)
    for node in model.graph.node:
        nodes += [one for attribute in node.attribute for one in attribute.g.node]
    kinds = [node.op_type for node in nodes]

    assert kinds.count(network.spec.cell.upper()) == len(network.spec.widths)
    assert kinds.count("Loop") == (network.spec.head == "recursive")


@pytest.mark.parametrize("variant", ["attention", "recursive with all"])
def test_graph_tells_the_attention(variant: str) -> None:
    """The second output is the attention by blocks of steps, as torch has it."""
    network = rough_recurrent(recurrent_spec(variant))
    model = build_model(network.spec, arrays_of(network), 17, explain=True)
    onnx.checker.check_model(model, full_check=True)
    inputs = Inputs.of(seasonal_windows(4, 24))

    found = OnnxForecaster(model).gate_weights(inputs)

    np.testing.assert_allclose(found[:, 0], network.forecast(inputs)[1], rtol=1e-4, atol=1e-7)


@EVERY
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_form_and_precision_keep_the_forecast(variant: str, precision: str) -> None:
    """Fewer levels, one batch size and smaller numbers leave a file that runs and says nearly the same."""
    network = rough_recurrent(recurrent_spec(variant))
    spec, weights = network.spec, arrays_of(network)
    inputs = Inputs.of(seasonal_windows(5, spec.context_length))
    form = GraphForm(levels=(0.1, 0.5, 0.9), batch=2)

    file = ort.export(spec, weights, {}, 17, form=form, precision=precision)

    found, wanted = OnnxForecaster(file).forecast(inputs), network.forecast(inputs)[0]
    wanted = wanted[:, :, [spec.levels.index(one) for one in form.levels]]
    limit = {"fp32": ort.LIMIT, "fp16": 0.05, "int8": 2.0}[precision]
    assert ort.difference(found, wanted, inputs.context) <= limit


@EVERY
@pytest.mark.parametrize(("precision", "share"), [("fp16", 0.8), ("int8", 0.7)])
def test_precision_makes_every_network_smaller(variant: str, precision: str, share: float) -> None:
    """Also where the runtime has no product for such numbers: other cells, and the body of a loop."""
    network = rough_recurrent(recurrent_spec(variant, widths=(96,)))

    plain, small = (
        ort.export(network.spec, arrays_of(network), {}, 17, precision=one) for one in ("fp32", precision)
    )

    assert len(small) < share * len(plain)
