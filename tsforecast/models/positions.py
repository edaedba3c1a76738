"""Where a future patch lies, as numbers that the decoder takes as its input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATES = (1.0, 0.5, 0.1)
"""Radians per patch of the waves."""


def position_features(patches: int) -> NDArray[np.float32]:
    """Where each future patch lies, as smooth functions of its number.

    Functions instead of learned vectors: the same weights serve any number of patches.

    Shape:
        ``(POSITION_FEATURES, patches)``.
    """
    index = np.arange(patches, dtype=np.float32)
    # Waves in double precision, so that every processor rounds them to the same single one.
    angles = [(index * np.float32(rate)).astype(np.float64) for rate in RATES]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.stack([np.ones(patches), np.log1p(index.astype(np.float64)), *waves]).astype(np.float32)
