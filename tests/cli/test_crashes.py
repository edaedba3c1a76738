"""Whatever stops a run, what was there before is there afterwards, or the new one is, whole."""

from __future__ import annotations

import ctypes
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from tests.crashes import MODEL, SCENARIOS, SHORT, clean_up, debris, prepare
from tsforecast.artifacts import SUFFIXES, load_artifact

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with data and a model."""
    place = tmp_path_factory.mktemp("crashes")
    prepare(place)
    return place


def contents(place: Path) -> dict[str, bytes]:
    """Every file but locks."""
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in place.rglob("*")
        if file.is_file() and not file.name.endswith(".lock")
    }


@pytest.mark.parametrize(
    "scenario", [pytest.param(one, marks=pytest.mark.slow) if one == "resuming" else one for one in SCENARIOS]
)
def test_kill_at_any_moment_leaves_whole_files(folder: Path, scenario: str) -> None:
    """The check stands in the scenario; a run that was quicker than its kill is checked too."""
    draw = random.Random(scenario)
    for _ in range(6):
        SCENARIOS[scenario](folder, draw)


def test_later_runs_clean_what_kills_have_left(folder: Path) -> None:
    """In the model folder and beside the output, while files of others stay."""
    unfinished = [
        folder / MODEL / ".model.json.0123456789abcdef.tmp",
        folder / ".out.csv.0123456789abcdef.tmp",
    ]
    other = folder / ".other.csv.0123456789abcdef.tmp"
    for file in (*unfinished, other):
        file.write_bytes(b"half a fi")
    stray = folder / MODEL / f"weights-{'0' * 16}.safetensors"
    stray.write_bytes(b"of a model that was never committed")
    debris(folder)

    clean_up(folder)

    assert other.exists()
    other.unlink()
    assert debris(folder) == []
    assert not stray.exists()


def run_limited(folder: Path, limit: Callable[[], None], *words: str) -> tuple[int, str]:
    """Run the command in a process with a limit of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tsforecast", *words],
        cwd=folder, env=environment({"PYTHONDONTWRITEBYTECODE": "1"}), preexec_fn=limit,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (200, ("predict", MODEL, "-o", "out.csv", "--quantiles", "0.3,0.7")),
        (200, ("predict", MODEL, "daily.csv", "--cutoff", "2024-02-20", "--append", "all.csv")),
        (20_000, ("fit", "daily.csv", *SHORT, "--seed", "99")),
    ],
)
def test_full_disk_is_exit_4_and_loses_nothing(folder: Path, limit: int, words: tuple[str, ...]) -> None:
    """The system refuses to write more; every file is the one that was there."""
    clean_up(folder)
    before = contents(folder)

    code, said = run_limited(
        folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), *words
    )

    assert code == 4, said
    assert "cannot be written" in said
    assert contents(folder) == before


def without_rights() -> None:
    """Give up the right of root to write where nobody may; without effect for others."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def test_read_only_folder_is_enough_to_predict_and_not_to_fit(folder: Path) -> None:
    """A reader asks for no lock; a writer is told at once."""
    places = [folder, folder / MODEL]
    for place in places:
        place.chmod(0o555)
    before = contents(folder)
    try:
        read, _ = run_limited(folder, without_rights, "predict", MODEL)
        fit, said = run_limited(folder, without_rights, "fit", "daily.csv", *SHORT)
        written, _ = run_limited(folder, without_rights, "predict", MODEL, "-o", "out.csv")
    finally:
        for place in places:
            place.chmod(0o755)

    assert (read, fit, written) == (0, 4, 4), said
    assert contents(folder) == before
    load_artifact(folder / MODEL, *SUFFIXES)
