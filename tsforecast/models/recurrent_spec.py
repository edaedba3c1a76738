"""What a textbook network looks like, as plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tsforecast.models.spec import NetworkSpec

FARTHEST_VALUE = 10.0
"""Normalised values and forecasts further out count as this far: in training they lie between 0 and 1 or near it."""

ATTENTION_BLOCKS = 10
"""Blocks of steps whose attention is told together, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrentSpec(NetworkSpec):
    """Shape of a network of recurrent layers over single steps.

    Attributes:
        normalisation: ``minmax`` (range of the training part) or ``spread`` (mean and deviation of each window).
        clip: Bound of the pre-activations, 0 for none.
        cell: ``lstm``, ``gru`` or ``rnn``.
        widths: Cells of each layer.
        bidirectional: Whether the layers read the context in both directions.
        attention: Whether a weighted mean of all hidden states takes the place of the last one.
        filters: Channels of the causal convolution in front, 0 for none.
        kernel: Steps that one value of that convolution sees.
        head: ``direct`` (all steps at once) or ``recursive`` (one step, fed back).
        quantile_head: Whether the network gives every quantile itself; else they come from residuals.

    Its ``patch_length`` is the horizon: attention is told once for all steps.
    """

    network: str = "recurrent"
    clip: float = 0.0
    cell: str = "lstm"
    widths: tuple[int, ...] = (50,)
    bidirectional: bool = False
    attention: bool = False
    filters: int = 0
    kernel: int = 1
    head: str = "direct"
    quantile_head: bool = False

    @property
    def bound(self) -> float:
        """Bound of the pre-activations, infinite where there is none."""
        return self.clip or math.inf

    @property
    def directions(self) -> int:
        """Directions in which the layers read."""
        return 2 if self.bidirectional else 1

    @property
    def inputs(self) -> int:
        """Channels of one step."""
        return 1

    @property
    def channels(self) -> int:
        """Channels that enter the first layer."""
        return self.filters or self.inputs

    @property
    def state(self) -> int:
        """Channels that leave the last layer."""
        return self.directions * self.widths[-1]

    @property
    def reach(self) -> int:
        """Steps that one pass of the network gives."""
        return self.horizon if self.head == "direct" else 1

    @property
    def calls(self) -> int:
        """Steps of the recurrence that one forecast takes: the whole context for every pass of the network."""
        return self.context_length * self.horizon // self.reach

    @property
    def outputs(self) -> int:
        """Numbers that one pass gives for every step."""
        return len(self.levels) if self.quantile_head else 1

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """First and last step back, counted from 1, whose attention is told together; the newest first."""
        size = math.ceil(self.context_length / ATTENTION_BLOCKS)
        return tuple(
            (first, min(first + size - 1, self.context_length))
            for first in range(1, self.context_length + 1, size)
        )

    @property
    def expert_names(self) -> tuple[str, ...]:
        """Blocks of the context that attention divides itself between; none without it (K)."""
        return tuple(f"{first} to {last} steps back" for first, last in self.blocks) if self.attention else ()
