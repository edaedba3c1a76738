"""One step of an LSTM in plain operators, for runtimes that misread the LSTM operator, and for the decoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.covariate_graph import Channels
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.step_graph import StepState
from tsforecast.models.spec import NetworkSpec

Weights = Mapping[str, NDArray[Any]]


class CellShape(NamedTuple):
    """What a recurrent cell looks like.

    Attributes:
        hidden: Its width (E).
        activation: ``relu`` or ``tanh``.
        clip: Bound of the pre-activations, 0 for none.
    """

    hidden: int
    activation: str
    clip: float

    @classmethod
    def of(cls, spec: NetworkSpec) -> CellShape:
        """Cell of a mixture network."""
        return cls(spec.hidden, spec.activation, spec.clip)

    def bend(self, graph: GraphWriter, value: Value) -> Value:
        """Apply the activation."""
        return str(graph.add("Relu" if self.activation == "relu" else "Tanh", value))

    def bound(self, graph: GraphWriter, gates: Value) -> Value:
        """Cut pre-activations to the bound."""
        if not self.clip:
            return gates
        return str(graph.add("Clip", gates, graph.single(-self.clip), graph.single(self.clip)))

    def bend_bounded(self, graph: GraphWriter, gates: Value) -> Value:
        """Apply the activation to pre-activations cut to the bound, both at once where that is one cut."""
        if self.clip and self.activation == "relu":
            return str(graph.add("Clip", gates, graph.single(0.0), graph.single(self.clip)))
        return self.bend(graph, self.bound(graph, gates))


def write_cell(
    graph: GraphWriter, gates: Value, cell: Value | None, shape: CellShape, axis: int
) -> tuple[Value, Value]:
    """Next hidden state and cell of an LSTM (..., E).

    Args:
        graph: Where the nodes go.
        gates: Pre-activations, input, output, forget, candidate along ``axis`` (..., 4E).
        cell: Cell before the step (..., E); None at the start.
        shape: Width, activation and clip.
        axis: The last axis of ``gates``.
    """
    sizes = graph.ints(3 * shape.hidden, shape.hidden)
    return write_gated(graph, graph.add("Split", gates, sizes, outputs=2, axis=axis), cell, shape, axis)


def write_gated(
    graph: GraphWriter, gates: tuple[Value, Value], cell: Value | None, shape: CellShape, axis: int
) -> tuple[Value, Value]:
    """Next hidden state and cell of an LSTM whose candidate (..., E) stands apart from its gates (..., 3E).

    The other arguments are those of ``write_cell``.
    """
    three, candidate = gates
    sizes = graph.ints(*[shape.hidden] * 3)
    opened = graph.add("Sigmoid", shape.bound(graph, three))
    i, o, f = graph.add("Split", opened, sizes, outputs=3, axis=axis)
    grown = graph.add("Mul", i, shape.bend_bounded(graph, candidate))
    if cell is not None:
        grown = graph.add("Add", graph.add("Mul", f, cell), grown)
    return str(graph.add("Mul", o, shape.bend(graph, grown))), str(grown)


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
    gates = _projected(graph, patches, more, weights)
    recurrent = graph.constant(np.swapaxes(weights["encoder_recurrent"], 1, 2), np.float32)
    hidden: Value = ""
    cell: Value | None = None
    for patch in range(spec.context_patches):
        step = graph.add("Gather", gates, graph.constant(patch, np.int64), axis=2)
        if cell is not None:
            step = graph.add("Add", step, graph.add("MatMul", hidden, recurrent))
        hidden, cell = write_cell(graph, step, cell, CellShape.of(spec), 2)
    return hidden, cell or ""


def write_one_step(
    graph: GraphWriter,
    patches: Value,
    more: list[tuple[Channels, NDArray[Any]]],
    spec: NetworkSpec,
    weights: Weights,
) -> tuple[Value, Value]:
    """States of all members (M, B, E) after the patch whose turn it is; arguments as of ``write_unrolled``."""
    state = StepState(graph)
    before = [
        graph.add("Transpose", graph.add("Reshape", part, graph.ints(0, spec.members, -1)), perm=[1, 0, 2])
        for part in (state.take(spec.members * spec.hidden) for _ in range(2))
    ]
    patch = graph.add("Gather", patches, state.step, axis=1)
    beside = [
        (Channels(graph.add("Gather", one.value, state.step, axis=2), one.members), kernel)
        for one, kernel in more
    ]
    given = graph.add("Squeeze", _projected(graph, patch, beside, weights), graph.ints(2))
    recurrent = graph.constant(np.swapaxes(weights["encoder_recurrent"], 1, 2), np.float32)
    gates = graph.add("Add", given, graph.add("MatMul", before[0], recurrent))
    hidden, cell = write_cell(graph, gates, before[1], CellShape.of(spec), 2)
    flat = graph.ints(0, spec.members * spec.hidden)
    state.give(
        *(graph.add("Reshape", graph.add("Transpose", one, perm=[1, 0, 2]), flat) for one in (hidden, cell))
    )
    return hidden, cell


def _projected(
    graph: GraphWriter, patches: Value, more: list[tuple[Channels, NDArray[Any]]], weights: Weights
) -> Value:
    """Project the inputs of every patch onto the gates (M, B, patches, 4E)."""
    bias = np.swapaxes(weights["encoder_bias"], 1, 2)[:, None]
    gates = graph.add(
        "MatMul", graph.add("Unsqueeze", patches, graph.ints(0)), _kernel(graph, weights["encoder_input"])
    )
    for one, kernel in more:
        gates = graph.add("Add", gates, graph.add("MatMul", one.value, _kernel(graph, kernel)))
    return str(graph.add("Add", gates, graph.constant(bias, np.float32)))


def _kernel(graph: GraphWriter, kernel: NDArray[Any]) -> Value:
    """Matrix of every member for values (M or 1, B, patches, C)."""
    return graph.constant(np.swapaxes(kernel, 1, 2)[:, None], np.float32)
