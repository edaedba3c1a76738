"""The report of a backtest: one page that shows itself anywhere, offline, without a script."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.panel import Panel
from tsforecast.data.words import counted
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.class_backtest import ClassBacktest
from tsforecast.evaluation.metrics import METRICS, at_level
from tsforecast.evaluation.page import (
    bullets,
    facts,
    figure,
    folded,
    page,
    paragraph,
    section,
    small_figure,
)
from tsforecast.evaluation.scores import score_table, worst_series
from tsforecast.evaluation.svg import SQUARE, Band, Chart, Line
from tsforecast.workflows.class_report import SHOWN_WORST, by_step, class_sections, score_rows, worst_rows
from tsforecast.workflows.evaluate import Evaluation

OUTER, INNER = (0.05, 0.95), (0.2, 0.8)
"""Quantile levels of the two bands of a picture."""

TELLING = ("MASE", "sMAPE", "MAE", "RMSE", "WQL", "coverage")
"""Metrics of the table that everybody sees; the page shows all of them on demand."""

TELLING_OF_SERIES = ("MASE", "MAE", "bias", "coverage")

BANDS = " The shaded areas of the pictures hold 60 % and 90 % of the values, if the intervals are right."


def render_report(evaluation: Evaluation) -> str:
    """Write the page: verdict, scores, pictures of the best, a typical and the worst series, steps, calibration.

    Every text from the data is escaped; the page forbids itself to load or run anything.
    """
    backtest = evaluation.backtest
    parts = [
        paragraph(evaluation.verdict, "verdict"),
        paragraph(_extent(evaluation)),
        *(
            class_sections(backtest, evaluation.skill)
            if isinstance(backtest, ClassBacktest)
            else _sections(evaluation, backtest)
        ),
        section("Where this comes from", facts(_grouped(evaluation.provenance))),
        section("Notes", bullets([note.text for note in evaluation.notes])),
    ]
    return page(f"Backtest of {evaluation.provenance.get('model', '')}", parts)


def _sections(evaluation: Evaluation, backtest: Backtest) -> Iterator[str]:
    """Scores and pictures of a target that is a number."""
    scores = score_table(backtest, tuple(METRICS))
    whole = folded("All scores", score_rows(scores, scores.metrics))
    yield section("Scores", score_rows(scores, TELLING) + whole)
    for title, chart in _stories(backtest, evaluation.panel, evaluation.contexts):
        yield section(title, figure(chart))
    drawn = by_step(backtest, METRICS, "MAE", evaluation.skill)
    yield section("Error by step", figure(drawn), "Lower is better.")
    yield section(
        "Calibration",
        small_figure(calibration(backtest), SQUARE),
        "On the dashed line the intervals are right; a flatter curve means they are too narrow.",
    )
    worst = worst_series(backtest, SHOWN_WORST)
    yield section("Series that are forecast worst", worst_rows(worst, TELLING_OF_SERIES))


def _extent(evaluation: Evaluation) -> str:
    series = len(np.unique(evaluation.backtest.series))
    each = "one cutoff" if evaluation.origins == 1 else f"up to {evaluation.origins} cutoffs"
    return (
        f"{counted(evaluation.windows, 'window')} of {counted(series, 'series')}, {each} each; nothing after a"
        f" cutoff was known to its forecast.{'' if isinstance(evaluation.backtest, ClassBacktest) else BANDS}"
    )


def _grouped(provenance: dict[str, str]) -> dict[str, str]:
    """Provenance with the versions of all packages in one line."""
    head = "version of "
    versions = [f"{name.removeprefix(head)} {of}" for name, of in provenance.items() if name.startswith(head)]
    others = {name: text for name, text in provenance.items() if not name.startswith(head)}
    return {**others, "versions": ", ".join(versions)} if versions else others


def _stories(backtest: Backtest, panel: Panel, contexts: Floats) -> list[tuple[str, Chart]]:
    """Newest window of the best, a typical and the worst series."""
    rows = worst_series(backtest, len(backtest.series_ids))
    if not rows:
        return []
    names = {"Best series": rows[-1], "Typical series": rows[len(rows) // 2], "Worst series": rows[0]}
    if len(rows) < len(names):
        names = (
            {"Best series": rows[-1], "Worst series": rows[0]}
            if len(rows) == 2
            else {"Newest window": rows[0]}
        )
    found = []
    for title, row in names.items():
        own = np.flatnonzero(backtest.series == backtest.series_ids.index(str(row.key)))
        window = int(own[np.argmax(backtest.origins[own])])
        found.append((title, story(backtest, panel, contexts, window)))
    return found


def story(backtest: Backtest, panel: Panel, contexts: Floats, window: int) -> Chart:
    """Draw one window: what was known, what was forecast, what came."""
    known, horizon = contexts.shape[1], backtest.actual.shape[1]
    before = np.arange(-known + 1, 1, dtype=np.float64)
    after = np.arange(1, horizon + 1, dtype=np.float64)
    quantiles = backtest.quantiles[window]
    bands = tuple(
        Band(
            x=after,
            low=at_level(quantiles, backtest.levels, low),
            high=at_level(quantiles, backtest.levels, high),
            label=f"{100 * (high - low):.0f} %",
        )
        for low, high in (OUTER, INNER)
    )
    places = np.array([before[0], 0.0, after[-1]])
    ordinals = (backtest.origins[window] + places).astype(np.int64)
    stamps = panel.stamps(ordinals)
    return Chart(
        title=backtest.series_ids[backtest.series[window]],
        bands=bands,
        lines=(
            Line(x=before, y=contexts[window], style="history", label="history"),
            Line(x=after, y=backtest.actual[window], style="actual", label="what came", dashed=True),
            Line(x=after, y=backtest.points[MODEL][window], style="forecast", label="forecast"),
        ),
        marks=tuple((float(place), stamp) for place, stamp in zip(places, stamps, strict=True)),
        rule=0.0,
    )


def calibration(backtest: Backtest) -> Chart:
    """Draw how many values lay below each quantile; on the diagonal the quantiles are right."""
    levels = np.array(backtest.levels)
    known = ~np.isnan(backtest.actual)
    below = np.array(
        [(backtest.actual <= backtest.quantiles[..., place])[known].mean() for place in range(len(levels))]
    )
    ends = np.array([0.0, 1.0])
    return Chart(
        title="Share of values below each quantile level",
        lines=(
            Line(x=ends, y=ends, style="history", label="right", dashed=True),
            Line(x=levels, y=below, style="forecast", label="model"),
        ),
        marks=((0.0, "level 0"), (0.5, "0.5"), (1.0, "1")),
    )
