"""What the report of a backtest shows where the target is a class, and what both kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tsforecast.evaluation.backtest import MODEL
from tsforecast.evaluation.class_backtest import ClassBacktest
from tsforecast.evaluation.class_metrics import CLASS_METRICS
from tsforecast.evaluation.class_scores import LOG_LOSS, class_table, confusion_of, worst_by_log_loss
from tsforecast.evaluation.kinds import AnyMetric, Windowed
from tsforecast.evaluation.page import figure, number, section, small_figure, table
from tsforecast.evaluation.scores import ScoreRow, ScoreTable
from tsforecast.evaluation.skill import Skill
from tsforecast.evaluation.svg import SQUARE, Chart, Line

BINS = 10
"""Ranges of probability that the picture of calibration tells apart."""

SHOWN_WORST = 10


def class_sections(backtest: ClassBacktest, skill: Skill | None) -> Iterator[str]:
    """Scores, confusion table and pictures of a target that is a class."""
    scores = class_table(backtest)
    yield section("Scores", score_rows(scores, scores.metrics))
    yield section("What came (rows), by what the model forecast (columns)", _confusion(backtest))
    drawn = by_step(backtest, CLASS_METRICS, LOG_LOSS, skill)
    yield section("Error by step", figure(drawn), "Lower is better.")
    yield section(
        "Calibration",
        small_figure(reliability(backtest), SQUARE),
        "On the dashed line the probabilities are right; a flatter curve means they are too sure.",
    )
    worst = worst_by_log_loss(backtest, SHOWN_WORST)
    yield section("Series that are forecast worst", worst_rows(worst, scores.metrics))


def score_rows(scores: ScoreTable, metrics: Sequence[str]) -> str:
    """Table of some of the metrics of every method."""
    rows = [[name, *(number(scores.values[name][one]) for one in metrics)] for name in scores.methods]
    return table(["method", *metrics], rows, own=MODEL)


def _confusion(backtest: ClassBacktest) -> str:
    found = confusion_of(backtest)
    pairs = zip(found.classes, found.counts.tolist(), strict=True)
    return table(["", *found.classes], [[label, *map(str, counts)] for label, counts in pairs])


def worst_rows(worst: Sequence[ScoreRow], metrics: Sequence[str]) -> str:
    """Table of the series that the model forecasts worst; nothing where there is one series alone."""
    rows = [
        [str(row.key), str(row.windows), *(number(row.values[MODEL][name]) for name in metrics)]
        for row in worst
    ]
    return table(["series", "windows", *metrics], rows) if len(rows) > 1 else ""


def by_step(
    backtest: Windowed, measures: Mapping[str, AnyMetric[Any]], usual: str, skill: Skill | None
) -> Chart:
    """Draw the error of each forecast step, beside the baseline's that the skill is against.

    Args:
        backtest: The forecast windows.
        measures: Metrics of its kind by name.
        usual: The one that is drawn where there is no skill.
        skill: Against the best baseline.
    """
    metric = usual if skill is None else skill.metric
    steps = np.arange(1, backtest.actual.shape[1] + 1, dtype=np.float64)
    rivals = [] if skill is None else [skill.rival]
    errors = {
        name: np.array([measures[metric](backtest.outcome(name).step(step)) for step in range(len(steps))])
        for name in (*rivals, MODEL)
    }
    lines = [Line(x=steps, y=errors[name], style="other", label=name, dashed=True) for name in rivals]
    lines.append(Line(x=steps, y=errors[MODEL], style="forecast", label=MODEL))
    ends = (1.0,) if len(steps) == 1 else (1.0, float(len(steps)))
    return Chart(
        title=f"{metric} of each forecast step",
        lines=tuple(lines),
        marks=tuple((end, f"step {end:.0f}") for end in ends),
        zero=True,
    )


def reliability(backtest: ClassBacktest) -> Chart:
    """Draw how often what was given some probability came; on the diagonal probabilities are right.

    Of two classes the event is looked at, of several all of them together.

    Source: Murphy & Winkler (1977), Journal of the Royal Statistical Society C 26(1).
    """
    count = len(backtest.classes)
    codes = np.arange(1, 2) if count == 2 else np.arange(count)
    probability = backtest.probabilities[MODEL][..., codes]
    known = np.isfinite(backtest.actual)[..., None] & np.isfinite(probability)
    came = (backtest.actual[..., None] == codes)[known].astype(np.float64)
    given = probability[known]
    bins = np.minimum((given * BINS).astype(np.int64), BINS - 1)
    sizes = np.bincount(bins, minlength=BINS)
    filled = sizes > 0
    means, shares = (np.bincount(bins, part, BINS)[filled] / sizes[filled] for part in (given, came))
    ends = np.array([0.0, 1.0])
    return Chart(
        title="How often it came, by the probability that was given",
        lines=(
            Line(x=ends, y=ends, style="history", label="right", dashed=True),
            Line(x=means, y=shares, style="forecast", label="model"),
        ),
        marks=((0.0, "probability 0"), (0.5, "0.5"), (1.0, "1")),
    )
