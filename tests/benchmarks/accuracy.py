"""Fit with defaults, forecast and score every set of a folder, as a user would: through the command line."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import commands
from tests.benchmarks.differences import difference, read_table, window_errors
from tests.benchmarks.results import medians, store, stored

LEVELS = "0.025,0.05,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95,0.975"
BASELINES = ("snaive", "theta")
USUAL_BUDGET = "60s"
BASELINE_SECONDS = 600
METRICS = ("MASE", "sMAPE", "OWA", "WQL", "cov80", "MSIS")


def measure(data: Path, scorer: Path, budget: str, seeds: Sequence[int], names: list[str]) -> None:
    """Measure sets one after the other on one processor and store what each gave with each seed."""
    commands.use_one_processor()
    for name, facts in commands.sets(data, names).items():
        known: dict[str, Any] = {
            **_baseline_scores(name, data, scorer, stored("accuracy").get(name, {})),
            "horizon": facts["h"],
            "values": commands.observed_values(facts),
            "budget": budget,
        }
        runs: dict[str, Any] = {}
        for seed in seeds:
            runs[str(seed)] = _measure(
                name, facts, data, scorer, known, ["--budget", budget, "--seed", str(seed)]
            )
            key = name if budget == USUAL_BUDGET else f"{name} in {budget}"
            store("accuracy", {key: {**known, **medians(runs), "seeds": runs}})
            print(name, "seed", seed, json.dumps(runs[str(seed)]), flush=True)


def _measure(
    name: str, facts: dict[str, Any], data: Path, scorer: Path, known: dict[str, Any], options: list[str]
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        model, forecasts = Path(folder) / "m.tsf", Path(folder) / "f.csv"
        start = time.monotonic()
        fit = commands.fit(data / facts["train"], model, "--horizon", str(facts["h"]), *options)
        seconds = time.monotonic() - start
        forecast_test(model, facts, data, forecasts)
        scores = commands.score(scorer, str(forecasts), "--data", str(data / name))
        beside = _beside(name, facts, data, known, forecasts)
    return {
        **{key: fit[key] for key in ("steps", "members")},
        "seconds": seconds,
        **{key: scores[key] for key in METRICS if math.isfinite(scores.get(key, math.nan))},
        **beside,
    }


def forecast_test(model: Path, facts: dict[str, Any], data: Path, forecasts: Path) -> None:
    """Write forecasts of the whole test part: every block of it, or the one horizon that it is."""
    step = commands.stride(facts)
    if step:
        words = ["evaluate", str(model), str(data / facts["test"]), "--step", str(step), "--forecasts"]
    else:
        words = ["predict", str(model), "--quantiles", LEVELS, "-o"]
    commands.tsforecast(*words, str(forecasts))


def _beside(
    name: str, facts: dict[str, Any], data: Path, known: dict[str, Any], forecasts: Path
) -> dict[str, float]:
    """Difference of the MASE from the better baseline, and its standard error over series and cutoffs."""
    best = min((method for method in BASELINES if method in known), key=lambda method: float(known[method]))
    train, test = (read_table(data / facts[part]) for part in ("train", "test"))
    ours, theirs = (
        window_errors(read_table(path), train, test, facts["m"], commands.stride(facts))
        for path in (forecasts, _baseline_file(name, best))
    )
    mean, error = difference(ours, theirs)
    return {"difference": mean, **({"difference_error": error} if math.isfinite(error) else {})}


def _baseline_scores(name: str, data: Path, scorer: Path, known: dict[str, Any]) -> dict[str, float]:
    """Scores of seasonal naive and Theta, computed once where there is time; their forecasts stay in the cache."""
    found = {}
    for method in BASELINES:
        file = _baseline_file(name, method)
        if method in known and file.exists():
            found[method] = float(known[method])
            continue
        try:
            found[method] = _baseline(name, method, data, scorer, file)
        except subprocess.TimeoutExpired:
            print(name, method, f"took more than {BASELINE_SECONDS} s and is left out", flush=True)
    return found


def _baseline(name: str, method: str, data: Path, scorer: Path, file: Path) -> float:
    words = ["--baselines", "--methods", method, "--data", str(data / name), "--write", str(file.parent)]
    return float(commands.score(scorer, *words, timeout=BASELINE_SECONDS, polite=True)["MASE"])


def _baseline_file(name: str, method: str) -> Path:
    return commands.CACHE / "baselines" / name / f"{method}.csv"
