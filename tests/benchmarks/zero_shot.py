"""Forecast and score sets without a fit, through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.accuracy import LEVELS
from tests.benchmarks.results import store

SCORES = ("MASE", "sMAPE", "OWA", "WQL", "cov80", "MSIS")


def measure(data: Path, scorer: Path, names: list[str]) -> None:
    """Measure sets whose test part is one block, and store what each gave."""
    facts = json.loads((data / "datasets.json").read_text())
    whole = [name for name, one in facts.items() if "test" in one and not one["stride"]]
    for name in names or whole:
        result = _measure(name, facts[name], data, scorer)
        store("zero_shot", {name: result})
        print(name, json.dumps(result), flush=True)


def _measure(name: str, facts: dict[str, Any], data: Path, scorer: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        forecasts = str(Path(folder) / "f.csv")
        words = [
            str(data / facts["train"]),
            "--horizon",
            str(facts["h"]),
            "--quantiles",
            LEVELS,
            "-o",
            forecasts,
        ]
        start = time.monotonic()
        _run("-m", "tsforecast", "predict", "--zero-shot", *words)
        seconds = time.monotonic() - start
        score = json.loads(_run(str(scorer), forecasts, "--data", str(data / name), "--json"))[0]
    return {"horizon": facts["h"], "seconds": seconds, **{key: score[key] for key in SCORES if key in score}}


def _run(*words: str) -> str:
    return subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, text=True, check=True).stdout
