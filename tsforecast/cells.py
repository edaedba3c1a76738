"""The recurrent cells: where each is and which ONNX operator it becomes. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of a cell without torch.

    Attributes:
        layers: Module and class of its layers, a ``RecurrentLayers``.
        operator: ``LSTM``, ``GRU`` or ``RNN``.
        gates: Gates in the order of that operator (i, o, f, g; z, r, n), picked from those of the weights.
        attributes: What the operator is told besides activations, clip and direction.
        by_step: Whether the exporters can also write one step of it in plain operators.
    """

    layers: str
    operator: str
    gates: tuple[int, ...] = (0,)
    attributes: Mapping[str, int] = field(default_factory=dict)
    by_step: bool = False


CELLS: dict[str, Cell] = {
    "lstm": Cell("tsforecast.models.layers:LSTM", "LSTM", (0, 3, 1, 2), by_step=True),
    "gru": Cell("tsforecast.models.layers:GRU", "GRU", (1, 0, 2), {"linear_before_reset": 1}, by_step=True),
    "rnn": Cell("tsforecast.models.layers:RNN", "RNN", by_step=True),
}
"""Cells by the word of ``--cell``."""
