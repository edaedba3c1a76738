"""What is known beside the targets: values over time, some of them ahead, and facts of each series."""

from __future__ import annotations

from dataclasses import dataclass

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
    ``Schema.categories`` and so on.

    Attributes:
        values: Past covariates, then future ones, one series after another (rows, P + F).
        offsets: Series ``i`` is ``values[offsets[i]:offsets[i + 1]]``; its first row belongs to the first row of the
            target, and it may go on after the last one (N + 1,).
        static: One row per series (N, S).
    """

    values: Floats
    offsets: Ints
    static: Floats
