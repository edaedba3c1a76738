"""Metrics of targets that are classes, each a mean over classes of ratios of two sums over windows.

Of two classes the second is the event, and precision, recall and F1 are those of the event alone; of several they are
the plain mean over the classes that came or were forecast. Steps without an actual are left out; a missing forecast
where an actual exists makes the metric NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.kinds import AnyMetric, AnyOutcome

Parts = tuple[Floats, Floats, Floats]
"""Numerator, denominator, and what says whether a class takes part, of each window (W, K) each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOutcome(AnyOutcome):
    """What was forecast of classes and what came.

    Attributes:
        code: Class that was named (W, H).
        probability: Probability of every class (W, H, C).
    """

    code: Floats
    probability: Floats

    @property
    def counted(self) -> range:
        """Classes that precision and recall look at."""
        count = self.probability.shape[2]
        return range(1, 2) if count == 2 else range(count)

    def step(self, index: int) -> ClassOutcome:
        """Outcome of one forecast step of the same windows (W, 1)."""
        one = slice(index, index + 1)
        return replace(
            self, actual=self.actual[:, one], code=self.code[:, one], probability=self.probability[:, one]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMetric(AnyMetric[ClassOutcome]):
    """One metric of classes.

    Attributes:
        parts: What it adds up over windows.
    """

    parts: Callable[[ClassOutcome], Parts]

    def grouped(self, outcome: ClassOutcome, groups: Ints, count: int) -> Floats:
        """Mean over classes of the ratio of two sums over each group of windows (G,)."""
        above, below, present = (_summed(part, groups, count) for part in self.parts(outcome))
        with np.errstate(divide="ignore", invalid="ignore"):
            # A class that came and was never forecast has a precision of 0, as in scikit-learn.
            ratio = np.where(below > 0, above / below, 0.0 * above)
            return np.asarray(np.where(present > 0, ratio, 0.0).sum(1) / (present > 0).sum(1))


def _summed(part: Floats, groups: Ints, count: int) -> Floats:
    """Add up each column by group (G, K)."""
    columns = [np.bincount(groups, weights=column, minlength=count) for column in part.T]
    return np.stack(columns, axis=1)


def log_losses(outcome: ClassOutcome) -> tuple[Floats, Floats]:
    """Sum of -ln p of what came, and number of actuals, of each window (W,), (W,)."""
    codes = np.where(outcome.observed, outcome.actual, 0).astype(np.int64)
    given = np.take_along_axis(outcome.probability, codes[..., None], 2)[..., 0]
    with np.errstate(divide="ignore"):
        losses = np.where(outcome.observed, -np.log(given), 0.0)
    return losses.sum(1), outcome.observed.sum(1).astype(np.float64)


def _log_loss(outcome: ClassOutcome) -> Parts:
    losses, counts = (part[:, None] for part in log_losses(outcome))
    return losses, counts, counts


def _accuracy(outcome: ClassOutcome) -> Parts:
    counts = outcome.observed.sum(1).astype(np.float64)[:, None]
    hits = np.where(_unsaid(outcome), np.nan, outcome.code == outcome.actual)
    return hits.sum(1)[:, None], counts, counts


def _unsaid(outcome: ClassOutcome) -> NDArray[np.bool_]:
    return np.asarray(outcome.observed & np.isnan(outcome.code))


def _counts(outcome: ClassOutcome) -> tuple[Floats, Floats, Floats]:
    """How often each class was right, forecast and there, of each window (W, K) each."""
    came = np.stack([outcome.actual == code for code in outcome.counted], axis=2)
    said = np.stack([(outcome.code == code) & outcome.observed for code in outcome.counted], axis=2)
    told = np.where(_unsaid(outcome)[..., None], np.nan, said)
    both = np.where(_unsaid(outcome)[..., None], np.nan, said & came)
    return both.sum(1), told.sum(1), came.sum(1).astype(np.float64)


def _precision(outcome: ClassOutcome) -> Parts:
    both, told, came = _counts(outcome)
    return both, told, told + came


def _recall(outcome: ClassOutcome) -> Parts:
    both, told, came = _counts(outcome)
    return both, came, told + came


def _f1(outcome: ClassOutcome) -> Parts:
    both, told, came = _counts(outcome)
    return 2.0 * both, told + came, told + came


POWERS = "Sokolova & Lapalme (2009), Information Processing & Management 45(4)"

CLASS_METRICS: dict[str, ClassMetric] = {
    "log loss": ClassMetric(
        about="Mean of -ln p, p the probability that was given to the class that came; smaller is better.",
        formula="sum -ln p_y / number of actuals",
        source="Good (1952), Journal of the Royal Statistical Society B 14(1)",
        parts=_log_loss,
    ),
    "accuracy": ClassMetric(
        about="Share of steps whose class is the one that was forecast, the most likely one.",
        formula="number of f = y / number of actuals",
        source=POWERS,
        parts=_accuracy,
    ),
    "precision": ClassMetric(
        about="How many of the forecast events came.",
        formula="number of f = y = event / number of f = event; of several classes the mean over them",
        source=POWERS,
        parts=_precision,
    ),
    "recall": ClassMetric(
        about="How many of the events that came were forecast.",
        formula="number of f = y = event / number of y = event; of several classes the mean over them",
        source=POWERS,
        parts=_recall,
    ),
    "F1": ClassMetric(
        about="Harmonic mean of precision and recall.",
        formula="2 number of f = y = event / (number of f = event + number of y = event); of several classes the mean"
        " over them",
        source="van Rijsbergen (1979), Information Retrieval, chapter 7",
        parts=_f1,
    ),
}
