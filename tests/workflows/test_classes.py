"""Targets that are classes go through the same verbs as numbers, and what does not fit them is refused."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import within_limit
from tests.workflows.test_recurrent import graph_of
from tsforecast.artifacts import load_artifact
from tsforecast.config import BenchSettings, CheckSettings, ExportSettings, NetworkSettings, ShapeSettings
from tsforecast.data.output.writing import to_csv
from tsforecast.errors import DataError, UsageError
from tsforecast.exporters.ort import LIMIT
from tsforecast.runtime.exported import load_exported
from tsforecast.workflows.bench import bench
from tsforecast.workflows.bundle import bundle
from tsforecast.workflows.check import check
from tsforecast.workflows.evaluate import require_skill
from tsforecast.workflows.inspect import inspect
from tsforecast.workflows.plot import in_terminal, plot_svg
from tsforecast.workflows.report import render_report

SMALL: dict[str, Any] = {"horizon": 4, "context_length": 14, "hidden": (6,), "steps": 12}
PROBABILITIES = {"binary": ["p_no", "p_yes"], "category": ["p_<b>", "p_flat", "p_up"]}


def write_states(path: Path, rows: int) -> Path:
    """Write two towns with a rain of two labels, a trend of three, and what may explain them."""
    lines = ["town,day,rain,trend,wind,past_sky,future_shift,static_side"]
    for number, town in enumerate(("north", "south")):
        random = np.random.default_rng(number)
        wet, trend = random.integers(0, 2, rows), random.integers(0, 3, rows)
        for row in range(rows + 4):
            day = np.datetime64("2024-01-01") + row
            known = row < rows
            state = f"{['no', 'yes'][wet[row]]},{['<b>', 'flat', 'up'][trend[row]]}" if known else ","
            sky = ["clear", "fog"][row % 2] if known else ""
            lines.append(f"{town},{day},{state},{row % 5 if known else ''},{sky},s{row % 3},{town[0]}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the first 80 days."""
    return write_states(tmp_path_factory.mktemp("states") / "states.csv", 80)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the same and 20 days more."""
    return write_states(tmp_path_factory.mktemp("longer") / "states.csv", 100)


@pytest.fixture(scope="module", params=["binary", "category"])
def fitted(request: pytest.FixtureRequest, states: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a model of each kind, with every kind of covariate, its result and its kind."""
    path = tmp_path_factory.mktemp("classes") / "m.tsf"
    target = {"binary": "rain", "category": "trend"}[request.param]
    result = tsforecast.fit(
        states, path, target=target, target_type=request.param, past=("wind",), attention=True, **SMALL
    )
    return result, request.param


def test_what_every_covariate_is_worth_is_kept_and_said(fitted: Any) -> None:
    """Each is hidden in turn on validation windows; what does not help is named, and nothing else."""
    result, _ = fitted
    gains = json.loads((result.path / "model.json").read_text())["training"]["covariate_gains"]

    assert set(gains) == {"wind", "past_sky", "future_shift", "static_side"}
    assert any(gains.values())
    idle = {name for name, gain in gains.items() if gain <= 0.001}
    told = {note.text.split("'")[1] for note in result.notes if "does not help" in note.text}
    assert told == idle


def test_forecast_is_a_class_and_all_probabilities(fitted: Any, longer: Path) -> None:
    """One column per class, adding up to one, and the label of the likeliest."""
    result, kind = fitted

    frame = tsforecast.predict(result.path, longer).to_frame()

    assert list(frame.columns) == ["town", "day", "forecast", *PROBABILITIES[kind]]
    probability = frame[PROBABILITIES[kind]].to_numpy()
    np.testing.assert_allclose(probability.sum(1), 1)
    likeliest = [PROBABILITIES[kind][place].removeprefix("p_") for place in probability.argmax(1)]
    assert list(frame["forecast"]) == likeliest
    assert len(frame) == 8


def test_exported_file_gives_the_same_bytes(fitted: Any, longer: Path, tmp_path: Path) -> None:
    """Folder and file forecast alike, and the file is within its limit of the network."""
    result, _ = fitted
    exported = tsforecast.export(result.path, tmp_path / "m.onnx")

    tables = [to_csv(tsforecast.predict(one, longer).table) for one in (result.path, tmp_path / "m.onnx")]

    assert tables[0] == tables[1]
    assert within_limit(exported)
    about = load_exported(tmp_path / "m.onnx").about
    assert about["quantile_levels"] == []
    outputs = [(one.name, one.shape) for one in inspect(tmp_path / "m.onnx").outputs]
    assert outputs == [("probabilities", ("B", 4, len(about["columns"]["classes"])))]


def test_evaluate_scores_classes_beside_what_anybody_would_say(fitted: Any, longer: Path) -> None:
    """Scores, confusion table, skill and forecasts; JSON holds them too."""
    result, kind = fitted
    names = ["model", "commonest class", "same as last"]

    stored = tsforecast.evaluate(result.path)
    newer = tsforecast.evaluate(result.path, longer, by="series", worst=1, explain=True)

    assert stored.scores.values == result.scores.values
    for one in (result, stored, newer):
        assert list(one.scores.metrics) == ["log loss", "accuracy", "precision", "recall", "F1"]
        assert list(one.scores.methods) == names
    assert newer.confusion is not None
    assert newer.confusion.counts.sum() == 40
    hits = np.trace(newer.confusion.counts) / 40
    assert hits == pytest.approx(newer.scores.values["model"]["accuracy"])
    plain = json.loads(json.dumps(newer.to_json()))
    assert plain["confusion"]["classes"] == [one.removeprefix("p_") for one in PROBABILITIES[kind]]
    assert plain["skill"]["metric"] == "log loss"
    assert plain["coverage"] == []
    assert "actual" in newer.forecasts.names
    assert newer.explanation is not None
    assert len(newer.worst) == 1
    require_skill(newer, -1000.0)


def test_pictures_and_report_show_classes(fitted: Any, longer: Path) -> None:
    """A page and drawings of what there is to draw; labels of the data are escaped."""
    result, kind = fitted
    forecast = tsforecast.predict(result.path, longer)

    page = render_report(tsforecast.evaluate(result.path, longer))

    assert "log loss" in page
    assert "log loss of each forecast step" in page
    assert ("&lt;b&gt;" in page) == (kind == "category")
    assert "<b>" not in page + plot_svg(forecast)
    assert "north" in in_terminal(forecast)


def test_bundle_runs_without_the_package(fitted: Any, longer: Path, tmp_path: Path) -> None:
    """The runner prints the bytes of predict, and the card has the classes."""
    result, kind = fitted
    made = bundle(result.path, tmp_path / "edge", settings=ExportSettings())

    found = subprocess.run(
        [sys.executable, str(made.folder / "forecast.py"), str(longer)], capture_output=True, check=False
    )

    onnx = next(made.folder.glob("*.onnx"))
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout == to_csv(tsforecast.predict(onnx, longer).table)
    assert PROBABILITIES[kind][1].removeprefix("p_") in (made.folder / "README.md").read_text()
    with np.load(made.folder / "vectors.npz") as vectors:
        assert {"context", "probabilities", "tripwire"} <= set(vectors.files)
        assert vectors["tripwire"].max() > 1000 * LIMIT
    assert bench(onnx, settings=BenchSettings(seconds=0.01)).latencies
    asked = [*found.args, "--quantiles", "0.1,0.9"]
    refused = subprocess.run(asked, capture_output=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr == b"error: no quantile level 0.1: the file gives classes only\n"


@pytest.mark.parametrize("target", ["tract", "ncnn", "litert", "rten", "portable"])
def test_a_target_that_misreads_the_operator_is_refused(fitted: Any, tmp_path: Path, target: str) -> None:
    """A class network has no other form, and no file is better than a wrong one."""
    with pytest.raises(UsageError, match=f"which --target {target} would need"):
        tsforecast.export(fitted[0].path, tmp_path / "m.onnx", target=target)

    assert not (tmp_path / "m.onnx").exists()


def test_a_context_without_a_label_is_an_error(fitted: Any, longer: Path, tmp_path: Path) -> None:
    """In the file and in its runner: a probability from nothing would be invented."""
    made = bundle(fitted[0].path, tmp_path / "edge", settings=ExportSettings(no_check=True))
    head, *rows = (line.split(",") for line in longer.read_text().splitlines())
    unknown = [[*row[:2], "", "", *row[4:]] if row[0] == "south" else row for row in rows]
    data = tmp_path / "data.csv"
    data.write_text("".join(",".join(row) + "\n" for row in [head, *unknown]))

    with pytest.raises(DataError, match="'south': no value is known"):
        tsforecast.predict(made.exported.path, data)
    command = [sys.executable, str(made.folder / "forecast.py"), str(data)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == "error: series south has no known value in its context\n"


def test_smaller_numbers_are_judged_by_the_log_loss(fitted: Any, tmp_path: Path) -> None:
    """What a precision costs is said in the metric of classes."""
    result, _ = fitted

    exported = tsforecast.export(result.path, tmp_path / "m.onnx", precision="int8", max_loss=1000.0)

    assert exported.loss is not None
    assert exported.loss["metric"] == "log loss"


def test_same_fit_gives_the_same_bytes_and_need_not_be_done_again(
    fitted: Any, states: Path, tmp_path: Path
) -> None:
    """Same file, seed and steps; --if-changed finds the model and its scores."""
    result, kind = fitted
    target = {"binary": "rain", "category": "trend"}[kind]
    given = {"target": target, "target_type": kind, "past": ("wind",), "attention": True, **SMALL}

    again = tsforecast.fit(states, tmp_path / "m.tsf", **given)
    found = tsforecast.fit(states, tmp_path / "m.tsf", if_changed=True, **given)

    parts = [{file.name: file.read_bytes() for file in one.path.iterdir()} for one in (result, again)]
    assert {**parts[0], "model.json": b""} == {**parts[1], "model.json": b""}
    assert found.unchanged
    assert found.scores == again.scores


CHANGES: dict[str, dict[str, Any]] = {
    "preset": {"preset": "events", "hidden": ()},
    "cell": {"cell": "rnn"},
    "hidden": {"hidden": (7,)},
    "layers": {"layers": 2},
    "dropout": {"dropout": 0.4},
    "bidirectional": {"bidirectional": True},
    "attention": {"attention": True},
    "conv": {"conv": "4x3"},
    "optimizer": {"optimizer": "sgd"},
    "batch_size": {"batch_size": 8},
    "learning_rate": {"learning_rate": 0.01},
    "epochs": {"epochs": 1, "steps": None},
    "activation": {"activation": "tanh"},
    "calendar": {"calendar": ("weekday",)},
}
IN_GRAPH = {
    "preset",
    "cell",
    "hidden",
    "layers",
    "bidirectional",
    "attention",
    "conv",
    "activation",
    "calendar",
}
"""Options that change what the graph is made of, not only its weights."""


def probabilities_and_graph(data: Path, path: Path, **settings: Any) -> tuple[Any, list[str]]:
    """Fit events: how likely the model says they are, and its graph."""
    model = tsforecast.fit(
        data, path, target="rain", target_type="binary", no_covariates=True, **settings
    ).path
    return tsforecast.predict(model).table.columns["p_yes"], graph_of(model)


@pytest.fixture(scope="module")
def usual(states: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[str]]:
    """Probabilities and graph without any of the options."""
    return probabilities_and_graph(states, tmp_path_factory.mktemp("usual") / "m.tsf", **SMALL)


def test_every_option_is_tried_or_refused() -> None:
    """A new option of the network cannot be forgotten here."""
    own = {item.name for item in fields(NetworkSettings)} - {item.name for item in fields(ShapeSettings)}
    refused = {name for values, _ in REFUSED for name in values}

    assert own <= set(CHANGES) | refused


@pytest.mark.parametrize("name", CHANGES)
def test_every_option_changes_the_probabilities(
    name: str, usual: tuple[Any, list[str]], states: Path, tmp_path: Path
) -> None:
    """None is read and ignored; those that are parts of the network change its graph too."""
    probabilities, graph = usual

    found, made = probabilities_and_graph(states, tmp_path / "m.tsf", **{**SMALL, **CHANGES[name]})

    assert ((found > 0) & (found < 1)).all()
    assert not np.allclose(found, probabilities, rtol=1e-9)
    assert (made != graph) == (name in IN_GRAPH)


@pytest.mark.parametrize(
    ("preset", "target", "sigmoid"), [("events", "rain", True), ("labels", "trend", False)]
)
def test_presets_are_the_networks_of_the_textbooks(
    preset: str, target: str, sigmoid: bool, states: Path, tmp_path: Path
) -> None:
    """Embedding-LSTM-Dense(sigmoid) and LSTM-LSTM-Dense(softmax); the preset says what the target is."""
    path = tsforecast.fit(states, tmp_path / "m.tsf", target=target, preset=preset, horizon=4, steps=2).path

    network = load_artifact(path).description["network"]
    operators = inspect(path).nodes

    assert (network["sigmoid"], len(network["widths"])) == (sigmoid, 1 if sigmoid else 2)
    assert operators["LSTM"] == len(network["widths"]) + 1  # and one over what is known ahead
    assert operators["Softmax" if not sigmoid else "Sigmoid"] >= 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"network": "mixture"}, "--network mixture is for targets that are numbers"),
    ({"preset": "classic"}, "--preset classic is for targets that are numbers"),
    ({"head": "recursive"}, "--head recursive is for"),
    ({"loss": "mae"}, "--loss mae is for"),
    ({"normalisation": "minmax"}, "--normalisation minmax is for"),
    ({"members": 3}, "--members is for"),
    ({"non_negative": True}, "--non-negative is for"),
]


@pytest.mark.parametrize(("values", "said"), REFUSED)
@pytest.mark.parametrize("network", [None, "recurrent"])
def test_what_classes_have_no_use_for_is_refused(
    values: dict[str, Any], said: str, network: str | None, states: Path, tmp_path: Path
) -> None:
    """Before any work, naming the flag."""
    given = {"network": network, "target": "rain", "target_type": "binary", **values}

    with pytest.raises(UsageError) as caught:
        tsforecast.fit(states, tmp_path / "m.tsf", **given)

    assert caught.value.message.startswith(said)


def test_what_numbers_have_is_refused_of_a_model_of_classes(
    fitted: Any, states: Path, tmp_path: Path
) -> None:
    """Quantiles, baselines and metrics of numbers, and a forecast without a fit."""
    result, _ = fitted
    refused = [
        (lambda: tsforecast.predict(result.path, quantiles=(0.1, 0.9)), "--quantiles is for targets that are numbers"),
        (
            lambda: tsforecast.export(result.path, tmp_path / "m.onnx", quantiles=(0.5,)),
            "--quantiles is for targets that are numbers",
        ),
        (lambda: tsforecast.evaluate(result.path, metrics=("MASE",)), "no metric of classes is called 'MASE'"),
        (
            lambda: tsforecast.predict(data=states, zero_shot=True, target="rain", target_type="binary"),
            "the pre-trained weights forecast numbers",
        ),
        (lambda: tsforecast.predict(result.path, target_type="binary"), "--target-type is for --zero-shot"),
        (
            lambda: tsforecast.fit(states, tmp_path / "m.tsf", target="wind", preset="events", target_type="value"),
            "--preset events is for targets that are classes",
        ),
    ]  # fmt: skip
    for ask, said in refused:
        with pytest.raises(UsageError) as caught:
            ask()
        assert caught.value.message.startswith(said)


def test_baselines_of_numbers_are_refused(fitted: Any, longer: Path) -> None:
    """A list of methods that cannot say a class is not passed over."""
    with pytest.raises(UsageError, match="--baselines names methods for numbers"):
        tsforecast.evaluate(fitted[0].path, longer, baselines=("theta",))


def test_training_anew_at_every_origin_is_a_backtest_of_classes(fitted: Any, longer: Path) -> None:
    """The way of making the model is tested as with numbers."""
    result = tsforecast.evaluate(fitted[0].path, longer, refit="each", origins=2)

    assert result.windows == 4
    assert result.confusion is not None
    assert np.isfinite(result.scores.values["model"]["log loss"])


def test_check_looks_at_classes_as_classes(states: Path, tmp_path: Path) -> None:
    """No outliers among labels; the mended table holds labels again."""
    settings = CheckSettings(target="rain", target_type="binary")

    found = check(states, tmp_path / "mended.csv", settings=settings)

    assert not found.refused
    rows = list(csv.DictReader(io.StringIO((tmp_path / "mended.csv").read_text())))
    assert {row["rain"] for row in rows} == {"no", "yes", ""}
