"""Scores of a backtest, of numbers or of classes: what every workflow asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema
from tsforecast.data.words import listed, quoted
from tsforecast.evaluation.backtest import Backtest
from tsforecast.evaluation.class_backtest import ClassBacktest
from tsforecast.evaluation.class_metrics import CLASS_METRICS
from tsforecast.evaluation.class_scores import (
    Confusion,
    class_skill,
    class_table,
    confusion_of,
    worst_by_log_loss,
)
from tsforecast.evaluation.intervals import Coverage, interval_coverage
from tsforecast.evaluation.metrics import METRICS, SHOWN
from tsforecast.evaluation.scores import ScoreRow, ScoreTable, score_table, worst_series
from tsforecast.evaluation.skill import Skill, skill_of

AnyBacktest = Backtest | ClassBacktest

FAR_APART = 3.0
"""Times as large from which on the values of two targets are hardly in the same unit."""


def table_of(backtest: AnyBacktest, metrics: tuple[str, ...] = (), by: str | None = None) -> ScoreTable:
    """Score every method.

    Args:
        backtest: The forecast windows.
        metrics: Names of metrics of its kind; the usual ones if empty.
        by: ``"step"``, ``"series"`` or ``"origin"`` for one row each, None for none.

    Raises:
        UsageError: There is no such metric.
    """
    if isinstance(backtest, ClassBacktest):
        return class_table(backtest, metrics or tuple(CLASS_METRICS), by)
    return score_table(backtest, metrics or SHOWN, by)


def skill_in(backtest: AnyBacktest) -> Skill | None:
    """Compare the model with the best baseline."""
    return class_skill(backtest) if isinstance(backtest, ClassBacktest) else skill_of(backtest)


def worst_in(backtest: AnyBacktest, count: int) -> tuple[ScoreRow, ...]:
    """Scores of the series that the model forecasts worst, the worst first."""
    if isinstance(backtest, ClassBacktest):
        return worst_by_log_loss(backtest, count)
    return worst_series(backtest, count)


def coverage_in(backtest: AnyBacktest) -> tuple[Coverage, ...]:
    """How often the intervals held; classes have none."""
    return () if isinstance(backtest, ClassBacktest) else interval_coverage(backtest)


def confusion_in(backtest: AnyBacktest) -> Confusion | None:
    """Count what came by what was forecast; None where the target is a number."""
    return confusion_of(backtest) if isinstance(backtest, ClassBacktest) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Two targets whose values differ so much in size that a mean over both says little.

    Attributes:
        small: The target of the smallest values.
        large: That of the largest.
        times: How many times as large those usually are.
    """

    small: str
    large: str
    times: float

    def notes(self, metrics: tuple[str, ...]) -> tuple[Note, ...]:
        """Tell of the metrics shown that are such means."""
        means = [name for name in metrics if name in METRICS and METRICS[name].unit == "target units"]
        if not means:
            return ()
        shown = listed(means).replace("'", "")
        text = (
            f"{quoted(self.small)} and {quoted(self.large)} are averaged in {shown}, though the values of"
            f" {quoted(self.large)} are usually {self.times:g} times as large; MASE compares"
        )
        return (Note(text),)


def mixed_in(backtest: AnyBacktest, schema: Schema) -> Mixed | None:
    """Find targets whose usual sizes are far apart: medians of their actuals without signs, 0 left out.

    Args:
        backtest: The forecast windows.
        schema: Which columns are the targets.
    """
    if isinstance(backtest, ClassBacktest) or schema.target is not None:
        return None
    names = [schema.id_cells(name)[-1] for name in backtest.series_ids]
    targets, of_series = np.unique(names, return_inverse=True)
    own = of_series[backtest.series]
    order = np.argsort(own, kind="stable")
    parts = np.split(backtest.actual[order], np.searchsorted(own[order], np.arange(1, len(targets))))
    values = [np.abs(part[np.abs(part) > 0]) for part in parts]
    sizes = {str(name): float(np.median(one)) for name, one in zip(targets, values, strict=True) if len(one)}
    if not sizes:
        return None
    small, large = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    if sizes[large] <= FAR_APART * sizes[small]:
        return None
    return Mixed(small=small, large=large, times=float(f"{sizes[large] / sizes[small]:.2g}"))
