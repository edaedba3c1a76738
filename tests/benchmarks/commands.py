"""Commands of the program and of the scorer, run as a user would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(tempfile.gettempdir()) / "tsforecast-benchmarks"
"""What can be made again: environments of other libraries and forecasts of the baselines."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def use_one_processor() -> None:
    """Stay on one processor, and so does every process started from here."""
    with contextlib.suppress(AttributeError):  # no such call on macOS and Windows
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def tsforecast(*words: str) -> str:
    """Run the command line in a process of its own; its standard output."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return run([sys.executable, "-m", "tsforecast", *words], environment={"PYTHONPATH": path})


def fit(data: str | Path, model: str | Path, *options: str) -> dict[str, Any]:
    """Fit a model through the command line; what ``--json`` says."""
    return dict(json.loads(tsforecast("fit", str(data), "-o", str(model), "--json", *options)))


def score(scorer: Path, *words: str, timeout: float | None = None, polite: bool = False) -> dict[str, Any]:
    """First row of what the scorer says; polite leaves the processor to others."""
    first = ["nice", "-n", "19"] if polite and shutil.which("nice") else []
    command = [*first, sys.executable, str(scorer), *words, "--json"]
    return dict(json.loads(run(command, timeout=timeout))[0])


def run(command: list[str], timeout: float | None = None, environment: dict[str, str] | None = None) -> str:
    """Run a command and return its standard output.

    Raises:
        SystemExit: It failed; with its last words.
    """
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-3000:]}")
    return done.stdout


def last_number(command: list[str], **environment: str) -> float:
    """Last number that a program of one thread prints; it finds this package."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    said = run(command, environment={**ONE_THREAD, "PYTHONPATH": path, **environment})
    return float(said.strip().splitlines()[-1])


def sets(data: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Facts of the sets with a horizon and a test part, all of them where none is named."""
    facts = json.loads((data / "datasets.json").read_text())
    return {name: facts[name] for name in names or facts if "test" in facts[name] and "h" in facts[name]}


def stride(facts: dict[str, Any]) -> int | None:
    """Count the steps between two cutoffs of a test part; None where the whole part is one window."""
    step = facts["stride"]
    return int(facts["h"]) if step == 1 else step


def observed_values(facts: dict[str, Any]) -> int:
    """Observed values of the test part, over all series."""
    return int(facts["test_rows"] - facts["missing_y"][1])
