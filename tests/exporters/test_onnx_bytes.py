from __future__ import annotations

import numpy as np
import onnx
import pytest

from tests.models.building import arrays_of, rough_network, small_spec
from tsforecast.exporters import build_model
from tsforecast.exporters.graph import GraphWriter
from tsforecast.exporters.onnx_bytes import Port, metadata_bytes


def written(opset: int) -> bytes:
    """Give a graph of every kind of attribute and constant, and a loop."""
    graph = GraphWriter(opset)
    body = graph.body()
    going, made = body.add("Identity", "going"), body.add("Add", "x", graph.single(-1.5))
    ports: list[tuple[str, str, list[int | str]]] = [
        ("n", "INT64", []),
        ("going", "BOOL", []),
        ("x", "FLOAT", ["B", 2]),
    ]
    kinds = [Port(*one) for one in ports]
    inner = body.close("step", kinds, [Port(going, "BOOL", []), Port(made, "FLOAT", ["B", 2])])
    looped = graph.add("Loop", graph.constant(3, np.int64), "", "x", body=inner)
    turned = graph.add("Transpose", looped, perm=[1, 0])
    state = graph.add(
        "LSTM", graph.add("Unsqueeze", turned, graph.ints(-1)), graph.constant(np.ones((1, 4, 1)), np.float32),
        graph.constant(np.ones((1, 4, 1)), np.float32), outputs=2, unused=1, hidden_size=1, clip=2.0,
        direction="forward", activations=["Sigmoid", "Relu", "Relu"],
    )[1]  # fmt: skip
    parts = [state]
    for dtype in (np.uint8, np.int64, np.float32, np.float64):
        value = graph.to(graph.constant([[0, 1], [2, 3]], dtype), "FLOAT")
        parts.append(graph.add("Mul", state, graph.reduce("ReduceMax", value, 0, 1, keep=False)))
    graph.rename(graph.add("Concat", *parts, axis=-1), "y")
    return graph.model([kinds[2]], [Port("y", "FLOAT", [1, "B", 5])])


@pytest.mark.parametrize("opset", [17, 21])
def test_bytes_are_those_of_the_onnx_package(opset: int) -> None:
    """Its parser reads every field, its writer gives the same file, its checker has nothing to say."""
    network = rough_network(small_spec())
    for content in (written(opset), build_model(network.spec, arrays_of(network), opset)):
        model = onnx.load_model_from_string(content + metadata_bytes("key", "ü"))

        onnx.checker.check_model(model)
        assert {one.key: one.value for one in model.metadata_props} == {"key": "ü"}
        del model.metadata_props[:]
        assert content == model.SerializeToString()


def test_batch_is_fixed_where_a_name_stands() -> None:
    """Inputs and outputs of any number of windows get it; others keep their sizes."""
    graph = GraphWriter(17)
    graph.rename(graph.add("Identity", "x"), "y")

    content = graph.model(
        [Port("x", "FLOAT", ["B", 2]), Port("s", "INT64", [1])], [Port("y", "FLOAT", ["B", 2])], 5
    )

    graph_read = onnx.load_model_from_string(content).graph
    first = [one.type.tensor_type.shape.dim[0].dim_value for one in (*graph_read.input, *graph_read.output)]
    assert first == [5, 1, 5]
