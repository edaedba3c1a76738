"""Nodes for what a network knows beside the target: ``models/covariates.py`` step by step.

Channels have the member axis first; it is 1 where no category is among them, since only embeddings differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.calendar_graph import write_calendar
from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.models.spec import FARTHEST_COVARIATE, HIGHWAY_GAIN, KINDS, Columns, NetworkSpec

Weights = Mapping[str, NDArray[Any]]

PREFIX = "covariates."
"""What the names of these weights begin with."""


class Channels(NamedTuple):
    """Name of a value (members, B, ..., C) and its first axis."""

    value: Value
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateChannels:
    """What is known beside the target, None where the network has nothing of that kind.

    Attributes:
        seen: Of the context (M or 1, B, T, C).
        ahead: Of the horizon (M or 1, B, H, C).
        static: Of the series (M or 1, B, S).
    """

    seen: Channels | None = None
    ahead: Channels | None = None
    static: Channels | None = None


def covariate_inputs(spec: NetworkSpec) -> list[Port]:
    """Graph inputs beside the context, those that the network uses."""
    length, span = spec.context_length, spec.context_length + spec.horizon
    shapes: list[tuple[str, str, list[int | str], int]] = [
        ("past_covariates", "DOUBLE", ["B", length, len(spec.past_covariates)], len(spec.past_covariates)),
        (
            "future_covariates",
            "DOUBLE",
            ["B", span, len(spec.future_covariates)],
            len(spec.future_covariates),
        ),
        ("static_covariates", "DOUBLE", ["B", len(spec.static_covariates)], len(spec.static_covariates)),
        ("timestamps", "INT64", ["B", span], len(spec.calendar)),
    ]
    return [Port(name, kind, shape) for name, kind, shape, used in shapes if used]


def write_channels(graph: GraphWriter, spec: NetworkSpec, weights: Weights) -> CovariateChannels:
    """Standardise numbers, look categories up, make calendar features."""
    if not spec.sees_more:
        return CovariateChannels()
    parts: dict[str, list[Channels]] = {}
    start = 0
    for kind in KINDS:
        columns = spec.columns(kind)
        parts[kind] = _channels(graph, columns, start, weights)
        start += len(columns.labels)
    known = list(parts["future"])
    if spec.calendar:
        calendar = write_calendar(graph, spec, weights[PREFIX + "holidays"])
        known.append(Channels(graph.add("Unsqueeze", calendar, graph.ints(0)), 1))
    length, span = spec.context_length, spec.context_length + spec.horizon
    before, after = (
        [Channels(_cut(graph, one.value, *ends), one.members) for one in known]
        for ends in ((0, length), (length, span))
    )
    return CovariateChannels(
        seen=_joined(graph, parts["past"] + before),
        ahead=_joined(graph, after),
        static=_joined(graph, parts["static"], rank=3),
    )


def encoder_inputs(
    graph: GraphWriter, channels: CovariateChannels, spec: NetworkSpec, weights: Weights
) -> list[tuple[Channels, NDArray[Any]]]:
    """Further inputs of the encoder (M or 1, B, patches, C), each with its kernel (M, 4E, C)."""
    inputs = []
    if channels.seen is not None:
        kernel = weights[PREFIX + "encoder_kernel"]
        pad = spec.context_patches * spec.patch_length - spec.context_length
        patches = _patches(graph, channels.seen, (pad, 0), spec.context_patches, kernel.shape[2])
        inputs.append((patches, kernel))
    if channels.static is not None:
        every = graph.constant(np.zeros((1, 1, spec.context_patches, 1)), np.float32)
        facts = graph.add("Unsqueeze", channels.static.value, graph.ints(2))
        repeated = Channels(graph.add("Add", facts, every), channels.static.members)
        inputs.append((repeated, weights[PREFIX + "encoder_static"]))
    return inputs


def decoder_inputs(
    graph: GraphWriter, channels: CovariateChannels, spec: NetworkSpec, weights: Weights
) -> list[tuple[Value, NDArray[Any]]]:
    """Give what is known ahead (M or 1, B, patches, C) and of the series (M or 1, B, 1, C) to the decoder's gates.

    Each comes with its kernel (M, 4E, C).
    """
    inputs = []
    if channels.ahead is not None:
        kernel = weights[PREFIX + "decoder_kernel"]
        pad = spec.future_patches * spec.patch_length - spec.horizon
        patches = _patches(graph, channels.ahead, (0, pad), spec.future_patches, kernel.shape[2])
        inputs.append((patches.value, kernel))
    if channels.static is not None:
        facts = graph.add("Unsqueeze", channels.static.value, graph.ints(2))
        inputs.append((facts, weights[PREFIX + "decoder_static"]))
    return inputs


def add_to_quantiles(
    graph: GraphWriter, quantiles: Value, channels: CovariateChannels, spec: NetworkSpec, weights: Weights
) -> Value:
    """Add to the normalised quantiles (M, B, H, Q) the residual of every step."""
    if channels.ahead is None:
        return quantiles
    known = channels.ahead
    if channels.static is not None:
        every = graph.constant(np.zeros((1, 1, spec.horizon, 1)), np.float32)
        facts = graph.add("Unsqueeze", channels.static.value, graph.ints(2))
        repeated = Channels(graph.add("Add", facts, every), channels.static.members)
        known = _joined(graph, [known, repeated]) or known
    bias = np.swapaxes(weights[PREFIX + "step_bias"], 1, 2)[:, None]
    hidden = write_product(graph, known.value, weights[PREFIX + "step_kernel"])
    bent = graph.add("Relu", graph.add("Add", hidden, graph.constant(bias, np.float32)))
    return str(
        graph.add(
            "Add", quantiles, write_product(graph, bent, HIGHWAY_GAIN * weights[PREFIX + "step_output"])
        )
    )


def _channels(graph: GraphWriter, columns: Columns, start: int, weights: Weights) -> list[Channels]:
    """Numbers of one kind of covariates, then its embedded categories."""
    name, axis = f"{columns.kind}_covariates", 1 if columns.kind == "static" else 2
    parts = []
    if columns.numbers:
        places = [start + place for place in columns.numbers]
        values = graph.add("Gather", name, graph.ints(*columns.numbers), axis=axis)
        centre, scale = (
            graph.constant(weights[PREFIX + which][places], np.float64) for which in ("centre", "scale")
        )
        values = graph.add("Div", graph.add("Sub", values, centre), scale)
        values = graph.add("Where", graph.known(values), values, graph.double(0.0))
        bounds = graph.single(-FARTHEST_COVARIATE), graph.single(FARTHEST_COVARIATE)
        values = graph.add("Clip", graph.to(values, "FLOAT"), *bounds)
        parts.append(Channels(graph.add("Unsqueeze", values, graph.ints(0)), 1))
    for weight, place, labels in columns.embeddings:
        table = weights[PREFIX + weight]
        values = graph.add("Gather", name, graph.constant(place, np.int64), axis=axis)
        above = graph.add("Greater", values, graph.double(0.0))
        known = graph.add("And", above, graph.add("Less", values, graph.double(labels + 1.0)))
        code = graph.to(graph.add("Where", known, values, graph.double(0.0)), "INT64")
        looked_up = graph.add("Gather", graph.constant(table, np.float32), code, axis=1)
        parts.append(Channels(looked_up, len(table)))
    return parts


def _joined(graph: GraphWriter, parts: list[Channels], rank: int = 4) -> Channels | None:
    """Channels side by side; those that members share are repeated where others differ."""
    if len(parts) < 2:
        return parts[0] if parts else None
    members = max(one.members for one in parts)
    zeros = graph.constant(np.zeros((members, 1, 1, *[1] * (rank - 3))), np.float32)
    alike = [one.value if one.members == members else graph.add("Add", one.value, zeros) for one in parts]
    return Channels(graph.add("Concat", *alike, axis=-1), members)


def _cut(graph: GraphWriter, value: Value, start: int, stop: int) -> Value:
    return str(graph.add("Slice", value, graph.ints(start), graph.ints(stop), graph.ints(2)))


def _patches(
    graph: GraphWriter, channels: Channels, pads: tuple[int, int], patches: int, width: int
) -> Channels:
    """Cut steps into patches, padded with zeros where they do not fill them (M or 1, B, patches, C)."""
    value = channels.value
    if any(pads):
        around = graph.ints(0, 0, pads[0], 0, 0, 0, pads[1], 0)
        value = graph.add("Pad", value, around, graph.single(0.0))
    shape = graph.ints(channels.members, -1, patches, width)
    return Channels(graph.add("Reshape", value, shape), channels.members)


def write_product(graph: GraphWriter, value: Value, kernel: NDArray[Any]) -> Value:
    """Each member's own matrix applied to the last axis of (M or 1, B, ..., C)."""
    turned = graph.constant(np.swapaxes(kernel, 1, 2)[:, None], np.float32)
    return str(graph.add("MatMul", value, turned))
