"""One step of an LSTM in plain operators, for runtimes that misread the LSTM operator, and for the decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.covariate_graph import Channels
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.models.spec import NetworkSpec

Weights = Mapping[str, NDArray[Any]]


def write_cell(
    graph: GraphWriter, gates: Value, cell: Value | None, spec: NetworkSpec, axis: int
) -> tuple[Value, Value]:
    """Next hidden state and cell of an LSTM (..., E).

    Args:
        graph: Where the nodes go.
        gates: Pre-activations, input, output, forget, candidate along ``axis`` (..., 4E).
        cell: Cell before the step (..., E); None at the start.
        spec: Width, activation and clip.
        axis: The last axis of ``gates``.
    """
    gates = graph.add("Clip", gates, graph.single(-spec.clip), graph.single(spec.clip))
    three, candidate = graph.add(
        "Split", gates, graph.ints(3 * spec.hidden, spec.hidden), outputs=2, axis=axis
    )
    sizes = graph.ints(*[spec.hidden] * 3)
    i, o, f = graph.add("Split", graph.add("Sigmoid", three), sizes, outputs=3, axis=axis)
    bend = "Relu" if spec.activation == "relu" else "Tanh"
    grown = graph.add("Mul", i, graph.add(bend, candidate))
    if cell is not None:
        grown = graph.add("Add", graph.add("Mul", f, cell), grown)
    return str(graph.add("Mul", o, graph.add(bend, grown))), str(grown)


def write_unrolled(
    graph: GraphWriter,
    patches: Value,
    more: list[tuple[Channels, NDArray[Any]]],
    spec: NetworkSpec,
    weights: Weights,
) -> tuple[Value, Value]:
    """Last states of all members (M, B, E), one copy of the cell per patch.

    Args:
        graph: Where the nodes go.
        patches: Window in patches (B, patches, C).
        more: Further inputs (M or 1, B, patches, C), each with its kernel (M, 4E, C).
        spec: Shape of the network.
        weights: Its weights by name.
    """
    bias = np.swapaxes(weights["encoder_bias"], 1, 2)[:, None]
    gates = graph.add(
        "MatMul", graph.add("Unsqueeze", patches, graph.ints(0)), _kernel(graph, weights["encoder_input"])
    )
    for one, kernel in more:
        gates = graph.add("Add", gates, graph.add("MatMul", one.value, _kernel(graph, kernel)))
    gates = graph.add("Add", gates, graph.constant(bias, np.float32))
    recurrent = graph.constant(np.swapaxes(weights["encoder_recurrent"], 1, 2), np.float32)
    hidden: Value = ""
    cell: Value | None = None
    for patch in range(spec.context_patches):
        step = graph.add("Gather", gates, graph.constant(patch, np.int64), axis=2)
        if cell is not None:
            step = graph.add("Add", step, graph.add("MatMul", hidden, recurrent))
        hidden, cell = write_cell(graph, step, cell, spec, 2)
    return hidden, cell or ""


def _kernel(graph: GraphWriter, kernel: NDArray[Any]) -> Value:
    """Matrix of every member for values (M or 1, B, patches, C)."""
    return graph.constant(np.swapaxes(kernel, 1, 2)[:, None], np.float32)
