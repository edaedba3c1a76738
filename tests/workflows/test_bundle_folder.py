"""What stands in the folder of a bundle after it was written over another one, or could not be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tsforecast.config import ExportSettings
from tsforecast.errors import AccessError
from tsforecast.workflows.bundle import bundle


def test_bundle_of_another_model_leaves_nothing_of_the_old_one(model: Path, tmp_path: Path) -> None:
    """The old forecaster goes, so that the script cannot take it; files of the user, and paths outside, stay."""
    settings = ExportSettings(no_check=True)
    place, mine = tmp_path / "b", tmp_path / "mine.onnx"
    bundle(model, place, settings=settings)
    (place / "old.onnx").write_bytes(b"old")
    (place / "vectors" / "past_covariates.csv").write_text("1")
    (place / "notes.csv").write_text("mine")
    mine.write_text("mine")
    with (place / "SHA256SUMS").open("a") as sums:
        for name in ("old.onnx", "vectors/past_covariates.csv", "notes.csv", "../mine.onnx"):
            sums.write(f"{'0' * 64}  {name}\n")

    files = bundle(model, place, settings=settings).files

    left = {str(one.relative_to(place)) for one in place.rglob("*") if one.is_file()}
    assert left == {*files, "notes.csv"}
    assert mine.exists()


@pytest.mark.parametrize("there", [True, False])
def test_full_disk_leaves_a_bundle_as_it_was(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """No mixture of two models: where the last file does not fit, none is replaced, and no new folder is left."""
    settings = ExportSettings(no_check=True)
    if there:
        bundle(model, tmp_path / "a" / "b", settings=settings)
        (tmp_path / "a" / "b" / "README.md").write_text("old")
    before = {one: one.is_file() and one.read_bytes() for one in tmp_path.rglob("*")}
    flush, seen = os.fsync, []

    def fill(descriptor: int) -> None:
        seen.append(descriptor)
        if len(seen) == 5:
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fill)

    with pytest.raises(AccessError, match="No space left"):
        bundle(model, tmp_path / "a" / "b", settings=settings)

    assert {one: one.is_file() and one.read_bytes() for one in tmp_path.rglob("*")} == before


def test_bundle_of_a_name_that_is_no_text(model: Path, tmp_path: Path) -> None:
    """Bytes that are no UTF-8 in the name of a model are no bug; the checksums hold them as they are."""
    named = tmp_path / os.fsdecode(b"\xfe.tsf")
    try:
        shutil.copytree(model, named)
    except (OSError, UnicodeError):
        pytest.skip("this file system wants UTF-8")

    place = bundle(named, tmp_path / "b", settings=ExportSettings(no_check=True)).folder

    assert b"  \xfe.onnx\n" in (place / "SHA256SUMS").read_bytes()
