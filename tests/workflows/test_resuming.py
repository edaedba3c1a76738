"""A fit that was killed goes on, and nobody can tell from its model."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import environment
from tests.workflows.tables import HORIZON, write_daily
from tsforecast import fit
from tsforecast.artifacts import CHECKPOINT, load_artifact
from tsforecast.errors import ArtifactError, Interrupted, UsageError
from tsforecast.training import checkpoint
from tsforecast.training.checkpoint import Checkpoint, open_checkpoint
from tsforecast.workflows.fit import FitResult

KINDS: dict[str, dict[str, Any]] = {
    "mixture": {"steps": 12, "members": 2},
    "recurrent": {"steps": 14, "network": "recurrent", "hidden": 6, "layers": 2, "dropout": 0.3},
    "as in textbooks": {"steps": 9, "preset": "classic", "hidden": 4, "context_length": 14, "batch_size": 40},
}
KILLED = """
import os, signal, sys
from tsforecast.cli.launch import launch
from tsforecast.training import checkpoint

checkpoint.FIRST, checkpoint.SHARE = 0.0, 1e9
write = checkpoint.Checkpoint.write


def write_and_die(self):
    write(self)
    if self.steps == 7:
        os.kill(os.getpid(), signal.SIGKILL)


checkpoint.Checkpoint.write = write_and_die
launch(sys.argv[1:])
"""


class Killed(BaseException):
    """Nothing in the program expects it."""


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state after every step."""
    monkeypatch.setattr(checkpoint, "FIRST", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small table of two series."""
    return write_daily(tmp_path_factory.mktemp("resuming") / "daily.csv", 0, 90)


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give settings of a fit."""
    return {"horizon": HORIZON, **KINDS[request.param]}


@pytest.fixture(scope="module")
def wanted(table: Path, kind: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of the model that nobody disturbed."""
    return files_of(fit(table, tmp_path_factory.mktemp("whole") / "m", **kind).path)


def files_of(model: Path) -> dict[str, bytes]:
    """Every file but the lock."""
    return {
        str(file.relative_to(model)): file.read_bytes()
        for file in model.rglob("*")
        if file.is_file() and file.name != ".lock"
    }


def killed_fit(
    table: Path, model: Path, after: int, monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> FitResult | None:
    """Fit until the state has been kept so many times; the result where it came to an end before."""
    write, written = Checkpoint.write, 0

    def write_and_die(self: Checkpoint) -> None:
        nonlocal written
        write(self)
        written += 1
        if written == after:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "write", write_and_die)
        try:
            return fit(table, model, **settings)
        except Killed:
            return None


@pytest.mark.parametrize("after", [2, 13])
def test_a_resumed_fit_makes_the_same_model(
    table: Path,
    kind: dict[str, Any],
    wanted: dict[str, bytes],
    after: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed again and again, in the first training, in the refit, in the first step after going on."""
    model = tmp_path / "m"
    assert killed_fit(table, model, after, monkeypatch, **kind) is None
    assert killed_fit(table, model, 1, monkeypatch, **kind, resume=True) is None

    result = fit(table, model, **kind, resume=True)

    said = next(note.text for note in result.notes if "went on from a checkpoint" in note.text)
    assert int(said.split()[-3]) in (after + 1, after + 2)
    assert files_of(model) == wanted


@pytest.mark.parametrize("kind", ["mixture"], indirect=True)
def test_kill_9_and_resume(
    table: Path, kind: dict[str, Any], wanted: dict[str, bytes], tmp_path: Path
) -> None:
    """The real command, ended by the system in the middle of its training."""
    words = ["fit", str(table), "-o", "m", *(f"--{name}={value}" for name, value in kind.items())]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words], cwd=tmp_path, env=environment(), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "m" / "model.json").exists()

    resumed = fit(table, tmp_path / "m", **kind, resume=True)

    assert any("after 7 training steps" in note.text for note in resumed.notes)
    assert files_of(resumed.path) == wanted


def test_resume_without_a_checkpoint_starts_anew_and_says_so(table: Path, tmp_path: Path) -> None:
    """What is asked for is a model, so there is one."""
    result = fit(table, tmp_path / "m", steps=2, members=1, resume=True)

    assert any("no checkpoint to go on from" in note.text for note in result.notes)
    assert not (tmp_path / "m" / CHECKPOINT).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 1}, "--seed was 0, is 1"),
        ({"steps": 13}, "--steps was 12, is 13"),
        ({"table": "longer"}, "SHA-256 of the data was"),
    ],
)
def test_resume_refuses_another_fit_and_names_what_differs(
    table: Path, changes: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mixture of two fits would be neither; nothing is lost, so that the right command still goes on."""
    settings = {"horizon": HORIZON, **KINDS["mixture"]}
    killed_fit(table, tmp_path / "m", 5, monkeypatch, **settings)
    before = files_of(tmp_path / "m")
    changes = dict(changes)
    other = write_daily(tmp_path / "longer.csv", 0, 91) if changes.pop("table", "") else table

    with pytest.raises(UsageError, match=said) as caught:
        fit(other, tmp_path / "m", **settings | changes, resume=True)

    assert "leave out --resume" in caught.value.hint
    assert files_of(tmp_path / "m") == before


def test_resume_refuses_another_version(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release may compute other weights."""
    killed_fit(table, tmp_path / "m", 3, monkeypatch, steps=5, members=1)
    monkeypatch.setattr("tsforecast.workflows.resuming.__version__", "9.0")

    with pytest.raises(UsageError, match=r"version of tsforecast was .*, is 9\.0"):
        fit(table, tmp_path / "m", steps=5, members=1, resume=True)


def test_resume_refuses_a_damaged_checkpoint(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One changed byte is no state to go on from."""
    killed_fit(table, tmp_path / "m", 3, monkeypatch, steps=5, members=1)
    weights = next((tmp_path / "m" / CHECKPOINT).glob("weights-*"))
    content = bytearray(weights.read_bytes())
    content[-9] ^= 1
    weights.write_bytes(content)

    with pytest.raises(ArtifactError, match="not what was written") as caught:
        fit(table, tmp_path / "m", steps=5, members=1, resume=True)

    assert "leave out --resume" in caught.value.hint


def test_a_fit_without_resume_starts_anew_and_cleans_up(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed run has left is debris to a later one, and the old model works all the while."""
    model = fit(table, tmp_path / "m", steps=2, members=1).path
    before = files_of(model)
    killed_fit(table, model, 3, monkeypatch, steps=5, members=1)
    load_artifact(model, "model", "weights")
    assert (model / CHECKPOINT).exists()

    fit(table, model, steps=2, members=1)

    assert files_of(model) == before


def test_an_interrupted_fit_says_how_to_go_on(table: Path, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM leave the checkpoint too, but no model."""

    def interrupt(now: Any) -> None:
        if now.step == 10:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="no model was written") as caught:
        fit(table, tmp_path / "m", steps=12, members=1, progress=interrupt)
    assert "--resume" in caught.value.hint
    with pytest.raises(ArtifactError, match="no model yet"):
        load_artifact(tmp_path / "m")

    resumed = fit(table, tmp_path / "m", steps=12, members=1, resume=True)
    assert any("after 9 training steps" in note.text for note in resumed.notes)


def test_a_checkpoint_that_cannot_be_kept_does_not_stop_the_fit(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a help, not a result; the person is told."""
    model = tmp_path / "m"
    model.mkdir()
    (model / CHECKPOINT).write_text("in the way")

    result = fit(table, model, steps=3, members=1)

    assert any(note.warning and "kept no checkpoint" in note.text for note in result.notes)
    load_artifact(model, "model", "weights")


def test_time_that_was_spent_counts(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget goes on where it was, and what the clock decided before stays decided."""
    model = tmp_path / "m"
    kept = Checkpoint(model, {})
    kept.started -= 100
    first = kept.recall("members", lambda: 3)
    kept.write()

    again = open_checkpoint(model, {})

    assert again is not None
    assert again.started <= kept.started + 1
    assert (first, again.recall("members", lambda: 4)) == (3, 3)
