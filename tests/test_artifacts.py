from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.models.building import SCHEMA
from tests.stored_models import PANEL, description_of, files_of, save
from tsforecast import artifacts
from tsforecast.artifacts import (
    check_writable,
    load_artifact,
)
from tsforecast.data import files
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.errors import AccessError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Give a model folder."""
    return save(tmp_path / "sales.tsf")


def test_save_and_load_give_everything_back(model: Path) -> None:
    """Description, columns, grid, history, weights and windows survive."""
    artifact = load_artifact(model, "weights", "history")

    assert description_of().items() <= artifact.description.items()
    assert artifact.schema == SCHEMA
    assert parse_frequency("h") == artifact.frequency
    assert artifact.season_lengths == (24, 168)
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

    assert len(stored) == 5
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

    assert len(files_of(model)) == 5
    assert {"model.json"} == before & set(files_of(model))
    assert load_artifact(model).description["number"] == 1


def test_save_leaves_files_of_others_alone(model: Path) -> None:
    """Notes that a person put beside the model stay."""
    (model / "notes.txt").write_text("mine")

    save(model, 1)

    assert (model / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("writes", range(5))
@pytest.mark.parametrize(
    "error", [AccessError("disk full"), KeyboardInterrupt()], ids=["full", "interrupted"]
)
def test_save_that_fails_leaves_the_old_model(
    model: Path, writes: int, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write fails, the old model is still there, whole, and nothing else."""
    before = files_of(model)
    fail_after(writes, error, monkeypatch)

    with pytest.raises(type(error)):
        save(model, 1)

    assert before == files_of(model)
    assert load_artifact(model, "model").description["number"] == 0


@pytest.mark.parametrize("writes", range(5))
def test_save_that_fails_leaves_no_new_folder(
    tmp_path: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a model is no model: a folder that was made is removed again."""
    fail_after(writes, AccessError("disk full"), monkeypatch)

    with pytest.raises(AccessError):
        save(tmp_path / "new.tsf")

    assert list(tmp_path.iterdir()) == []


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

    assert seen == [(0, "graph 0")] * 4 + [(1, "graph 1")]


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

    assert (artifact.description["number"], artifact.part("model")) == (1, b"graph 1")


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

    assert trouble == []


def test_check_writable_takes_a_new_an_empty_and_an_old_model_folder(model: Path, tmp_path: Path) -> None:
    """Nothing is left behind by the trial."""
    (tmp_path / "empty").mkdir()
    before = files_of(model)

    for path in (tmp_path / "new.tsf", tmp_path / "empty", model):
        check_writable(path)

    assert before == files_of(model)
    assert {"sales.tsf", "empty"} == {one.name for one in tmp_path.iterdir()}
    assert list((tmp_path / "empty").iterdir()) == []


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
