"""Kill runs at random moments and see what is left.

``python -m tests.crashes 300`` stores the counts that docs/reliability.md shows.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.reliability import keep
from tests.stored_models import save
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.artifacts import CHECKPOINT, DESCRIPTION, SUFFIXES, load_artifact
from tsforecast.artifacts import writing as taking_turns
from tsforecast.errors import ForecastError

MODEL = "daily.tsf"
SHORT = ("--steps", "1", "--members", "1", "--horizon", str(HORIZON))
LONG = ("--steps", "30", "--members", "1", "--horizon", str(HORIZON))
EAGER = (
    "import sys\n"
    "from tsforecast.cli.launch import launch\n"
    "from tsforecast.training import checkpoint\n"
    "checkpoint.FIRST, checkpoint.SHARE = 0.0, 1e9\n"
    "sys.exit(launch(sys.argv[1:]))\n"
)
"""The command, where fit keeps its state after every step."""

SAVING = (
    "from pathlib import Path\n"
    "from tests.stored_models import save\n"
    "from tsforecast.artifacts import writing\n"
    "print('ready', flush=True)\n"
    "for number in range(10**6):\n"
    "    with writing(Path('stored.tsf')):\n"
    "        save(Path('stored.tsf'), number)\n"
)


class LostRowsError(Exception):
    """Rows that were there are gone."""


def environment() -> dict[str, str]:
    """Environment of a fresh process that finds this package."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def prepare(folder: Path) -> None:
    """Make data and a model."""
    write_daily(folder / "daily.csv", 0, 120)
    finish(folder, "fit", "daily.csv", *SHORT)


def finish(folder: Path, *words: str) -> None:
    """Run the command to its end, which must be a good one."""
    subprocess.run([sys.executable, "-m", "tsforecast", *words], cwd=folder, env=environment(), check=True)


def kill_at_random(folder: Path, words: list[str], draw: random.Random) -> bool:
    """Start Python and kill it at any moment of the time that it takes by itself."""
    kind = " ".join(words[:4])
    if kind not in DURATIONS:
        begun = time.monotonic()
        subprocess.run([sys.executable, *words], cwd=folder, env=environment(), check=True)
        DURATIONS[kind] = time.monotonic() - begun
    return kill(folder, words, draw.uniform(0.2, 1.0) * DURATIONS[kind])


DURATIONS: dict[str, float] = {}
"""Seconds that a run takes which nobody kills, by its first words."""


def kill(folder: Path, words: list[str], seconds: float, *, ready: bool = False) -> bool:
    """Start Python, kill it after some time, and tell whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process.stdout:
        if ready:
            process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        process.wait()
    return process.returncode < 0


def saving(folder: Path, draw: random.Random) -> bool:
    """Save one model after the other; what is left must be one of them, whole."""
    killed = kill(folder, ["-c", SAVING], draw.uniform(0.0, 0.1), ready=True)
    if (folder / "stored.tsf" / "model.json").exists():
        artifact = load_artifact(folder / "stored.tsf", *SUFFIXES)
        assert artifact.part("model") == f"graph {artifact.description['number']}".encode()
    return killed


def fitting(folder: Path, draw: random.Random) -> bool:
    """Fit again with another seed; the old or the new model must be there."""
    words = ["-m", "tsforecast", "fit", "daily.csv", *SHORT, "--seed", str(draw.randrange(100))]
    killed = kill_at_random(folder, words, draw)
    load_artifact(folder / MODEL, *SUFFIXES)
    return killed


def resuming(folder: Path, draw: random.Random) -> bool:
    """Go on with one fit until it is done; its model is always the same one, and its checkpoint is whole."""
    model = folder / "resumed.tsf"
    words = ["-c", EAGER, "fit", "daily.csv", "-o", model.name, *LONG, "--resume"]
    killed = kill_at_random(folder, words, draw)
    if (model / CHECKPOINT / DESCRIPTION).exists():
        load_artifact(model / CHECKPOINT, "weights")
    if (model / DESCRIPTION).exists():
        load_artifact(model, *SUFFIXES)
        content, first = (model / DESCRIPTION).read_bytes(), folder / "first.json"
        if not first.exists():
            first.write_bytes(content)
        assert content == first.read_bytes()
        shutil.rmtree(model)
    return killed


def writing(folder: Path, draw: random.Random) -> bool:
    """Write a forecast of one of two cutoffs; the file must be one of the two."""
    cutoff = draw.choice(["2024-04-01", "2024-04-20"])
    words = ["-m", "tsforecast", "predict", MODEL, "daily.csv", "--cutoff", cutoff, "-o", "out.csv"]
    killed = kill_at_random(folder, words, draw)
    if (folder / "out.csv").exists():
        assert len(rows_of(folder / "out.csv")) == 2 * HORIZON
    return killed


def appending(folder: Path, draw: random.Random) -> bool:
    """Add a forecast of any day; no row that was there may be gone, and no row may be half."""
    file = folder / "all.csv"
    before = rows_of(file) if file.exists() else []
    cutoff = f"2024-04-{draw.randrange(1, 30):02d}"
    words = ["-m", "tsforecast", "predict", MODEL, "daily.csv", "--cutoff", cutoff, "--append", "all.csv"]
    killed = kill_at_random(folder, words, draw)
    after = rows_of(file) if file.exists() else []
    if after[: len(before)] != before:
        raise LostRowsError
    assert (len(after) - len(before)) in (0, 2 * HORIZON)
    return killed


def rows_of(file: Path) -> list[list[str]]:
    """Rows of a CSV file; all of them have all cells."""
    text = file.read_text()
    assert text.endswith("\n")
    head, *rows = csv.reader(text.splitlines())
    assert all(len(row) == len(head) for row in rows)
    return rows


SCENARIOS: dict[str, Callable[[Path, random.Random], bool]] = {
    "saving": saving,
    "fitting": fitting,
    "resuming": resuming,
    "writing": writing,
    "appending": appending,
}


def debris(folder: Path) -> list[str]:
    """Temporary files, made old, so that the next run takes them for what they are."""
    found = list(folder.rglob(".*.tmp"))
    for file in found:
        os.utime(file, (0, 0))
    return [file.name for file in found]


def clean_up(folder: Path) -> None:
    """Do everything once more without a kill."""
    finish(folder, "fit", "daily.csv", *SHORT)
    finish(folder, "predict", MODEL, "-o", "out.csv")
    finish(folder, "predict", MODEL, "--append", "all.csv")
    finish(folder, "predict", MODEL, "daily.csv", "--cutoff", "2024-03-01", "--append", "all.csv")
    with taking_turns(folder / "stored.tsf"):
        save(folder / "stored.tsf")


def main(kills: int = 300) -> None:
    """Kill so many runs, then count what was left."""
    draw = random.Random(0)
    counts = dict.fromkeys(SCENARIOS, 0)
    damaged = lost = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        while sum(counts.values()) < kills:
            scenario = min(counts, key=lambda one: counts[one])
            try:
                counts[scenario] += SCENARIOS[scenario](folder, draw)
            except LostRowsError:
                lost += 1
            except (AssertionError, ForecastError):
                damaged += 1
        left = len(debris(folder))
        clean_up(folder)
        after = len(debris(folder))
    found = {
        "kills": counts,
        "damaged": damaged,
        "lost": lost,
        "temporaries": left,
        "temporaries_after": after,
    }
    keep("kills", found)
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
