"""Where things stand in a chart: from values to pixels, and room for the words around them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tsforecast.data.arrays import Floats

LETTER = 7.3
"""Width of a letter of the font size that charts have, a generous guess at common fonts (pixels)."""

TICKS = 6

LARGEST = 1e290
"""Numbers beyond are drawn at the edge."""

FINEST = 1e-9
"""Share of its size by which a number must change to be drawn as changing."""

HEADROOM = 0.04
"""Share of the axis that stays free above and below, so that no line runs along the edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The plot inside a chart (pixels) and the values at its edges.

    Attributes:
        left: Edge beside the labels of the values.
        right: Other edge.
        top: Edge below title and legend.
        bottom: Edge above the labels of the places.
        across: Values at the left and the right edge.
        up: Values at the bottom and the top edge.
    """

    left: float
    right: float
    top: float
    bottom: float
    across: tuple[float, float]
    up: tuple[float, float]

    def x(self, values: Floats) -> Floats:
        """Pixels of places."""
        return _place(values, self.across, self.left, self.right)

    def y(self, values: Floats) -> Floats:
        """Pixels of values; larger ones stand higher."""
        return _place(values, self.up, self.bottom, self.top)


def _place(values: Floats, ends: tuple[float, float], first: float, last: float) -> Floats:
    share = (np.clip(values, -LARGEST, LARGEST) - ends[0]) / (ends[1] - ends[0])
    return np.asarray(first + share * (last - first))


def axis_range(values: Floats, *, zero: bool = False, headroom: float = 0.0) -> tuple[float, float]:
    """Find the ends of an axis that shows all finite values, never of no length.

    Args:
        values: What is drawn.
        zero: Show 0 as well, as the end of the axis where no value lies beyond.
        headroom: Share of the axis that stays free at ends that are not 0.
    """
    finite = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if zero:
        finite = np.append(finite, 0.0)
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    size = max(abs(low), abs(high))
    if high - low <= FINEST * size or size < 1 / LARGEST:
        room = size / 10 if size > 1 / LARGEST else 1.0
        return (0.0 if zero and low >= 0 else low - room), high + room
    free = headroom * (high - low)
    return low - free * (not (zero and low == 0)), high + free * (not (zero and high == 0))


def ticks_between(low: float, high: float) -> list[float]:
    """Round numbers between two ends, about six of them."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= rough * 0.999)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]


def tick_words(ticks: list[float]) -> list[str]:
    """Write numbers on an axis as short as keeps them apart."""
    size = max(map(abs, ticks), default=0.0)
    step = min((abs(b - a) for a, b in pairwise(ticks)), default=size) or size
    if not 1e-5 <= size < 1e10:
        digits = math.ceil(math.log10(size / step)) + 1 if size else 1
        return [f"{tick:.{digits}g}" for tick in ticks]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{tick + 0.0:.{digits}f}" for tick in ticks]


def text_width(text: str, *, bold: bool = False) -> float:
    """Room that a text needs, estimated (pixels); signs of East Asia and pictures are twice as wide as letters."""
    letters = sum(1.8 if unicodedata.east_asian_width(char) in "WF" else 1.0 for char in text)
    return letters * LETTER * (1.08 if bold else 1.0)


def shortened(text: str, room: float) -> str:
    """Cut a bold text that needs more room than there is."""
    if text_width(text, bold=True) <= room:
        return text
    text = text[: int(room)]  # no letter is narrower than a pixel
    while text and text_width(text + "…", bold=True) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def in_rows(spans: Iterable[tuple[float, float]], gap: float) -> list[int]:
    """Put words that would overlap below each other.

    Args:
        spans: Left and right end of each word (pixels), from left to right.
        gap: Room between two words of a row.

    Returns:
        Row of each word, the first is 0.
    """
    ends: list[float] = []
    rows = []
    for left, right in spans:
        row = next((row for row, end in enumerate(ends) if end + gap <= left), len(ends))
        ends[row : row + 1] = [right]
        rows.append(row)
    return rows
