"""Test vectors: inputs and expected outputs, by which another runtime can prove itself."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import ort
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.exporters.mixture_graph import Weights
from tsforecast.models.spec import NetworkSpec

SPIKED = 4
USUAL = 8
"""Stored windows among the vectors."""

UNCLIPPED = 1e9
"""Bound that bounds nothing."""


def choose_windows(inputs: Inputs, awkward: int) -> Inputs:
    """Take some stored windows, some of them with a spike, and all awkward ones.

    Args:
        inputs: Stored windows, awkward ones behind them.
        awkward: How many those are.
    """
    stored = len(inputs) - awkward
    rows = np.unique(np.linspace(0, stored - 1, min(stored, USUAL)).astype(np.int64))
    chosen = inputs.take(np.concatenate([rows, rows[:SPIKED], np.arange(stored, len(inputs))]))
    context = chosen.context.copy()
    for row in range(len(rows), len(rows) + len(rows[:SPIKED])):
        place = context.shape[1] - 1 - (row * 7) % max(context.shape[1] // 2, 1)
        context[row, place] += 20 * (np.nanstd(context[row]) + 1e-6 * abs(np.nanmean(context[row])))
    return replace(chosen, context=context)


def tripwires(
    spec: NetworkSpec, weights: Weights, inputs: Inputs, forecasts: Floats, form: GraphForm
) -> Floats:
    """How far the answer of a runtime that ignores ``activations`` and ``clip`` is off, by window (W,)."""
    from tsforecast.runtime.session import OnnxForecaster

    plain = replace(form, recurrence="lstm", batch=None)
    misread = ort.export(
        replace(spec, activation="tanh", clip=UNCLIPPED), weights, {}, form.opset, form=plain
    )
    found = OnnxForecaster(misread, "the misread file").forecast(inputs)
    rows = (slice(row, row + 1) for row in range(len(inputs)))
    return np.array([ort.apart(spec, found[one], forecasts[one], inputs.context[one]) for one in rows])


def to_npz(arrays: dict[str, NDArray[np.float64] | NDArray[np.int64]]) -> bytes:
    """Arrays by name as the bytes of an .npz file."""
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]  # the stubs take the names for other arguments
    return out.getvalue()


def to_csv(array: NDArray[np.float64] | NDArray[np.int64]) -> bytes:
    """One window per line, its last axis running fastest; an empty cell where there is no number."""
    lines = (
        ",".join("" if one != one else repr(one) for one in row)
        for row in array.reshape(len(array), -1).tolist()
    )
    return "".join(f"{line}\n" for line in lines).encode()
