"""Scores of a backtest: the table that people read and the sentence below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.panel import Panel
from tsforecast.errors import UsageError
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.baselines import BASELINES
from tsforecast.evaluation.kinds import AnyMetric, Windowed
from tsforecast.evaluation.metrics import METRICS, SHOWN, skipped_windows
from tsforecast.evaluation.skill import NOMINAL, Skill
from tsforecast.evaluation.statistical import LIBRARY, STATISTICAL

TIE = 0.01
"""Relative difference below which two scores count as equal."""

ROUNDING = 1e-6
"""Error beside that of the worst baseline that counts as none: networks reckon in single precision."""

DECIDING = ("MASE", "MAE", "log loss")
"""Metrics that a verdict is about, the first that a baseline has a score in."""

Values = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """Scores of one forecast step, of one series or of one origin.

    Attributes:
        key: Forecast step, counted from 1, series id, or origin.
        windows: Windows with an actual in this row.
        values: Score by method and metric; NaN where a metric does not apply.
    """

    key: int | str
    windows: int
    values: Values

    def to_json(self, by: str) -> dict[str, Any]:
        """Plain values; a score that does not exist is None."""
        return {by: self.key, "windows": self.windows, "values": _plain(self.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """Scores of all methods of a backtest.

    Attributes:
        methods: ``"model"`` first, then the baselines.
        metrics: Names from ``METRICS``.
        values: Score by method and metric over all windows; NaN where a metric does not apply.
        windows: Windows scored.
        skipped: Windows that MASE and RMSSE leave out, because their series has no scale.
        by: ``"step"``, ``"series"`` or ``"origin"`` where ``rows`` are filled, else None.
        rows: Scores by forecast step, series or origin.
    """

    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    values: Values
    windows: int
    skipped: int
    by: str | None = None
    rows: tuple[ScoreRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values in a fixed order; a score that does not exist is None."""
        table: dict[str, Any] = {
            "windows": self.windows,
            "skipped": self.skipped,
            "methods": list(self.methods),
            "metrics": list(self.metrics),
            "values": _plain(self.values),
        }
        if self.by is not None:
            table["by"] = self.by
            table["rows"] = [row.to_json(self.by) for row in self.rows]
        return table


def score_table(backtest: Backtest, metrics: Sequence[str] = SHOWN, by: str | None = None) -> ScoreTable:
    """Score every method of a backtest.

    Args:
        backtest: The forecast windows.
        metrics: Names from ``METRICS``.
        by: ``"step"``, ``"series"`` or ``"origin"`` for one row per forecast step, series or cutoff; None for none.

    Raises:
        UsageError: There is no such metric or no such way to split.
    """
    for name in metrics:
        if name not in METRICS:
            near = "".join(f"did you mean {one}? " for one in METRICS if one.lower() == name.lower())
            raise UsageError(f"no metric is called {name!r}", hint=f"{near}choose from {', '.join(METRICS)}")
    table = table_by(backtest, METRICS, tuple(metrics), by)
    return replace(table, skipped=skipped_windows(backtest.outcome(MODEL)))


def table_by(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], metrics: tuple[str, ...], by: str | None
) -> ScoreTable:
    """Score every method by some of the metrics of a registry, whatever kind of forecast it is for.

    Raises:
        UsageError: There is no such way to split.
    """
    if by is not None and by not in SPLITS:
        raise UsageError(f"scores can be split by {', '.join(SPLITS)}, not by {by!r}")
    return ScoreTable(
        methods=backtest.methods,
        metrics=metrics,
        values={
            method: {name: measures[name](backtest.outcome(method)) for name in metrics}
            for method in backtest.methods
        },
        windows=len(backtest.series),
        skipped=0,
        by=by,
        rows=() if by is None else rows_by(backtest, measures, metrics, by),
    )


def rows_by(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], metrics: tuple[str, ...], by: str
) -> tuple[ScoreRow, ...]:
    """One row per forecast step, series or origin."""
    return SPLITS[by](backtest, measures, metrics)


def worst_series(backtest: Backtest, count: int) -> tuple[ScoreRow, ...]:
    """Scores of the series that the model forecasts worst, the worst first; by MASE, else by MAE."""
    rows = rows_by(backtest, METRICS, SHOWN, "series")
    known = any(math.isfinite(row.values[MODEL]["MASE"]) for row in rows)
    return worst_of(rows, "MASE" if known else "MAE", count)


def worst_of(rows: Sequence[ScoreRow], metric: str, count: int) -> tuple[ScoreRow, ...]:
    """At most ``count`` rows by a metric of the model, the largest first; rows without one are left out."""
    scored = [row for row in rows if math.isfinite(row.values[MODEL][metric])]
    return tuple(sorted(scored, key=lambda row: -row.values[MODEL][metric])[:count])


def verdict(table: ScoreTable, skill: Skill | None = None) -> str:
    """Say in one plain sentence whether the model is better than the best baseline.

    MASE decides; where no series has a scale for it, MAE does; for classes it is the log loss. With the skill the
    sentence says how sure that is.
    """
    metric = next((one for one in DECIDING if _has_baseline_score(table, one)), DECIDING[-1])
    scores = {method: table.values[method].get(metric, math.nan) for method in table.methods}
    own = scores.pop(table.methods[0])
    finite = {method: score for method, score in scores.items() if math.isfinite(score)}
    if not finite:
        return "No verdict: there is no baseline to compare with."
    best = min(finite, key=lambda method: finite[method])
    if not finite[best] and own <= ROUNDING * max(finite.values()):
        own = 0.0
    sentence = _sentence(own, finite[best], f"the best baseline ({best})", metric + _how_sure(skill))
    return f"{sentence} {_way_to(best)}" if sentence.startswith("Worse") else sentence


def _way_to(name: str) -> str:
    """Say how to get the forecast of a baseline, which is what it does: it is scored here and no more."""
    plain = name.partition(" (")[0]
    does = ""
    if plain in BASELINES:
        about = BASELINES[plain].about
        does = f": it {about[0].lower()}{about[1:-1]}"
    elif plain in STATISTICAL:
        does = f": it is {STATISTICAL[plain]} of {LIBRARY}"
    return f"No command forecasts with it{does}."


def _how_sure(skill: Skill | None) -> str:
    if skill is None:
        return ""
    low, high = 100 * skill.low, 100 * skill.high
    over = f"{skill.origins} {'origin' if skill.origins == 1 else 'origins'} of {skill.series} series"
    chance = ", which may be chance" if skill.may_be_chance else ""
    if not math.isfinite(low) or not math.isfinite(high):
        return f" ({over}{chance})"
    interval = f"{100 * NOMINAL:.0f} % interval {low:.0f} to {high:.0f} % over {over}{chance}"
    return f" (skill {100 * skill.value:.0f} %, {interval})"


def mase_scales(panel: Panel, season_length: int) -> tuple[Floats, Floats]:
    """Denominators of MASE and RMSSE: mean absolute and mean squared seasonal difference of each series.

    Args:
        panel: The training part.
        season_length: Season m; series of at most m rows use 1 instead.

    Returns:
        Mean of |y_t - y_(t-m)| (target units) and of its square, NaN where no pair is observed (N,), (N,).
    """
    lags = np.where(panel.lengths > season_length, season_length, 1)
    row = np.arange(len(panel.values)) - np.repeat(panel.offsets[:-1], panel.lengths)
    series = np.repeat(np.arange(len(panel)), panel.lengths)
    late = np.flatnonzero(row >= lags[series])
    change = panel.truth[late] - panel.truth[late - lags[series[late]]]
    seen = ~np.isnan(change)
    owner, change = series[late][seen], np.abs(change[seen])
    count = np.bincount(owner, minlength=len(panel)).astype(np.float64)
    count[count == 0] = np.nan
    with np.errstate(over="ignore"):
        squares = change**2
    return np.bincount(owner, change, len(panel)) / count, np.bincount(owner, squares, len(panel)) / count


def _rows_by_step(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], metrics: tuple[str, ...]
) -> tuple[ScoreRow, ...]:
    observed = (~np.isnan(backtest.actual)).sum(axis=0)
    return tuple(
        ScoreRow(
            key=step + 1,
            windows=int(observed[step]),
            values={
                method: {name: measures[name](backtest.outcome(method).step(step)) for name in metrics}
                for method in backtest.methods
            },
        )
        for step in range(backtest.actual.shape[1])
    )


def _rows_by_series(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], metrics: tuple[str, ...]
) -> tuple[ScoreRow, ...]:
    names = backtest.series_ids
    return _rows_by(backtest, measures, metrics, backtest.series, lambda series: names[series])


def _rows_by_origin(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], metrics: tuple[str, ...]
) -> tuple[ScoreRow, ...]:
    return _rows_by(backtest, measures, metrics, backtest.origins, int)


def _rows_by(
    backtest: Windowed,
    measures: Mapping[str, AnyMetric[Any]],
    metrics: tuple[str, ...],
    split: Ints,
    key_of: Callable[[int], int | str],
) -> tuple[ScoreRow, ...]:
    present, groups = np.unique(split, return_inverse=True)
    windows = np.bincount(groups, minlength=len(present))
    columns = {
        method: {
            name: measures[name].grouped(backtest.outcome(method), groups, len(present)) for name in metrics
        }
        for method in backtest.methods
    }
    return tuple(
        ScoreRow(
            key=key_of(int(one)),
            windows=int(windows[row]),
            values={
                method: {name: float(column[row]) for name, column in scores.items()}
                for method, scores in columns.items()
            },
        )
        for row, one in enumerate(present)
    )


SPLITS = {"step": _rows_by_step, "series": _rows_by_series, "origin": _rows_by_origin}
"""Ways to split a table, one row per value."""


def _plain(values: Values) -> dict[str, dict[str, float | None]]:
    return {
        method: {name: score if math.isfinite(score) else None for name, score in scores.items()}
        for method, scores in values.items()
    }


def _has_baseline_score(table: ScoreTable, metric: str) -> bool:
    return any(math.isfinite(table.values[method].get(metric, math.nan)) for method in table.methods[1:])


def _sentence(own: float, best: float, rival: str, metric: str) -> str:
    if not math.isfinite(own):
        return f"Worse than {rival}: the model's forecasts are not finite. Prefer the baseline."
    if abs(own - best) <= TIE * best:
        return f"No better than {rival}: within 1 % in {metric}."
    if own < best:
        return f"Better than {rival} by {100 * (1 - own / best):.0f} % in {metric}."
    if best == 0:
        return f"Worse than {rival}, which makes no error at all: prefer it."
    return f"Worse than {rival} by {100 * (own / best - 1):.0f} % in {metric}: prefer it."
