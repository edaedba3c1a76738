from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.workflows.tables import HORIZON
from tsforecast.artifacts import load_artifact
from tsforecast.config import FitSettings
from tsforecast.data import files
from tsforecast.data.reading import read_panel
from tsforecast.errors import AccessError, DataError, Interrupted, UsageError
from tsforecast.training.loop import Progress
from tsforecast.training.search import train_and_refit
from tsforecast.workflows.fit import model_path, plan

WORK: dict[str, Any] = {"steps": 12, "horizon": HORIZON, "season_length": (7,)}


def files_of(path: Path) -> dict[str, bytes]:
    """Content of every file of a folder."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_fit_is_the_same_twice(daily_csv: Path, tmp_path: Path) -> None:
    """The same file, seed and steps give the same folder, byte by byte; another seed another one."""
    first, again = (files_of(tsforecast.fit(daily_csv, tmp_path / name, **WORK).path) for name in ("a", "b"))
    other = files_of(tsforecast.fit(daily_csv, tmp_path / "c", seed=1, **WORK).path)

    assert first == again
    assert first != other


def test_fit_result_agrees_with_the_model_folder(daily_csv: Path, tmp_path: Path) -> None:
    """What the person is told is what is stored."""
    result = tsforecast.fit(daily_csv, tmp_path / "m", **WORK)

    about = load_artifact(result.path).description
    assert (
        result.horizon,
        result.season_lengths,
        result.frequency,
        result.members,
    ) == (HORIZON, (7,), "D", 6)
    assert result.scores.to_json() == about["scores"]
    assert [one["nominal"] for one in result.to_json()["coverage"]] == [0.8, 0.95]
    assert result.coverage[0].empirical == result.scores.values["model"]["coverage"]
    assert (result.verdict, result.split) == (about["verdict"], about["training"]["split"])
    assert (result.steps, result.context_length) == (
        max(group["steps"] for group in about["training"]["groups"]),
        about["network"]["context_length"],
    )
    assert result.description == about["data"]["description"]
    json.dumps(result.to_json(), allow_nan=False)
    assert 0.9 < result.frequency_confidence <= 1
    assert "by one step" in result.frequency_reason


def test_fit_describes_the_data_and_the_work(daily_csv: Path, tmp_path: Path) -> None:
    """The folder says what it was made from, how, and until when."""
    about = load_artifact(tsforecast.fit(daily_csv, tmp_path / "m", **WORK).path).description

    assert tuple(about["data"][key] for key in ("rows", "series", "cutoff")) == (240, 2, "2024-04-29")
    assert tuple(about["settings"][key] for key in ("steps", "seed", "members")) == (12, 0, None)
    assert sum(about["gate"].values()) == pytest.approx(1, abs=1e-4)
    assert about["mase"]["series_ids"] == ["north", "south"]


def test_fit_scores_with_a_network_that_has_not_seen_the_backtest(daily_csv: Path) -> None:
    """Through reading, planning and training: the last rows change no weight that is scored."""
    settings = FitSettings(steps=12, horizon=HORIZON, season_length=(7,))
    panel = read_panel(daily_csv, settings).panel
    _, split = plan(panel, settings)
    values = panel.values.copy()
    for index, rows in enumerate(split.known):
        values[panel.offsets[index] + rows : panel.offsets[index + 1]] = -1e5
    changed = replace(panel, values=values)

    honest, other = (
        train_and_refit(one, *plan(one, settings), settings, lambda *_: None) for one in (panel, changed)
    )

    for name, weight in honest.tested.state_dict().items():
        np.testing.assert_array_equal(weight, other.tested.state_dict()[name])


def test_fit_tells_how_far_it_is(daily_csv: Path, tmp_path: Path) -> None:
    """Training, refit and saving are told in their order, each with a share that rises."""
    told: list[Progress] = []

    tsforecast.fit(daily_csv, tmp_path / "m", progress=told.append, **WORK)

    assert list(dict.fromkeys(one.stage for one in told)) == ["training", "refit", "saving"]
    assert all(0 < one.done <= 1 for one in told)


def test_fit_takes_a_data_frame(daily_csv: Path, tmp_path: Path) -> None:
    """The same rows from memory give the same weights."""
    frame = pd.read_csv(daily_csv, parse_dates=["day"])

    models = [
        tsforecast.fit(data, tmp_path / name, **WORK).path for data, name in ((daily_csv, "a"), (frame, "b"))
    ]

    weights = [load_artifact(path).part("weights") for path in models]
    assert weights[0] == weights[1]


def interrupt(progress: Progress) -> None:
    """Press Ctrl-C as soon as something is told."""
    raise KeyboardInterrupt


def test_fit_that_is_interrupted_leaves_the_old_model(daily_csv: Path, tmp_path: Path) -> None:
    """Nothing new is written, and what was there still works."""
    path = tsforecast.fit(daily_csv, tmp_path / "m", **WORK).path
    before = files_of(path)

    with pytest.raises(Interrupted):
        tsforecast.fit(daily_csv, path, progress=interrupt, **WORK)
    with pytest.raises(Interrupted):
        tsforecast.fit(daily_csv, tmp_path / "new", progress=interrupt, **WORK)

    assert before == files_of(path)
    assert not (tmp_path / "new").exists()


def test_fit_that_is_interrupted_keeps_the_best_on_request(daily_csv: Path, tmp_path: Path) -> None:
    """With keep_on_interrupt the weights so far become the model, marked so."""
    told: list[Progress] = []

    def soon(progress: Progress) -> None:
        told.append(progress)
        if progress.stage in ("training", "refit"):
            raise KeyboardInterrupt

    path = tsforecast.fit(daily_csv, tmp_path / "m", progress=soon, keep_on_interrupt=True, **WORK).path

    assert load_artifact(path).description["training"]["interrupted"] is True
    assert np.isfinite(tsforecast.predict(path).table.columns["forecast"]).all()


def test_fit_that_cannot_be_saved_leaves_the_old_model(
    daily_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the end of a fit costs the new model only."""
    path = tsforecast.fit(daily_csv, tmp_path / "m", **WORK).path
    before, plain = files_of(path), files.write_atomically

    def full(file: Path, data: bytes) -> None:
        if data:
            raise AccessError("disk full")
        plain(file, data)

    monkeypatch.setattr(files, "write_atomically", full)
    with pytest.raises(AccessError):
        tsforecast.fit(daily_csv, path, seed=5, **WORK)

    assert before == files_of(path)


def test_fit_refuses_a_folder_that_is_no_model_before_it_trains(daily_csv: Path, tmp_path: Path) -> None:
    """A minute of training for nothing is a minute too late."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("x")

    with pytest.raises(AccessError, match="photos"):
        tsforecast.fit(daily_csv, tmp_path / "photos", progress=interrupt, **WORK)


def test_fit_refuses_a_horizon_that_the_data_cannot_teach(daily_csv: Path, tmp_path: Path) -> None:
    """Too few rows are an error that says how many there are and what would fit."""
    with pytest.raises(DataError, match="120 rows") as caught:
        tsforecast.fit(daily_csv, tmp_path / "m", steps=5, horizon=119)

    assert "--horizon" in caught.value.hint
    assert not (tmp_path / "m").exists()


def test_fit_refuses_unknown_settings(daily_csv: Path) -> None:
    """A misspelt setting is named, with those there are."""
    with pytest.raises(UsageError, match="'horizn'") as caught:
        tsforecast.fit(daily_csv, horizn=3)

    assert "horizon" in caught.value.hint


def test_fit_without_history_says_so_when_it_is_missed(daily_csv: Path, tmp_path: Path) -> None:
    """A folder without history holds no rows of the last context, and still forecasts from data."""
    path = tsforecast.fit(daily_csv, tmp_path / "m", no_history=True, **WORK).path

    assert not [*path.glob("history*")]
    assert len(tsforecast.predict(path, daily_csv).table.ticks) == 2 * HORIZON


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("sales.csv", "sales.tsf"),
        ("in/sales.csv.gz", "sales.tsf"),
        ("sales", "sales.tsf"),
        (Path("a.b/sales.2024.parquet"), "sales.tsf"),
        (".hidden.csv", ".hidden.tsf"),
        ("../sales.tsv", "sales.tsf"),
    ],
)
def test_model_path_is_the_name_of_the_data(data: str | Path, name: str) -> None:
    """Without its suffixes and with .tsf, in the current folder."""
    assert Path(name) == model_path(data, None)


def test_model_path_of_nameless_data_has_to_be_given() -> None:
    """Standard input and a DataFrame have no name to derive it from."""
    for data in ("-", pd.DataFrame()):
        with pytest.raises(UsageError) as caught:
            model_path(data, None)
        assert "-o" in caught.value.hint
