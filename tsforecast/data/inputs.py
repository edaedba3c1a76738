"""What a forecaster is given for a batch of windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """A batch of B windows; arrays that a model does not use are zero wide.

    The names are those of the inputs of the ONNX graph.

    Attributes:
        context: Targets, NaN where nothing is known (B, T).
        past_covariates: Known up to the cutoff (B, T, P).
        future_covariates: Known up to the cutoff and ahead (B, T + H, F).
        static_covariates: Facts of each series (B, S).
        timestamps: Wall-clock seconds since 1970-01-01 of the context and of what follows (B, T + H), or (B, 0).
    """

    context: Floats
    past_covariates: Floats
    future_covariates: Floats
    static_covariates: Floats
    timestamps: Ints

    @classmethod
    def of(cls, context: Floats) -> Inputs:
        """Windows of the target alone."""
        count, length = context.shape
        return cls(
            context=context,
            past_covariates=np.empty((count, length, 0)),
            future_covariates=np.empty((count, length, 0)),
            static_covariates=np.empty((count, 0)),
            timestamps=np.empty((count, 0), dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.context)

    def take(self, rows: Ints | slice) -> Inputs:
        """Take some of the windows."""
        return Inputs(
            context=self.context[rows],
            past_covariates=self.past_covariates[rows],
            future_covariates=self.future_covariates[rows],
            static_covariates=self.static_covariates[rows],
            timestamps=self.timestamps[rows],
        )

    def arrays(self) -> Iterator[tuple[str, NDArray[np.float64] | NDArray[np.int64]]]:
        """Arrays by name."""
        return ((item.name, getattr(self, item.name)) for item in fields(self))

    def used(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Only what is not zero wide: what the graph is fed."""
        return {name: array for name, array in self.arrays() if array.shape[-1]}
