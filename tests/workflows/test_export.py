from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, value_of
from tsforecast.artifacts import load_artifact
from tsforecast.data.inputs import Inputs
from tsforecast.errors import AccessError, GateError, UsageError
from tsforecast.exporters import ort
from tsforecast.runtime.session import OnnxForecaster


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

    assert 0 <= result.difference <= result.limit == ort.LIMIT
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
