from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tsforecast.data.locking import locked
from tsforecast.errors import AccessError, BusyError

HOLD = (
    "import sys, pathlib\n"
    "from tsforecast.data.locking import locked\n"
    "with locked(pathlib.Path(sys.argv[1]), 'it'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def holder(lock: Path) -> subprocess.Popen[bytes]:
    """Start a process that holds a lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_second_owner_is_told_that_the_lock_is_held(tmp_path: Path) -> None:
    """Exit code 8, at once or after the time asked for; afterwards the lock is free."""
    process = holder(tmp_path / "lock")
    for wait in (0.0, 0.2):
        with pytest.raises(BusyError) as error, locked(tmp_path / "lock", "the model m", wait):
            pass
        assert error.value.exit_code == 8
    process.communicate(b"")

    with locked(tmp_path / "lock", "the model m"):
        assert True


def test_a_dead_owner_never_blocks(tmp_path: Path) -> None:
    """The file stays, the lock goes with the process, also after ``kill -9``."""
    process = holder(tmp_path / "lock")
    process.kill()
    process.communicate()

    assert (tmp_path / "lock").exists()
    with locked(tmp_path / "lock", "it"):
        pass


def test_waiting_ends_when_the_owner_is_done(tmp_path: Path) -> None:
    """Who waits long enough gets it."""
    process = holder(tmp_path / "lock")
    assert process.stdin is not None
    process.stdin.close()

    with locked(tmp_path / "lock", "it", wait=60.0):
        pass
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_lock_that_cannot_be_made_is_exit_4(tmp_path: Path) -> None:
    """A folder that is a file holds no lock."""
    (tmp_path / "file").touch()

    with pytest.raises(AccessError), locked(tmp_path / "file" / "lock", "it"):
        pass
