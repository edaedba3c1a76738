from __future__ import annotations

import os
from pathlib import Path

import pytest

from tsforecast.data.files import write_atomically
from tsforecast.errors import AccessError


def test_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """The new content stands there, with the rights of the old file, and nothing else."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_new_file_has_the_rights_of_the_umask(tmp_path: Path) -> None:
    """Others may read a forecast as they may read any file of this user."""
    old = os.umask(0o027)
    try:
        write_atomically(str(tmp_path / "out.csv"), b"new")
    finally:
        os.umask(old)

    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("failing", ["fsync", "fchmod"])
def test_failure_leaves_the_old_file_and_no_debris(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """A full disk costs the new file, not the old one."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)

    with pytest.raises(AccessError, match=r"out\.csv cannot be written: No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


def test_interrupt_leaves_no_debris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of writing leaves the folder as it was."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "out.csv", b"new")
    assert [*tmp_path.iterdir()] == []


def test_missing_folder_is_an_access_error(tmp_path: Path) -> None:
    """A path without its folder names what to do."""
    with pytest.raises(AccessError) as caught:
        write_atomically(tmp_path / "gone" / "out.csv", b"new")

    assert caught.value.hint == "create the folder first"


def test_folder_as_file_is_an_access_error(tmp_path: Path) -> None:
    """A folder is never replaced by a file."""
    with pytest.raises(AccessError, match="cannot be written"):
        write_atomically(tmp_path, b"new")


def test_symbolic_link_is_written_through(tmp_path: Path) -> None:
    """The link stays a link."""
    (tmp_path / "real.csv").write_bytes(b"old")
    (tmp_path / "link.csv").symlink_to("real.csv")

    write_atomically(tmp_path / "link.csv", b"new")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


def test_device_is_written_to(tmp_path: Path) -> None:
    """A device is not replaced by a file of its name."""
    write_atomically(os.devnull, b"new")

    assert not Path(os.devnull).is_file()
