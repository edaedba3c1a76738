from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.stored_models import PANEL, description_of, files_of, parts_of, read_all, rewrite, save
from tsforecast import artifacts
from tsforecast.artifacts import (
    Artifact,
    load_artifact,
    pack_arrays,
    pack_history,
    save_artifact,
)
from tsforecast.errors import ArtifactError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Give a model folder."""
    return save(tmp_path / "sales.tsf")


@pytest.mark.parametrize("file", range(5))
def test_load_notices_any_damage(model: Path, file: int) -> None:
    """A flipped bit or a cut anywhere is an error or changes nothing; it never passes for the model."""
    random = np.random.default_rng(file)
    wanted, name = read_all(model), sorted(files_of(model))[file]
    content = (model / name).read_bytes()
    for trial in range(60):
        broken = bytearray(content)
        place = int(random.integers(len(content)))
        if trial % 3:
            broken[place] ^= 1 << int(random.integers(8))
        else:
            del broken[place:]
        (model / name).write_bytes(broken)
        try:
            found = read_all(model)
        except ArtifactError:
            continue
        assert found == wanted


@pytest.mark.parametrize("part", ["weights", "model", "history", "windows"])
def test_load_names_a_missing_part(model: Path, part: str) -> None:
    """What was deleted is named, whether it is asked for at once or later."""
    next(model.glob(f"{part}-*")).unlink()

    with pytest.raises(ArtifactError, match=f"{part}-.* is missing"):
        load_artifact(model, part)
    with pytest.raises(ArtifactError, match=f"{part}-.* is missing"):
        load_artifact(model).part(part)


def test_load_refuses_a_newer_model_by_name(model: Path) -> None:
    """A folder of a later release says so, instead of passing for damage."""
    rewrite(model, lambda description: description.update(format=99, version="7.0"))

    with pytest.raises(ArtifactError, match=r"tsforecast 7\.0.*format 99") as caught:
        load_artifact(model)

    assert "upgrade" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"{}",
        b'{"format": "1"}',
        b'{"format": null}',
        b'{"format": 1}',
        b'{"format": 1, "digest": 5}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": 1, "deep": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"format": ' + b"9" * 10_000 + b"}",
        b'{"format": NaN}',
    ],
    ids=lambda content: content[:24].decode("latin-1"),
)
def test_load_refuses_what_does_not_describe_a_model(model: Path, content: bytes) -> None:
    """Whatever stands in model.json, the answer is one error, never a traceback."""
    (model / "model.json").write_bytes(content)

    with pytest.raises(ArtifactError):
        load_artifact(model)


def test_load_refuses_a_description_beyond_all_measure(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of gigabytes is not read into memory first."""
    monkeypatch.setattr(artifacts, "LARGEST_DESCRIPTION", 1000)
    (model / "model.json").write_bytes(b" " * 5000)

    with pytest.raises(ArtifactError, match="larger than 1000 bytes"):
        load_artifact(model)


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [[]], {"a": 1}, {"weights": 1}, {"history": {}}])
@pytest.mark.parametrize("key", ["data", "parts"])
def test_artifact_of_wrong_types_is_damaged(model: Path, key: str, value: Any) -> None:
    """A description that is signed but senseless is damage where it is used."""
    rewrite(model, lambda description: description.update({key: value}))
    asked: list[Callable[[Artifact], object]] = (
        [lambda one: one.schema, lambda one: one.frequency, lambda one: one.season_lengths]
        if key == "data"
        else [lambda one: one.part("weights"), lambda one: one.history()]
    )

    for ask in asked:
        with pytest.raises(ArtifactError):
            ask(load_artifact(model))


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"values": np.zeros(3)},
        {**pack_history(PANEL), "series_ids": np.frombuffer(b"{not json", dtype=np.uint8)},
    ],
    ids=["empty", "lacking", "no names"],
)
def test_history_of_wrong_arrays_is_damaged(tmp_path: Path, arrays: dict[str, Any]) -> None:
    """A part with the right hash but the wrong content is damage too."""
    save_artifact(tmp_path / "m", description_of(), {**parts_of(), "history": pack_arrays(arrays)})

    with pytest.raises(ArtifactError):
        load_artifact(tmp_path / "m").history()


def test_arrays_of_a_part_that_is_none_is_damaged(tmp_path: Path) -> None:
    """Bytes that are no safetensors file are named, not thrown."""
    save_artifact(tmp_path / "m", description_of(), {**parts_of(), "weights": b"nonsense"})

    with pytest.raises(ArtifactError, match="weights"):
        load_artifact(tmp_path / "m").arrays("weights")


def test_history_that_was_left_out_is_said(tmp_path: Path) -> None:
    """A model without history forecasts from data; the hint shows how."""
    parts = parts_of()
    del parts["history"]
    save_artifact(tmp_path / "m", description_of(), parts)

    with pytest.raises(ArtifactError, match="keeps no history") as caught:
        load_artifact(tmp_path / "m", "history").history()

    assert "DATA" in caught.value.hint


@pytest.mark.parametrize("kind", ["missing", "file", "folder"])
def test_load_says_when_there_is_no_model(tmp_path: Path, kind: str) -> None:
    """A wrong path is an error with the command that makes a model."""
    path = tmp_path / "m"
    if kind == "file":
        path.write_text("x")
    if kind == "folder":
        path.mkdir()

    with pytest.raises(ArtifactError) as caught:
        load_artifact(path)

    assert "tsforecast fit" in caught.value.hint
