"""Scores of classes are those that everybody computes, and say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from tests.docs.test_metrics_page import line_of
from tests.models.building import panel_of
from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.backtest import MODEL
from tsforecast.evaluation.class_backtest import ClassBacktest, most_likely
from tsforecast.evaluation.class_baselines import CLASS_BASELINES
from tsforecast.evaluation.class_metrics import CLASS_METRICS, ClassOutcome
from tsforecast.evaluation.class_scores import class_skill, class_table, confusion_of, worst_by_log_loss
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.scores import verdict


def outcome_of(classes: int, seed: int, windows: int = 30, sharpness: float = 1.0) -> ClassOutcome:
    """Forecasts of random sharpness, some actuals missing."""
    random = np.random.default_rng(seed)
    probability = random.dirichlet(np.full(classes, sharpness), (windows, 4))
    actual = random.integers(0, classes, (windows, 4)).astype(np.float64)
    actual[random.random(actual.shape) < 0.2] = np.nan
    return ClassOutcome(actual=actual, code=most_likely(probability), probability=probability)


def backtest_of(outcome: ClassOutcome, series: Ints | None = None) -> ClassBacktest:
    """Backtest of the model and of one that knows nothing."""
    windows, _, classes = outcome.probability.shape
    owners = np.zeros(windows, dtype=np.int64) if series is None else series
    even = np.full_like(outcome.probability, 1 / classes)
    return ClassBacktest(
        series_ids=tuple(f"s{index}" for index in range(int(owners.max()) + 1)),
        series=owners,
        cutoffs=np.arange(windows) + 5,
        origins=np.arange(windows) + 4,
        actual=outcome.actual,
        codes={MODEL: outcome.code, "even": most_likely(even)},
        probabilities={MODEL: outcome.probability, "even": even},
        classes=tuple(f"c{code}" for code in range(classes)),
    )


@given(classes=st.integers(2, 6), seed=st.integers(0, 10_000), windows=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_scores_are_those_of_scikit_learn(classes: int, seed: int, windows: int) -> None:
    """Accuracy, precision, recall, F1, log loss and the confusion table, also where a class never comes."""
    outcome = outcome_of(classes, seed, windows)
    known = np.isfinite(outcome.actual)
    if not known.any():
        return
    came, said = outcome.actual[known].astype(int), outcome.code[known].astype(int)
    average = {"average": "binary", "pos_label": 1} if classes == 2 else {"average": "macro"}
    wanted = {
        "accuracy": oracle.accuracy_score(came, said),
        "log loss": oracle.log_loss(came, outcome.probability[known], labels=range(classes)),
        "precision": oracle.precision_score(came, said, zero_division=0, **average),
        "recall": oracle.recall_score(came, said, zero_division=0, **average),
        "F1": oracle.f1_score(came, said, zero_division=0, **average),
    }
    if classes == 2 and not (came | said).any():
        wanted |= dict.fromkeys(("precision", "recall", "F1"), np.nan)  # there is no event to speak of

    assert {name: metric(outcome) for name, metric in CLASS_METRICS.items()} == pytest.approx(
        wanted, nan_ok=True
    )
    counts = confusion_of(backtest_of(outcome)).counts
    np.testing.assert_array_equal(counts, oracle.confusion_matrix(came, said, labels=range(classes)))


@pytest.mark.parametrize("name", CLASS_METRICS)
def test_metric_explains_itself_on_the_page_too(name: str) -> None:
    """A number in a table has a meaning, a formula and a source, and the page has the same."""
    metric, page = CLASS_METRICS[name], Path(__file__).parents[2] / "docs" / "metrics.md"

    assert metric.about.endswith(".")
    assert line_of(name, metric) in page.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CLASS_METRICS)
def test_missing_forecast_is_no_good_score(name: str) -> None:
    """Where something came and nothing was forecast, the metric is NaN; where nothing came it does not matter."""
    outcome = outcome_of(3, 1)
    row, step = np.argwhere(np.isfinite(outcome.actual))[0]
    probability = outcome.probability.copy()
    probability[row, step] = np.nan
    broken = ClassOutcome(actual=outcome.actual, code=most_likely(probability), probability=probability)
    hidden = outcome.actual.copy()
    hidden[row, step] = np.nan
    ignored = ClassOutcome(actual=hidden, code=most_likely(probability), probability=probability)

    assert np.isnan(CLASS_METRICS[name](broken))
    assert np.isfinite(CLASS_METRICS[name](ignored))


def test_groups_are_scored_as_if_alone() -> None:
    """A row by series is the score of that series' windows."""
    outcome, series = outcome_of(3, 2), np.arange(30) % 4
    table = class_table(backtest_of(outcome, series), by="series")

    for index, row in enumerate(table.rows):
        own = series == index
        alone = ClassOutcome(
            actual=outcome.actual[own], code=outcome.code[own], probability=outcome.probability[own]
        )
        assert row.values[MODEL] == pytest.approx({name: one(alone) for name, one in CLASS_METRICS.items()})
    worst = worst_by_log_loss(backtest_of(outcome, series), 2)
    losses = sorted((row.values[MODEL]["log loss"] for row in table.rows), reverse=True)
    assert [row.values[MODEL]["log loss"] for row in worst] == losses[:2]


def test_verdict_and_skill_are_about_the_log_loss() -> None:
    """A model that knows what comes is better than one that does not, and how sure that is."""
    actual = outcome_of(2, 3).actual
    probability = np.where((np.nan_to_num(actual) == 1)[..., None], [0.1, 0.9], [0.9, 0.1])
    backtest = backtest_of(
        ClassOutcome(actual=actual, code=most_likely(probability), probability=probability)
    )

    skill = class_skill(backtest)

    assert skill is not None
    assert (skill.metric, skill.rival) == ("log loss", "even")
    assert skill.value == pytest.approx(1 - np.log(0.9) / np.log(0.5))
    assert skill.low <= skill.value <= skill.high
    assert verdict(class_table(backtest)).startswith(
        "Better than the best baseline (even) by 85 % in log loss"
    )


def said(
    name: str, series: list[Floats | list[float]], classes: int, horizon: int = 3
) -> tuple[Floats, Floats]:
    """Ask a baseline at the end of every series."""
    panel = panel_of(series)
    return CLASS_BASELINES[name](
        Histories.before(panel, np.arange(len(series)), panel.lengths), horizon, classes
    )


def test_baselines_say_what_their_names_promise() -> None:
    """The commonest class of the history, and the last one, each with what the history bears out."""
    nan = np.nan
    series: list[Floats | list[float]] = [[0.0, 1, 1, 2, 1, 0], [2.0, 2, 2, nan], [nan, nan]]

    codes, shares = said("commonest class", series, 3)
    last, held = said("same as last", series, 3)

    np.testing.assert_array_equal(codes[:, 0], [1, 2, 0])
    np.testing.assert_allclose(shares[0, 0], [3 / 9, 4 / 9, 2 / 9])
    np.testing.assert_array_equal(last[:, 0], [0, 2, 0])
    assert held[0, 0, 0] == pytest.approx((1 + 1) / (5 + 2))  # one of five pairs was the same
    assert held[1, 0, 2] == pytest.approx((2 + 1) / (2 + 2))
    np.testing.assert_allclose(held[2], 1 / 3)


@pytest.mark.parametrize("name", CLASS_BASELINES)
def test_baseline_looks_only_at_its_own_history(name: str) -> None:
    """What comes after the cutoff, or stands in another series, changes nothing; probabilities add up to one."""
    random = np.random.default_rng(0)
    one, other = random.integers(0, 3, (2, 50)).astype(np.float64)
    spoiled = np.concatenate([one[:40], 2 - one[40:]])
    found = []
    for panel in (panel_of([one, other]), panel_of([spoiled, 2 - other])):
        histories = Histories.before(panel, np.array([0, 0]), np.array([40, 7]))
        found.append(CLASS_BASELINES[name](histories, 5, 3))

    for before, after in zip(*found, strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_allclose(found[0][1].sum(-1), 1)
    assert (found[0][1] > 0).all()
