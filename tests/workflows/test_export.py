from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, value_of, within_limit
from tsforecast.artifacts import load_artifact
from tsforecast.config import ExportSettings
from tsforecast.data.inputs import Inputs
from tsforecast.errors import AccessError, GateError, UsageError
from tsforecast.exporters import ort
from tsforecast.exporters.precision import PRECISIONS
from tsforecast.exporters.targets import TARGETS
from tsforecast.runtime.exported import load_exported
from tsforecast.runtime.session import OnnxForecaster, open_session


def test_export_forecasts_what_predict_says(model: Path, tmp_path: Path) -> None:
    """The file on a device and the command at a prompt agree to the last digit that matters."""
    tsforecast.export(model, tmp_path / "m.onnx")
    forecaster = OnnxForecaster((tmp_path / "m.onnx").read_bytes())
    length = forecaster.context_length
    contexts = np.array([[value_of(series, day) for day in range(120 - length, 120)] for series in range(2)])

    median = forecaster.forecast(Inputs.of(contexts))[:, :, 6].ravel()

    np.testing.assert_allclose(median, tsforecast.predict(model).table.columns["forecast"], rtol=1e-7)


@pytest.mark.parametrize("opset", [17, 18, 19, 20, 21])
def test_export_is_checked_against_torch(model: Path, tmp_path: Path, opset: int) -> None:
    """The result tells the largest difference, over the stored windows and awkward ones."""
    result = tsforecast.export(model, tmp_path / "m.onnx", opset=opset)

    assert result.limit == ort.LIMIT
    assert within_limit(result)
    assert result.windows > 4
    assert (opset, (tmp_path / "m.onnx").stat().st_size) == (result.opset, result.size)
    json.dumps(result.to_json(), allow_nan=False)


def test_export_describes_the_data(model: Path, tmp_path: Path) -> None:
    """Columns, grid, lengths, levels, cutoff and hashes stand in the file."""
    tsforecast.export(model, tmp_path / "m.onnx")

    stored = onnx.load(tmp_path / "m.onnx")
    about = json.loads({one.key: one.value for one in stored.metadata_props}["tsforecast"])

    artifact = load_artifact(model)
    assert tuple(about[key] for key in ("schema", "frequency", "horizon", "cutoff")) == (
        "tsforecast.onnx/1",
        "D",
        HORIZON,
        "2024-04-29",
    )
    assert artifact.schema.to_json() == about["columns"]
    assert artifact.description["data"]["sha256"] == about["data_sha256"]
    assert len(about["quantile_levels"]) == 13
    assert about["parity"]["difference"] <= about["parity"]["limit"]


@pytest.mark.parametrize("name", ["m.txt", "m", "m.ort"])
def test_export_refuses_a_name_that_predict_would_not_know(model: Path, tmp_path: Path, name: str) -> None:
    """The name that would do is in the hint, and nothing is written."""
    with pytest.raises(UsageError, match=r"does not end in \.onnx") as caught:
        tsforecast.export(model, tmp_path / name, ort=True)

    assert f"-o {tmp_path / 'm.onnx'}" in caught.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_export_refuses_a_folder_as_a_name(model: Path, name: str) -> None:
    """A file in it is proposed."""
    with pytest.raises(UsageError, match="does not end in") as caught:
        tsforecast.export(model, name)

    assert caught.value.hint == f"-o {Path(name) / 'model.onnx'}"


def test_export_writes_the_same_bytes_again(model: Path, tmp_path: Path) -> None:
    """A file can be compared by its hash."""
    for name in ("a.onnx", "b.onnx"):
        tsforecast.export(model, tmp_path / name)

    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_export_that_differs_writes_nothing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that does not forecast what the network forecasts never reaches a device."""
    (tmp_path / "m.onnx").write_bytes(b"old")
    monkeypatch.setattr(ort, "verify", lambda *_: 1e-3)

    with pytest.raises(GateError, match=r"1\.0e-03"):
        tsforecast.export(model, tmp_path / "m.onnx")

    assert (tmp_path / "m.onnx").read_bytes() == b"old"


def test_export_that_compares_nothing_fails(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A difference that is not a number is no agreement."""
    monkeypatch.setattr(ort, "verify", lambda *_: float("nan"))

    with pytest.raises(GateError):
        tsforecast.export(model, tmp_path / "m.onnx")


@pytest.mark.parametrize("opset", [1, 16, 22])
def test_export_refuses_operator_sets_it_is_not_tested_with(model: Path, tmp_path: Path, opset: int) -> None:
    """Only what is tested is offered."""
    with pytest.raises(UsageError, match="--opset"):
        tsforecast.export(model, tmp_path / "m.onnx", opset=opset)


def test_export_names_a_place_it_cannot_write(model: Path, tmp_path: Path) -> None:
    """A missing folder is said, not made."""
    with pytest.raises(AccessError, match="nowhere"):
        tsforecast.export(model, tmp_path / "nowhere" / "m.onnx")


def test_unchecked_export_says_so(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without torch at hand the file can be written, and it tells that nobody compared it."""
    monkeypatch.setattr(ort, "verify", lambda *_: pytest.fail("compared"))

    result = tsforecast.export(model, tmp_path / "m.onnx", no_check=True)

    assert (result.difference, result.limit, result.windows) == (None, None, 0)
    assert load_exported(result.path).about["parity"] is None


@pytest.mark.parametrize(("precision", "share"), [("fp16", 0.65), ("int8", 0.45)])
def test_smaller_numbers_state_what_they_cost(
    model: Path, longer_csv: Path, tmp_path: Path, precision: str, share: float
) -> None:
    """The file is smaller, its loss is measured, and predict takes it as any other."""
    plain = tsforecast.export(model, tmp_path / "plain.onnx")

    small = tsforecast.export(model, tmp_path / "small.onnx", precision=precision, max_loss=50)

    assert small.size < share * plain.size
    assert small.loss is not None
    assert small.loss["loss"] == pytest.approx(100 * (small.loss["after"] / small.loss["before"] - 1))
    assert small.difference is not None
    assert (small.difference or 0) > (plain.limit or 0) > 0
    assert load_exported(small.path).about["loss"] == small.loss
    assert small.loss["cutoffs"] == HORIZON * small.loss["windows"] > 0
    assert any("stay float32, normalisation float64" in note.text for note in small.notes)
    assert plain.notes == ()
    uppers = [tsforecast.predict(path, longer_csv).table.columns["q0.9"] for path in (plain.path, small.path)]
    np.testing.assert_allclose(uppers[0], uppers[1], rtol=0.1)
    assert (uppers[0] != uppers[1]).any()


def test_a_loss_above_the_limit_writes_nothing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that are too small for this network never reach a device."""
    monkeypatch.setitem(PRECISIONS, "int8", without_weights)

    with pytest.raises(GateError, match=r"int8 loses \d+\.\d % of accuracy \(MASE at \d+ cutoffs in "):
        tsforecast.export(model, tmp_path / "m.onnx", precision="int8")

    assert not (tmp_path / "m.onnx").exists()


def without_weights(content: bytes) -> bytes:
    """Forget every matrix of a graph."""
    model = onnx.load_model_from_string(content)
    for tensor in model.graph.initializer:
        if len(tensor.dims) > 2 and tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(onnx.numpy_helper.from_array(9 + onnx.numpy_helper.to_array(tensor), tensor.name))
    return bytes(model.SerializeToString())


def test_fewer_levels_are_the_same_numbers(model: Path, longer_csv: Path, tmp_path: Path) -> None:
    """A file with some levels gives what the whole one gives for them, and refuses the others."""
    some = tsforecast.export(model, tmp_path / "some.onnx", quantiles=(0.9, 0.1)).path

    few, all_of_them = (
        tsforecast.predict(one, longer_csv, quantiles=(0.1, 0.9)).table for one in (some, model)
    )

    assert load_exported(some).levels == (0.1, 0.5, 0.9)
    assert all(np.array_equal(few.columns[name], all_of_them.columns[name]) for name in few.columns)
    with pytest.raises(UsageError, match=r"no quantile level 0\.3"):
        tsforecast.predict(some, longer_csv, quantiles=(0.3,))


def test_a_fixed_batch_forecasts_any_number_of_series(model: Path, longer_csv: Path, tmp_path: Path) -> None:
    """A runtime without free sizes gets its one size; predict fills up what is left."""
    fixed = tsforecast.export(model, tmp_path / "fixed.onnx", batch="5").path

    assert onnx.load(fixed).graph.input[0].type.tensor_type.shape.dim[0].dim_value == 5
    found, wanted = (tsforecast.predict(one, longer_csv).table.columns["q0.9"] for one in (fixed, model))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_gets_a_form_that_it_does_not_misread(model: Path, tmp_path: Path, target: str) -> None:
    """No LSTM operator goes where its activations are ignored, and the numbers stay the network's."""
    result = tsforecast.export(model, tmp_path / "m.onnx", target=target)

    operators = {node.op_type for node in onnx.load(result.path).graph.node}
    assert ("LSTM" in operators) == (result.form == "lstm") == (target == "ort")
    assert result.difference is not None
    assert result.difference <= ort.LIMIT
    assert bool(result.notes) == (target != "ort")
    if TARGETS[target].refuses:
        with pytest.raises(UsageError, match=f"wrong on {target}"):
            tsforecast.export(model, tmp_path / "m.onnx", target=target, form="lstm")


def test_settings_offer_every_target_and_precision() -> None:
    """What can be asked for and what there is are one list."""
    offered = {item.name: item.metadata["choices"] for item in fields(ExportSettings)}

    assert offered["target"] == tuple(TARGETS)
    assert offered["precision"] == tuple(PRECISIONS)


def test_ort_format_forecasts_the_same(model: Path, tmp_path: Path) -> None:
    """The second file is the same graph with the same description."""
    tsforecast.export(model, tmp_path / "m.onnx", ort=True)
    sessions = [open_session((tmp_path / f"m.{end}").read_bytes(), "m") for end in ("onnx", "ort")]
    context = np.random.default_rng(0).normal(size=(3, sessions[0].get_inputs()[0].shape[1]))

    first, second = (one.run(None, {"context": context})[0] for one in sessions)

    np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-6)
    about = [one.get_modelmeta().custom_metadata_map["tsforecast"] for one in sessions]
    assert about[0] == about[1]


@pytest.mark.parametrize(
    "wrong", [{"batch": "0"}, {"batch": "many"}, {"quantiles": (0.33,)}, {"precision": "fp8"}]
)
def test_export_refuses_what_it_cannot_do(model: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    """A wrong word is named before anything is built."""
    with pytest.raises(UsageError, match=r"--batch|quantile level|--precision"):
        tsforecast.export(model, tmp_path / "m.onnx", **wrong)
