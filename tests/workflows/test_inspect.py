from __future__ import annotations

import json
from pathlib import Path

import pytest

import tsforecast
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
