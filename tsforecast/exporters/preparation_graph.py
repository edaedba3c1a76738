"""Nodes that turn raw values into a normalised window: ``models/preparation.py`` step by step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.models.spec import CHANGE, LOG, SEASONS_BACK, NetworkSpec


class PreparedValues(NamedTuple):
    """Names of the values that ``Prepared`` holds in torch."""

    values: Value
    observed: Value
    centre: Value
    scale: Value


def write_preparation(graph: GraphWriter, context: Value, spec: NetworkSpec) -> PreparedValues:
    """Fill and normalise ``context``, all in float64."""
    if spec.normalisation == LOG:
        context = str(graph.add("Log", _positive(graph, context)))
    known = graph.known(context)
    observed = graph.to(known, "DOUBLE")
    filled = write_filled(graph, context, known, spec)
    last = graph.add("Gather", filled, graph.ints(spec.context_length - 1), axis=1)
    offset = graph.add("Sub", filled, last)
    peak = graph.reduce("ReduceMax", graph.add("Abs", offset), 1)
    shape = graph.add("Div", offset, write_or_one(graph, peak))
    count = _sum(graph, observed)
    if spec.normalisation != CHANGE:
        middle, spread = _spread(graph, shape, observed, graph.add("Max", count, graph.double(1.0)))
    else:
        middle, spread = graph.add("Sub", peak, peak), _change(graph, shape, count, spec.context_length)
    values = graph.add("Div", graph.add("Sub", shape, middle), write_or_one(graph, spread))
    return PreparedValues(
        graph.to(values, "FLOAT"),
        graph.to(observed, "FLOAT"),
        graph.add("Add", last, graph.add("Mul", peak, middle)),
        graph.add("Mul", peak, spread),
    )


def _positive(graph: GraphWriter, context: Value) -> Value:
    zero, infinite = graph.double(0.0), graph.double(np.inf)
    known = graph.add("Where", graph.add("Greater", context, zero), context, infinite)
    least = graph.reduce("ReduceMin", known, 1)
    least = graph.add("Where", graph.add("Less", least, infinite), least, graph.double(1.0))
    return str(graph.add("Where", graph.add("LessOrEqual", context, zero), least, context))


def write_filled(graph: GraphWriter, context: Value, known: Value, spec: NetworkSpec) -> Value:
    """Replace missing values as ``fill`` does."""
    filled, length = context, spec.context_length
    for season in spec.usable_seasons[:1] * SEASONS_BACK:
        if season < length:
            filled = graph.add("Where", known, filled, _season_before(graph, filled, season, length))
            known = graph.known(filled)
    # Counted in floating point, which is exact here: not every runtime adds up whole numbers.
    flags = graph.to(known, "FLOAT")
    count = graph.add("CumSum", flags, graph.constant(1, np.int64))
    slot = graph.to(graph.add("Mul", count, flags), "INT64")
    ends = graph.ints(0), graph.ints(1), graph.ints(1)
    blank = graph.add("Concat", graph.add("Slice", filled, *ends), filled, axis=1)
    table = graph.add("ScatterElements", blank, slot, filled, axis=1)  # the k-th known value at k
    place = graph.to(graph.add("Max", count, graph.single(1.0)), "INT64")
    return str(graph.add("GatherElements", table, place, axis=1))


def _season_before(graph: GraphWriter, value: Value, season: int, length: int) -> Value:
    """Values one season earlier, those of the first season themselves (B, T)."""
    zero, axis = graph.ints(0), graph.ints(1)
    parts = (graph.add("Slice", value, zero, graph.ints(stop), axis) for stop in (season, length - season))
    return str(graph.add("Concat", *parts, axis=1))


def _spread(graph: GraphWriter, shape: Value, observed: Value, count: Value) -> tuple[Value, Value]:
    middle = graph.add("Div", _sum(graph, graph.add("Mul", shape, observed)), count)
    away = graph.add("Sub", shape, middle)
    square = graph.add("Mul", graph.add("Mul", away, away), observed)
    return middle, graph.add("Sqrt", graph.add("Div", _sum(graph, square), count))


def _change(graph: GraphWriter, shape: Value, count: Value, length: int) -> Value:
    later = graph.add("Slice", shape, graph.ints(1), graph.ints(length), graph.ints(1))
    sooner = graph.add("Slice", shape, graph.ints(0), graph.ints(length - 1), graph.ints(1))
    change = _sum(graph, graph.add("Abs", graph.add("Sub", later, sooner)))
    steps = graph.add("Max", graph.add("Sub", count, graph.double(1.0)), graph.double(1.0))
    return str(graph.add("Div", change, steps))


def _sum(graph: GraphWriter, value: Value) -> Value:
    return graph.reduce("ReduceSum", value, 1)


def write_or_one(graph: GraphWriter, value: Value) -> Value:
    """Put 1 in place of 0."""
    return str(graph.add("Where", graph.add("Greater", value, graph.double(0.0)), value, graph.double(1.0)))
