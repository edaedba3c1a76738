from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.artifacts import load_artifact
from tsforecast.config import PredictSettings, SourceSettings
from tsforecast.runtime.exported import load_exported
from tsforecast.workflows.predict import known_panel, predict
from tsforecast.workflows.rereading import reading_of, stored_reading

HOW: dict[str, Any] = {"fill": "linear", "duplicates": "mean", "outliers": "clip"}


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model of a table with a doubled row, a gap and a spike, mended by request."""
    folder = tmp_path_factory.mktemp("mended")
    lines = write_daily(folder / "daily.csv", 0, 90).read_text().splitlines()
    lines[30] = lines[30].rsplit(",", 1)[0] + ",9999"
    lines.append(lines[5])
    del lines[10:13]
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    return tsforecast.fit(
        folder / "daily.csv", folder / "daily.tsf", steps=5, horizon=HORIZON, season_length=(7,), **HOW
    ).path


def test_repairs_are_kept_in_the_description(mended: Path) -> None:
    """Whoever opens the model sees what was mended, and how often."""
    description = json.loads((mended / "model.json").read_text())
    again = tsforecast.fit(
        mended.parent / "daily.csv", mended, steps=5, horizon=HORIZON, season_length=(7,), **HOW
    )

    assert again.to_json()["repairs"] == description["data"]["repairs"]["counts"]
    assert description["data"]["repairs"]["counts"] == {"merged": 1, "clipped": 1, "filled": 3}
    assert set(description["data"]["repairs"]["limits"]) == {"north", "south"}
    assert description["settings"]["duplicates"] == "mean"
    assert any("1 duplicate row merged" in note for note in description["data"]["notes"])


def test_predict_mends_new_rows_as_fit_did(mended: Path, tmp_path: Path) -> None:
    """A spike among the new rows is clipped at the fences of the model, and a gap before them is filled."""
    new = tmp_path / "new.csv"
    new.write_text("shop,day,sales\nnorth,2024-04-02,9999\nnorth,2024-04-02,9999\nnorth,2024-04-03,50\n")
    artifact = load_artifact(mended, "history")
    known = known_panel(artifact, new, SourceSettings())
    panel, notes = known.panel, known.notes
    north = panel.series(0)

    assert np.isfinite(north).all()
    assert north[-2] == artifact.description["data"]["repairs"]["limits"]["north"][1]
    assert {"1 outlier clipped in 'north'", "2 missing values filled (linear)"} <= {
        note.text for note in notes
    }


def test_predict_says_that_nothing_is_newer(model: Path, daily_csv: Path, longer_csv: Path) -> None:
    """Yesterday's file gives yesterday's forecast, which nobody should find out by chance."""
    stale = predict(model, daily_csv, settings=PredictSettings()).notes
    fresh = predict(model, longer_csv, settings=PredictSettings()).notes

    assert any("has nothing newer than the model" in note.text and note.warning for note in stale)
    assert not any("nothing newer" in note.text for note in fresh)


def test_exported_file_reads_new_rows_as_its_model(mended: Path, tmp_path: Path) -> None:
    """Settings and fences travel in the file, since it has no folder to look them up in."""
    file = tsforecast.export(mended, tmp_path / "m.onnx").path
    stored = stored_reading(load_exported(file).about["reading"])

    settings, limits = reading_of(load_artifact(mended))

    assert limits
    assert stored == (settings, limits)
