from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from tests.models.building import arrays_of, rough_network, small_spec
from tsforecast.exporters import build_model
from tsforecast.exporters.precision import quantise


def test_what_the_gate_mixes_passes_through_no_product_in_int8() -> None:
    """Its sum with the residual stays in float32, although onnxruntime makes a product of it: no weight is in it."""
    network = rough_network(small_spec(members=2))
    spec = network.spec

    small = onnx.load_model_from_string(quantise(build_model(spec, arrays_of(network), 17)))

    spread = np.kron(np.eye(spec.patch_length), np.ones((1, len(spec.levels))))
    stored = [numpy_helper.to_array(one) for one in small.graph.initializer]
    assert any(one.dtype == np.float32 and np.array_equal(one, spread) for one in stored)
    assert sum(node.op_type == "MatMulInteger" for node in small.graph.node) == 4
