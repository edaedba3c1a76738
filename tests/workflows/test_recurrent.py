"""The textbooks' networks go through the same verbs as the default one, and every option of theirs counts."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tsforecast
from tests.workflows.tables import HORIZON, value_of, within_limit, write_daily
from tsforecast.artifacts import load_artifact
from tsforecast.config import ExportSettings, FitSettings, NetworkSettings, ShapeSettings, from_keywords
from tsforecast.data.inputs import Inputs
from tsforecast.data.reading import read_panel
from tsforecast.errors import UsageError
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.training.recipe import choose_recipe, is_recurrent
from tsforecast.training.recurrent import train_and_refit
from tsforecast.workflows.bundle import bundle
from tsforecast.workflows.fit import plan

SHAPE: dict[str, Any] = {"horizon": HORIZON, "season_length": (7,), "context_length": 14}
SMALL: dict[str, Any] = {**SHAPE, "network": "recurrent", "hidden": (6,), "steps": 12}

CHANGES: dict[str, dict[str, Any]] = {
    "preset": {"preset": "classic"},
    "cell": {"cell": "gru"},
    "hidden": {"hidden": (7,)},
    "layers": {"layers": 2},
    "dropout": {"dropout": 0.4},
    "bidirectional": {"bidirectional": True},
    "attention": {"attention": True},
    "conv": {"conv": "4x3"},
    "head": {"head": "recursive"},
    "normalisation": {"normalisation": "minmax"},
    "optimizer": {"optimizer": "rmsprop"},
    "loss": {"loss": "mae"},
    "batch_size": {"batch_size": 8},
    "learning_rate": {"learning_rate": 0.01},
    "epochs": {"epochs": 1, "steps": None},
    "activation": {"activation": "tanh"},
}
IN_GRAPH = {"preset", "cell", "hidden", "layers", "bidirectional", "attention", "conv", "head", "normalisation",
            "activation"}  # fmt: skip
"""Options that change what the graph is made of, not only its weights."""


def forecast_and_graph(data: Path, **settings: Any) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Forecast of a fit and its graph."""
    path = tsforecast.fit(data, data.parent / "m.tsf", **settings).path
    return tsforecast.predict(path).table.columns["forecast"], graph_of(path)


def graph_of(path: Path) -> list[str]:
    """Operators of a model's graph, and the shapes of its weights."""
    import onnx

    model = onnx.load_model_from_string(load_artifact(path).part("model"))
    bodies = [one.g for node in model.graph.node for one in node.attribute]
    nodes = [node for graph in (model.graph, *bodies) for node in graph.node]
    made = [f"{node.op_type} {[str(one) for one in node.attribute if not one.g.node]}" for node in nodes]
    return made + [str(list(one.dims)) for one in model.graph.initializer]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray[Any, Any], list[str]]:
    """Table, forecast and graph without any of the options."""
    data = write_daily(tmp_path_factory.mktemp("recurrent") / "daily.csv", 0, 90, ("north",))
    return data, *forecast_and_graph(data, **SMALL)


def test_every_option_is_tried() -> None:
    """A new option of the network cannot be forgotten below."""
    own = {item.name for item in fields(NetworkSettings)} - {item.name for item in fields(ShapeSettings)}

    assert own - {"network"} == set(CHANGES) - {"activation"}


@pytest.mark.parametrize("name", CHANGES)
def test_every_option_changes_the_forecast(
    name: str, usual: tuple[Path, np.ndarray[Any, Any], list[str]]
) -> None:
    """None is read and ignored; those that are parts of the network change its graph too."""
    data, forecast, graph = usual

    found, made = forecast_and_graph(data, **{**SMALL, **CHANGES[name]})

    assert np.isfinite(found).all()
    assert not np.allclose(found, forecast, rtol=1e-9)
    assert (made != graph) == (name in IN_GRAPH)


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in ("preset", "activation")])
@pytest.mark.parametrize("network", [None, "mixture"])
def test_every_option_is_refused_with_the_mixture(name: str, network: str | None) -> None:
    """What the default network has no use for is no option of it."""
    value = CHANGES[name][name]

    with pytest.raises(UsageError, match="for the recurrent network"):
        is_recurrent(from_keywords(FitSettings, {"network": network, name: value}))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"members": 3}, "--members is for the mixture"),
        ({"calendar": ("weekday",)}, "--calendar is for the mixture"),
        ({"holidays": "DE"}, "--holidays is for the mixture"),
        ({"past": ("wind",)}, "--past is for the mixture"),
        ({"future": ("wind",)}, "--future is for the mixture"),
        ({"static": ("size",)}, "--static is for the mixture"),
        ({"normalisation": "log"}, "--normalisation log is for the mixture"),
        ({"normalisation": "change"}, "--normalisation change is for the mixture"),
        ({"dropout": 1.0}, "--dropout must be below 1"),
        ({"learning_rate": 0.0}, "--learning-rate must be above 0"),
        ({"conv": "32"}, "--conv must be channels and steps"),
        ({"layers": 3, "hidden": (8, 4)}, "--layers 3, but --hidden names 2"),
        ({"loss": "pinball", "head": "recursive"}, "--loss pinball needs --head direct"),
    ],
)
def test_contradiction_is_refused(values: dict[str, Any], said: str) -> None:
    """Before any work, naming the flag."""
    with pytest.raises(UsageError) as caught:
        choose_recipe(from_keywords(FitSettings, {"network": "recurrent", **values}))

    assert caught.value.message.startswith(said)
    assert is_recurrent(from_keywords(FitSettings, {"preset": "stacked"}))


def test_covariates_are_refused(tmp_path: Path) -> None:
    """They are never left out without a word."""
    rows = "\n".join(f"2024-01-{day:02},{day % 7},{day}" for day in range(1, 32))
    (tmp_path / "d.csv").write_text(f"day,sales,future_price\n{rows}\n")

    with pytest.raises(UsageError, match="takes no covariates, and the data have future_price"):
        tsforecast.fit(tmp_path / "d.csv", tmp_path / "m.tsf", target="sales", horizon=2, preset="classic")


def test_classic_is_the_model_of_the_textbooks(usual: tuple[Path, Any, Any], tmp_path: Path) -> None:
    """LSTM(50, relu) on 100 steps, Dense(1), MSE, RMSprop(1e-3), batch 10, min-max scaling, recursive."""
    data = write_daily(tmp_path / "d.csv", 0, 150, ("north",))
    settings = from_keywords(FitSettings, {"preset": "classic", "horizon": HORIZON, "epochs": 1})
    read = read_panel(data, settings)
    spec, split = plan(read.panel, settings)
    assert isinstance(spec, RecurrentSpec)
    trained = train_and_refit(read.panel, spec, split, settings, lambda *_: None)
    recipe = choose_recipe(settings)

    state = trained.final.state_dict()
    assert {name: tuple(value.shape) for name, value in state.items() if "layers" in name} == {
        "layers.weight_ih_l0": (200, 1), "layers.weight_hh_l0": (200, 50),
        "layers.bias_ih_l0": (200,), "layers.bias_hh_l0": (200,),
    }  # fmt: skip
    assert not state["layers.bias_hh_l0"].any()
    assert tuple(state["dense.weight"].shape) == (1, 50)
    assert (spec.context_length, spec.activation, spec.clip, spec.normalisation) == (100, "relu", 0, "minmax")
    assert (recipe.optimizer, recipe.learning_rate, recipe.batch_size, recipe.loss) == (
        "rmsprop", 1e-3, 10, "mse",
    )  # fmt: skip
    assert (state["low"].item(), state["high"].item()) == (read.panel.values.min(), read.panel.values.max())
    training = read.panel.head(split.training).values
    assert trained.tested.state_dict()["low"].item() == training.min()
    assert trained.steps == 5  # 50 windows of 100 values and the one that follows, 10 at a time


@pytest.mark.parametrize("settings", [{"preset": "classic"}, {"preset": "stacked"}], ids=str)
def test_presets_go_through_all_verbs(
    settings: dict[str, Any], daily_csv: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """Fit, evaluate on newer rows, predict and export, with intervals around the point forecast."""
    path = tsforecast.fit(daily_csv, tmp_path / "m.tsf", horizon=HORIZON, steps=8, **settings).path

    table = tsforecast.predict(path, longer_csv).to_frame()
    scores = tsforecast.evaluate(path, longer_csv).scores.values["model"]
    exported = tsforecast.export(path, tmp_path / "m.onnx")

    assert (table["q0.1"] < table["forecast"]).all()
    assert (table["forecast"] < table["q0.9"]).all()
    assert np.isfinite(scores["MASE"])
    assert within_limit(exported)


VARIANTS: dict[str, dict[str, Any]] = {
    "gru": {"cell": "gru"},
    "rnn": {"cell": "rnn"},
    "two layers": {"hidden": (6, 4), "dropout": 0.2},
    "bidirectional": {"bidirectional": True},
    "attention": {"attention": True},
    "convolution": {"conv": "4x3"},
    "recursive": {"head": "recursive"},
    "recursive with all": {"head": "recursive", "bidirectional": True, "attention": True, "conv": "4x3"},
    "quantiles": {"loss": "pinball"},
    "by range": {"normalisation": "minmax", "activation": "tanh"},
}
"""Every part of the network, alone and together; the presets have tests of their own."""


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_goes_through_all_verbs(
    variant: str, daily_csv: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """Fit, save, load, predict, export, quantise: the file forecasts what the model forecasts, for any batch."""
    path = tsforecast.fit(daily_csv, tmp_path / "m.tsf", **{**SMALL, "steps": 4, **VARIANTS[variant]}).path
    wanted = tsforecast.predict(path, longer_csv).table.columns["forecast"]

    exported = tsforecast.export(path, tmp_path / "m.onnx")
    small = tsforecast.export(path, tmp_path / "int8.onnx", precision="int8", max_loss=1e6)

    assert exported.difference is not None
    assert exported.limit is not None
    assert exported.difference <= exported.limit
    np.testing.assert_allclose(
        tsforecast.predict(exported.path, longer_csv).table.columns["forecast"], wanted, rtol=1e-6
    )
    forecaster = OnnxForecaster((tmp_path / "m.onnx").read_bytes())
    context = np.array([[value_of(series, day) for day in range(14)] for series in range(5)])
    together = forecaster.forecast(Inputs.of(context))
    for size in (1, 2):
        np.testing.assert_allclose(forecaster.forecast(Inputs.of(context[:size])), together[:size], rtol=1e-6)
    found = tsforecast.predict(small.path, longer_csv).table.columns["forecast"]
    assert (found != wanted).any()
    np.testing.assert_allclose(found, wanted, atol=0.5 * float(np.std(wanted)) + 5)


def test_attention_is_explained_and_its_absence_said(daily_csv: Path, tmp_path: Path) -> None:
    """Shares of blocks of steps add up to one; a network without parts has nothing to show."""
    with_it = tsforecast.fit(daily_csv, tmp_path / "a.tsf", attention=True, **SMALL)
    without = tsforecast.fit(daily_csv, tmp_path / "b.tsf", **SMALL).path

    explanation = tsforecast.evaluate(with_it.path, explain=True).explanation

    assert explanation is not None
    assert sum(one.share for one in explanation.shares) == pytest.approx(1, abs=1e-5)
    assert "steps back" in with_it.weights_words
    with pytest.raises(UsageError, match="no gate and no attention"):
        tsforecast.evaluate(without, explain=True)
    with pytest.raises(UsageError, match="no gate and no attention"):
        tsforecast.export(without, tmp_path / "b.onnx", explain=True)


@pytest.mark.parametrize("head", ["direct", "recursive"])
def test_attention_is_an_output_of_the_file_on_request(head: str, daily_csv: Path, tmp_path: Path) -> None:
    """Shares of the blocks that the file names, beside the forecast that it has without them."""
    model = tsforecast.fit(daily_csv, tmp_path / "a.tsf", attention=True, head=head, **SMALL).path

    path = tsforecast.export(model, tmp_path / "told.onnx", explain=True).path

    told = OnnxForecaster(path.read_bytes())
    names = json.loads(told.metadata["tsforecast"])["weights"]
    context = Inputs.of(np.array([[value_of(series, day) for day in range(14)] for series in range(3)]))
    assert [name.split()[-1] for name in names] == ["back"] * len(names)
    shares = told.gate_weights(context)
    assert shares.shape == (3, 1, len(names))
    np.testing.assert_allclose(shares.sum(2), 1, rtol=1e-6)
    plain = OnnxForecaster(tsforecast.export(model, tmp_path / "plain.onnx").path.read_bytes())
    np.testing.assert_array_equal(told.forecast(context), plain.forecast(context))
    np.testing.assert_array_equal(
        tsforecast.predict(path, daily_csv).table.columns["q0.9"],
        tsforecast.predict(model, daily_csv).table.columns["q0.9"],
    )
    with pytest.raises(UsageError, match="one step per call gives the forecast alone"):
        tsforecast.export(model, tmp_path / "m.onnx", explain=True, form="step")


def test_export_refuses_one_step_of_two_directions(tmp_path: Path) -> None:
    """The second direction begins at the end of the window, so that no step comes first."""
    data = write_daily(tmp_path / "daily.csv", 0, 90, ("north",))
    model = tsforecast.fit(data, tmp_path / "m.tsf", **{**SMALL, "bidirectional": True}).path

    for asked in ({"form": "step"}, {"target": "tract"}):
        with pytest.raises(UsageError, match="second direction starts at the end"):
            tsforecast.export(model, tmp_path / "m.onnx", **asked)


def test_fit_is_the_same_twice(daily_csv: Path, tmp_path: Path) -> None:
    """The same file, seed and steps give the same bytes; another seed gives others."""
    parts = [
        {file.name: file.read_bytes() for file in tsforecast.fit(daily_csv, tmp_path / name, seed=seed, **SMALL)
         .path.iterdir()}
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]  # fmt: skip

    assert parts[0] == parts[1]
    assert parts[0] != parts[2]


def test_explosion_is_only_reported_by_the_classic(daily_csv: Path, tmp_path: Path) -> None:
    """A huge rate makes it explode: the preset goes on as written, another network goes back."""
    wild: dict[str, Any] = {"horizon": HORIZON, "learning_rate": 500.0, "steps": 60, "optimizer": "sgd"}
    ways: list[dict[str, Any]] = [{"preset": "classic"}, {"network": "recurrent"}]
    notes = [
        [note.text for note in tsforecast.fit(daily_csv, tmp_path / "m.tsf", **wild, **more).notes]
        for more in ways
    ]

    assert any("exploded" in text and "nothing was changed" in text for text in notes[0])
    assert any("exploded" in text and "best weights were restored" in text for text in notes[1])
    assert any("forecasts nothing" in text for text in notes[0])
    assert not any("forecasts nothing" in text for text in notes[1])


def test_training_learns(daily_csv: Path, tmp_path: Path) -> None:
    """A weekly wave of 120 days is learnt better than by fresh weights."""
    torch.manual_seed(0)
    scores = [
        tsforecast.fit(daily_csv, tmp_path / "m.tsf", **{**SMALL, "hidden": (16,), "steps": steps})
        .scores.values["model"]["MASE"]
        for steps in (1, 300)
    ]  # fmt: skip

    assert scores[1] < 0.7 * scores[0]


def test_export_takes_a_form_that_the_network_has(tmp_path: Path) -> None:
    """Where a runtime would misread its operators it goes step by step; where they are only slow they stay."""
    data = write_daily(tmp_path / "daily.csv", 0, 90, ("north",))
    model = tsforecast.fit(data, tmp_path / "m.tsf", **SMALL).path

    assert tsforecast.export(model, tmp_path / "m.onnx", target="openvino").form == "lstm"
    stepped = tsforecast.export(model, tmp_path / "m.onnx", target="tract")
    assert stepped.form == "step"
    assert "one step per call for tract" in stepped.notes[0].text
    assert "14 calls" in stepped.notes[0].text
    found, wanted = (tsforecast.predict(one, data).table.columns["q0.9"] for one in (stepped.path, model))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    with pytest.raises(UsageError, match="--form unrolled would repeat the cell for 14 steps"):
        tsforecast.export(model, tmp_path / "m.onnx", form="unrolled")
    assert "m.onnx" in bundle(model, tmp_path / "bundle", settings=ExportSettings()).files
