"""Line charts as SVG text: no script, no font, nothing to load."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.evaluation.frame import (
    HEADROOM,
    Frame,
    axis_range,
    in_rows,
    shortened,
    text_width,
    tick_words,
    ticks_between,
)

MARGIN = 12
"""Room at the edges of a chart (pixels)."""

ROW = 17
"""Height of a row of words (pixels)."""

TITLE = 18
"""Base line of the title (pixels)."""

SWATCH = 20
"""Width of the sample of a line or an area in the legend (pixels)."""

FONT = 'font-family="Arial,Helvetica,\'DejaVu Sans\',sans-serif" font-size="12"'
COLOURS = {"history": "#444", "actual": "#111", "forecast": "#0b62a8", "band": "#0b62a8", "other": "#b5651d"}
"""Colours of lines and areas; each is also the ``class`` of what it paints, so that a page may choose others."""


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a chart (pixels)."""

    width: int
    height: int


WIDE, NARROW, SQUARE = Size(720, 280), Size(360, 260), Size(360, 340)
WIDTH, HEIGHT = WIDE.width, WIDE.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points; a missing value breaks it, a lone point is a dot.

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
        label: What it holds, for the legend; empty for none.
    """

    x: Floats
    low: Floats
    high: Floats
    opacity: float = 0.2
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A line chart.

    Attributes:
        title: What it shows.
        lines: Drawn above the bands.
        bands: Drawn first, the widest first.
        marks: Places on the x axis with their words, from left to right.
        rule: Place of an upright line, None for none.
        zero: Let the axis of the values reach to 0.
    """

    title: str
    lines: tuple[Line, ...]
    bands: tuple[Band, ...] = ()
    marks: tuple[tuple[float, str], ...] = ()
    rule: float | None = None
    zero: bool = False


def escape(text: object) -> str:
    """Make any text safe inside XML: marks are escaped, control characters become a sign for what cannot be shown."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))
    return html.escape(shown)


def draw(chart: Chart, top: int = 0, size: Size = WIDE) -> str:
    """Write a chart as an ``svg`` element, ``top`` pixels down where it stands in another one."""
    left = MARGIN + max(map(text_width, tick_words(ticks_between(*_up(chart)))), default=0.0)
    legend, rows = _legend(chart, left, size)
    edge = TITLE + ROW * rows + 10
    right, across = size.width - MARGIN, _across(chart)
    frame = Frame(left=left, right=right, top=edge, bottom=size.height, across=across, up=_up(chart))
    marks, rows = _marks(chart, frame, size)
    frame = replace(frame, bottom=size.height - 10 - ROW * rows)
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" y="{top}" viewBox="0 0 {size.width} {size.height}" '
        f'width="{size.width}" height="{size.height}" role="img" {FONT} fill="#111">',
        f"<title>{escape(chart.title)}</title>",
        f'<rect class="paper" width="{size.width}" height="{size.height}" fill="#fff"/>',
        _words(left, TITLE, shortened(chart.title, size.width - left), 'font-weight="bold"'),
        *legend,
        *_axis(frame, chart.rule),
        *marks,
        *(_band(band, frame) for band in chart.bands),
        *(_line(line, frame) for line in chart.lines),
        "</svg>",
    ]
    return "\n".join(body)


def stack(charts: Sequence[Chart]) -> str:
    """Write charts below each other as one SVG document."""
    height = HEIGHT * len(charts)
    inner = "\n".join(draw(chart, HEIGHT * place) for place, chart in enumerate(charts))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    return f"{head}\n{inner}\n</svg>\n"


def _across(chart: Chart) -> tuple[float, float]:
    return axis_range(np.concatenate([*(line.x for line in chart.lines), *(band.x for band in chart.bands)]))


def _up(chart: Chart) -> tuple[float, float]:
    edges = [edge for band in chart.bands for edge in (band.low, band.high)]
    values = np.concatenate([*(line.y for line in chart.lines), *edges])
    return axis_range(values, zero=chart.zero, headroom=HEADROOM)


def _words(x: float, y: float, words: str, how: str = "") -> str:
    return f'<text class="ink" x="{x:.1f}" y="{y:.1f}"{" " * bool(how)}{how}>{escape(words)}</text>'


def _axis(frame: Frame, rule: float | None) -> list[str]:
    ticks = ticks_between(*frame.up)
    found = []
    for y, words in zip(frame.y(np.array(ticks)), tick_words(ticks), strict=True):
        found.append(
            f'<path class="grid" d="M{frame.left:.1f} {y:.1f}H{frame.right:.1f}" stroke="#ddd" fill="none"/>'
        )
        found.append(_words(frame.left - 6, y + 4, words, 'text-anchor="end"'))
    if rule is not None:
        x = float(frame.x(np.array([rule]))[0])
        found.append(
            f'<path class="rule" d="M{x:.1f} {frame.top:.1f}V{frame.bottom:.1f}" stroke="#888" stroke-dasharray="2 3"/>'
        )
    return found


def _marks(chart: Chart, frame: Frame, size: Size) -> tuple[list[str], int]:
    """Words below the plot, and how many rows they need; words that would overlap stand below each other."""
    spans = []
    for place, words in chart.marks:
        x, width = float(frame.x(np.array([place]))[0]), text_width(words)
        middle = min(max(x - width / 2, frame.left), size.width - 4 - width)
        spans.append((max(middle, 4.0), max(middle, 4.0) + width))
    rows = in_rows(spans, 8.0)
    count = max(rows, default=-1) + 1
    found = []
    for (left, right), row, (_, words) in zip(spans, rows, chart.marks, strict=True):
        y = size.height - 8 - ROW * (count - 1 - row)
        # Anchored on the side of its edge, so that a wrong estimate of its width does not push it out.
        if right > size.width - MARGIN - 8:
            found.append(_words(size.width - MARGIN / 2, y, words, 'text-anchor="end"'))
        elif left <= frame.left:
            found.append(_words(left, y, words))
        else:
            found.append(_words((left + right) / 2, y, words, 'text-anchor="middle"'))
    return found, count


def _band(band: Band, frame: Frame) -> str:
    known = np.isfinite(band.low) & np.isfinite(band.high)
    x, high, low = frame.x(band.x[known]), frame.y(band.high[known]), frame.y(band.low[known])
    if len(x) == 1:  # a band of one step would have no width
        x, high, low = np.array([x[0] - 4, x[0] + 4]), high.repeat(2), low.repeat(2)
    corners = [*zip(x, high, strict=True), *zip(x[::-1], low[::-1], strict=True)]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return (
        f'<polygon class="band" points="{points}" fill="{COLOURS["band"]}" fill-opacity="{band.opacity:g}"/>'
    )


def _line(line: Line, frame: Frame) -> str:
    words, pen = [], "M"
    known = np.isfinite(line.y)
    alone = known & ~np.append(False, known[:-1]) & ~np.append(known[1:], False)
    x, y = frame.x(line.x), frame.y(line.y)
    for across, up, drawn in zip(x, y, known & ~alone, strict=True):
        words += [f"{pen}{across:.1f} {up:.1f}"] * bool(drawn)
        pen = "L" if drawn else "M"
    dots = "".join(f"M{a:.1f} {b:.1f}L{a:.1f} {b:.1f}" for a, b in zip(x[alone], y[alone], strict=True))
    return "".join(
        f'<path class="{line.style}" d="{path}" fill="none" {_stroke(line)} stroke-width="{width}"/>'
        for path, width in ((" ".join(words), 1.6), (dots, 4))
        if path
    )


def _stroke(line: Line) -> str:
    dashes = ' stroke-dasharray="5 3"' if line.dashed else ""
    return f'stroke="{COLOURS[line.style]}" stroke-linecap="round" stroke-linejoin="round"{dashes}'


def _legend(chart: Chart, left: float, size: Size) -> tuple[list[str], int]:
    """Draw samples of lines and areas with their names, and count the rows they need."""
    samples = [
        (
            line.label,
            f'<path class="{line.style}" d="M{{x:.1f}} {{y}}H{{end:.1f}}" {_stroke(line)} stroke-width="2"/>',
        )
        for line in chart.lines
    ]
    clear = 1.0
    for band in chart.bands:
        clear *= 1 - band.opacity  # inner bands lie above outer ones, so their colour is deeper
        samples.append(
            (
                band.label,
                f'<rect class="band" x="{{x:.1f}}" y="{{above}}" width="{SWATCH}" height="10" '
                f'fill="{COLOURS["band"]}" fill-opacity="{1 - clear:.3g}"/>',
            )
        )
    found, x, row = [], left, 1
    for label, sample in samples:
        if not label:
            continue
        width = SWATCH + 6 + text_width(label)
        if x > left and x + width > size.width:
            x, row = left, row + 1
        y = TITLE + ROW * row
        found.append(sample.format(x=x, y=y - 4, end=x + SWATCH, above=y - 9))
        found.append(_words(x + SWATCH + 6, y, label))
        x += width + 14
    return found, row if found else 0
