from __future__ import annotations

import numpy as np
import onnx
import pytest

from tsforecast.exporters.graph import GraphWriter
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.runtime.session import open_session


def test_constant_stores_equal_values_once() -> None:
    """A graph does not carry the same vector twice, and never mixes up types or shapes."""
    graph = GraphWriter(17)

    names = [graph.ints(1, 2), graph.ints(1, 2), graph.ints(2, 1), graph.double(1.0), graph.single(1.0)]

    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_constant_that_nothing_uses_is_left_out() -> None:
    """Runtimes warn of it, and a device has no room for it."""
    graph = GraphWriter(17)
    graph.double(2.5)

    assert not onnx.load_model_from_string(graph.model([], [])).graph.initializer


def test_constant_of_a_number_is_a_scalar() -> None:
    """A scalar broadcasts; a vector of one would add an axis."""
    graph = GraphWriter(17)
    graph.add("Neg", graph.double(2.5))

    stored = onnx.load_model_from_string(graph.model([], [])).graph.initializer[0]

    assert list(stored.dims) == []


@pytest.mark.parametrize("opset", [17, 18, 21])
@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean", "ReduceMax"])
def test_reduce_works_in_every_operator_set(opset: int, operator: str) -> None:
    """Axes are an attribute in old sets and an input in new ones."""
    graph, double = GraphWriter(opset), "DOUBLE"
    graph.rename(graph.reduce(operator, "x", 1, keep=False), "y")
    model = graph.model(
        [Port("x", double, ["B", 3])],
        [Port("y", double, ["B"])],
    )
    values = np.array([[1.0, 5.0, 3.0], [4.0, 0.0, 2.0]])

    found = open_session(model, "graph").run(["y"], {"x": values})[0]

    wanted = {"ReduceSum": values.sum(1), "ReduceMean": values.mean(1), "ReduceMax": values.max(1)}[operator]
    np.testing.assert_array_equal(found, wanted)
