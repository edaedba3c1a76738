from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.workflows.tables import write_daily
from tsforecast.artifacts import load_artifact
from tsforecast.data.writing import to_csv
from tsforecast.errors import ArtifactError, DataError

HORIZON, ROWS = 4, 120


def with_promo(path: Path, first: int, last: int, known: int) -> pd.DataFrame:
    """Sales of two shops with a promotion and a region; no sales from day ``known`` on."""
    frame = pd.read_csv(write_daily(path / "plain.csv", first, last))
    day = (pd.to_datetime(frame["day"]) - pd.Timestamp("2024-01-01")).dt.days
    frame["promo"] = day % 5 == 0
    frame["static_region"] = frame["shop"].map({"north": "hill", "south": "coast"})
    frame.loc[day >= known, "sales"] = np.nan
    return frame


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Sales of 120 days and the promotions of two days more."""
    return with_promo(tmp_path_factory.mktemp("sales"), 0, ROWS + 2, ROWS)


@pytest.fixture(scope="module")
def model(sales: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model of these sales; tests only read it."""
    folder = tmp_path_factory.mktemp("model") / "sales.tsf"
    return tsforecast.fit(sales, folder, steps=5, horizon=HORIZON, season_length=(7,)).path


def test_fit_stores_covariates_with_the_history(model: Path) -> None:
    """Columns, labels, the last context and what is known ahead."""
    artifact = load_artifact(model)
    history = artifact.history()

    assert artifact.schema.future == ("promo",)
    assert artifact.schema.categories == {"static_region": ("coast", "hill")}
    assert history.covariates is not None
    assert (history.covariates.lengths - history.lengths).tolist() == [2, 2]
    assert history.covariates.static.tolist() == [[2.0], [1.0]]
    np.testing.assert_array_equal(history.covariates.series(0)[-3:, 0], [0, 1, 0])


def test_predict_needs_the_future_of_every_step(model: Path, tmp_path: Path) -> None:
    """What is known ahead serves as far as it goes; then the first missing day is told."""
    forecast = tsforecast.predict(model, horizon=2)

    assert len(forecast.table.series_ids) == 4
    for data in (None, with_promo(tmp_path, ROWS - 9, ROWS + 2, ROWS)):
        with pytest.raises(
            DataError, match="'promo' of series 'north' has no value for 2024-05-02"
        ) as caught:
            tsforecast.predict(model, data)
        assert caught.value.exit_code == 3
        assert "give rows for 2024-05-02 to 2024-05-03 with an empty 'sales'" in caught.value.hint


def test_predict_takes_the_future_from_its_own_rows(model: Path, tmp_path: Path) -> None:
    """The whole table with its future and the future alone give the same forecast from the same cutoff."""
    whole = with_promo(tmp_path, 0, ROWS + HORIZON, ROWS)
    alone = with_promo(tmp_path, ROWS, ROWS + HORIZON, ROWS)

    one, other = (tsforecast.predict(model, data) for data in (whole, alone))

    assert to_csv(one.table) == to_csv(other.table)
    assert one.notes == other.notes == ()
    assert str(pd.to_datetime(one.table.ticks[0], unit="us").date()) == "2024-04-30"


def test_predict_refuses_a_table_without_the_covariate(model: Path, tmp_path: Path) -> None:
    """As any other column of the model."""
    with pytest.raises(ArtifactError, match=r"no column 'promo' \(a future covariate\)"):
        tsforecast.predict(model, with_promo(tmp_path, 100, ROWS + HORIZON, ROWS).drop(columns="promo"))


def test_evaluate_scores_rows_that_came_with_their_covariates(model: Path, tmp_path: Path) -> None:
    """Every cutoff but those past the data knows its future."""
    later = with_promo(tmp_path, ROWS - 10, ROWS + 12, ROWS + 12)

    assert tsforecast.evaluate(model, later).windows == 6
