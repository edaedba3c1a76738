"""Charts as braille dots, for terminals."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.words import printable
from tsforecast.evaluation.frame import LARGEST
from tsforecast.evaluation.svg import Chart

COLUMNS, LINES = 72, 10
"""Size of a picture in a terminal (characters)."""

DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bits of a braille sign: 4 rows of 2 dots."""


def dotted(chart: Chart, words: str) -> str:
    """Draw a chart with its title above and some words below.

    Args:
        chart: Lines, and areas by their edges.
        words: Where it begins and ends.
    """
    drawn = [_dense(line.x, line.y) for line in chart.lines]
    drawn += [_dense(band.x, edge) for band in chart.bands for edge in (band.low, band.high)]
    x, y = np.concatenate(drawn, axis=1)
    y = np.clip(y, -LARGEST, LARGEST)
    known = np.isfinite(y)
    if not known.any():
        return f"{printable(chart.title)}: nothing to draw\n"
    cells = _cells(x[known], y[known])
    low, high = float(y[known].min()), float(y[known].max())
    ends = [f"{high:.6g}", *[""] * (LINES - 2), f"{low:.6g}"]
    room = max(map(len, ends))
    lines = [
        f"{word:>{room}} |{''.join(map(chr, row)).rstrip(chr(0x2800))}"
        for word, row in zip(ends, cells, strict=True)
    ]
    return "\n".join([printable(chart.title), *lines, f"{'':>{room}}  {printable(words)}", "", ""])


def _dense(x: Floats, y: Floats) -> Floats:
    """Points along the line through some points, as many as there are dots (2, n)."""
    if len(x) < 2:
        return np.stack([x, y])
    between = np.union1d(np.linspace(x[0], x[-1], 4 * COLUMNS), x)
    return np.stack([between, np.interp(between, x, y)])


def _cells(x: Floats, y: Floats) -> np.ndarray:
    """Code points of the braille signs that hold all points (LINES, COLUMNS)."""
    wide, tall = 2 * COLUMNS - 1, 4 * LINES - 1
    across = np.rint((x - x.min()) / max(float(np.ptp(x)), 1e-300) * wide).astype(np.int64)
    share = (y - y.min()) / max(float(np.ptp(y)), 1e-300)
    down = tall - np.rint(share * tall).astype(np.int64)
    cells = np.full((LINES, COLUMNS), 0x2800)
    np.bitwise_or.at(cells, (down // 4, across // 2), DOTS[down % 4, across % 2])
    return cells
