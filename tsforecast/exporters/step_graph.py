"""One step of a recurrence per call of the graph, for runtimes that have neither recurrent operators nor loops.

Whoever runs such a graph calls it ``NetworkSpec.calls`` times. Every call gets the whole window, because it is
normalised as a whole, the number of the call, and the state that the call before it gave; the first gets zeros. The
quantiles of the last call are the forecast.
"""

from __future__ import annotations

from tsforecast.exporters.graph import GraphWriter, Value
from tsforecast.exporters.onnx_bytes import Port

STEP, STATE, NEXT_STATE = "step", "state", "next_state"
"""Inputs and output beside those of every form: number of the call from 0 (1,), state before and after (B, S)."""


class StepState:
    """The state of a graph of one step: numbers side by side, taken apart and put together again.

    Args:
        graph: Where the nodes go.
    """

    step = STEP

    def __init__(self, graph: GraphWriter) -> None:
        self._graph, self._taken = graph, 0

    def take(self, width: int) -> Value:
        """Next numbers of the state before the call (B, width)."""
        start, self._taken = self._taken, self._taken + width
        ends = (self._graph.ints(one) for one in (start, self._taken, 1))
        return str(self._graph.add("Slice", STATE, *ends))

    def give(self, *parts: Value) -> None:
        """State after the call, as wide as what was taken; the last thing to say of it."""
        whole = self._graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]
        # The graph uses some of these values itself, which a name for outsiders does not change.
        self._graph.rename(self._graph.add("Identity", whole), NEXT_STATE)
        shape: list[str | int] = ["B", self._taken]
        self._graph.ask(Port(STEP, "INT64", [1]))
        self._graph.ask(Port(STATE, "FLOAT", shape))
        self._graph.offer(Port(NEXT_STATE, "FLOAT", shape))
