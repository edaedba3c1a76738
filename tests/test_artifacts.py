from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.building import SCHEMA, panel_of
from tsforecast import artifacts
from tsforecast.artifacts import (
    Artifact,
    check_writable,
    digest,
    load_artifact,
    pack_arrays,
    pack_history,
    save_artifact,
)
from tsforecast.data import files
from tsforecast.data.timeline import parse_frequency
from tsforecast.errors import AccessError, ArtifactError

PANEL = panel_of([[1.0, np.nan, 3.0], [4.0]])


def description_of(number: int = 0) -> dict[str, Any]:
    """What a model says of itself, as far as the folder cares."""
    return {
        "version": "0.1.0",
        "data": {
            "schema": SCHEMA.to_json(),
            "frequency": parse_frequency("h").to_json(),
            "season_lengths": [24, 168],
        },
        "number": number,
        "text": "Größe \u2028 'quoted'",
    }


def parts_of(number: int = 0) -> dict[str, bytes]:
    """Parts whose content follows the number."""
    return {
        "weights": pack_arrays({"kernel": np.arange(6, dtype=np.float32).reshape(2, 3) + number}),
        "model": f"graph {number}".encode(),
        "history": pack_arrays(pack_history(PANEL)),
        "windows": pack_arrays({"contexts": np.full((2, 3), float(number))}),
    }


def save(path: Path, number: int = 0) -> Path:
    """Write the model with a number."""
    save_artifact(path, description_of(number), parts_of(number))
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Give a model folder."""
    return save(tmp_path / "sales.tsf")


def files_of(path: Path) -> dict[str, bytes]:
    """Content of every file, hidden ones too."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def read_all(path: Path) -> tuple[Any, ...]:
    """Everything a reader can ask a model folder for."""
    artifact = load_artifact(path, "model")
    panel = artifact.history()
    arrays = {name: artifact.arrays(name) for name in ("weights", "windows")}
    return (
        artifact.description,
        artifact.schema,
        artifact.frequency,
        artifact.season_lengths,
        artifact.part("model"),
        panel.series_ids,
        panel.values.tobytes(),
        panel.offsets.tobytes(),
        panel.first.tobytes(),
        {name: {key: one.tobytes() for key, one in many.items()} for name, many in arrays.items()},
    )


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change model.json and its digest, as a release with other habits would."""
    file = path / "model.json"
    description = json.loads(file.read_bytes())
    change(description)
    description["digest"] = digest(description)
    file.write_text(json.dumps(description))


def test_save_and_load_give_everything_back(model: Path) -> None:
    """Description, columns, grid, history, weights and windows survive."""
    artifact = load_artifact(model, "weights", "history")

    assert description_of().items() <= artifact.description.items()
    assert SCHEMA == artifact.schema
    assert parse_frequency("h") == artifact.frequency
    assert (24, 168) == artifact.season_lengths
    assert PANEL.series_ids == artifact.history().series_ids
    np.testing.assert_array_equal(PANEL.values, artifact.history().values)
    np.testing.assert_array_equal([[0, 1, 2], [3, 4, 5]], artifact.arrays("weights")["kernel"])


def test_save_writes_the_same_bytes_again(tmp_path: Path) -> None:
    """Two folders of the same model are equal file by file."""
    first, second = (files_of(save(tmp_path / name)) for name in ("one", "two"))

    assert first == second


def test_save_names_parts_by_their_content(model: Path) -> None:
    """Five files: the description, and one per part that carries the start of its hash."""
    stored = files_of(model)

    assert 5 == len(stored)
    for name, content in stored.items():
        assert name == "model.json" or hashlib.sha256(content).hexdigest()[:16] in name


def test_save_writes_plain_json_that_people_can_read(model: Path) -> None:
    """The description is UTF-8 text with one value per line, letters as they are."""
    text = (model / "model.json").read_text(encoding="utf-8")

    assert '\n "text": "Größe' in text
    assert text.endswith("}\n")


def test_save_sweeps_the_parts_of_the_old_model(model: Path) -> None:
    """A model that is replaced leaves nothing behind."""
    before = {name for name in files_of(model) if not name.startswith("history")}

    save(model, 1)

    assert 5 == len(files_of(model))
    assert {"model.json"} == before & set(files_of(model))
    assert 1 == load_artifact(model).description["number"]


def test_save_leaves_files_of_others_alone(model: Path) -> None:
    """Notes that a person put beside the model stay."""
    (model / "notes.txt").write_text("mine")

    save(model, 1)

    assert "mine" == (model / "notes.txt").read_text()


@pytest.mark.parametrize("writes", range(5))
@pytest.mark.parametrize("error", [AccessError("disk full"), KeyboardInterrupt()], ids=["full", "interrupted"])
def test_save_that_fails_leaves_the_old_model(
    model: Path, writes: int, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write fails, the old model is still there, whole, and nothing else."""
    before = files_of(model)
    fail_after(writes, error, monkeypatch)

    with pytest.raises(type(error)):
        save(model, 1)

    assert before == files_of(model)
    assert 0 == load_artifact(model, "model").description["number"]


@pytest.mark.parametrize("writes", range(5))
def test_save_that_fails_leaves_no_new_folder(
    tmp_path: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a model is no model: a folder that was made is removed again."""
    fail_after(writes, AccessError("disk full"), monkeypatch)

    with pytest.raises(AccessError):
        save(tmp_path / "new.tsf")

    assert [] == list(tmp_path.iterdir())


def fail_after(writes: int, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some writes through and fail the next."""
    plain, left = files.write_atomically, iter(range(writes))

    def write(path: Path, data: bytes) -> None:
        if next(left, None) is None:
            raise error
        plain(path, data)

    monkeypatch.setattr(files, "write_atomically", write)


def test_reader_sees_a_whole_model_after_every_write(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two writes a reader finds the old model or the new one, never a mixture."""
    plain, seen = files.write_atomically, []

    def write(path: Path, data: bytes) -> None:
        plain(path, data)
        artifact = load_artifact(model, "model")
        seen.append((artifact.description["number"], artifact.part("model").decode()))

    monkeypatch.setattr(files, "write_atomically", write)
    save(model, 1)

    assert [(0, "graph 0")] * 4 + [(1, "graph 1")] == seen


def test_reader_looks_again_when_a_writer_replaces_the_model(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that is gone means that a newer description is there."""
    plain, first = artifacts._read_description, iter([True])

    def read(folder: Path) -> bytes:
        content = plain(folder)
        if next(first, False):
            save(model, 1)
        return content

    monkeypatch.setattr(artifacts, "_read_description", read)
    artifact = load_artifact(model, "model")

    assert (1, b"graph 1") == (artifact.description["number"], artifact.part("model"))


def test_reader_and_writer_get_along(model: Path) -> None:
    """A reader that looks all the time while models are replaced always finds one."""
    stop, trouble = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            artifact = load_artifact(model, "model", "weights", "windows", "history")
            if artifact.part("model") != f"graph {artifact.description['number']}".encode():
                trouble.append("a mixture")

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        save(model, number)
    stop.set()
    reader.join()

    assert [] == trouble


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
        except ArtifactError as error:
            assert error.hint
        else:
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


def test_check_writable_takes_a_new_an_empty_and_an_old_model_folder(model: Path, tmp_path: Path) -> None:
    """Nothing is left behind by the trial."""
    (tmp_path / "empty").mkdir()
    before = files_of(model)

    for path in (tmp_path / "new.tsf", tmp_path / "empty", model):
        check_writable(path)

    assert before == files_of(model)
    assert {"sales.tsf", "empty"} == {one.name for one in tmp_path.iterdir()}
    assert [] == list((tmp_path / "empty").iterdir())


def test_check_writable_refuses_what_is_no_model(tmp_path: Path) -> None:
    """A fit never writes into a folder of photographs, nor over a file."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("x")
    (tmp_path / "report.txt").write_text("x")

    for name in ("photos", "report.txt"):
        with pytest.raises(AccessError, match=name):
            check_writable(tmp_path / name)


def test_check_writable_refuses_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A wrong folder is found before the work, not after it."""
    with pytest.raises(AccessError):
        check_writable(tmp_path / "report.txt" / "deeper" / "m.tsf")
