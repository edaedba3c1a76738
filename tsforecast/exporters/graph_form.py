"""Choices in the layout of a graph that every network shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tsforecast.exporters.graph import GraphWriter, Value


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

    opset: int = 17
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


def for_batch(model: Any, batch: int | None) -> Any:
    """Fix the number of windows of one call."""
    for value in (*model.graph.input, *model.graph.output) if batch else ():
        if value.type.tensor_type.shape.dim[0].dim_param:
            value.type.tensor_type.shape.dim[0].dim_value = batch
    return model
