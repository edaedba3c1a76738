"""One step of a textbook network per call: its layers in plain operators, their states handed on by the caller.

``models/recurrent.py`` and ``models/layers.py`` name the equations. Attention is summed up on the way, so
that no state of an earlier step has to be kept; a recursive head starts over for every step of the horizon, each
forecast taking its place behind the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.cell_graph import CellShape, write_cell
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.recurrent_layout import gates_of, write_cut, write_dense
from tsforecast.exporters.step_graph import StepState
from tsforecast.models.recurrent_spec import RecurrentSpec

Weights = Mapping[str, NDArray[Any]]

LOWEST_SCORE = -1e30
"""Largest score of no state at all: any other is larger, and its exponential beside any other is 0."""


def write_recurrent_step(graph: GraphWriter, values: Value, spec: RecurrentSpec, weights: Weights) -> Value:
    """Normalised forecast after a step, that of the last call right (B, H, outputs).

    Args:
        graph: Where the nodes go.
        values: Normalised windows (B, T).
        spec: Shape of the network, which reads its window in one direction.
        weights: Its weights by name.
    """
    return _Step(graph, spec, weights).write(values)


class _Step:
    """Writes the nodes of a step; what they hand on is collected as they come."""

    def __init__(self, graph: GraphWriter, spec: RecurrentSpec, weights: Weights) -> None:
        self._graph, self._spec, self._weights = graph, spec, weights
        self._state = StepState(graph)
        self._after: list[Value] = []
        length = graph.ints(spec.context_length)
        self._place = graph.add("Mod", self._state.step, length)
        self._turn = graph.add("Div", self._state.step, length)
        self._first = graph.add("Equal", self._place, graph.ints(0))

    def write(self, values: Value) -> Value:
        """Layers, attention and dense layer of one step."""
        graph, spec, weights = self._graph, self._spec, self._weights
        recursive = spec.head == "recursive"
        points = self._state.take(spec.horizon) if recursive else ""
        if recursive:
            values = graph.add("Concat", values, points, axis=1)
        pooled = self._entering(values)  # (1)
        for layer in range(len(spec.widths)):
            pooled = self._layer(pooled, layer)  # (2)
        if spec.attention:
            pooled = self._attend(pooled)
        made = write_dense(graph, pooled, weights["dense.weight"], weights["dense.bias"])  # (5)
        if not recursive:
            self._state.give(*self._after)
            return write_cut(graph, graph.add("Reshape", made, graph.ints(-1, spec.reach, spec.outputs)))
        points = self._appended(points, write_cut(graph, made))
        self._state.give(points, *self._after)
        return str(graph.add("Unsqueeze", points, graph.ints(2)))

    def _entering(self, values: Value) -> Value:
        """Give the first layer what it sees at this step (B, C)."""
        graph, spec = self._graph, self._spec
        steps = graph.add("Add", self._place, graph.ints(*range(1 - (spec.kernel if spec.filters else 1), 1)))
        known = graph.to(graph.add("GreaterOrEqual", steps, graph.ints(0)), "FLOAT")
        inside = graph.add("Add", graph.add("Max", steps, graph.ints(0)), self._turn)
        seen = graph.add("Mul", graph.add("Gather", values, inside, axis=1), known)
        if not spec.filters:
            return str(seen)
        kernel, bias = (self._weights[f"convolution.{name}"] for name in ("weight", "bias"))
        return str(graph.add("Relu", write_dense(graph, seen, kernel[:, 0], bias)))

    def _layer(self, given: Value, layer: int) -> Value:
        """Hidden state of a layer (B, E)."""
        graph, spec, width = self._graph, self._spec, self._spec.widths[layer]
        shape = CellShape(width, spec.activation, spec.clip)
        hidden = self._carried(width)
        inputs, pulled = (
            write_dense(graph, value, *(gates_of(self._weights, spec.cell, f"layers.{kind}_{way}_l{layer}")
                                        for kind in ("weight", "bias")))
            for value, way in ((given, "ih"), (hidden, "hh"))
        )  # fmt: skip
        if spec.cell == "lstm":
            gates = graph.add("Add", inputs, pulled)
            after = [*write_cell(graph, gates, self._carried(width), shape, 1)]
        elif spec.cell == "gru":
            after = [_gru(graph, inputs, pulled, hidden, shape)]
        else:
            after = [shape.bend(graph, shape.bound(graph, graph.add("Add", inputs, pulled)))]
        self._after += after
        return after[0]

    def _attend(self, state: Value) -> Value:
        """Mean of all states so far by attention (B, C), the largest score subtracted from all."""
        graph, weights = self._graph, self._weights
        peak, total, mean = self._carried(1, LOWEST_SCORE), self._carried(1), self._carried(self._spec.state)
        hidden = write_dense(
            graph, state, weights["attention.hidden.weight"], weights["attention.hidden.bias"]
        )
        score = graph.constant(weights["attention.score"][:, None], np.float32)
        score = graph.add("MatMul", graph.add("Tanh", hidden), score)  # (3)
        higher = graph.add("Max", peak, score)
        kept, new = (graph.add("Exp", graph.add("Sub", one, higher)) for one in (peak, score))
        total = graph.add("Add", graph.add("Mul", total, kept), new)
        mean = graph.add("Add", graph.add("Mul", mean, kept), graph.add("Mul", state, new))  # (4)
        self._after += [higher, total, mean]
        return str(graph.add("Div", mean, total))

    def _appended(self, points: Value, point: Value) -> Value:
        """Forecasts so far (B, H), the newest among them after the last step of the window."""
        graph, spec = self._graph, self._spec
        done = graph.add("Equal", self._place, graph.ints(spec.context_length - 1))
        own = graph.add("Equal", graph.ints(*range(spec.horizon)), self._turn)
        return str(graph.add("Where", graph.add("And", done, own), point, points))

    def _carried(self, width: int, fresh: float = 0.0) -> Value:
        """State from the call before, a fresh one where a window begins (B, width)."""
        given = self._state.take(width)
        return str(self._graph.add("Where", self._first, self._graph.single(fresh), given))


def _gru(graph: GraphWriter, inputs: Value, pulled: Value, hidden: Value, shape: CellShape) -> Value:
    """Next hidden state of a GRU (B, E), gates in the order z, r, n."""
    sizes = graph.ints(2 * shape.hidden, shape.hidden)
    (two, last), (pulled_two, pulled_last) = (
        graph.add("Split", value, sizes, outputs=2, axis=1) for value in (inputs, pulled)
    )
    gates = graph.add("Sigmoid", shape.bound(graph, graph.add("Add", two, pulled_two)))
    z, r = graph.add("Split", gates, graph.ints(shape.hidden, shape.hidden), outputs=2, axis=1)  # (2)
    bounded = shape.bound(graph, graph.add("Add", last, graph.add("Mul", r, pulled_last)))
    n = shape.bend(graph, bounded)  # (3)
    return str(graph.add("Add", n, graph.add("Mul", z, graph.add("Sub", hidden, n))))  # (4)
