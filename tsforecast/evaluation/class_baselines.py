"""What anybody would say of a class: always the commonest, or the same as last.

Each names a class and, so that its log loss can be set beside the model's, gives probabilities that its own history
bears out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.histories import Histories

Said = tuple[Floats, Floats]
"""Code of the class that is named (W, H), and the probability of every class (W, H, C)."""


def commonest(histories: Histories, horizon: int, classes: int) -> Said:
    """Name the commonest class of each history; probabilities are the shares of all, each counted once more."""
    shares = _shares(histories, classes)[:, None].repeat(horizon, axis=1)
    return shares.argmax(2).astype(np.float64), shares


def same_as_last(histories: Histories, horizon: int, classes: int) -> Said:
    """Name the last class; its probability is how often a class was the same so many steps later.

    The rest is divided among the others by their shares. Without any value before, the commonest class is named.
    """
    last, has = histories.last_observed(), _known(histories) > 0
    shares = _shares(histories, classes)
    held = np.stack([_held(histories, step) for step in range(1, horizon + 1)], axis=1)
    code = np.where(has, last, shares.argmax(1)).astype(np.int64)
    rows = np.arange(len(code))
    others = shares.copy()
    others[rows, code] = 0.0
    others /= others.sum(1, keepdims=True)
    probability = (1.0 - held)[..., None] * others[:, None]
    probability[rows, :, code] = held
    probability = np.where(has[:, None, None], probability, shares[:, None])
    return code[:, None].repeat(horizon, axis=1).astype(np.float64), probability


CLASS_BASELINES: dict[str, Callable[[Histories, int, int], Said]] = {
    "commonest class": commonest,
    "same as last": same_as_last,
}
"""Histories, steps ahead and number of classes to what is said of every step."""


def _known(histories: Histories) -> Floats:
    return _between(np.isfinite(histories.values).astype(np.float64), histories, 0)


def _shares(histories: Histories, classes: int) -> Floats:
    """Share of every class in each history, as if each had been seen once more (W, C)."""
    counts = [
        _between((histories.values == code).astype(np.float64), histories, 0) + 1.0 for code in range(classes)
    ]
    stacked = np.stack(counts, axis=1)
    return np.asarray(stacked / stacked.sum(1, keepdims=True))


def _held(histories: Histories, steps: int) -> Floats:
    """How often the class was the same so many steps later, with one pair of each kind added (W,)."""
    values = histories.values
    same, pairs = np.zeros(len(values)), np.zeros(len(values))
    later, sooner = values[steps:], values[:-steps]
    pairs[steps:] = np.isfinite(later) & np.isfinite(sooner)
    same[steps:] = later == sooner
    return (_between(same, histories, steps) + 1.0) / (_between(pairs, histories, steps) + 2.0)


def _between(marks: Floats, histories: Histories, skipped: int) -> Floats:
    """Sum of marks over each history without its first rows (W,)."""
    total = np.concatenate([[0.0], np.cumsum(marks)])
    ends = histories.starts + histories.lengths
    return np.asarray(total[ends] - total[np.minimum(histories.starts + skipped, ends)])
