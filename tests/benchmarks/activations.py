"""ReLU against tanh inside the recurrence, everything else and the number of steps equal."""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import commands
from tests.benchmarks.accuracy import forecast_test
from tests.benchmarks.results import store, stored

COMMAND = "python -m tests.benchmarks activations --data DIR --scorer SCORER"
ACTIVATIONS = ("relu", "tanh")


def measure(data: Path, scorer: Path, steps: int, seeds: Sequence[int], names: list[str]) -> None:
    """Fit every set with both activations and each seed; what is stored for these steps is not done again."""
    commands.use_one_processor()
    store("activations", {"command": f"{COMMAND} --steps {steps}"})
    for name, facts in commands.sets(data, names).items():
        known = stored("activations").get("sets", {}).get(name, {})
        runs = known["runs"] if known.get("steps") == steps else {one: {} for one in ACTIVATIONS}
        for seed in seeds:
            for activation in ACTIVATIONS:
                if str(seed) not in runs[activation]:
                    options = ["--steps", str(steps), "--seed", str(seed), "--activation", activation]
                    runs[activation][str(seed)] = _run(name, facts, data, scorer, options)
            _keep(name, steps, runs)


def summary(runs: dict[str, dict[str, float]]) -> dict[str, float]:
    """Median MASE of each activation over the seeds, and ReLU's divided by tanh's."""
    middle = {one: statistics.median(runs[one].values()) for one in ACTIVATIONS}
    return {**middle, "ratio": middle["relu"] / middle["tanh"]}


def geometric_mean(values: Sequence[float]) -> float:
    """Mean of ratios: the same whichever side is divided by the other."""
    return math.exp(statistics.fmean(map(math.log, values)))


def _run(name: str, facts: dict[str, Any], data: Path, scorer: Path, options: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        model, forecasts = Path(folder) / "m.tsf", Path(folder) / "f.csv"
        commands.fit(data / facts["train"], model, "--horizon", str(facts["h"]), *options)
        forecast_test(model, facts, data, forecasts)
        return float(commands.score(scorer, str(forecasts), "--data", str(data / name))["MASE"])


def _keep(name: str, steps: int, runs: dict[str, dict[str, float]]) -> None:
    found = {"steps": steps, "runs": runs, **summary(runs)}
    every = {**stored("activations").get("sets", {}), name: found}
    ratio = geometric_mean([one["ratio"] for one in every.values()])
    store("activations", {"sets": every, "ratio": ratio})
    print(name, json.dumps(summary(runs)), flush=True)
