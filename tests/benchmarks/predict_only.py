"""The install for machines that never train, made as docs/export.md says: how large it is, and what works in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.commands import ROOT, fit, run
from tests.benchmarks.results import DOCS, store

PAGE = DOCS / "export.md"
SAMPLE = ROOT / "sample_data" / "monthly_visitors.csv"
LIMIT = 380
"""Most megabytes of the environment, pyarrow in it."""

MEGABYTE = 1e6
LARGEST = 6
"""Packages whose size is stored one by one."""

COMMANDS: dict[str, tuple[int, str]] = {
    "predict m.tsf": (0, ""),
    "predict m.tsf data.csv -o forecast.csv": (0, ""),
    "predict --zero-shot data.csv": (0, ""),
    "evaluate m.tsf": (0, ""),
    "inspect m.tsf": (0, ""),
    "bench m.tsf --seconds 0.2": (0, ""),
    "export m.tsf -o m.onnx": (0, ""),
    "export m.tsf -o small.onnx --precision int8 --max-loss 100": (0, ""),
    "export m.tsf --bundle m-edge": (0, ""),
    "predict m.onnx data.csv": (0, ""),
    "inspect m.onnx --json": (0, ""),
    "bench m.onnx --seconds 0.2": (0, ""),
    "fit data.csv -o new.tsf": (10, "hint: pip install torch scikit-learn pandas holidays"),
}
"""Commands that are tried in this order, with the exit code and the last line on stderr that each must have."""


def install_line() -> str:
    """Line that the page says to type in a clone.

    Raises:
        ValueError: The page says it not once.
    """
    (line,) = re.findall(r"^    (pip install .*requirements-predict\.txt.*)$", PAGE.read_text("utf-8"), re.M)
    return str(line)


def measure() -> None:
    """Make the environment, try every command, and store sizes; a command that fails stops it.

    Raises:
        SystemExit: A command did not do what it must.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "data.csv").write_bytes(SAMPLE.read_bytes())
        fit(place / "data.csv", place / "m.tsf", "--steps", "40")
        environment = place / "env"
        run([sys.executable, "-m", "venv", str(environment)])
        line = install_line()
        run(["sh", "-c", f"cd '{ROOT}' && {line}"], environment=_first_in_path(environment))
        for words, (code, last) in COMMANDS.items():
            _try(words, code, last, place, environment)
            print(f"exit {code:2} of tsforecast {words}", flush=True)
        codes = [[words, code] for words, (code, _) in COMMANDS.items()]
        store("predict_only", {"install": line, "commands": codes, "limit": LIMIT, **_sizes(environment)})


def _first_in_path(environment: Path) -> dict[str, str]:
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}


def _try(words: str, code: int, last: str, place: Path, environment: Path) -> None:
    done = subprocess.run(
        ["tsforecast", *words.split()],
        cwd=place,
        env={**os.environ, **_first_in_path(environment)},
        executable=str(environment / ("Scripts" if sys.platform == "win32" else "bin") / "tsforecast"),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.rstrip("\n").rpartition("\n")[2]
    if (done.returncode, said) != (code, last):
        raise SystemExit(f"tsforecast {words} ended with {done.returncode}: {done.stderr[-2000:]}")


def _sizes(environment: Path) -> dict[str, Any]:
    """Megabytes of the files in the environment and of its largest packages, after the commands have run."""
    (packages,) = environment.rglob("site-packages")
    sizes: dict[str, float] = {}
    for file in packages.rglob("*"):
        if file.is_file() and not file.is_symlink():
            name = file.relative_to(packages).parts[0].partition(".")[0]
            sizes[name] = sizes.get(name, 0) + file.stat().st_size / MEGABYTE
    largest = sorted(sizes, key=lambda name: -sizes[name])[:LARGEST]
    return {
        "megabytes": round(sum(sizes.values()), 1),
        "packages": {name: round(sizes[name], 1) for name in largest},
    }
