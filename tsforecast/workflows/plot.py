"""Pictures of a forecast: SVG, a page around it, or dots in a terminal."""

from __future__ import annotations

import numpy as np

from tsforecast.data.words import counted
from tsforecast.evaluation.dots import dotted
from tsforecast.evaluation.page import figure, page, paragraph
from tsforecast.evaluation.svg import Band, Chart, Line, stack
from tsforecast.workflows.predict import Forecast

MOST_SERIES = 12
"""Series that are drawn; a table is better for more."""

PAST = 3
"""Horizons of history that are drawn before a forecast."""


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
    charts = [chart_of(forecast, index) for index in range(_drawn(forecast))]
    return "".join(
        dotted(chart, f"{chart.marks[0][1]} to {chart.marks[1][1]}, forecast to {chart.marks[2][1]}")
        for chart in charts
    )


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
