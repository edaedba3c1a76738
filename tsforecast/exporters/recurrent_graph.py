"""A textbook network as one ONNX graph: one native operator per recurrent layer, a Loop for a recursive head.

``models/recurrent.py`` names the equations; the nodes here follow it line by line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.cells import CELLS
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.graph_form import GraphForm, some_levels
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.exporters.preparation_graph import (
    PreparedValues,
    write_filled,
    write_or_one,
    write_preparation,
)
from tsforecast.exporters.recurrent_layout import gates_of, write_cut, write_dense
from tsforecast.exporters.recurrent_step_graph import write_recurrent_step
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.models.spec import SPREAD

Weights = Mapping[str, NDArray[Any]]


def build_model(
    spec: RecurrentSpec, weights: Weights, opset: int, *, explain: bool = False, form: GraphForm | None = None
) -> bytes:
    """ONNX file of a recurrent network.

    Args:
        spec: Shape of the network.
        weights: State of the network by name, as ``RecurrentNetwork.state_dict`` has it.
        opset: ONNX operator set.
        explain: Add the output ``weights``: attention by blocks of steps (B, 1, K).
        form: Everything about the layout of the graph, instead of the two before; ``lstm`` and ``step`` exist.
    """
    form = form or GraphForm(opset=opset, explain=explain)
    graph = GraphWriter(form.opset)
    prepared = _prepare(graph, spec, weights)
    recursive = spec.head == "recursive"
    made, attention = "", ""
    if form.explain or (form.recurrence != "step" and not recursive):
        made, attention = _network(graph, prepared.values, spec, weights)
    if form.recurrence == "step":
        made = write_recurrent_step(graph, prepared.values, spec, weights)
    else:
        made = _loop(graph, prepared.values, spec, weights) if recursive else write_cut(graph, made)
    user, levels = _user_units(graph, made, prepared, spec, weights), form.levels or spec.levels
    graph.rename(some_levels(graph, user, spec.levels, levels), "quantiles")
    outputs = [Port("quantiles", "DOUBLE", ["B", spec.horizon, len(levels)])]
    if form.explain:
        graph.rename(write_blocks(graph, attention, spec), "weights")
        outputs.append(Port("weights", "DOUBLE", ["B", 1, len(spec.expert_names)]))
    inputs = [Port("context", "DOUBLE", ["B", spec.context_length])]
    return graph.model(inputs, outputs, form.batch)


def _prepare(graph: GraphWriter, spec: RecurrentSpec, weights: Weights) -> PreparedValues:
    """Normalised windows, none of their values further out than the network takes."""
    if spec.normalisation == SPREAD:
        made = write_preparation(graph, "context", spec)
    else:
        made = _by_range(graph, spec, weights)
    return made._replace(values=write_cut(graph, made.values))


def _by_range(graph: GraphWriter, spec: RecurrentSpec, weights: Weights) -> PreparedValues:
    known = graph.known("context")
    filled = write_filled(graph, "context", known, spec)
    least, most = (float(weights[name].item()) for name in ("low", "high"))
    low, span = graph.double(least), graph.double(most - least)
    values = graph.add("Div", graph.add("Sub", filled, low), write_or_one(graph, span))
    last = graph.add("Gather", filled, graph.ints(spec.context_length - 1), axis=1)
    nothing = graph.add("Sub", last, last)  # NaN where a window has no value at all
    return PreparedValues(
        graph.to(values, "FLOAT"),
        graph.to(known, "FLOAT"),
        graph.add("Add", nothing, low),
        graph.add("Add", nothing, span),
    )


def _network(graph: GraphWriter, values: Value, spec: RecurrentSpec, weights: Weights) -> tuple[Value, Value]:
    """One pass over windows (B, T): steps and outputs (B, steps, outputs), attention (T, B, 1)."""
    if spec.filters:
        sequence = write_convolution(graph, graph.add("Unsqueeze", values, graph.ints(1)), spec, weights)
    else:
        sequence = graph.add("Unsqueeze", graph.add("Transpose", values, perm=[1, 0]), graph.ints(2))
    state, attention = write_state(graph, sequence, spec, weights)
    return write_answer(graph, state, spec, weights), attention


def write_convolution(graph: GraphWriter, channels: Value, spec: RecurrentSpec, weights: Weights) -> Value:
    """Causal convolution of channels (B, C, T) as a sequence (T, B, filters)."""
    convolved = graph.add(
        "Conv",
        channels,
        graph.constant(weights["convolution.weight"], np.float32),
        graph.constant(weights["convolution.bias"], np.float32),
        pads=[spec.kernel - 1, 0],
    )
    return str(graph.add("Transpose", graph.add("Relu", convolved), perm=[2, 0, 1]))  # (1)


def write_state(
    graph: GraphWriter, sequence: Value, spec: RecurrentSpec, weights: Weights
) -> tuple[Value, Value]:
    """State (B, C) that the layers make of a sequence (T, B, channels), and the attention (T, B, 1)."""
    for layer, width in enumerate(spec.widths):
        ways = ("", "_reverse")[: spec.directions]
        names = [f"layers.{{}}_l{layer}{way}" for way in ways]
        states, last = write_layer(graph, sequence, names, width, spec, weights)  # (2)
        beside = graph.add("Transpose", states, perm=[0, 2, 1, 3])
        sequence = graph.add("Reshape", beside, graph.ints(0, 0, spec.directions * width))
    if spec.attention:
        return _attend(graph, sequence, weights)
    beside = graph.add("Transpose", last, perm=[1, 0, 2])
    return str(graph.add("Reshape", beside, graph.ints(-1, spec.state))), ""


def write_answer(graph: GraphWriter, state: Value, spec: RecurrentSpec, weights: Weights) -> Value:
    """Dense layer over a state: steps and outputs (B, steps, outputs)."""
    flat = write_dense(graph, state, weights["dense.weight"], weights["dense.bias"])  # (5)
    return str(graph.add("Reshape", flat, graph.ints(-1, spec.reach, spec.outputs)))


def write_layer(
    graph: GraphWriter,
    sequence: Value,
    ways: Sequence[str],
    width: int,
    spec: RecurrentSpec,
    weights: Weights,
) -> tuple[Value, Value]:
    """Run one recurrent layer over a sequence (T, B, channels).

    Args:
        graph: Where to.
        sequence: Its input.
        ways: Names of its weights, with a place for their kind, in each direction (D).
        width: Its cells (E).
        spec: Cell, activation and clip.
        weights: All weights by name.

    Returns:
        All hidden states (T, D, B, E) and the last ones (D, B, E).
    """
    cell = CELLS[spec.cell]

    def ordered(name: str, way: str) -> NDArray[Any]:
        return gates_of(weights, spec.cell, way.format(name))

    biases = [np.concatenate([ordered("bias_ih", way), ordered("bias_hh", way)]) for way in ways]
    bend = "Relu" if spec.activation == "relu" else "Tanh"
    logistic = ["Sigmoid"] if cell.operator != "RNN" else []
    attributes: dict[str, Any] = {**cell.attributes, **({"clip": spec.clip} if spec.clip else {})}
    found = graph.add(
        cell.operator,
        sequence,
        graph.constant(np.stack([ordered("weight_ih", way) for way in ways]), np.float32),
        graph.constant(np.stack([ordered("weight_hh", way) for way in ways]), np.float32),
        graph.constant(np.stack(biases), np.float32),
        outputs=2,
        hidden_size=width,
        activations=(logistic + [bend] * (2 if cell.operator == "LSTM" else 1)) * len(ways),
        direction="bidirectional" if len(ways) > 1 else "forward",
        **attributes,
    )
    return found[0], found[1]


def _attend(graph: GraphWriter, states: Value, weights: Weights) -> tuple[Value, Value]:
    """Mean of the states (T, B, C) by attention (B, C), and the attention (T, B, 1)."""
    hidden = write_dense(graph, states, weights["attention.hidden.weight"], weights["attention.hidden.bias"])
    score = graph.constant(weights["attention.score"][:, None], np.float32)
    shares = graph.add("Softmax", graph.add("MatMul", graph.add("Tanh", hidden), score), axis=0)  # (3)
    return graph.reduce("ReduceSum", graph.add("Mul", shares, states), 0, keep=False), shares  # (4)


def _loop(graph: GraphWriter, values: Value, spec: RecurrentSpec, weights: Weights) -> Value:
    """One pass per step of the horizon, each fed back into the window (B, H, outputs)."""
    body = graph.body()
    made, _ = _network(body, "window", spec, weights)
    point = write_cut(body, body.add("Squeeze", made, body.ints(2)))
    rest = body.add("Slice", "window", body.ints(1), body.ints(spec.context_length), body.ints(1))
    moved, going = body.add("Concat", rest, point, axis=1), body.add("Identity", "going")
    shape: list[str | int] = ["B", spec.context_length]
    inner = body.close(
        "step",
        [
            Port("step", "INT64", []),
            Port("going", "BOOL", []),
            Port("window", "FLOAT", shape),
        ],
        [
            Port(going, "BOOL", []),
            Port(moved, "FLOAT", shape),
            Port(point, "FLOAT", ["B", 1]),
        ],
    )
    _, points = graph.add("Loop", graph.constant(spec.horizon, np.int64), "", values, outputs=2, body=inner)
    return str(graph.add("Transpose", points, perm=[1, 0, 2]))


def _user_units(
    graph: GraphWriter, made: Value, prepared: PreparedValues, spec: RecurrentSpec, weights: Weights
) -> Value:
    """Calibrated, sorted, in the user's units, nothing below the floor (B, H, Q)."""
    fitted = graph.add("Add", made, graph.constant(weights["adjustments"], np.float32))
    count = graph.ints(len(spec.levels))
    ordered, _ = graph.add("TopK", fitted, count, outputs=2, axis=-1, largest=0, sorted=1)
    axis = graph.ints(2)
    scale, centre = (graph.add("Unsqueeze", one, axis) for one in (prepared.scale, prepared.centre))
    user = graph.add("Add", graph.add("Mul", graph.to(ordered, "DOUBLE"), scale), centre)
    if spec.floor is None:
        return str(user)
    low = graph.double(spec.floor)
    return str(graph.add("Where", graph.add("Less", user, low), low, user))


def write_blocks(graph: GraphWriter, attention: Value, spec: RecurrentSpec) -> Value:
    """Attention summed over each block of steps, the newest first (B, 1, K)."""
    length, blocks = spec.context_length, spec.blocks
    member = np.zeros((length, len(blocks)))
    for place, (first, last) in enumerate(blocks):
        member[length - last : length - first + 1, place] = 1
    by_window = graph.add("Transpose", attention, perm=[1, 2, 0])
    return graph.to(graph.add("MatMul", by_window, graph.constant(member, np.float32)), "DOUBLE")
