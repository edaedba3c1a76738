"""The whole forecaster as one ONNX graph: raw values in, quantiles in the user's units out.

``models/mixture.py`` names the equations; the nodes here follow it line by line. The members' encoders are
one LSTM node each, everything after them is done for all members at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.cell_graph import CellShape, write_gated, write_one_step, write_unrolled
from tsforecast.exporters.classical_graph import write_classical
from tsforecast.exporters.covariate_graph import (
    Channels,
    CovariateChannels,
    add_to_quantiles,
    covariate_inputs,
    decoder_inputs,
    encoder_inputs,
    write_channels,
    write_product,
)
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.graph_form import GraphForm, some_levels
from tsforecast.exporters.median_graph import write_median
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.exporters.preparation_graph import PreparedValues, write_preparation
from tsforecast.models.spec import FAINT, LARGEST_LOG, LOG, SEASONS_AVERAGED, NetworkSpec

Weights = Mapping[str, NDArray[Any]]


def build_model(
    spec: NetworkSpec, weights: Weights, opset: int, *, explain: bool = False, form: GraphForm | None = None
) -> bytes:
    """ONNX file of a mixture network.

    Args:
        spec: Shape of the network.
        weights: State of the network by name, as ``MixtureLSTM.state_dict`` has it.
        opset: ONNX operator set.
        explain: Add the output ``weights``: the gate's mean weights over members (B, patches, K).
        form: Everything about the layout of the graph, instead of the two before.
    """
    form = form or GraphForm(opset=opset, explain=explain)
    graph = GraphWriter(form.opset)
    prepared = write_preparation(graph, "context", spec)
    experts = _experts(graph, prepared, spec)
    channels = write_channels(graph, spec, weights)
    states = _encode(graph, prepared, channels, spec, weights, form.recurrence)
    decoded = _decode(graph, *states, channels, spec, weights)
    quantiles, gate = _mix(graph, decoded, experts, spec, weights)
    quantiles = add_to_quantiles(graph, quantiles, channels, spec, weights)
    user = _user_units(graph, quantiles, prepared, spec, weights)
    levels = form.levels or spec.levels
    graph.rename(some_levels(graph, user, spec.levels, levels), "quantiles")
    outputs = [Port("quantiles", "DOUBLE", ["B", spec.horizon, len(levels)])]
    if form.explain:
        mean = graph.to(graph.reduce("ReduceMean", gate, 0, keep=False), "DOUBLE")
        graph.rename(mean, "weights")
        shape: list[str | int] = ["B", spec.future_patches, len(spec.expert_names)]
        outputs.append(Port("weights", "DOUBLE", shape))
    inputs = [Port("context", "DOUBLE", ["B", spec.context_length])]
    inputs += covariate_inputs(spec)
    return graph.model(inputs, outputs, form.batch)


def _experts(graph: GraphWriter, prepared: PreparedValues, spec: NetworkSpec) -> Value:
    """All experts, patch by patch (B, patches, K, patch)."""
    steps, length = spec.future_patches * spec.patch_length, spec.context_length
    values, observed = (graph.add("Unsqueeze", one, graph.ints(1)) for one in prepared[:2])
    weights = graph.add("Add", observed, graph.single(FAINT))
    last = graph.add("Gather", values, graph.ints(length - 1), axis=2)
    first = graph.add("Gather", values, graph.ints(0), axis=2)
    total = graph.reduce("ReduceSum", graph.add("Mul", values, weights), 2)
    mean = graph.add("Div", total, graph.reduce("ReduceSum", weights, 2))
    count = graph.add("Sub", graph.reduce("ReduceSum", observed, 2), graph.single(1.0))
    slope = graph.add("Div", graph.add("Sub", last, first), graph.add("Max", count, graph.single(1.0)))
    ahead = graph.constant(np.arange(1, steps + 1)[None, None], np.float32)
    flat = graph.constant(np.zeros((1, 1, steps)), np.float32)
    drift = graph.add("Add", last, graph.add("Mul", slope, ahead))
    rows = [graph.add("Add", last, flat), graph.add("Add", mean, flat), drift]
    rows += [_seasonal(graph, values, weights, season, steps, length) for season in spec.usable_seasons]
    stacked = graph.add("Concat", *rows, axis=1)
    shape = graph.ints(-1, len(spec.expert_names), spec.future_patches, spec.patch_length)
    return str(graph.add("Transpose", graph.add("Reshape", stacked, shape), perm=[0, 2, 1, 3]))


def _seasonal(
    graph: GraphWriter, values: Value, weights: Value, season: int, steps: int, length: int
) -> Value:
    """Experts of one season (B, 3, steps) from windows (B, 1, T)."""
    seasons = min(SEASONS_AVERAGED, length // season)
    start, stop, axis = graph.ints(length - seasons * season), graph.ints(length), graph.ints(2)
    shape = graph.ints(-1, seasons, season)
    recent = graph.add("Reshape", graph.add("Slice", values, start, stop, axis), shape)
    weight = graph.add("Reshape", graph.add("Slice", weights, start, stop, axis), shape)
    total = graph.reduce("ReduceSum", graph.add("Mul", recent, weight), 1)
    profile = graph.add("Div", total, graph.reduce("ReduceSum", weight, 1))
    newest = graph.add("Gather", recent, graph.ints(seasons - 1), axis=1)
    levels = [graph.reduce("ReduceMean", one, 2) for one in (newest, profile)]
    moved = graph.add("Add", profile, graph.add("Sub", *levels))
    return _repeated(graph, graph.add("Concat", newest, profile, moved, axis=1), season, steps)


def _repeated(graph: GraphWriter, value: Value, season: int, steps: int) -> Value:
    """Seasons (B, K, m) one after the other until they fill the steps (B, K, steps).

    Whole rows are copied, many times faster than step after step.
    """
    times = -(-steps // season)
    if times > 1:
        value = graph.add("Concat", *[value] * times, axis=2)
    if times * season > steps:
        value = graph.add("Slice", value, graph.ints(0), graph.ints(steps), graph.ints(2))
    return value


def _encode(
    graph: GraphWriter,
    prepared: PreparedValues,
    channels: CovariateChannels,
    spec: NetworkSpec,
    weights: Weights,
    recurrence: str,
) -> tuple[Value, Value]:
    """Last states of all members (M, B, E)."""
    patches = graph.add(
        "Concat", *(_patches(graph, one, spec, index) for index, one in enumerate(prepared[:2])), axis=2
    )
    more = encoder_inputs(graph, channels, spec, weights)
    if recurrence != "lstm":
        write = write_unrolled if recurrence == "unrolled" else write_one_step
        return write(graph, patches, more, spec, weights)
    shared = max((one.members for one, _ in more), default=1) == 1
    sequences = [
        graph.add("Transpose", _beside(graph, patches, more, member), perm=[1, 0, 2])
        for member in range(1 if shared else spec.members)
    ]
    bend = "Relu" if spec.activation == "relu" else "Tanh"
    states = []
    for member in range(spec.members):
        bias = weights["encoder_bias"][member, :, 0]
        kernel = [weights["encoder_input"][member], *(one[member] for _, one in more)]
        states.append(
            graph.add(
                "LSTM",
                sequences[0 if shared else member],
                graph.constant(np.concatenate(kernel, 1)[None], np.float32),
                graph.constant(weights["encoder_recurrent"][member][None], np.float32),
                graph.constant(np.concatenate([bias, np.zeros_like(bias)])[None], np.float32),
                outputs=3,
                unused=1,
                hidden_size=spec.hidden,
                activations=["Sigmoid", bend, bend],
                clip=spec.clip,
            )[1:]
        )
    hidden, cell = zip(*states, strict=True)
    if spec.members == 1:
        return hidden[0], cell[0]
    return graph.add("Concat", *hidden, axis=0), graph.add("Concat", *cell, axis=0)


def _beside(
    graph: GraphWriter, patches: Value, more: list[tuple[Channels, NDArray[Any]]], member: int
) -> Value:
    """Patches of the window with those of a member's covariates beside them (B, patches, C)."""
    if not more:
        return patches
    own = [
        graph.add("Gather", one.value, graph.constant(member if one.members > 1 else 0, np.int64), axis=0)
        for one, _ in more
    ]
    return str(graph.add("Concat", patches, *own, axis=2))


def _patches(graph: GraphWriter, value: Value, spec: NetworkSpec, is_mask: int) -> Value:
    """Cut a window into patches, its front padded where it does not fill them (B, patches, patch)."""
    pad = spec.context_patches * spec.patch_length - spec.context_length
    if pad:
        first = graph.add("Gather", value, graph.ints(0), axis=1)
        front = graph.add("Mul", first, graph.constant(np.full((1, pad), 1 - is_mask), np.float32))
        value = graph.add("Concat", front, value, axis=1)
    return str(graph.add("Reshape", value, graph.ints(-1, spec.context_patches, spec.patch_length)))


def _decode(
    graph: GraphWriter,
    hidden: Value,
    cell: Value,
    channels: CovariateChannels,
    spec: NetworkSpec,
    weights: Weights,
) -> Value:
    """One step per future patch (M, B, patches, E).

    The candidate is multiplied apart from the gates: cutting a product in two costs more than making two.
    """
    place = weights["decoder_input"] @ weights["positions"] + weights["decoder_bias"]
    place = np.swapaxes(place, 1, 2)[:, None]
    kernel = np.swapaxes(weights["decoder_recurrent"], 1, 2)
    more, axis = decoder_inputs(graph, channels, spec, weights), graph.ints(2)

    def gates(part: slice) -> Value:
        carried = graph.add("MatMul", hidden, graph.constant(kernel[:, :, part], np.float32))
        made = graph.add("Unsqueeze", carried, axis)
        made = graph.add("Add", made, graph.constant(place[..., part], np.float32))
        for value, known in more:
            made = graph.add("Add", made, write_product(graph, value, known[:, part]))
        return str(made)

    three = 3 * spec.hidden
    parts = gates(slice(three)), gates(slice(three, None))
    return write_gated(graph, parts, graph.add("Unsqueeze", cell, axis), CellShape.of(spec), 3)[0]


def _mix(
    graph: GraphWriter, decoded: Value, experts: Value, spec: NetworkSpec, weights: Weights
) -> tuple[Value, Value]:
    """Quantiles of every member (M, B, H, Q) and gate weights (M, B, patches, K)."""
    members, patches, patch, levels = spec.members, spec.future_patches, spec.patch_length, len(spec.levels)
    decoded = graph.add("Reshape", decoded, graph.ints(members, -1, spec.hidden))
    score = graph.add("MatMul", decoded, _kernel(graph, weights["gate_weight"]))
    score = graph.add("Reshape", score, graph.ints(members, -1, patches, len(spec.expert_names)))
    bias = np.tile(np.swapaxes(weights["gate_bias"], 1, 2)[:, None], (1, 1, patches, 1))
    gate = graph.add("Softmax", graph.add("Add", score, graph.constant(bias, np.float32)), axis=-1)
    # Members are the rows of one product per window and patch, many times fewer than one product for each of them.
    shares = graph.add("Transpose", gate, perm=[1, 2, 0, 3])
    mixed = graph.add("Transpose", graph.add("MatMul", shares, experts), perm=[2, 0, 1, 3])
    residual = graph.add("MatMul", decoded, _kernel(graph, weights["residual_weight"]))
    bias = np.swapaxes(weights["residual_bias"], 1, 2)
    residual = graph.add("Add", residual, graph.constant(bias, np.float32))
    quantiles = _at_every_level(graph, mixed, residual, patch, levels)
    quantiles = graph.add("Reshape", quantiles, graph.ints(members, -1, patches * patch, levels))
    if patches * patch > spec.horizon:
        quantiles = graph.add("Slice", quantiles, graph.ints(0), graph.ints(spec.horizon), graph.ints(2))
    return quantiles, gate


def _at_every_level(graph: GraphWriter, mixed: Value, residual: Value, patch: int, levels: int) -> Value:
    """Sum of what is mixed (..., patch) and the residual of every level (..., patch * Q), row by row.

    A product with ones spreads the steps over their levels: an addition would go through rows as short as the levels,
    which takes twice as long.
    """
    spread = graph.constant(np.kron(np.eye(patch), np.ones((1, levels))), np.float32)
    rows = graph.add("Reshape", mixed, graph.ints(-1, patch))
    return str(
        graph.add("Gemm", rows, spread, graph.add("Reshape", residual, graph.ints(-1, patch * levels)))
    )


def _kernel(graph: GraphWriter, weight: NDArray[Any]) -> Value:
    """Each member's own matrix for values (M, rows, E)."""
    return graph.constant(np.swapaxes(weight, 1, 2), np.float32)


def _user_units(
    graph: GraphWriter, quantiles: Value, prepared: PreparedValues, spec: NetworkSpec, weights: Weights
) -> Value:
    """Median over members, calibrated, sorted, in the user's units, nothing below the floor (B, H, Q)."""
    middle = _blended(graph, write_median(graph, quantiles, spec.members), prepared, spec)
    fitted = graph.add("Add", middle, graph.constant(weights["adjustments"], np.float32))
    ordered = _sorted(graph, fitted, spec)
    axis = graph.ints(2)
    scale = graph.add("Unsqueeze", prepared.scale, axis)
    centre = graph.add("Unsqueeze", prepared.centre, axis)
    user = graph.add("Add", graph.add("Mul", graph.to(ordered, "DOUBLE"), scale), centre)
    if spec.normalisation == LOG:
        user = graph.add("Exp", graph.add("Min", user, graph.double(LARGEST_LOG)))
    bounded = str(user) if spec.floor is None else _at_least(graph, user, spec.floor)
    return _outward(graph, bounded, spec) if spec.counts else bounded


def _outward(graph: GraphWriter, value: Value, spec: NetworkSpec) -> Value:
    """Move ends of intervals of counts between 0 and 1 as ``models.mixture.outward`` does.

    That is by ``min(v, 1 - v)``, downwards below the median and upwards above it; 0 from 1 on.
    """
    way = np.sign(np.array(spec.levels) - 0.5)
    way = np.tile(way, (spec.horizon, 1))  # as long as the forecast: short rows take many times longer
    room = graph.add("Max", graph.add("Sub", graph.double(1.0), value), graph.double(0.0))
    away = graph.add("Mul", graph.add("Min", value, room), graph.constant(way, np.float64))
    return str(graph.add("Add", value, away))


def _at_least(graph: GraphWriter, value: Value, floor: float) -> Value:
    """Nothing below the floor; NaN stays NaN, which Max and Clip alone do not promise in every runtime."""
    if floor:
        low = graph.double(floor)
        return str(graph.add("Where", graph.add("Less", value, low), low, value))
    zero = graph.double(0.0)  # here a sum is exact, and takes less than half the time of a choice
    return str(graph.add("Add", value, graph.add("Max", graph.add("Sub", zero, value), zero)))


def _blended(graph: GraphWriter, quantiles: Value, prepared: PreparedValues, spec: NetworkSpec) -> Value:
    """Quantiles moved towards the classical forecast by its share."""
    if not spec.classical_share:
        return quantiles
    classical = write_classical(graph, prepared.values, prepared.observed, spec)
    quantiles = _sorted(graph, quantiles, spec)
    point = graph.add("Gather", quantiles, graph.ints(spec.levels.index(0.5)), axis=2)
    away = graph.add("Sub", graph.add("Unsqueeze", classical, graph.ints(2)), point)
    return str(graph.add("Add", quantiles, graph.add("Mul", away, graph.single(spec.classical_share))))


def _sorted(graph: GraphWriter, quantiles: Value, spec: NetworkSpec) -> Value:
    count = graph.ints(len(spec.levels))
    return str(graph.add("TopK", quantiles, count, outputs=2, axis=-1, largest=0, sorted=1)[0])
