"""``evaluate --refit each``: every forecast is the one that a fit of that day would have given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tests.workflows.test_evaluate import days_of
from tsforecast.artifacts import load_artifact
from tsforecast.config import EvaluateSettings
from tsforecast.errors import UsageError
from tsforecast.evaluation.backtest import Backtest
from tsforecast.workflows.evaluate import evaluate

SETTINGS: dict[str, Any] = {"steps": 2, "members": 1, "horizon": HORIZON, "seed": 3}
EACH: dict[str, Any] = {"refit": "each", "origins": 2}


@pytest.fixture(scope="module")
def quick(daily_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model that is trained in no time."""
    return tsforecast.fit(daily_csv, tmp_path_factory.mktemp("quick") / "m", **SETTINGS).path


def test_every_forecast_is_that_of_a_fit_at_its_cutoff(quick: Path, longer_csv: Path, tmp_path: Path) -> None:
    """Same settings, only the rows that were there, the horizon of the model."""
    found = tsforecast.evaluate(quick, longer_csv, **EACH)

    then = write_daily(tmp_path / "then.csv", 0, 126)
    wanted = tsforecast.predict(tsforecast.fit(then, tmp_path / "m", **SETTINGS).path).table
    table = found.forecasts
    assert table.cutoffs is not None
    rows = np.array(days_of(table.cutoffs)) == 125
    assert rows.sum() == 2 * HORIZON
    np.testing.assert_allclose(table.columns["forecast"][rows], wanted.columns["forecast"], rtol=1e-6)
    assert any("trained anew at 2 origins" in note.text for note in found.notes)


def test_it_mends_as_a_fit_at_its_cutoff_would(tmp_path: Path) -> None:
    """Outliers are clipped by what was usual then, a later level included, and zeros that fill gaps are not clipped."""
    how = {**SETTINGS, "outliers": "clip", "fill": "zero"}
    lines = write_daily(tmp_path / "all.csv", 0, 134, ("north",)).read_text().splitlines()
    for day in range(70, 134):  # the level rises after what the model has learnt from
        lines[day + 1] = f"{lines[day + 1].rsplit(',', 1)[0]},{9999 if day == 121 else 80 + day % 7}"
    tables = {}
    for rows in (102, 126, 134):
        kept = [line for day, line in enumerate(lines[: rows + 1]) if day not in (21, 50, 115, 128)]
        tables[rows] = tmp_path / f"{rows}.csv"
        tables[rows].write_text("\n".join(kept) + "\n")
    model = tsforecast.fit(tables[102], tmp_path / "m", **how).path

    found = tsforecast.evaluate(model, tables[134], **EACH)

    then = tsforecast.fit(tables[126], tmp_path / "then", **how).path
    wanted, table = tsforecast.predict(then).table, found.forecasts
    assert table.cutoffs is not None
    rows_then = np.array(days_of(table.cutoffs)) == 125
    assert rows_then.sum() == HORIZON
    np.testing.assert_allclose(table.columns["forecast"][rows_then], wanted.columns["forecast"], rtol=1e-6)
    limits = [load_artifact(one).description["data"]["repairs"]["limits"]["north"] for one in (model, then)]
    assert limits[0] != limits[1]


def test_it_differs_from_the_model_as_it_is_and_the_baselines_do_not(quick: Path, longer_csv: Path) -> None:
    """Beside each other the two say what newer data are worth."""
    never, each = (
        tsforecast.evaluate(quick, longer_csv, origins=2, refit=refit).backtest for refit in ("never", "each")
    )

    assert isinstance(never, Backtest)
    assert isinstance(each, Backtest)
    order = np.lexsort((each.cutoffs, each.series))
    np.testing.assert_array_equal(never.cutoffs, each.cutoffs[order])
    np.testing.assert_array_equal(never.points["drift"], each.points["drift"][order])
    np.testing.assert_array_equal(never.scale, each.scale[order])
    assert not np.allclose(never.points["model"], each.points["model"][order])


def test_it_says_how_long_it_takes(quick: Path, longer_csv: Path) -> None:
    """It is expensive: which of how many fits, and the time that is left."""
    told: list[Any] = []

    evaluate(quick, longer_csv, settings=EvaluateSettings(**EACH), progress=told.append)

    assert list(dict.fromkeys(now.stage for now in told)) == ["fit 1 of 2", "fit 2 of 2"]
    assert told[-1].seconds_left is not None
    assert all(0 <= one.done <= 1 for one in told)


def test_new_rows_alone_are_not_enough(quick: Path, tmp_path: Path) -> None:
    """The model keeps one context of its table; a fit on that would be another one."""
    with pytest.raises(UsageError, match="holds no more of the past") as caught:
        tsforecast.evaluate(quick, write_daily(tmp_path / "new.csv", 120, 134), **EACH)

    assert "whole table" in caught.value.hint


@pytest.mark.parametrize("changes", [{"explain": True}, {}])
def test_what_cannot_be_is_refused(quick: Path, longer_csv: Path, changes: dict[str, Any]) -> None:
    """The model's own weights with others' forecasts, or windows that were forecast long ago."""
    with pytest.raises(UsageError):
        tsforecast.evaluate(quick, longer_csv if changes else None, **EACH, **changes)
