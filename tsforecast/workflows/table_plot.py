"""Pictures of a table as it was read: its series, with what is missing and what lies far outside."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.panel import Panel
from tsforecast.data.rows.repair import fences_of
from tsforecast.data.words import counted
from tsforecast.evaluation.dots import dotted
from tsforecast.evaluation.page import figure, page, paragraph
from tsforecast.evaluation.svg import Band, Chart, Line, stack

MOST_SERIES = 12
"""Series that are drawn."""

MOST_POINTS = 1500
"""Points of a line; longer series are drawn by the lowest and highest value of each part."""

MOST_GAPS = 40
"""Gaps of a series that are shaded, the longest ones."""


def table_svg(panel: Panel) -> str:
    """Draw the first series below each other as one SVG document."""
    return stack(_charts(panel))


def table_page(panel: Panel, description: str) -> str:
    """Write the pictures as a page of its own."""
    left = len(panel) - MOST_SERIES
    legend = (
        "Shaded steps are missing; dots in another colour lie far outside the middle half of their series."
    )
    parts = [paragraph(description), paragraph(legend), *map(figure, _charts(panel))]
    if left > 0:
        parts.append(
            paragraph(f"{counted(left, 'more series')} {'is' if left == 1 else 'are'} not drawn.", "soft")
        )
    return page("What was read", parts)


def table_in_terminal(panel: Panel) -> str:
    """Draw with braille dots."""
    return "".join(dotted(chart, f"{chart.marks[0][1]} to {chart.marks[-1][1]}") for chart in _charts(panel))


def _charts(panel: Panel) -> list[Chart]:
    return [chart_of_series(panel, index) for index in range(min(len(panel), MOST_SERIES))]


def chart_of_series(panel: Panel, index: int) -> Chart:
    """Draw one series: its line, its gaps as shaded areas, its outliers as dots."""
    values = panel.series(index)
    outside, gaps = _outliers(values), _gaps(values)
    places = sorted({0, (len(values) - 1) // 2, len(values) - 1})
    stamps = panel.schema.time_format.render(
        panel.frequency.ticks(int(panel.first[index]) + np.array(places))
    )
    x, y = _thinned(values)
    lines = [Line(x=x, y=y, style="history", label="values" if len(outside) or gaps else "")]
    if len(outside):
        dots, heights = _dots(outside, values)
        lines.append(Line(x=dots, y=heights, style="other", label="far outside"))
    return Chart(
        title=_title(panel.series_ids[index], values, outside),
        bands=_shades(gaps, values),
        lines=tuple(lines),
        marks=tuple((float(place), str(stamp)) for place, stamp in zip(places, stamps, strict=True)),
    )


def _title(name: str, values: Floats, outside: Ints) -> str:
    missing = int(np.isnan(values).sum())
    said = [counted(len(values), "step")]
    said += [f"{missing} missing"] * bool(missing) + [f"{len(outside)} far outside"] * bool(len(outside))
    return f"{name}: {', '.join(said)}"


def _outliers(values: Floats) -> Ints:
    fences = fences_of(values)
    if fences is None:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero((values < fences[0]) | (values > fences[1]))


def _gaps(values: Floats) -> list[tuple[int, int]]:
    """First and last step of the longest gaps, in the order of time."""
    rows = np.flatnonzero(np.isnan(values))
    if not len(rows):
        return []
    ends = np.flatnonzero(np.diff(rows) > 1)
    gaps = [(int(rows[a + 1]), int(rows[b])) for a, b in pairwise([-1, *ends.tolist(), len(rows) - 1])]
    return sorted(sorted(gaps, key=lambda gap: gap[0] - gap[1])[:MOST_GAPS])


def _shades(gaps: list[tuple[int, int]], values: Floats) -> tuple[Band, ...]:
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    low, high = np.full(2, known.min()), np.full(2, known.max())
    return tuple(
        Band(x=np.array([first - 0.5, last + 0.5]), low=low, high=high, label="" if number else "missing")
        for number, (first, last) in enumerate(gaps)
    )


def _dots(rows: Ints, values: Floats) -> tuple[Floats, Floats]:
    """Lone points: neighbours are kept apart by a missing one, or a line would join them."""
    x, y = np.repeat(rows.astype(np.float64), 2), np.full(2 * len(rows), np.nan)
    y[::2] = values[rows]
    return x, y


def _thinned(values: Floats) -> tuple[Floats, Floats]:
    """Places and values, of long series only the lowest and the highest of each part."""
    places = np.arange(len(values), dtype=np.float64)
    if len(values) <= MOST_POINTS:
        return places, values
    edges = np.linspace(0, len(values), MOST_POINTS // 2 + 1).astype(np.int64)
    kept = []
    for start, end in pairwise(edges.tolist()):
        part = values[start:end]
        if np.isnan(part).all():
            kept += [start, start]
        else:
            kept += sorted((start + int(np.nanargmin(part)), start + int(np.nanargmax(part))))
    return places[kept], values[kept]
