"""Scores of a backtest of classes: the table, the confusion table, the worst series, the skill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.errors import UsageError
from tsforecast.evaluation.backtest import MODEL
from tsforecast.evaluation.class_backtest import ClassBacktest
from tsforecast.evaluation.class_metrics import CLASS_METRICS, log_losses
from tsforecast.evaluation.scores import ScoreRow, ScoreTable, rows_by, table_by, worst_of
from tsforecast.evaluation.skill import Skill, skill_against

LOG_LOSS = "log loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often each class came where each was forecast.

    Attributes:
        classes: Labels (C).
        counts: Steps by what came (rows) and what the model forecast (columns) (C, C).
    """

    classes: tuple[str, ...]
    counts: Ints

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"classes": list(self.classes), "rows": "actual", "counts": self.counts.tolist()}


def confusion_of(backtest: ClassBacktest) -> Confusion:
    """Count what came by what the model forecast; steps that lack one of them are left out."""
    actual, code, count = backtest.actual, backtest.codes[MODEL], len(backtest.classes)
    known = np.isfinite(actual) & np.isfinite(code)
    cells = (actual[known] * count + code[known]).astype(np.int64)
    counts = np.bincount(cells, minlength=count * count).reshape(count, count)
    return Confusion(classes=backtest.classes, counts=counts.astype(np.int64))


def class_table(
    backtest: ClassBacktest, metrics: Sequence[str] = tuple(CLASS_METRICS), by: str | None = None
) -> ScoreTable:
    """Score every method of a backtest.

    Args:
        backtest: The forecast windows.
        metrics: Names from ``CLASS_METRICS``.
        by: ``"step"``, ``"series"`` or ``"origin"`` for one row per forecast step, series or cutoff; None for none.

    Raises:
        UsageError: There is no such metric or no such way to split.
    """
    for name in metrics:
        if name not in CLASS_METRICS:
            raise UsageError(
                f"no metric of classes is called {name!r}", hint=f"choose from {', '.join(CLASS_METRICS)}"
            )
    return table_by(backtest, CLASS_METRICS, tuple(metrics), by)


def worst_by_log_loss(backtest: ClassBacktest, count: int) -> tuple[ScoreRow, ...]:
    """Scores of the series that the model forecasts worst, the worst first."""
    rows = rows_by(backtest, CLASS_METRICS, tuple(CLASS_METRICS), "series")
    return worst_of(rows, LOG_LOSS, count)


def class_skill(backtest: ClassBacktest) -> Skill | None:
    """Compare the model's log loss with that of the best baseline."""
    scores = {name: CLASS_METRICS[LOG_LOSS](backtest.outcome(name)) for name in backtest.codes}
    return skill_against(
        LOG_LOSS, scores, lambda name: log_losses(backtest.outcome(name)), backtest.origins, backtest.series
    )
