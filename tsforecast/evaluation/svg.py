"""Line charts as SVG text: no script, no font, nothing to load."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsforecast.data.panel import Floats

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 30, 34
"""Room around the plot for its title and labels (pixels)."""

COLOURS = {"history": "#444", "actual": "#111", "forecast": "#0b62a8", "band": "#0b62a8", "other": "#b5651d"}
TICKS = 5

LARGEST = 1e290
"""Numbers beyond are drawn at the edge."""

FINEST = 1e-9
"""Share of its size by which a number must change to be drawn as changing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points; a missing value breaks it.

    Attributes:
        x: Places (n,).
        y: Values, NaN where missing (n,).
        style: Key of ``COLOURS``.
        label: What it is, for the legend; empty for none.
        dashed: Broken, to tell it from others without colours.
    """

    x: Floats
    y: Floats
    style: str
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An area between two lines.

    Attributes:
        x: Places (n,).
        low: Lower edge (n,).
        high: Upper edge (n,).
        opacity: 0 to 1.
    """

    x: Floats
    low: Floats
    high: Floats
    opacity: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A line chart.

    Attributes:
        title: What it shows.
        lines: Drawn above the bands.
        bands: Drawn first.
        marks: Places on the x axis with their words.
        rule: Place of an upright line, None for none.
    """

    title: str
    lines: tuple[Line, ...]
    bands: tuple[Band, ...] = ()
    marks: tuple[tuple[float, str], ...] = ()
    rule: float | None = None


def escape(text: object) -> str:
    """Make any text safe inside XML: marks are escaped, control characters become a sign for what cannot be shown."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))
    return html.escape(shown)


def draw(chart: Chart, top: int = 0) -> str:
    """Write a chart as an ``svg`` element, ``top`` pixels down where it stands in another one."""
    places = [*(line.x for line in chart.lines), *(band.x for band in chart.bands)]
    across = _range(np.concatenate(places))
    up = _range(np.concatenate([*(line.y for line in chart.lines), *(_edges(band) for band in chart.bands)]))
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" y="{top}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(chart.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(chart.title)}</text>',
        *_axes(chart, across, up),
        *(_band(band, across, up) for band in chart.bands),
        *(_line(line, across, up) for line in chart.lines),
        *_legend(chart),
        "</svg>",
    ]
    return "\n".join(body)


def stack(charts: Sequence[Chart]) -> str:
    """Write charts below each other as one SVG document."""
    height = HEIGHT * len(charts)
    inner = "\n".join(draw(chart, HEIGHT * place) for place, chart in enumerate(charts))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    return f"{head}\n{inner}\n</svg>\n"


def _edges(band: Band) -> Floats:
    return np.concatenate([band.low, band.high])


def _range(values: Floats) -> tuple[float, float]:
    """Find the ends of an axis that shows all finite values, never of no length."""
    finite = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    size = max(abs(low), abs(high))
    if high - low <= FINEST * size or size < 1 / LARGEST:
        room = size / 10 if size > 1 / LARGEST else 1.0
        return low - room, high + room
    return low, high


def _place(values: Floats, ends: tuple[float, float], first: float, last: float) -> Floats:
    """Pixels of values on an axis."""
    share = (np.clip(values, -LARGEST, LARGEST) - ends[0]) / (ends[1] - ends[0])
    return np.asarray(first + share * (last - first))


def _x(values: Floats, ends: tuple[float, float]) -> Floats:
    return _place(values, ends, LEFT, WIDTH - RIGHT)


def _y(values: Floats, ends: tuple[float, float]) -> Floats:
    return _place(values, ends, HEIGHT - BOTTOM, TOP)


def ticks_between(low: float, high: float) -> list[float]:
    """Round numbers between two ends, about five of them."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= rough * 0.999)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]


def _axes(chart: Chart, across: tuple[float, float], up: tuple[float, float]) -> list[str]:
    found = []
    for value in ticks_between(*up):
        y = float(_y(np.array([value]), up)[0])
        found.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        found.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.6g}</text>')
    for place, words in chart.marks:
        x = float(_x(np.array([place]), across)[0])
        anchor = "start" if x < WIDTH / 4 else "end" if x > 3 * WIDTH / 4 else "middle"
        found.append(f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}">{escape(words)}</text>')
    if chart.rule is not None:
        x = float(_x(np.array([chart.rule]), across)[0])
        found.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#999" stroke-dasharray="2 3"/>')
    return found


def _band(band: Band, across: tuple[float, float], up: tuple[float, float]) -> str:
    known = np.isfinite(band.low) & np.isfinite(band.high)
    x = _x(band.x[known], across)
    corners = [*zip(x, _y(band.high[known], up), strict=True)]
    corners += [*zip(x[::-1], _y(band.low[known], up)[::-1], strict=True)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return f'<polygon points="{points}" fill="{COLOURS["band"]}" fill-opacity="{band.opacity}"/>'


def _line(line: Line, across: tuple[float, float], up: tuple[float, float]) -> str:
    words, pen = [], "M"
    for x, y in zip(_x(line.x, across), _y(line.y, up), strict=True):
        if not math.isfinite(y):
            pen = "M"
            continue
        words.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    dashes = ' stroke-dasharray="5 3"' if line.dashed else ""
    return (
        f'<path d="{" ".join(words)}" fill="none" stroke="{COLOURS[line.style]}" stroke-width="1.6"'
        f' stroke-linecap="round"{dashes}/>'
    )


def _legend(chart: Chart) -> list[str]:
    found, x = [], WIDTH - RIGHT
    for line in reversed([line for line in chart.lines if line.label]):
        found.append(
            f'<text x="{x}" y="18" text-anchor="end" fill="{COLOURS[line.style]}">'
            f"{'- - ' if line.dashed else '— '}{escape(line.label)}</text>"
        )
        x -= 7 * len(line.label) + 34
    return found
