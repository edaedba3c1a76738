"""Fit with defaults, forecast and score every set of a folder, as a user would: through the command line."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.pages import store, stored

LEVELS = "0.025,0.05,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95,0.975"


def measure(data: Path, scorer: Path, budget: str, seed: int, names: list[str]) -> None:
    """Measure sets one after the other on one processor and store what each gave."""
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    facts = json.loads((data / "datasets.json").read_text())
    chosen = [name for name in names or facts if "test" in facts[name] and "h" in facts[name]]
    for name in chosen:
        result = _measure(name, facts[name], data, scorer, ["--budget", budget, "--seed", str(seed)])
        store(
            "accuracy", {name: {**stored("accuracy").get(name, {}), **result, "budget": budget, "seed": seed}}
        )
        print(name, json.dumps(result), flush=True)
    for name in chosen:
        store("accuracy", {name: {**stored("accuracy")[name], **_baselines(name, data, scorer)}})


def _measure(
    name: str, facts: dict[str, Any], data: Path, scorer: Path, options: list[str]
) -> dict[str, Any]:
    horizon = facts["h"]
    with tempfile.TemporaryDirectory() as folder:
        model, forecasts = str(Path(folder) / "m.tsf"), str(Path(folder) / "f.csv")
        train, test = str(data / facts["train"]), str(data / facts["test"])
        start = time.monotonic()
        fitted = _tsforecast("fit", train, "-o", model, "--horizon", str(horizon), "--json", *options)
        seconds = time.monotonic() - start
        if facts["stride"]:
            step = horizon if facts["stride"] == 1 else facts["stride"]
            _tsforecast("evaluate", model, test, "--step", str(step), "--forecasts", forecasts)
        else:
            _tsforecast("predict", model, "--quantiles", LEVELS, "-o", forecasts)
        score = _run([sys.executable, str(scorer), forecasts, "--data", str(data / name), "--json"])
    fit = json.loads(fitted)
    return {
        "horizon": horizon,
        "steps": fit["steps"],
        "members": fit["members"],
        "seconds": seconds,
        **{key: json.loads(score)[0][key] for key in ("MASE", "sMAPE", "OWA", "WQL", "cov80", "MSIS")
           if key in json.loads(score)[0]},
    }  # fmt: skip


def _baselines(name: str, data: Path, scorer: Path) -> dict[str, float]:
    """Scores of seasonal naive and Theta, computed once; Theta is left out where it takes minutes."""
    known = stored("accuracy").get(name, {})
    if "snaive" in known:
        return {key: known[key] for key in ("snaive", "theta") if key in known}
    found = {}
    for method in ("snaive", "theta"):
        command = [
            sys.executable,
            str(scorer),
            "--baselines",
            "--methods",
            method,
            "--data",
            str(data / name),
            "--json",
        ]
        with contextlib.suppress(subprocess.TimeoutExpired):
            found[method] = json.loads(_run(command, timeout=60))[0]["MASE"]
    return found


def _tsforecast(*words: str) -> str:
    return _run([sys.executable, "-m", "tsforecast", *words])


def _run(command: list[str], timeout: float | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return done.stdout
