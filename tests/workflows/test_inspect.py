from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tsforecast
from tests.cli.conftest import REAL, start
from tests.workflows.tables import HORIZON
from tsforecast.artifacts import load_artifact
from tsforecast.errors import ArtifactError
from tsforecast.workflows.inspect import inspect


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the model as one file."""
    return tsforecast.export(model, tmp_path_factory.mktemp("exported") / "daily.onnx").path


def test_a_folder_and_its_file_hold_the_same(model: Path, exported: Path) -> None:
    """Graph and description agree; only the file knows how it was checked."""
    folder, file = inspect(model), inspect(exported)

    assert (folder.kind, file.kind) == ("folder", "file")
    assert (folder.inputs, folder.outputs, folder.nodes) == (file.inputs, file.outputs, file.nodes)
    assert folder.parameters == file.parameters > 0
    assert {name: file.about[name] for name in folder.about} == folder.about
    assert file.about["parity"]["windows"] > 4


def test_inspection_tells_shapes_scores_and_provenance(model: Path, exported: Path) -> None:
    """Whoever gets the file alone learns where it comes from and how good it is."""
    found, description = inspect(exported), load_artifact(model).description

    assert [(one.name, one.type, one.shape) for one in found.outputs] == [
        ("quantiles", "double", ("B", HORIZON, 13))
    ]
    assert found.about["scores"] == description["scores"]
    assert found.about["provenance"]["torch"] == description["provenance"]["torch"]
    assert found.size == exported.stat().st_size
    assert json.loads(json.dumps(found.to_json(), allow_nan=False)) == found.to_json()


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    """Text in a file of that name is not run, nor shown."""
    (tmp_path / "x.onnx").write_text("hello")

    with pytest.raises(ArtifactError, match="no ONNX file"):
        inspect(tmp_path / "x.onnx")


def test_inspection_tells_what_the_data_were_mended_with(daily_csv: Path, tmp_path: Path) -> None:
    """Whoever inherits a model learns what was asked for, and how much of it was needed; so from its file."""
    lines = daily_csv.read_text().splitlines()
    (tmp_path / "gaps.csv").write_text("\n".join([*lines[:20], *lines[22:], lines[5]]) + "\n")
    asked: dict[str, Any] = {
        "duplicates": "last",
        "fill": "linear",
        "steps": 2,
        "members": 1,
        "horizon": HORIZON,
    }
    made = tsforecast.fit(tmp_path / "gaps.csv", tmp_path / "gaps.tsf", **asked).path
    calm = tsforecast.fit(daily_csv, tmp_path / "calm.tsf", **asked | {"duplicates": "error"}).path
    file = tsforecast.export(made, tmp_path / "gaps.onnx").path

    said = "--duplicates last --fill linear: 1 duplicate row merged (last), 2 missing values filled (linear)"
    for one, expected in ((made, said), (file, said), (calm, "--fill linear: nothing was to be mended")):
        shown = start([*REAL, "inspect", str(one)], tmp_path).out.splitlines()
        assert [line.split(maxsplit=1)[1] for line in shown if line.startswith("repairs")] == [expected]
    assert inspect(file).about["data"]["repairs"] == {"merged": 1, "filled": 2}
