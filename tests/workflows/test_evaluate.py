from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, START, value_of, write_daily
from tsforecast.artifacts import load_artifact
from tsforecast.errors import GateError, UsageError
from tsforecast.evaluation.metrics import SHOWN
from tsforecast.workflows.evaluate import Evaluation, require_skill


def days_of(ticks: np.ndarray) -> list[int]:
    """Days since the start of the series."""
    origin = np.datetime64(START, "us").astype(np.int64)
    return [int(one) for one in (ticks - origin) // 86_400_000_000]


def test_evaluate_without_data_shows_the_backtest_of_the_fit(model: Path) -> None:
    """The scores of the folder can be had again, and that is what they are called."""
    evaluation = tsforecast.evaluate(model)

    about = load_artifact(model).description
    assert about["scores"]["values"] == evaluation.scores.to_json()["values"]
    assert evaluation.verdict.startswith(about["verdict"].split(" in MASE")[0])
    assert "backtest that fit made" in evaluation.notes[-1].text


def test_evaluate_with_nothing_newer_says_so(model: Path, daily_csv: Path) -> None:
    """Scoring a model on its own training rows would be a lie."""
    evaluation = tsforecast.evaluate(model, daily_csv)

    assert "nothing newer" in evaluation.notes[-1].text
    assert tsforecast.evaluate(model).scores.to_json() == evaluation.scores.to_json()


def test_evaluate_says_where_origins_change_nothing(model: Path, daily_csv: Path) -> None:
    """The backtest of the fit has the cutoffs that it had; who asked for others hears so."""
    shown, asked = (tsforecast.evaluate(model, daily_csv, **more) for more in ({}, {"origins": 1}))

    assert asked.stored
    assert asked.scores.to_json() == shown.scores.to_json()
    assert any(note.warning and "--origins changes nothing" in note.text for note in asked.notes)
    assert not any("--origins" in note.text for note in shown.notes)


def test_evaluate_with_newer_data_starts_at_the_cutoff_of_the_model(model: Path, longer_csv: Path) -> None:
    """Every cutoff is at or after the model's, one horizon apart, and every actual is one that came after."""
    evaluation = tsforecast.evaluate(model, longer_csv)

    table = evaluation.forecasts
    assert table.cutoffs is not None
    assert sorted(set(days_of(table.cutoffs))) == [119, 125, 131]
    assert (evaluation.origins, evaluation.windows) == (3, 6)
    wanted = [
        value_of(("north", "south").index(name), day)
        for name, day in zip(table.series_ids, days_of(table.ticks), strict=True)
    ]
    assert wanted == table.columns["actual"].tolist()
    assert (table.ticks > table.cutoffs).all()


def test_evaluate_forecasts_what_predict_would_have_said(
    model: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """The score at a cutoff is that of the forecast a user would have got then, up to the order of float32 sums."""
    then = tsforecast.predict(model, write_daily(tmp_path / "then.csv", 120, 126)).table
    table = tsforecast.evaluate(model, longer_csv).forecasts

    assert table.cutoffs is not None
    rows = np.array(days_of(table.cutoffs)) == 125
    np.testing.assert_allclose(table.columns["forecast"][rows], then.columns["forecast"], rtol=1e-6)


def test_evaluate_takes_only_new_rows(model: Path, longer_csv: Path, tmp_path: Path) -> None:
    """History and new rows together are the whole file."""
    few = tsforecast.evaluate(model, write_daily(tmp_path / "new.csv", 120, 134))

    assert few.windows == tsforecast.evaluate(model, longer_csv).windows
    whole = tsforecast.evaluate(model, longer_csv).scores.to_json()["values"]["model"]
    assert few.scores.to_json()["values"]["model"] == pytest.approx(whole)


@pytest.mark.parametrize(
    ("settings", "cutoffs"),
    [({"origins": 1}, [131]), ({"step": 1, "origins": 3}, [130, 131, 132]), ({"step": 7}, [119, 126])],
)
def test_evaluate_takes_the_cutoffs_asked_for(
    model: Path, longer_csv: Path, settings: dict[str, int], cutoffs: list[int]
) -> None:
    """As many as asked, as far apart as asked, the newest ones."""
    table = tsforecast.evaluate(model, longer_csv, **settings).forecasts

    assert table.cutoffs is not None
    assert cutoffs == sorted(set(days_of(table.cutoffs)))


def test_evaluate_scores_series_it_never_saw(model: Path, tmp_path: Path) -> None:
    """A new shop is scored on the second half of its rows."""
    evaluation = tsforecast.evaluate(
        model, write_daily(tmp_path / "new.csv", 60, 134, names=("west",)), by="series"
    )

    assert "west" in evaluation.forecasts.series_ids
    assert evaluation.windows > 0


@pytest.mark.parametrize("by", ["series", "step", "origin"])
def test_evaluate_splits_its_table(model: Path, longer_csv: Path, by: str) -> None:
    """One row per series or per step, beside the whole."""
    evaluation = tsforecast.evaluate(model, longer_csv, by=by)

    rows = evaluation.scores.to_json()["rows"]
    assert {"series": 2, "step": HORIZON, "origin": 3}[by] == len(rows)


@pytest.mark.parametrize("data", [True, False])
def test_evaluation_is_plain_json(model: Path, longer_csv: Path, data: bool) -> None:
    """Machines read it without a special number."""
    evaluation: Evaluation = tsforecast.evaluate(model, longer_csv if data else None, by="series")

    json.dumps(evaluation.to_json(), allow_nan=False)


def test_evaluate_compares_with_the_baselines(model: Path, longer_csv: Path) -> None:
    """The model stands first, seasonal naive beside it."""
    methods = tsforecast.evaluate(model, longer_csv).scores.methods

    assert methods[0] == "model"
    assert {"naive", "seasonal naive"} <= set(methods)


def test_evaluate_refuses_senseless_settings(model: Path) -> None:
    """A table by colour does not exist."""
    with pytest.raises(UsageError, match="--by"):
        tsforecast.evaluate(model, by="colour")


def test_evaluate_works_without_history(daily_csv: Path, longer_csv: Path, tmp_path: Path) -> None:
    """The cutoff stands in the description too, so nothing seen in training is scored."""
    path = tsforecast.fit(daily_csv, tmp_path / "m", steps=5, horizon=HORIZON, no_history=True).path

    table = tsforecast.evaluate(path, longer_csv).forecasts

    assert table.cutoffs is not None
    assert min(days_of(table.cutoffs)) == 119


def test_evaluate_by_origin_names_the_cutoffs_as_the_data_do(model: Path, longer_csv: Path) -> None:
    """A row per cutoff, in the user's own form of a timestamp."""
    rows = tsforecast.evaluate(model, longer_csv, by="origin", step=HORIZON).scores.rows

    assert [row.key for row in rows] == ["2024-04-29", "2024-05-05", "2024-05-11"]


def test_evaluate_tells_the_skill_with_its_interval(model: Path, longer_csv: Path) -> None:
    """Between its ends, and in the JSON."""
    evaluation = tsforecast.evaluate(model, longer_csv)

    assert evaluation.skill is not None
    assert evaluation.skill.low <= evaluation.skill.value <= evaluation.skill.high
    assert evaluation.to_json()["skill"]["rival"] == evaluation.skill.rival
    assert "interval" in evaluation.verdict


@pytest.mark.parametrize("data", [True, False])
def test_a_skill_that_is_too_small_is_refused(model: Path, longer_csv: Path, data: bool) -> None:
    """No model saves all of the error; every model saves more than minus a thousand times it."""
    newer = longer_csv if data else None
    tsforecast.evaluate(model, newer, require_skill=-1000.0)

    with pytest.raises(GateError, match="1 is required"):
        tsforecast.evaluate(model, newer, require_skill=1.0)


@pytest.mark.parametrize(("value", "advice"), [(0.606, "by 0.294 less"), (-0.1, "take the baseline")])
def test_the_baseline_is_advised_only_where_it_is_better(
    model: Path, longer_csv: Path, value: float, advice: str
) -> None:
    """A model of some skill is told how much is missing: the baseline would be worse still."""
    found = tsforecast.evaluate(model, longer_csv)
    assert found.skill is not None

    with pytest.raises(GateError, match=r"0\.9 is required") as refused:
        require_skill(replace(found, skill=replace(found.skill, value=value)), 0.9)

    assert advice in refused.value.hint
    assert ("take the baseline" in refused.value.hint) == (value < 0)


def test_evaluate_shows_the_metrics_asked_for(model: Path, longer_csv: Path) -> None:
    """Interval score and CRPS are there for who asks; the verdict still goes by MASE."""
    plain = tsforecast.evaluate(model, longer_csv)
    other = tsforecast.evaluate(model, longer_csv, metrics=["CRPS", "interval score"])

    assert other.scores.metrics == ("CRPS", "interval score")
    assert other.scores.values["model"]["CRPS"] > 0
    assert other.verdict == plain.verdict


def test_evaluate_shows_the_usual_metrics_and_refuses_unknown_ones(model: Path) -> None:
    """A name that nobody knows is answered with those that exist."""
    assert tsforecast.evaluate(model).scores.metrics == SHOWN
    with pytest.raises(UsageError, match="no metric is called 'luck'"):
        tsforecast.evaluate(model, metrics=["luck"])


def test_a_gap_scores_later_steps_only(model: Path, longer_csv: Path) -> None:
    """The table of forecasts leaves out the same steps."""
    whole, late = (tsforecast.evaluate(model, longer_csv, gap=gap) for gap in (0, 2))

    assert len(late.forecasts.ticks) < len(whole.forecasts.ticks)
    assert not np.isnan(late.forecasts.columns["actual"]).any()
    assert tsforecast.evaluate(model, gap=2).scores.values != tsforecast.evaluate(model).scores.values


def test_the_worst_series_are_told(model: Path, longer_csv: Path) -> None:
    """As many as asked for, the worst first."""
    evaluation = tsforecast.evaluate(model, longer_csv, worst=5)

    errors = [row.values["model"]["MASE"] for row in evaluation.worst]
    assert errors == sorted(errors, reverse=True)
    assert len(evaluation.to_json()["worst"]) == 2


def test_evaluate_names_a_baseline_that_took_too_long(
    model: Path, longer_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison that was asked for and is not there must not go unnoticed."""
    monkeypatch.setattr("tsforecast.evaluation.statistical.find_spec", lambda _: True)

    found = tsforecast.evaluate(
        model, longer_csv, baselines=("naive", "auto_arima"), baseline_limit=0.01, origins=1
    )

    assert found.backtest.methods == ("model", "naive")
    assert any(note.warning and "auto_arima is left out" in note.text for note in found.notes)
