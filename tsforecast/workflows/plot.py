"""Pictures of a forecast: SVG, a page around it, or dots in a terminal."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Floats
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
        dotted(chart, f"{chart.marks[0][1]} to {chart.marks[1][1]}, forecast to {chart.marks[-1][1]}")
        for chart in charts
    )


def _drawn(forecast: Forecast) -> int:
    return min(len(forecast.panel), MOST_SERIES)


def chart_of(forecast: Forecast, index: int) -> Chart:
    """Draw the end of one series and its forecast: quantiles, or probabilities of classes."""
    panel, name = forecast.panel, forecast.panel.series_ids[index]
    # A step may have no row, or two, where clocks change.
    rows = np.flatnonzero([one == name for one in forecast.table.series_ids])
    table = forecast.table.take(rows)
    past = panel.series(index)[-PAST * forecast.horizon :]
    before = np.arange(1 - len(past), 1, dtype=np.float64)
    after = np.arange(1, len(rows) + 1, dtype=np.float64)
    columns = table.columns
    of_classes = bool(panel.schema.classes)
    bands, made = ((), _probabilities(columns, after)) if of_classes else _values(columns, after)
    places = np.array([before[0] if len(before) else 0.0, 0.0, *after[-1:]])
    ordinals = (panel.last[index] + places[:2]).astype(np.int64)
    ends = table.times[-1]
    stamps = [*panel.stamps(ordinals), *map(str, panel.schema.time_format.render(*ends)[-1:])]
    return Chart(
        title=name,
        bands=bands,
        lines=(*_history(panel.schema.classes, before, past), *made),
        marks=tuple((float(place), stamp) for place, stamp in zip(places, stamps, strict=True)),
        rule=0.0,
    )


def _values(columns: dict[str, Floats], after: Floats) -> tuple[tuple[Band, ...], tuple[Line, ...]]:
    """Draw the median, and a band between each pair of quantiles."""
    levels = sorted(float(name[1:]) for name in columns if name != "forecast")
    bands = tuple(
        Band(
            x=after, low=columns[f"q{low:g}"], high=columns[f"q{high:g}"], label=f"{100 * (high - low):.3g} %"
        )
        for low, high in zip(levels, reversed(levels), strict=True)
        if low < high
    )
    return bands, (Line(x=after, y=columns["forecast"], style="forecast", label="forecast"),)


def _probabilities(columns: dict[str, Floats], after: Floats) -> tuple[Line, ...]:
    """Lines of the probability of the event, or of each of several classes."""
    names = [name for name in columns if name != "forecast"]
    shown = names[1:] if len(names) == 2 else names
    return tuple(
        Line(
            x=after,
            y=columns[name],
            style="forecast" if place == 0 else "other",
            label=name,
            dashed=place > 1,
        )
        for place, name in enumerate(shown)
    )


def _history(classes: tuple[str, ...], before: Floats, past: Floats) -> tuple[Line, ...]:
    """Draw what was before; of several classes nothing, for they have no place between 0 and 1."""
    if len(classes) > 2:
        return ()
    label = classes[1] if classes else "history"
    return (Line(x=before, y=past, style="history", label=label),)
