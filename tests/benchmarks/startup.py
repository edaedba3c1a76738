"""Whole-process times as ratios: two commands in turn, the median of the pairs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.results import store

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data" / "monthly_visitors.csv"
BARE = [sys.executable, "-c", "pass"]
IMPORTS = [sys.executable, "-c", "import numpy, onnxruntime"]
COMMAND = [sys.executable, "-m", "tsforecast"]


def compiled(folder: Path) -> dict[str, str]:
    """Environment of processes that start as an installed program does: pip compiles its modules beforehand."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def measure(runs: int) -> None:
    """Time help and a cold predict beside their yardsticks."""
    with tempfile.TemporaryDirectory() as folder:
        model, output = str(Path(folder) / "m.tsf"), str(Path(folder) / "f.csv")
        subprocess.run([*COMMAND, "fit", str(SAMPLE), "-o", model, "--steps", "20"], check=True)
        pairs = {
            "help": ("`tsforecast --help` into a pipe", BARE, "`python -c pass`", 8.0, [*COMMAND, "--help"], False),
            "help_terminal": ("`tsforecast --help` on a terminal", BARE, "`python -c pass`", 14.0,
                              [*COMMAND, "--help"], True),
            "predict": ("`tsforecast predict MODEL -o FILE`", IMPORTS, '`python -c "import numpy, onnxruntime"`', 3.0,
                        [*COMMAND, "predict", model, "-o", output], False),
            "predict_data": ("`tsforecast predict MODEL DATA -o FILE`", IMPORTS,
                             '`python -c "import numpy, onnxruntime"`', 3.0,
                             [*COMMAND, "predict", model, str(SAMPLE), "-o", output], False),
            "zero_shot": ("`tsforecast predict --zero-shot DATA -o FILE`",
                          [*COMMAND, "predict", model, str(SAMPLE), "-o", output],
                          "`tsforecast predict MODEL DATA -o FILE`", 2.0,
                          [*COMMAND, "predict", "--zero-shot", str(SAMPLE), "-o", output], False),
        }  # fmt: skip
        for name, (what, other, beside, limit, command, terminal) in pairs.items():
            ratio = _ratio(command, other, runs, compiled(Path(folder)), terminal=terminal)
            store("startup", {name: {"what": what, "beside": beside, "limit": limit, "ratio": ratio}})
            print(f"{what}: {ratio:.2f} times {beside}, limit {limit:g}", flush=True)


def _ratio(
    command: list[str], other: list[str], runs: int, environment: dict[str, str], *, terminal: bool
) -> float:
    pairs = [
        (_seconds(command, environment, terminal), _seconds(other, environment, terminal))
        for _ in range(runs + 1)
    ][1:]
    return statistics.median(a / b for a, b in pairs)


def _seconds(command: list[str], environment: dict[str, str], terminal: bool) -> float:
    start = time.perf_counter()
    if terminal:
        _on_terminal(command, environment)
    else:
        subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    return time.perf_counter() - start


def _on_terminal(command: list[str], environment: dict[str, str]) -> None:
    import pty

    master, slave = pty.openpty()
    with subprocess.Popen(
        command, stdout=slave, stderr=slave, env={**environment, "TERM": "xterm-256color"}
    ) as child:
        os.close(slave)
        try:
            while os.read(master, 65536):
                pass
        except OSError:
            pass  # the terminal closes with the process
        child.wait()
    os.close(master)
