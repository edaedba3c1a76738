"""A network for targets that are classes as one ONNX graph: codes in, probabilities out.

``models/class_network.py`` names the equations; the nodes here follow it line by line.
"""

from __future__ import annotations

import numpy as np

from tsforecast.exporters.covariate_graph import Channels, covariate_inputs, write_channels
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.graph_form import GraphForm
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.exporters.recurrent_graph import (
    Weights,
    write_answer,
    write_blocks,
    write_convolution,
    write_layer,
    write_state,
)
from tsforecast.models.class_spec import AHEAD_WIDTH, LARGEST_LOGIT, ClassSpec

OUTPUT = "probabilities"


def build_model(
    spec: ClassSpec, weights: Weights, opset: int, *, explain: bool = False, form: GraphForm | None = None
) -> bytes:
    """ONNX file of a network for classes.

    Args:
        spec: Shape of the network.
        weights: State of the network by name, as ``ClassNetwork.state_dict`` has it.
        opset: ONNX operator set.
        explain: Add the output ``weights``: attention by blocks of steps (B, 1, K).
        form: Everything about the layout of the graph, instead of the two before; it has no levels.
    """
    form = form or GraphForm(opset=opset, explain=explain)
    graph = GraphWriter(form.opset)
    places = _places(graph, spec)
    beside = write_channels(graph, spec, weights)
    seen, ahead, static = (_alone(graph, one) for one in (beside.seen, beside.ahead, beside.static))
    state, attention = write_state(
        graph, _sequence(graph, places, seen, static, spec, weights), spec, weights
    )
    logits = write_answer(graph, state, spec, weights)  # (3)
    if ahead:
        logits = graph.add("Add", logits, _meet(graph, state, ahead, spec, weights))  # (4)
    graph.rename(_probabilities(graph, logits, places, spec), OUTPUT)
    outputs = [Port(OUTPUT, "DOUBLE", ["B", spec.horizon, spec.classes])]
    if form.explain:
        graph.rename(write_blocks(graph, attention, spec), "weights")
        outputs.append(Port("weights", "DOUBLE", ["B", 1, len(spec.expert_names)]))
    context = Port("context", "DOUBLE", ["B", spec.context_length])
    return graph.model([context, *covariate_inputs(spec)], outputs, form.batch)


def _places(graph: GraphWriter, spec: ClassSpec) -> Value:
    """Rows of the embedding (B, T): 0 for whatever is no code of a class."""
    below = graph.add("Less", "context", graph.double(0.0))
    inside = graph.add("Less", "context", graph.double(float(spec.classes)))
    known = graph.add("And", graph.add("Not", below), inside)
    codes = graph.add("Where", known, "context", graph.double(-1.0))
    return graph.to(graph.add("Add", codes, graph.double(1.0)), "INT64")


def _alone(graph: GraphWriter, channels: Channels | None) -> Value:
    """Channels without the axis of members, of which there is one; empty where there are none."""
    return "" if channels is None else str(graph.add("Squeeze", channels.value, graph.ints(0)))


def _sequence(
    graph: GraphWriter, places: Value, seen: Value, static: Value, spec: ClassSpec, weights: Weights
) -> Value:
    """Put together what enters the layers (T, B, channels): equation (1)."""
    parts = [graph.add("Gather", graph.constant(weights["embedding"], np.float32), places, axis=0)]
    parts += [seen] if seen else []
    if static:
        every = graph.constant(np.zeros((1, spec.context_length, 1)), np.float32)
        parts.append(graph.add("Add", graph.add("Unsqueeze", static, graph.ints(1)), every))
    channels = graph.add("Concat", *parts, axis=-1) if len(parts) > 1 else parts[0]
    if spec.filters:
        turned = graph.add("Transpose", channels, perm=[0, 2, 1])
        return write_convolution(graph, turned, spec, weights)
    return str(graph.add("Transpose", channels, perm=[1, 0, 2]))


def _meet(graph: GraphWriter, state: Value, ahead: Value, spec: ClassSpec, weights: Weights) -> Value:
    """Log-odds from the state and what is known ahead (B, H, outputs)."""
    every = graph.constant(np.zeros((1, spec.horizon, 1)), np.float32)
    repeated = graph.add("Add", graph.add("Unsqueeze", state, graph.ints(1)), every)
    both = graph.add("Transpose", graph.add("Concat", repeated, ahead, axis=-1), perm=[1, 0, 2])
    states, _ = write_layer(graph, both, ["ahead.{}_l0"], AHEAD_WIDTH, spec, weights)
    alone = graph.add("Transpose", graph.add("Squeeze", states, graph.ints(1)), perm=[1, 0, 2])
    kernel = graph.constant(np.ascontiguousarray(weights["ahead_output.weight"].T), np.float32)
    return str(graph.add("MatMul", alone, kernel))


def _probabilities(graph: GraphWriter, logits: Value, places: Value, spec: ClassSpec) -> Value:
    """Probabilities (B, H, C), NaN where a window has no class at all: equation (5)."""
    bounded = graph.add("Clip", logits, graph.single(-LARGEST_LOGIT), graph.single(LARGEST_LOGIT))
    wide = graph.to(bounded, "DOUBLE")
    if spec.sigmoid:
        pair = (graph.add("Sigmoid", graph.add("Neg", wide)), graph.add("Sigmoid", wide))
        probability = graph.add("Concat", *pair, axis=-1)
    else:
        probability = graph.add("Softmax", wide, axis=-1)
    most = graph.reduce("ReduceMax", places, 1)
    known = graph.add("Unsqueeze", graph.add("Greater", most, graph.ints(0)), graph.ints(2))
    return str(graph.add("Where", known, probability, graph.double(np.nan)))
