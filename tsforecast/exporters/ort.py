"""Target ``ort``: the native LSTM operator, for onnxruntime."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from tsforecast.config import MINMAX
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Floats
from tsforecast.exporters import build_model
from tsforecast.exporters.mixture_graph import Weights
from tsforecast.models.spec import NetworkSpec

LIMIT = 1e-5
"""Largest difference from torch, in units of a window's standard deviation, that an fp32 graph may show."""

OPSETS = (17, 21)
"""First and last operator set that the graph is tested with."""


def export(spec: NetworkSpec, weights: Weights, description: dict[str, Any], opset: int) -> bytes:
    """ONNX file of a forecaster.

    Args:
        spec: Shape of the network.
        weights: Its weights by name.
        description: What the file says of itself under the metadata key ``tsforecast``.
        opset: ONNX operator set.
    """
    from onnx import helper

    model = build_model(spec, weights, opset)
    body = hashlib.sha256(model.SerializeToString()).hexdigest()
    text = json.dumps({**description, "opset": opset, "digest": body}, sort_keys=True, allow_nan=False)
    helper.set_model_props(model, {"tsforecast": text})
    return bytes(model.SerializeToString())


def verify(model: bytes, spec: NetworkSpec, weights: Weights, inputs: Inputs) -> float:
    """Largest difference between the file in onnxruntime and the network in torch.

    Args:
        model: The file.
        spec: Shape of the network.
        weights: Its weights by name.
        inputs: W windows to compare on.

    Returns:
        Largest ``|a - b| / max(standard deviation of the window, 1e-6 |mean|)``; where the range of the training
        part normalises all windows, that range is the least unit: float32 resolves nothing finer.
    """
    import onnx

    from tsforecast.models import build
    from tsforecast.runtime.session import OnnxForecaster

    onnx.checker.check_model(onnx.load_model_from_string(model), full_check=True)
    network = build(spec)
    network.load_arrays(weights)
    found = OnnxForecaster(model, "the exported file").forecast(inputs)
    least = (weights["high"] - weights["low"]).item() if spec.normalisation == MINMAX else 0.0
    return difference(found, network.forecast(inputs)[0], inputs.context, least)


def difference(found: Floats, wanted: Floats, contexts: Floats, least: float = 0.0) -> float:
    """Largest difference of two forecasts in units of each window, at least ``least``; NaN only where both are."""
    if not np.array_equal(np.isnan(found), np.isnan(wanted)):
        return float("inf")
    known = np.where(np.isnan(contexts), 0.0, 1.0)
    count = np.maximum(known.sum(1), 1)
    values = np.nan_to_num(contexts)
    tiny = np.finfo(np.float64).tiny
    peak = np.maximum(np.abs(values).max(1), tiny)  # without it the squares of huge values overflow
    shape = values / peak[:, None]
    mean = shape.sum(1) / count
    spread = np.sqrt(((shape - mean[:, None]) ** 2 * known).sum(1) / count)
    unit = np.maximum(peak * np.maximum(spread, 1e-6 * np.abs(mean)), max(tiny, least))
    return float(np.nan_to_num(np.abs(found - wanted) / unit[:, None, None]).max(initial=0.0))
