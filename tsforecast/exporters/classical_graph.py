"""Nodes of the classical forecasts: ``models/classical.py`` and ``models/theta.py`` step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.models.spec import (
    FAINT,
    FEWEST_SEASONS,
    LAST_VALUE,
    LIKELIHOOD_ROWS,
    THETA,
    TINY,
    NetworkSpec,
    moving_average_kernel,
    smoothing_kernels,
)


def write_classical(graph: GraphWriter, values: Value, observed: Value, spec: NetworkSpec) -> Value:
    """Forecast of ``spec.classical`` from normalised windows (B, H)."""
    season, length = spec.classical_seasons[spec.classical], spec.context_length
    if spec.classical.startswith(THETA):
        return write_theta(graph, values, observed, season, length, spec.horizon)
    if spec.classical == LAST_VALUE:
        season = 1
    places = [length - season + step % season for step in range(spec.horizon)]
    return str(graph.add("Gather", values, graph.ints(*places), axis=1))


def write_theta(
    graph: GraphWriter, values: Value, observed: Value, season: int, length: int, steps: int
) -> Value:
    """Theta forecast of normalised windows (B, H)."""
    weights = graph.add("Add", observed, graph.single(FAINT))
    time = graph.constant(np.arange(length)[None] - (length - 1), np.float32)
    ahead = graph.constant(np.arange(1, steps + 1)[None], np.float32)
    adjusted, figure = values, None
    if 1 < season <= length // 2:
        profile = _figure(graph, values, weights, time, season, length)
        places = graph.ints(*((np.arange(length) - length) % season))
        adjusted = graph.add("Sub", values, graph.add("Gather", profile, places, axis=1))  # (2)
        figure = graph.add("Gather", profile, graph.ints(*(np.arange(steps) % season)), axis=1)
    level, slope = _trend_line(graph, adjusted, weights, time)
    twice = graph.add("Mul", adjusted, graph.single(2.0))
    bent = graph.add("Sub", twice, _line(graph, level, slope, time))  # (3)
    smoothed = _smoothed_level(graph, bent, observed, length)
    both = graph.add("Add", smoothed, _line(graph, level, slope, ahead))
    half = graph.add("Mul", both, graph.single(0.5))
    return str(half if figure is None else graph.add("Add", half, figure))  # (6)


def _line(graph: GraphWriter, level: Value, slope: Value, time: Value) -> Value:
    return str(graph.add("Add", level, graph.add("Mul", slope, time)))


def _sum(graph: GraphWriter, value: Value) -> Value:
    return graph.reduce("ReduceSum", value, 1)


def _trend_line(graph: GraphWriter, values: Value, weights: Value, time: Value) -> tuple[Value, Value]:
    total = _sum(graph, weights)
    middle = graph.add("Div", _sum(graph, graph.add("Mul", weights, time)), total)
    mean = graph.add("Div", _sum(graph, graph.add("Mul", weights, values)), total)
    lag = graph.add("Sub", time, middle)
    away = graph.add("Mul", weights, lag)
    rise = _sum(graph, graph.add("Mul", away, graph.add("Sub", values, mean)))
    slope = graph.add("Div", rise, _sum(graph, graph.add("Mul", away, lag)))
    return str(graph.add("Sub", mean, graph.add("Mul", slope, middle))), str(slope)


def _figure(
    graph: GraphWriter, values: Value, weights: Value, time: Value, season: int, length: int
) -> Value:
    level, slope = _trend_line(graph, values, weights, time)
    away = graph.add("Sub", values, _line(graph, level, slope, time))
    kernel = moving_average_kernel(season)
    total = _moving_sum(graph, graph.add("Mul", weights, away), kernel)
    average = graph.add("Div", total, _moving_sum(graph, weights, kernel))
    half = len(kernel) // 2
    inside = graph.ints(*np.clip(np.arange(length) - half, 0, length - 2 * half - 1))
    away = graph.add("Sub", away, graph.add("Gather", average, inside, axis=1))
    seasons = length // season
    start, stop, axis = graph.ints(length - seasons * season), graph.ints(length), graph.ints(1)
    shape = graph.ints(-1, seasons, season)
    recent = graph.add("Reshape", graph.add("Slice", away, start, stop, axis), shape)
    weight = graph.add("Reshape", graph.add("Slice", weights, start, stop, axis), shape)
    count = graph.reduce("ReduceSum", weight, 1)
    profile = graph.add("Div", graph.reduce("ReduceSum", graph.add("Mul", recent, weight), 1), count)
    figure = graph.add("Sub", profile, graph.reduce("ReduceMean", profile, 2))
    rows = graph.reduce("ReduceSum", count, 2)
    error = graph.add("Sub", recent, profile)
    squares = graph.add("Mul", graph.add("Mul", error, error), weight)
    free = graph.add("Max", graph.add("Sub", rows, graph.single(season)), graph.single(1.0))
    rest = graph.add("Div", graph.reduce("ReduceSum", squares, 1, 2), free)
    seasonal = graph.reduce("ReduceSum", graph.add("Mul", graph.add("Mul", figure, figure), count), 2)
    seasonal = graph.add("Div", seasonal, graph.single(season - 1))
    doubt = graph.add("Div", rest, graph.add("Max", seasonal, graph.single(TINY)))
    kept = graph.add("Max", graph.add("Sub", graph.single(1.0), doubt), graph.single(0.0))
    known = graph.add("GreaterOrEqual", rows, graph.single(FEWEST_SEASONS * season))
    figure = graph.add("Mul", graph.add("Mul", figure, kept), graph.to(known, "FLOAT"))  # (1)
    return str(graph.add("Squeeze", figure, graph.ints(1)))


def _moving_sum(graph: GraphWriter, value: Value, kernel: NDArray[np.float32]) -> Value:
    """Weighted sums of neighbours where there are enough of them (B, T - 2 * half)."""
    axis = graph.ints(1)
    rows = graph.add("Unsqueeze", value, axis)
    return str(
        graph.add("Squeeze", graph.add("Conv", rows, graph.constant(kernel[None, None], np.float32)), axis)
    )


def _smoothed_level(graph: GraphWriter, values: Value, observed: Value, length: int) -> Value:
    begin = graph.add("ArgMax", observed, axis=1, keepdims=1)
    place = graph.add("Max", graph.constant(np.arange(length)[None], np.int64), begin)
    values = graph.add("GatherElements", values, place, axis=1)
    first = graph.add("Gather", values, graph.ints(0), axis=1)
    away = graph.add("Unsqueeze", graph.add("Sub", values, first), graph.ints(1))
    kernels = graph.constant(smoothing_kernels(length)[:, None], np.float32)
    levels = graph.add("Conv", away, kernels, pads=[length - 1, 0])  # (4)
    zero, one, last, end, axis = (graph.ints(place) for place in (0, 1, length - 1, length, 2))
    before = graph.add("Slice", levels, zero, last, axis)
    error = graph.add("Sub", graph.add("Slice", away, one, end, axis), before)
    known = graph.add("Slice", graph.add("Unsqueeze", observed, graph.ints(1)), one, end, axis)
    squares = graph.reduce(
        "ReduceSum", graph.add("Mul", graph.add("Mul", error, error), known), 2, keep=False
    )
    rows = graph.add("Min", _sum(graph, observed), graph.single(LIKELIHOOD_ROWS))
    score = graph.add("Mul", rows, graph.single(-0.5))
    score = graph.add("Mul", score, graph.add("Log", graph.add("Add", squares, graph.single(TINY))))
    likelihood = graph.add("Softmax", score, axis=1)  # (5)
    newest = graph.add("Squeeze", graph.add("Slice", levels, last, end, axis), axis)
    return str(graph.add("Add", first, _sum(graph, graph.add("Mul", likelihood, newest))))
