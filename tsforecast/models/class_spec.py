"""What a network for targets that are classes looks like, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.models.spec import embedding_size

CROSS_ENTROPY = "cross-entropy"
"""Name of what networks for classes make small."""

LARGEST_LOGIT = 10.0
"""Log-odds further out count as this far: no class is ever ruled out, and one that comes has a finite loss."""

AHEAD_WIDTH = 32
"""Cells of the layer that reads what is known ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSpec(RecurrentSpec):
    """Shape of a network that gives the probability of every class at every step.

    Attributes:
        classes: Number of classes (C).
        sigmoid: Whether the second of two classes has one log-odds of its own, instead of a softmax over all.

    It has no quantiles, so no levels, and no scale; ``outputs`` are log-odds.
    """

    network: str = "classes"
    levels: tuple[float, ...] = ()
    classes: int
    sigmoid: bool = False

    @property
    def inputs(self) -> int:
        """Channels of one step: the embedded class, what is known beside it, facts of the series."""
        seen, _, static = self.channels_beside
        return embedding_size(self.classes) + seen + static

    @property
    def outputs(self) -> int:
        """Log-odds of every step."""
        return 1 if self.sigmoid else self.classes
