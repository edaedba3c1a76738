"""Nodes of a median over few members: comparisons of whole tensors, which no sort of many short rows comes near."""

from __future__ import annotations

from tsforecast.exporters.graph import GraphWriter, Value

MOST_COMPARED = 8
"""Members up to which comparisons are fewer nodes than they save time."""


def write_median(graph: GraphWriter, members: Value, count: int) -> Value:
    """Median over the first axis, the mean of the middle two where ``count`` is even.

    Shape:
        members ``(count, ...)``; result ``(...)``.
    """
    if count == 1:
        return str(graph.add("Squeeze", members, graph.ints(0)))
    low, high = (count - 1) // 2, count // 2
    if count > MOST_COMPARED:
        ordered, _ = graph.add("TopK", members, graph.ints(count), outputs=2, axis=0, largest=0, sorted=1)
        middle = graph.add("Gather", ordered, graph.ints(low, high), axis=0)
        return graph.reduce("ReduceMean", middle, 0, keep=False)
    wires = list(graph.add("Split", members, graph.ints(*[1] * count), outputs=count, axis=0))
    for lower, upper, kept in _comparisons(count, {low, high}):
        pair = wires[lower], wires[upper]
        if lower in kept:
            wires[lower] = graph.add("Min", *pair)
        if upper in kept:
            wires[upper] = graph.add("Max", *pair)
    total = wires[low] if low == high else graph.add("Add", wires[low], wires[high])
    mean = total if low == high else graph.add("Mul", total, graph.single(0.5))
    return str(graph.add("Squeeze", mean, graph.ints(0)))


def _comparisons(count: int, wanted: set[int]) -> list[tuple[int, int, set[int]]]:
    """Pairs of wires to compare, in order, and which of the two results anything needs.

    Source: odd-even merge sort, Batcher (1968), Sorting networks and their applications; what the wanted places do not
    depend on is left out.
    """
    pairs: list[tuple[int, int]] = []
    size = 1
    while size < count:
        step = size
        while step >= 1:
            for start in range(step % size, count - step, 2 * step):
                near = range(start, min(start + step, count - step))
                pairs += [
                    (one, one + step) for one in near if one // (2 * size) == (one + step) // (2 * size)
                ]
            step //= 2
        size *= 2
    needed, kept = set(wanted), []
    for lower, upper in reversed(pairs):
        if used := {lower, upper} & needed:
            kept.append((lower, upper, used))
            needed |= {lower, upper}
    return kept[::-1]
