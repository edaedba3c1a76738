"""Smaller numbers for the weights of a finished graph; everything else stays as it is.

Only the matrices of the network become small: the inputs of LSTM and MatMul nodes. Normalisation stays in float64,
classical forecasts, gate, biases and calibration in float32.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PRODUCTS = ("LSTM", "GRU", "RNN", "MatMul")
"""Operators whose constant inputs are the network's weights."""

LARGEST_HALF = 65504.0
"""Largest number of float16."""


def halve(model: Any) -> Any:
    """Store weights as float16 and widen them when the graph is loaded; the arithmetic stays float32."""
    from onnx import TensorProto, helper, numpy_helper

    used = {name for node in model.graph.node if node.op_type in PRODUCTS for name in node.input[1:3]}
    widened = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.name not in used or values.dtype != np.float32 or np.abs(values).max() > LARGEST_HALF:
            continue
        half = f"{tensor.name}_half"
        widened.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def quantise(model: Any) -> Any:
    """Store weights as int8 and multiply in int8, the scale of every input found when it comes."""
    import logging

    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)  # it advises a preparation that graphs like ours do not need
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "int8.onnx"
            quantize_dynamic(model, file, op_types_to_quantize=list(PRODUCTS), weight_type=QuantType.QInt8)
            small = onnx.load(file)
    finally:
        root.setLevel(level)
    del small.metadata_props[:]
    return small


PRECISIONS: dict[str, Callable[[Any], Any]] = {"fp32": lambda model: model, "fp16": halve, "int8": quantise}
"""What is done to a finished graph, by the word users give."""
