from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tsforecast.errors import UsageError
from tsforecast.evaluation.backtest import Backtest
from tsforecast.evaluation.metrics import SHOWN
from tsforecast.evaluation.scores import ScoreTable, mase_scales, score_table, verdict, worst_series


@pytest.fixture
def result() -> Backtest:
    """Three windows of two series; the second series is constant and has no scale."""
    actual = np.array([[10.0, 20.0], [30.0, np.nan], [5.0, 5.0]])
    model = actual + np.array([[1.0, -2.0], [3.0, 0.0], [1.0, 1.0]])
    return Backtest(
        series_ids=("a", "unused", "b"),
        series=np.array([0, 0, 2]),
        cutoffs=np.array([4, 6, 8]),
        origins=np.array([4, 6, 8]),
        actual=actual,
        scale=np.array([2.0, 2.0, 0.0]),
        squared_scale=np.array([4.0, 4.0, 0.0]),
        points={"model": model, "naive": actual + 4.0},
        quantiles=np.stack([model - 2.5, model, model + 2.5], axis=2),
        levels=(0.1, 0.5, 0.9),
    )


def table(**scores: float) -> ScoreTable:
    """Table of MASE alone, method by method."""
    return ScoreTable(
        methods=tuple(name.replace("_", " ") for name in scores),
        metrics=("MASE",),
        values={name.replace("_", " "): {"MASE": score} for name, score in scores.items()},
        windows=1,
        skipped=0,
    )


def test_score_table_scores_every_method_by_every_metric(result: Backtest) -> None:
    """Overall scores pool all windows; the window without a scale is counted as skipped."""
    scores = score_table(result)

    assert (scores.methods, scores.metrics) == (("model", "naive"), SHOWN)
    assert (scores.windows, scores.skipped) == (3, 1)
    assert pytest.approx(scores.values["model"]["MAE"]) == (1 + 2 + 3 + 1 + 1) / 5
    assert pytest.approx(scores.values["model"]["MASE"]) == (1.5 / 2 + 3 / 2) / 2
    assert pytest.approx(scores.values["model"]["coverage"]) == 0.8
    assert np.isnan(scores.values["naive"]["coverage"])


def test_a_metric_in_small_letters_is_asked_for_by_its_name(result: Backtest) -> None:
    """Nobody knows by heart which letters of sMAPE are large."""
    with pytest.raises(UsageError, match="no metric is called 'smape'") as caught:
        score_table(result, metrics=["smape"])

    assert caught.value.hint.startswith("did you mean sMAPE? choose from MASE")


def test_score_table_by_step_has_one_row_per_forecast_step(result: Backtest) -> None:
    """Steps count from 1 and only windows with an actual there."""
    rows = score_table(result, by="step").rows

    assert [(row.key, row.windows) for row in rows] == [(1, 3), (2, 2)]
    assert pytest.approx([row.values["model"]["MAE"] for row in rows]) == [5 / 3, 1.5]


def test_score_table_by_series_has_one_row_per_series_with_windows(result: Backtest) -> None:
    """A series without a window has no row, a constant one no MASE."""
    rows = score_table(result, by="series").rows

    assert [(row.key, row.windows) for row in rows] == [("a", 2), ("b", 1)]
    assert pytest.approx([row.values["model"]["MAE"] for row in rows]) == [2.0, 1.0]
    assert np.isnan(rows[1].values["model"]["MASE"])


@pytest.mark.parametrize("by", [None, "step", "series"])
def test_score_table_to_json_is_strict_and_in_a_fixed_order(result: Backtest, by: str | None) -> None:
    """No NaN leaves the program, and the same scores give the same bytes."""
    text = json.dumps(score_table(result, by=by).to_json(), allow_nan=False)
    parsed = json.loads(text)

    assert list(parsed)[:5] == ["windows", "skipped", "methods", "metrics", "values"]
    assert parsed["values"]["naive"]["coverage"] is None
    assert list(SHOWN) == list(parsed["values"]["model"])
    assert text == json.dumps(score_table(result, by=by).to_json())


def test_score_table_refuses_what_it_does_not_know(result: Backtest) -> None:
    """A wrong metric names the right ones."""
    with pytest.raises(UsageError, match="'mase'") as error:
        score_table(result, metrics=("mase",))
    with pytest.raises(UsageError, match="'week'"):
        score_table(result, by="week")

    assert "MASE" in error.value.hint


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ({"model": 0.88, "naive": 2.0, "seasonal_naive": 1.0},
         "Better than the best baseline (seasonal naive) by 12 % in MASE."),
        ({"model": 1.5, "naive": 1.0, "drift": np.nan},
         "Worse than the best baseline (naive) by 50 % in MASE: prefer it. "
         "No command forecasts with it: it repeats the last value."),
        ({"model": 2.0, "boosted_lags": 1.0},
         "Worse than the best baseline (boosted lags) by 100 % in MASE: prefer it. "
         "No command forecasts with it: it fits gradient-boosted trees to the last values, one model for all series."),
        ({"model": 0.995, "naive": 1.0}, "No better than the best baseline (naive): within 1 % in MASE."),
        ({"model": 1.005, "naive": 1.0}, "No better than the best baseline (naive): within 1 % in MASE."),
        ({"model": 0.0, "naive": 0.0}, "No better than the best baseline (naive): within 1 % in MASE."),
        ({"model": 1e-8, "naive": 0.2, "seasonal_naive": 0.0},
         "No better than the best baseline (seasonal naive): within 1 % in MASE."),
        ({"model": 0.1, "naive": 0.0},
         "Worse than the best baseline (naive), which makes no error at all: prefer it. "
         "No command forecasts with it: it repeats the last value."),
        ({"model": np.inf, "naive": 1.0},
         "Worse than the best baseline (naive): the model's forecasts are not finite. Prefer the baseline. "
         "No command forecasts with it: it repeats the last value."),
        ({"model": 1.0}, "No verdict: there is no baseline to compare with."),
    ],
)  # fmt: skip
def test_verdict_is_plain_and_honest(scores: dict[str, float], sentence: str) -> None:
    """Better, worse and no difference are said as such, against the best baseline."""
    assert sentence == verdict(table(**scores))


def test_verdict_falls_back_to_mae_where_no_series_has_a_scale(result: Backtest) -> None:
    """A constant series has no MASE; the absolute error still decides."""
    flat = Backtest(
        **{name: getattr(result, name) for name in Backtest.__dataclass_fields__} | {"scale": np.zeros(3)}
    )

    assert verdict(score_table(flat)) == "Better than the best baseline (naive) by 60 % in MAE."


def test_mase_scales_are_mean_seasonal_differences(make_panel: Any) -> None:
    """Pairs with a missing value are left out; a series of at most one season uses lag 1."""
    panel = make_panel(
        [
            np.array([1.0, 2.0, 4.0, 8.0]),
            np.array([1.0, 4.0]),
            np.array([1.0, np.nan, 3.0, 7.0]),
            np.ones(1),
            np.empty(0),
        ]
    )
    scale, squared = mase_scales(panel, 2)

    np.testing.assert_allclose(scale, [(3 + 6) / 2, 3.0, 2.0, np.nan, np.nan])
    np.testing.assert_allclose(squared, [(9 + 36) / 2, 9.0, 4.0, np.nan, np.nan])


def test_score_table_by_origin_pools_the_series_cut_at_one_time(result: Backtest) -> None:
    """One row per cutoff, oldest first, whichever series it belongs to."""
    shared = replace(result, origins=np.array([7, 9, 7]))

    rows = score_table(shared, by="origin").rows

    assert [(row.key, row.windows) for row in rows] == [(7, 2), (9, 1)]
    assert pytest.approx(rows[0].values["model"]["MAE"]) == (1 + 2 + 1 + 1) / 4


def test_worst_series_come_first(result: Backtest) -> None:
    """By MASE, and only those that have one; by MAE where none has."""
    flat = replace(result, scale=np.zeros(3))

    assert [row.key for row in worst_series(result, 10)] == ["a"]
    assert [row.key for row in worst_series(flat, 10)] == ["a", "b"]
    assert [row.key for row in worst_series(flat, 1)] == ["a"]
