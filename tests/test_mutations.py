from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations import mutate, prepare, targets

KINDS = ("history-*.safetensors", "m.onnx", "model-*.onnx", "model.json", "weights-*.safetensors",
         "windows-*.safetensors")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model and an exported file."""
    return prepare(tmp_path_factory.mktemp("mutations"))


def test_every_file_of_a_model_is_changed(folder: Path) -> None:
    """A new part of the folder must not be forgotten here."""
    assert sorted(KINDS) == sorted(targets(folder))


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_refused_or_does_not_matter(folder: Path, kind: str) -> None:
    """Never a wrong forecast, a crash, a wait, or foreign code; `python -m tests.mutations 5000` does more of it."""
    found = mutate(folder, kind, seed=1, count=25)

    assert found["refused"] + found["same"] == 25
    assert found["slow"] == found["foreign"] == 0
