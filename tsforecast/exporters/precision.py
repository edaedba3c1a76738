"""Smaller numbers for the weights of a finished graph; everything else stays as it is.

Only the matrices of the network become small: the inputs of LSTM and MatMul nodes. Normalisation stays in float64,
classical forecasts, the softmax of the gate, biases and calibration in float32.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.runtime.onnx_runtime import load_onnxruntime

Floats = NDArray[np.float32]

PRODUCTS = ("LSTM", "GRU", "RNN", "MatMul")
"""Operators whose constant inputs are the network's weights."""

LARGEST_HALF = 65504.0
"""Largest number of float16."""


def halve(model: bytes) -> bytes:
    """Store weights as float16 and widen them when the graph is loaded; the arithmetic stays float32."""
    import onnx

    whole = onnx.load_model_from_string(model)
    return _store(whole, _weights_of(whole.graph, PRODUCTS), _as_half)


def quantise(model: bytes) -> bytes:
    """Store weights as int8 and multiply in int8, the scale of every input found when it comes.

    Where onnxruntime has no product in int8, in GRU and RNN and inside of a Loop, weights are only stored so.
    """
    import logging

    import onnx

    load_onnxruntime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)  # it advises a preparation that graphs like ours do not need
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "int8.onnx"
            whole = onnx.load_model_from_string(model)
            quantize_dynamic(
                whole,
                file,
                op_types_to_quantize=list(PRODUCTS),
                weight_type=QuantType.QInt8,
                nodes_to_exclude=_keep_sums(whole.graph),
            )
            small = onnx.load(file)
    finally:
        root.setLevel(level)
    del small.metadata_props[:]
    left = _weights_of(small.graph, ("GRU", "RNN"))
    for body in _bodies(small.graph):
        left |= _weights_of(body, PRODUCTS)
    return _store(small, left, _as_bytes)


def _keep_sums(graph: Any) -> list[str]:
    """Name every Gemm, and give the name of the MatMul that onnxruntime makes of each: no weight is multiplied there.

    What the gate mixes passes through one, and in 8 bits the classical forecasts would lose what they are worth.
    """
    sums = [node for node in graph.node if node.op_type == "Gemm"]
    for number, node in enumerate(sums):
        node.name = f"sum_{number}"
    return [f"{node.name}_MatMul" for node in sums]


def _bodies(graph: Any) -> list[Any]:
    """Graphs inside of nodes; their constants stand in the graph around them."""
    return [attribute.g for node in graph.node for attribute in node.attribute if attribute.g.node]


def _weights_of(graph: Any, operators: Sequence[str]) -> set[str]:
    """Names of what is multiplied, in a graph and those inside it."""
    found = {name for node in graph.node if node.op_type in operators for name in node.input[1:3]}
    return found.union(*(_weights_of(body, operators) for body in _bodies(graph)))


def _store(
    model: Any, names: set[str], narrow: Callable[[str, Floats], tuple[Any, list[Any]] | None]
) -> bytes:
    """Replace constants by narrower ones and a node that widens each again."""
    from onnx import numpy_helper

    widened, stored = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        plain = tensor.name in names and values.dtype == np.float32
        made = narrow(tensor.name, values) if plain else None
        if made is None:
            stored.append(tensor)
        else:
            widened.append(made[0])
            stored += made[1]
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(stored)
    return bytes(model.SerializeToString())


def _as_half(name: str, values: Floats) -> tuple[Any, list[Any]] | None:
    """Node that widens float16 and its constant; None where a number is too large for it."""
    from onnx import TensorProto, helper, numpy_helper

    if np.abs(values).max() > LARGEST_HALF:
        return None
    half = f"{name}_half"
    return (
        helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT),
        [numpy_helper.from_array(values.astype(np.float16), half)],
    )


def _as_bytes(name: str, values: Floats) -> tuple[Any, list[Any]]:
    """Node that widens int8 and its constants, one scale along the second axis: gates, or outputs of a product."""
    from onnx import helper, numpy_helper

    others = tuple(axis for axis in range(values.ndim) if axis != 1)
    scale = np.maximum(np.abs(values).max(others) / 127, np.finfo(np.float32).tiny)
    whole = np.rint(values / np.expand_dims(scale, others)).astype(np.int8)
    return (
        helper.make_node("DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name], axis=1),
        [numpy_helper.from_array(whole, f"{name}_int8"), numpy_helper.from_array(scale, f"{name}_scale")],
    )


PRECISIONS: dict[str, Callable[[bytes], bytes]] = {
    "fp32": lambda model: model,
    "fp16": halve,
    "int8": quantise,
}
"""What is done to a finished graph, by the word users give."""

STAYS = {
    "fp32": "",
    "fp16": "the matrices of the network are float16; its arithmetic, biases, the softmax of the gate, the classical "
    "forecasts and the calibration stay float32, normalisation float64",
    "int8": "the matrices of the network and what they multiply are int8; biases, activations, the softmax of the "
    "gate, the classical forecasts and the calibration stay float32, normalisation float64",
}
"""What becomes small and what does not, by the same words; "" where there is nothing to say."""
