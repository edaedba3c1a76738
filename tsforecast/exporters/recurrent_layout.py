"""What the graphs of a textbook network share: the order of its gates, its dense layers, its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.cells import CELLS
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.models.recurrent_spec import FARTHEST_VALUE


def gates_of(weights: Mapping[str, NDArray[Any]], cell: str, name: str) -> NDArray[Any]:
    """Weights of a layer, their gates in the order of ONNX."""
    gates = CELLS[cell].gates
    parts = np.split(weights[name], 1 + max(gates))
    return np.concatenate([parts[place] for place in gates])


def write_dense(graph: GraphWriter, value: Value, weight: NDArray[Any], bias: NDArray[Any]) -> Value:
    """Dense layer on the last axis; weight ``(outputs, inputs)``."""
    product = graph.add("MatMul", value, graph.constant(np.ascontiguousarray(weight.T), np.float32))
    return str(graph.add("Add", product, graph.constant(bias, np.float32)))


def write_cut(graph: GraphWriter, value: Value) -> Value:
    """Bring what is too far out to the edge."""
    return str(graph.add("Clip", value, graph.single(-FARTHEST_VALUE), graph.single(FARTHEST_VALUE)))
