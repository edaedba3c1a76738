"""Sets of one test window, fitted anew at earlier origins too: one window cannot tell two methods apart."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks import commands
from tests.benchmarks.accuracy import BASELINES, forecast_test
from tests.benchmarks.differences import read_table
from tests.benchmarks.results import store

ORIGINS = 6
"""Windows of a set, the test part and the blocks of the training part before it."""

LEAST_SHARE = 0.5
"""Share of the training rows that an origin must leave to learn from."""

LEAST_HORIZONS = 2
"""Horizons that an origin must leave to learn from."""


def measure(data: Path, scorer: Path, options: list[str], seeds: Sequence[int], names: list[str]) -> None:
    """Fit at every origin on the rows before it, score the block after it, and store both."""
    commands.use_one_processor()
    for name, facts in commands.sets(data, names).items():
        if facts["stride"] or facts["n_series"] > 1:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = [_measure(part, scorer, options, seeds) for part in earlier(data, facts, Path(folder))]
        store("origins", {name: {"options": options, "horizon": facts["h"], "origins": found}})
        print(name, json.dumps(found), flush=True)


def earlier(data: Path, facts: dict[str, Any], folder: Path) -> Iterator[Path]:
    """Write the set as it was some blocks ago, newest first; the path without endings of each.

    A block has as many rows as the horizon. Nothing of a block or after it is in the training part that goes with it.
    """
    train, test = (read_table(data / facts[part]) for part in ("train", "test"))
    rows, horizon = pd.concat([train, test], ignore_index=True), facts["h"]
    for origin in range(ORIGINS):
        cutoff = len(train) - origin * horizon
        if cutoff < max(LEAST_SHARE * len(train), LEAST_HORIZONS * horizon):
            return
        place = folder / str(origin)
        place.mkdir()
        rows[:cutoff].to_csv(place / "set.train.csv", index=False)
        rows[cutoff : cutoff + horizon].to_csv(place / "set.test.csv", index=False)
        own = {**facts, "train": "set.train.csv", "test": "set.test.csv"}
        (place / "datasets.json").write_text(json.dumps({"set": own}))
        yield place / "set"


def beside_best(origins: Sequence[dict[str, Any]]) -> tuple[float, float, float]:
    """Compare our MASE with that of the method that is best over all origins.

    Returns:
        Mean MASE of ours, of the better baseline, and the standard deviation of their difference at one origin; NaN
        where there is a single one.
    """
    ours = [float(one["MASE"]) for one in origins]
    others = min(([float(one[method]) for one in origins] for method in BASELINES), key=statistics.fmean)
    apart = [mine - theirs for mine, theirs in zip(ours, others, strict=True)]
    spread = statistics.stdev(apart) if len(apart) > 1 else float("nan")
    return statistics.fmean(ours), statistics.fmean(others), spread


def _measure(part: Path, scorer: Path, options: list[str], seeds: Sequence[int]) -> dict[str, float]:
    """MASE of ours, the median over the seeds, and of the baselines, on one block."""
    facts = commands.sets(part.parent, [part.name])[part.name]
    forecasts = part.parent / "f.csv"
    scores = []
    for seed in seeds:
        words = ["--horizon", str(facts["h"]), *options, "--seed", str(seed)]
        model = part.parent / f"{seed}.tsf"
        commands.fit(part.parent / facts["train"], model, *words)
        forecast_test(model, facts, part.parent, forecasts)
        scores.append(float(commands.score(scorer, str(forecasts), "--data", str(part))["MASE"]))
    others = {
        method: float(commands.score(scorer, "--baselines", "--methods", method, "--data", str(part))["MASE"])
        for method in BASELINES
    }
    return {"MASE": statistics.median(scores), **others}
