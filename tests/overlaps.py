"""Run fits and predicts of one model folder at the same time and see that all that is left is whole.

``python -m tests.overlaps 100`` stores the counts that docs/reliability.md shows.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.crashes import MODEL, SHORT, debris, environment, prepare, rows_of
from tests.reliability import keep
from tests.workflows.tables import HORIZON
from tsforecast.artifacts import SUFFIXES, load_artifact

AT_ONCE = 10
ALLOWED = {0, 8}
"""Done, or busy."""


def words_of(number: int, draw: random.Random) -> list[str]:
    """Choose what a run does: a fit, or a forecast into a file of its own, a shared one, or one that grows."""
    kind = draw.choice(("fit", "wait", "own", "shared", "append", "append"))
    if kind in ("fit", "wait"):
        more = ["--wait", "30s"] if kind == "wait" else []
        return ["fit", "daily.csv", *SHORT, "--seed", str(number), *more]
    cutoff = f"2024-04-{draw.randrange(1, 30):02d}"
    place = {
        "own": ["-o", f"own-{number}.csv"],
        "shared": ["-o", "shared.csv"],
        "append": ["--append", "all.csv"],
    }[kind]
    return ["predict", MODEL, "daily.csv", "--cutoff", cutoff, *place]


def run(folder: Path, words: list[str]) -> int:
    """Run the command and give its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tsforecast", *words],
        cwd=folder, env=environment(), stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return done.returncode


def damaged(folder: Path) -> int:
    """Count outputs that are not whole; a model that is not raises its error."""
    load_artifact(folder / MODEL, *SUFFIXES)
    rows = {file.name: len(rows_of(file)) for file in folder.glob("*.csv") if file.name != "daily.csv"}
    return sum(
        count % (2 * HORIZON) != 0 if name == "all.csv" else count != 2 * HORIZON
        for name, count in rows.items()
    )


def overlap(folder: Path, runs: int, at_once: int = AT_ONCE) -> Counter[int]:
    """Do so many runs, some at a time, and count their exit codes."""
    draw = random.Random(0)
    planned = [words_of(number, draw) for number in range(runs)]
    with ThreadPoolExecutor(at_once) as pool:
        return Counter(pool.map(lambda words: run(folder, words), planned))


def main(runs: int = 100) -> None:
    """Let so many runs overlap, then look at every file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        codes = overlap(folder, runs)
        found = {
            "runs": runs,
            "at_once": AT_ONCE,
            "codes": {str(code): count for code, count in codes.items()},
            "damaged": damaged(folder) + len(debris(folder)),
        }
    keep("overlaps", found)
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
