"""Pictures of a forecast: SVG, a page around it, or dots in a terminal."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import Floats
from tsforecast.data.words import counted, printable
from tsforecast.evaluation.frame import LARGEST
from tsforecast.evaluation.page import figure, page, paragraph
from tsforecast.evaluation.svg import Band, Chart, Line, stack
from tsforecast.workflows.predict import Forecast

MOST_SERIES = 12
"""Series that are drawn; a table is better for more."""

PAST = 3
"""Horizons of history that are drawn before a forecast."""

COLUMNS, LINES = 72, 10
"""Size of a picture in a terminal (characters)."""

DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bits of a braille sign: 4 rows of 2 dots."""


def plot_svg(forecast: Forecast) -> str:
    """Draw the first series below each other as one SVG document."""
    return stack([chart_of(forecast, index) for index in range(_drawn(forecast))])


def plot_page(forecast: Forecast) -> str:
    """Write the pictures as a page of its own."""
    charts = [chart_of(forecast, index) for index in range(_drawn(forecast))]
    left = len(forecast.panel) - len(charts)
    held = " and ".join(dict.fromkeys(band.label for band in charts[0].bands))
    parts = [
        paragraph(
            "The blue line is the forecast, its median"
            + (f"; the shaded area holds {held} of the values, if the intervals are right." if held else ".")
        ),
        *map(figure, charts),
        paragraph(f"{counted(left, 'more series')} {'is' if left == 1 else 'are'} not drawn.", "soft")
        if left
        else "",
    ]
    return page(f"Forecast from {forecast.cutoff}", parts)


def in_terminal(forecast: Forecast) -> str:
    """Draw with braille dots: history, and after the bar the forecast between its outer quantiles."""
    return "".join(_dotted(chart_of(forecast, index)) for index in range(_drawn(forecast)))


def _drawn(forecast: Forecast) -> int:
    return min(len(forecast.panel), MOST_SERIES)


def chart_of(forecast: Forecast, index: int) -> Chart:
    """Draw the end of one series and its forecast, a band between each pair of quantiles."""
    horizon, panel = forecast.horizon, forecast.panel
    rows = slice(index * horizon, (index + 1) * horizon)
    past = panel.series(index)[-PAST * horizon :]
    before = np.arange(1 - len(past), 1, dtype=np.float64)
    after = np.arange(1, horizon + 1, dtype=np.float64)
    columns = {name: values[rows] for name, values in forecast.table.columns.items()}
    levels = sorted(float(name[1:]) for name in columns if name != "forecast")
    pairs = zip(levels, reversed(levels), strict=True)
    bands = tuple(
        Band(
            x=after, low=columns[f"q{low:g}"], high=columns[f"q{high:g}"], label=f"{100 * (high - low):.3g} %"
        )
        for low, high in pairs
        if low < high
    )
    places = np.array([before[0] if len(before) else 0.0, 0.0, after[-1]])
    ordinals = (panel.last[index] + places).astype(np.int64)
    stamps = panel.schema.time_format.render(panel.frequency.ticks(ordinals))
    return Chart(
        title=panel.series_ids[index],
        bands=bands,
        lines=(
            Line(x=before, y=past, style="history", label="history"),
            Line(x=after, y=columns["forecast"], style="forecast", label="forecast"),
        ),
        marks=tuple((float(place), str(stamp)) for place, stamp in zip(places, stamps, strict=True)),
        rule=0.0,
    )


def _dotted(chart: Chart) -> str:
    drawn = [_dense(line.x, line.y) for line in chart.lines]
    drawn += [_dense(band.x, edge) for band in chart.bands for edge in (band.low, band.high)]
    x, y = np.concatenate(drawn, axis=1)
    y = np.clip(y, -LARGEST, LARGEST)
    known = np.isfinite(y)
    if not known.any():
        return f"{printable(chart.title)}: nothing to draw\n"
    cells = _cells(x[known], y[known])
    low, high = float(y[known].min()), float(y[known].max())
    words = [f"{high:.6g}", *[""] * (LINES - 2), f"{low:.6g}"]
    room = max(map(len, words))
    lines = [
        f"{word:>{room}} |{''.join(map(chr, row)).rstrip(chr(0x2800))}"
        for word, row in zip(words, cells, strict=True)
    ]
    stamps = f"{chart.marks[0][1]} to {chart.marks[1][1]}, forecast to {chart.marks[2][1]}"
    return "\n".join([printable(chart.title), *lines, f"{'':>{room}}  {printable(stamps)}", "", ""])


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
