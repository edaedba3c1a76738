"""The exported file: a graph with its description, and its comparison with the network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from tsforecast.artifacts import digest
from tsforecast.config import MINMAX
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.errors import MissingExtraError
from tsforecast.exporters import build_model
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.exporters.mixture_graph import Weights
from tsforecast.exporters.onnx_bytes import metadata_bytes
from tsforecast.exporters.precision import PRECISIONS
from tsforecast.exporters.step_graph import STATE
from tsforecast.models.spec import LOG, NetworkSpec

LIMIT = 1e-5
"""Largest difference from torch, in units of a window's standard deviation, that an fp32 graph may show."""

BATCHES = (1, 64)
"""Batch sizes that are compared beside one of all windows."""

MOST_ALONE = 16
"""Windows that are compared one by one."""

OPSETS = (17, 21)
"""First and last operator set that the graph is tested with."""


def export(
    spec: NetworkSpec,
    weights: Weights,
    description: dict[str, Any],
    opset: int,
    *,
    form: GraphForm | None = None,
    precision: str = "fp32",
) -> bytes:
    """ONNX file of a forecaster.

    Args:
        spec: Shape of the network.
        weights: Its weights by name.
        description: What the file says of itself under the metadata key ``tsforecast``.
        opset: ONNX operator set.
        form: Layout of the graph, if not the usual one.
        precision: Name from ``PRECISIONS``.
    """
    model = PRECISIONS[precision](build_model(spec, weights, opset, form=form))
    if form is not None and form.recurrence == "step":
        description = {**description, "calls": spec.calls, "state_size": _state_size(model)}
    full = {**description, "opset": opset}
    body = hashlib.sha256(model).hexdigest()
    text = json.dumps({**full, "digest": digest({**full, "body": body})}, sort_keys=True, allow_nan=False)
    return model + metadata_bytes("tsforecast", text)


def _state_size(model: bytes) -> int:
    """Numbers that a graph of one step hands on."""
    import onnx

    inputs = onnx.load_model_from_string(model).graph.input
    return next(int(one.type.tensor_type.shape.dim[1].dim_value) for one in inputs if one.name == STATE)


def verify(
    model: bytes, spec: NetworkSpec, weights: Weights, inputs: Inputs, levels: tuple[float, ...] = ()
) -> float:
    """Largest difference between the file in onnxruntime and the network in torch.

    Args:
        model: The file.
        spec: Shape of the network.
        weights: Its weights by name.
        inputs: W windows to compare on: all at once, one by one, and 64 at once.
        levels: Quantile levels that the file gives, all if empty.

    Returns:
        Largest ``|a - b| / max(standard deviation of the window, 1e-6 |mean|)``; where the range of the training
        part normalises all windows, that range is the least unit, and where logarithms are normalised, a value times
        the standard deviation of the window's logarithms is: float32 resolves nothing finer. Of probabilities it is
        the largest ``|a - b|``.

    Raises:
        MissingExtraError: torch is not installed.
    """
    return compare(model, spec, weights, inputs, _network_forecast(spec, weights, inputs), levels)


def compare(
    model: bytes,
    spec: NetworkSpec,
    weights: Weights,
    inputs: Inputs,
    wanted: Floats,
    levels: tuple[float, ...] = (),
) -> float:
    """Largest difference between the file in onnxruntime and what is wanted at all levels, as ``verify`` has it.

    Args:
        model: The file, whose structure and shapes are checked too.
        spec: Shape of the network.
        weights: Its weights by name.
        inputs: W windows to compare on.
        wanted: Forecasts of all levels (W, H, Q), or probabilities (W, H, C).
        levels: Quantile levels that the file gives, all if empty.
    """
    import onnx

    from tsforecast.runtime.session import OnnxForecaster

    onnx.checker.check_model(onnx.load_model_from_string(model), full_check=True)
    if levels:
        wanted = wanted[:, :, [spec.levels.index(one) for one in levels]]
    forecaster = OnnxForecaster(model, "the exported file")
    least = (weights["high"] - weights["low"]).item() if spec.normalisation == MINMAX else 0.0
    worst = 0.0
    for rows in _batches(len(inputs), fixed=forecaster.batch is not None):
        found = forecaster.forecast(inputs.take(rows))
        worst = max(worst, apart(spec, found, wanted[rows], inputs.context[rows], least))
    return worst


def apart(spec: NetworkSpec, found: Floats, wanted: Floats, contexts: Floats, least: float = 0.0) -> float:
    """Largest difference of two forecasts: of probabilities as they are, of values in units of each window."""
    if not spec.levels:
        return difference(found, wanted, np.ones_like(contexts), 1.0)
    if spec.normalisation == LOG:
        return difference(found, wanted, contexts, np.abs(wanted) * _spread_of_logarithms(contexts))
    return difference(found, wanted, contexts, least)


def _network_forecast(spec: NetworkSpec, weights: Weights, inputs: Inputs) -> Floats:
    from tsforecast.models import build

    try:
        network = build(spec)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"comparing the file with the network needs {error.name}",
            hint=f"pip install {error.name}, or --no-check to write it unchecked",
        ) from error
    network.load_arrays(weights)
    return network.forecast(inputs)[0]


def _batches(count: int, *, fixed: bool) -> Iterator[Ints]:
    """Rows of every batch that is compared; the last windows, which are the awkward ones, one by one.

    A graph of one fixed batch size runs the same way in all of them.
    """
    if not count:
        return
    yield np.arange(count)
    if fixed:
        return
    for size in BATCHES:
        starts = range(max(count - MOST_ALONE, 0), count) if size == 1 else range(1)
        yield from ((np.arange(size) + start) % count for start in starts)


def difference(found: Floats, wanted: Floats, contexts: Floats, least: float | Floats = 0.0) -> float:
    """Largest difference of two forecasts in units of each window, at least ``least``; NaN only where both are."""
    if not np.array_equal(np.isnan(found), np.isnan(wanted)):
        return float("inf")
    mean, spread = _mean_and_spread(contexts)
    unit = np.maximum(np.maximum(spread, 1e-6 * np.abs(mean)), np.finfo(np.float64).tiny)
    away = np.abs(found - wanted) / np.maximum(unit[:, None, None], least)
    return float(np.nan_to_num(away).max(initial=0.0))


def _mean_and_spread(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what is known of each window, 0 where nothing is (W,), (W,)."""
    known = np.where(np.isnan(values), 0.0, 1.0)
    count = np.maximum(known.sum(1), 1)
    values = np.nan_to_num(values)
    # Without the peak the squares of huge values overflow.
    peak = np.maximum(np.abs(values).max(1), np.finfo(np.float64).tiny)
    shape = values / peak[:, None]
    mean = shape.sum(1) / count
    spread = np.sqrt(((shape - mean[:, None]) ** 2 * known).sum(1) / count)
    return peak * mean, peak * spread


def _spread_of_logarithms(contexts: Floats) -> Floats:
    """Measure how logarithms of a window vary; a value without one counts as the least that has one (W, 1, 1)."""
    above = contexts > 0
    lowest = np.where(above, contexts, np.inf).min(1, keepdims=True)
    lifted = np.where(contexts <= 0, np.where(np.isfinite(lowest), lowest, 1.0), contexts)
    return _mean_and_spread(np.log(lifted))[1][:, None, None]
