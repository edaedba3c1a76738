"""What is known beside the targets: values over time, some of them ahead, and facts of each series."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNKNOWN = 0.0
"""Code of a category that the training data did not have, and of a missing one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariates:
    """Covariates of N series; their names stand in the schema of the panel.

    Numbers are NaN where missing. Categories are whole numbers: ``UNKNOWN``, or 1 for the first label of
    ``Schema.categories`` and so on; they are NaN where no row says anything, which windows give as ``UNKNOWN``.

    Attributes:
        values: Past covariates, then future ones, one series after another (rows, P + F).
        offsets: Series ``i`` is ``values[offsets[i]:offsets[i + 1]]``; its first row belongs to the first row of the
            target, and it may go on after the last one (N + 1,).
        static: One row per series (N, S).
    """

    values: Floats
    offsets: Ints
    static: Floats

    @property
    def lengths(self) -> Ints:
        """Rows of each series, those ahead of its target included (N,)."""
        return np.diff(self.offsets)

    def series(self, index: int) -> Floats:
        """View of one series' rows (rows of that series, P + F)."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def known_at(self, cutoffs: Ints, past: int) -> Covariates:
        """Hide past covariates from row ``cutoffs[i]`` of each series on; future ones are known ahead and stay.

        Args:
            cutoffs: Rows known of each series (N,).
            past: Number of past covariates (P).
        """
        if not past:
            return self
        values = self.values.copy()
        values[self._rows() >= np.repeat(cutoffs, self.lengths), :past] = np.nan
        return replace(self, values=values)

    def select(self, kept: Ints) -> Covariates:
        """Covariates of the series at the given positions (K,)."""
        parts = [self.series(int(index)) for index in kept]
        return Covariates(
            values=np.concatenate([self.values[:0], *parts]),
            offsets=np.cumsum([0, *map(len, parts)], dtype=np.int64),
            static=self.static[kept],
        )

    def without_first(self, rows: Ints) -> Covariates:
        """Covariates from row ``rows[i]`` of each series on (N,)."""
        kept = self._rows() >= np.repeat(rows, self.lengths)
        lengths = np.maximum(self.lengths - rows, 0)
        return Covariates(
            values=self.values[kept],
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            static=self.static,
        )

    def _rows(self) -> Ints:
        """Count the rows of each series from 0 (rows,)."""
        return np.arange(len(self.values), dtype=np.int64) - np.repeat(self.offsets[:-1], self.lengths)
