"""Real processes: every test here starts the command as a user does."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUBBED = Path(__file__).with_name("stubbed.py")
REAL = ("-m", "tsforecast")


@dataclass(frozen=True)
class Finished:
    """What a process left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Finished]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of a fresh process, without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TSFORECAST_")}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONUNBUFFERED"):
        kept.pop(name, None)
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **(extra or {})}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command with stubbed workflows in an empty folder."""
    return lambda *words, **how: start([str(STUBBED), *words], tmp_path, **how)


@pytest.fixture
def run_real(tmp_path: Path) -> Run:
    """Run the command itself in an empty folder."""
    return lambda *words, **how: start([*REAL, *words], tmp_path, **how)


def start(
    words: list[str], folder: Path, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> Finished:
    """Run Python with some words, both output streams into pipes."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def on_terminal(words: list[str], folder: Path, env: Mapping[str, str] | None = None) -> Finished:
    """Run Python with both output streams on a terminal; all output is in ``out``."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    shown = _read_all(leader)
    os.close(leader)
    return Finished(process.wait(timeout=120), shown.decode("utf-8"), "")


def _read_all(descriptor: int) -> bytes:
    shown = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux reports the closed other end of a terminal as an error
            return shown
        if not part:
            return shown
        shown += part


def in_shell(script: str, folder: Path, env: Mapping[str, str] | None = None) -> Finished:
    """Run a shell script in which ``$TSF`` is the stubbed command and ``$REAL`` the true one."""
    names = {"TSF": f"{sys.executable} {STUBBED}", "REAL": f"{sys.executable} {' '.join(REAL)}"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment({**names, **(env or {})}),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
