"""Scores of a backtest, of numbers or of classes: what every workflow asks for."""

from __future__ import annotations

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
from tsforecast.evaluation.metrics import SHOWN
from tsforecast.evaluation.scores import ScoreRow, ScoreTable, score_table, worst_series
from tsforecast.evaluation.skill import Skill, skill_of

AnyBacktest = Backtest | ClassBacktest


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
