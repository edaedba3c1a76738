"""Choices in the layout of a graph that every network shares."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.exporters.graph import GraphWriter, Value

OPSET = 17
"""ONNX operator set of a graph where nobody asks for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphForm:
    """How the forecaster is laid out as a graph.

    Attributes:
        opset: ONNX operator set.
        recurrence: ``lstm`` for the recurrent operators, ``unrolled`` for plain operators, step after step, ``step``
            for plain operators and one step per call.
        levels: Quantile levels of the output, ascending; empty for all that were learned.
        batch: Windows of one call; None for any number.
        explain: Add the output ``weights``: the gate's mean weights over members (B, patches, K).
    """

    opset: int = OPSET
    recurrence: str = "lstm"
    levels: tuple[float, ...] = ()
    batch: int | None = None
    explain: bool = False


def some_levels(
    graph: GraphWriter, value: Value, learned: tuple[float, ...], levels: tuple[float, ...]
) -> Value:
    """Pick quantile levels (B, H, Q)."""
    if levels == learned:
        return value
    return str(graph.add("Gather", value, graph.ints(*(learned.index(one) for one in levels)), axis=2))
