"""Who sees what: the last blocks are the backtest, those before them the validation, the rest is trained on.

Blocks are counted from each series' own end. Nothing is chosen on the backtest; it is touched once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.panel import Panel

WINDOWS_WANTED = 64
"""Windows that make a score worth trusting; a panel of few series needs more cutoffs to get there."""

FEW_WINDOWS = 12
"""Windows up to which others that overlap with them are worth a look: what two or three say is mostly chance."""

SHARE = 0.15
"""Part of a series that validation, and likewise the backtest, may take to reach that number."""

FEWEST_ROWS = 3
"""Rows that a cutoff must leave to the forecaster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Cutoffs of one fit.

    Attributes:
        block: Steps of one block, the horizon unless the series are too short.
        training: Rows of each series that training may see (N,).
        validation: Series and cutoff of each validation window (V,), (V,).
        rolling: The same, with cutoffs in between up to ``WINDOWS_WANTED`` where there are at most ``FEW_WINDOWS``
            (R,), (R,).
        known: Rows of each series that validation may see (N,).
        backtest: Series and cutoff of each backtest window (W,), (W,).
        words: One sentence for people.
    """

    block: int
    training: Ints
    validation: tuple[Ints, Ints]
    rolling: tuple[Ints, Ints]
    known: Ints
    backtest: tuple[Ints, Ints]
    words: str


def split_panel(panel: Panel, horizon: int, season_length: int, fewest: int) -> Split:
    """Plan the three parts.

    Args:
        panel: The series.
        horizon: Future steps (H).
        season_length: Season that training should see twice where it can, by the frequency alone: what the data
            show of seasons is found before the backtest, which this plan must know first (steps).
        fewest: Rows below which a series has no say in the plan.
    """
    lengths = panel.lengths
    typical = int(np.median(lengths[lengths >= fewest]))
    needed = max(FEWEST_ROWS, min(max(2 * season_length, horizon), typical // 2))
    room = typical - needed
    block = horizon if room >= 3 * horizon else max(1, room // 3)
    count = math.ceil(WINDOWS_WANTED / len(panel))
    allowed = max(1, int(SHARE * typical / block))
    tested = max(1, min(count, allowed))
    checked = max(2, min(count, allowed)) if room >= 3 * block else 1
    known = np.maximum(lengths - tested * block, 0)
    validation = _cutoffs(known, block, checked, block)
    few = len(validation[0]) <= FEW_WINDOWS
    return Split(
        block=block,
        training=np.maximum(lengths - (tested + checked) * block, 0),
        validation=validation,
        rolling=_rolling(known, block, checked, count) if few else validation,
        known=known,
        backtest=_cutoffs(lengths, block, tested, block),
        words=_words(block, horizon, checked, tested),
    )


def _rolling(ends: Ints, block: int, blocks: int, wanted: int) -> tuple[Ints, Ints]:
    """About ``wanted`` cutoffs within the last blocks before each end, at most a block apart, oldest first."""
    span = (blocks - 1) * block
    stride = max(1, min(block, math.ceil(span / max(wanted - 1, 1))))
    return _cutoffs(ends, block, span // stride + 1, stride)


def _cutoffs(ends: Ints, block: int, count: int, stride: int) -> tuple[Ints, Ints]:
    """``count`` cutoffs at least a block before each end, a stride apart, oldest first."""
    back = block + np.arange(count - 1, -1, -1) * stride
    cutoffs = ends[:, None] - back[None, :]
    series = np.broadcast_to(np.arange(len(ends))[:, None], cutoffs.shape)
    kept = cutoffs >= FEWEST_ROWS
    return series[kept], cutoffs[kept]


def _words(block: int, horizon: int, checked: int, tested: int) -> str:
    size = f"{block} steps" if block > 1 else "1 step"
    short = f" (shorter than the horizon of {horizon}: the series are short)" if block < horizon else ""
    return (
        f"Split by time: training, then {checked} x {size} to choose on, then {tested} x {size} as backtest"
        f"{short}; the saved model is fitted again on everything."
    )
