"""The report of a backtest: one page that shows itself anywhere, offline, without a script."""

from __future__ import annotations

import math

import numpy as np

from tsforecast.data.panel import Floats, Panel
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.metrics import METRICS, SHOWN, at_level
from tsforecast.evaluation.scores import score_table, worst_series
from tsforecast.evaluation.svg import Band, Chart, Line, draw, escape
from tsforecast.workflows.evaluate import Evaluation

STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:760px;margin:0 auto;padding:0 12px;color:#111;background:#fff}"
    "svg{max-width:100%;height:auto}table{border-collapse:collapse;font-size:14px}"
    "td,th{padding:3px 9px;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}.wide{overflow-x:auto}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
OUTER, INNER = (0.05, 0.95), (0.2, 0.8)
"""Quantile levels of the two bands of a picture."""

SHOWN_WORST = 10


def render_report(evaluation: Evaluation) -> str:
    """Write the page: verdict, scores, pictures of the best, a typical and the worst series, steps, calibration.

    Every text from the data is escaped; the page forbids itself to load or run anything.
    """
    backtest, panel = evaluation.backtest, evaluation.panel
    sections = [
        f"<p><strong>{escape(evaluation.verdict)}</strong></p>",
        f"<p>{evaluation.windows} windows of {len(np.unique(backtest.series))} series, up to {evaluation.origins}"
        " cutoffs each. The shaded areas hold 60 % and 90 % of the values, if the intervals are right.</p>",
        _section("Scores", _scores(backtest)),
        *(_section(title, draw(chart)) for title, chart in _stories(backtest, panel, evaluation.contexts)),
        _section("Error by step", draw(by_step(backtest))),
        _section("Calibration", draw(calibration(backtest))),
        _section("Series that are forecast worst", _worst(backtest)),
        _section("Where this comes from", _facts(evaluation.provenance)),
        _section("Notes", _list([note.text for note in evaluation.notes])),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Backtest of {escape(evaluation.provenance.get('model', ''))}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>Backtest of {escape(evaluation.provenance.get('model', ''))}</h1>\n"
        + "\n".join(part for part in sections if part)
        + "\n</body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f'<h2>{escape(title)}</h2>\n<div class="wide">{body}</div>' if body else ""


def _table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + line(head, "th") + "".join(line(row, "td") for row in rows) + "</table>"


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "–"


def _scores(backtest: Backtest) -> str:
    table = score_table(backtest, tuple(METRICS))
    rows = [[name, *(_number(table.values[name][one]) for one in METRICS)] for name in table.methods]
    return _table(["method", *METRICS], rows)


def _worst(backtest: Backtest) -> str:
    metrics = [name for name in SHOWN if name in ("MASE", "MAE", "bias", "coverage")]
    rows = [
        [str(row.key), str(row.windows), *(_number(row.values[MODEL][name]) for name in metrics)]
        for row in worst_series(backtest, SHOWN_WORST)
    ]
    return _table(["series", "windows", *metrics], rows) if len(rows) > 1 else ""


def _facts(facts: dict[str, str]) -> str:
    return _table(["", ""], [[name, value] for name, value in facts.items()])


def _list(texts: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>" if texts else ""


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
        )
        for low, high in (OUTER, INNER)
    )
    places = np.array([before[0], 0.0, after[-1]])
    ordinals = (backtest.origins[window] + places).astype(np.int64)
    stamps = panel.schema.time_format.render(panel.frequency.ticks(ordinals))
    return Chart(
        title=backtest.series_ids[backtest.series[window]],
        bands=bands,
        lines=(
            Line(x=before, y=contexts[window], style="history", label="history"),
            Line(x=after, y=backtest.actual[window], style="actual", label="what came", dashed=True),
            Line(x=after, y=backtest.points[MODEL][window], style="forecast", label="forecast"),
        ),
        marks=tuple((float(place), str(stamp)) for place, stamp in zip(places, stamps, strict=True)),
        rule=0.0,
    )


def by_step(backtest: Backtest) -> Chart:
    """Draw the mean absolute error of each forecast step, beside the best baseline's."""
    steps = np.arange(1, backtest.actual.shape[1] + 1, dtype=np.float64)
    errors = {
        name: np.array([METRICS["MAE"](backtest.outcome(name).step(step)) for step in range(len(steps))])
        for name in backtest.points
    }
    means = {name: METRICS["MAE"](backtest.outcome(name)) for name in errors if name != MODEL}
    lines = [Line(x=steps, y=errors[MODEL], style="forecast", label=MODEL)]
    if means:
        best = min(means, key=lambda name: means[name] if math.isfinite(means[name]) else math.inf)
        lines.insert(0, Line(x=steps, y=errors[best], style="other", label=best, dashed=True))
    marks = (
        ((steps[0], "step 1"), (steps[-1], f"step {len(steps)}")) if len(steps) > 1 else ((1.0, "step 1"),)
    )
    return Chart(title="Mean absolute error by step", lines=tuple(lines), marks=marks)


def calibration(backtest: Backtest) -> Chart:
    """Draw how many values lay below each quantile; on the diagonal the quantiles are right."""
    levels = np.array(backtest.levels)
    known = ~np.isnan(backtest.actual)
    below = np.array(
        [(backtest.actual <= backtest.quantiles[..., place])[known].mean() for place in range(len(levels))]
    )
    ends = np.array([0.0, 1.0])
    return Chart(
        title="Share of values below each quantile",
        lines=(
            Line(x=ends, y=ends, style="other", label="right", dashed=True),
            Line(x=levels, y=below, style="forecast", label="model"),
        ),
        marks=((0.0, "quantile level 0"), (0.5, "0.5"), (1.0, "1")),
    )
