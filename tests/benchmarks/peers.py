"""Other libraries on the same sets, scored by the same scorer: methods of statsforecast, LSTM of neuralforecast."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import commands
from tests.benchmarks.environment import peer_python, peer_versions
from tests.benchmarks.results import store, stored

COMMAND = "python -m tests.benchmarks peers --data DIR --scorer SCORER"
WORKER = Path(__file__).with_name("peer_forecasts.py")
METHODS = ("Theta", "AutoETS", "AutoARIMA", "LSTM")
METRICS = ("MASE", "sMAPE", "OWA", "WQL", "cov80")

LONGEST_SEASON = {"AutoETS": 24, "AutoARIMA": 12}
"""Longest season that a method can take, or takes in minutes (steps)."""

MOST_ROWS = {"Theta": 4_000_000, "AutoETS": 400_000, "AutoARIMA": 100_000}
"""Rows a method is fitted to at most, over all series and cutoffs."""

MOST_ROWS_UNSEASONAL = 400_000
MOST_SERIES = 1_100

NETWORK_SEASON = {"h": 168, "W-SUN": 52}
"""Longest season of the frequency, two of which the LSTM sees (steps)."""


def measure(data: Path, scorer: Path, environment: Path, names: list[str], timeout: float) -> None:
    """Measure what is not stored yet, the quickest first, and store each result as it comes."""
    python = peer_python(environment)
    store("peers", {"command": COMMAND, "versions": peer_versions(python)})
    chosen = commands.sets(data, names)
    plans = [(_cost(method, facts), name, method) for name, facts in chosen.items() for method in METHODS
             if reason_to_skip(name, facts, method) is None]  # fmt: skip
    for _, name, method in sorted(plans):
        if method in stored("peers").get("sets", {}).get(name, {}):
            continue
        result = _measure(python, name, chosen[name], method, data, scorer, timeout)
        known = stored("peers").get("sets", {})
        store("peers", {"sets": {**known, name: {**known.get(name, {}), method: result}}})
        print(name, method, json.dumps(result), flush=True)


def reason_to_skip(name: str, facts: dict[str, Any], method: str) -> str | None:
    """Why a method is not measured on a set, None where it is; the page states these rules."""
    season, rows = facts["m"], fitted_rows(facts)
    if method == "LSTM":
        return None if name.startswith("m4_") else "measured on the M4 sets only"
    if season > LONGEST_SEASON.get(method, season):
        return f"a season of {season} steps"
    most = MOST_ROWS_UNSEASONAL if method == "AutoARIMA" and season == 1 else MOST_ROWS[method]
    if rows > most:
        return f"{rows} rows to fit"
    if method == "AutoARIMA" and facts["n_series"] > MOST_SERIES:
        return f"{facts['n_series']} series"
    return None


def fitted_rows(facts: dict[str, Any]) -> int:
    """Rows behind all fits of a set: each block of the test part is fitted to everything before it."""
    step = commands.stride(facts) or facts["test_len"][1]
    blocks = -(-facts["test_len"][1] // step)
    return int(blocks * facts["train_rows"] + facts["n_series"] * step * blocks * (blocks - 1) // 2)


def _cost(method: str, facts: dict[str, Any]) -> float:
    """Order of time that a method takes: the LSTM always the same number of steps, the others by rows."""
    rows, season = fitted_rows(facts), facts["m"]
    return float(
        {"Theta": rows, "LSTM": 5_000_000, "AutoETS": 10 * rows * season, "AutoARIMA": 100 * rows * season}[
            method
        ]
    )


def _measure(
    python: str, name: str, facts: dict[str, Any], method: str, data: Path, scorer: Path, timeout: float
) -> dict[str, Any]:
    season = NETWORK_SEASON[facts["freq"]] if method == "LSTM" else facts["m"]
    step = commands.stride(facts)
    with tempfile.TemporaryDirectory() as folder:
        output = str(Path(folder) / "f.csv")
        words = ["--horizon", str(facts["h"]), "--season", str(season)]
        words += ["--stride", str(step)] if step else []
        command = [python, str(WORKER), method, str(data / facts["train"]), str(data / facts["test"]), output]
        start = time.monotonic()
        try:
            said = commands.run([*command, *words], timeout=timeout, environment=commands.ONE_THREAD)
        except subprocess.TimeoutExpired:
            return {"skipped": f"took more than {timeout:.0f} s"}
        seconds = time.monotonic() - start
        scores = commands.score(scorer, output, "--data", str(data / name))
    return {
        **json.loads(said.strip().splitlines()[-1]),
        "seconds": round(seconds, 1),
        **{key: scores[key] for key in METRICS if scores.get(key) == scores.get(key) and key in scores},
    }
