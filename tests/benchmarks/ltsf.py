"""ETTh1 by the protocol of the long-horizon tables: every window of the test rows, standardised, MSE and MAE."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks import commands
from tests.benchmarks.results import medians, store
from tsforecast.data.arrays import Floats

COMMAND = "python -m tests.benchmarks ltsf --data DIR --scorer SCORER"
SET = "etth1"
HORIZON = 96


def measure(data: Path, scorer: Path, options: list[str], seeds: Sequence[int]) -> None:
    """Fit on training and validation rows, forecast every window of the test rows, score."""
    commands.use_one_processor()
    runs = {}
    for seed in seeds:
        runs[str(seed)] = _run(data, scorer, [*options, "--seed", str(seed)])
        print("seed", seed, json.dumps(runs[str(seed)]), flush=True)
        found = {"command": COMMAND, "options": options, **medians(runs), "seeds": runs}
        key = f"{SET} {HORIZON} {runs[str(seed)]['context_length']}"
        store("ltsf", {key: {"set": SET, "horizon": HORIZON, **found}})


def _run(data: Path, scorer: Path, options: list[str]) -> dict[str, float]:
    facts = commands.sets(data, [SET])[SET]
    _, known, end = facts["ltsf_borders"]
    table = pd.read_csv(data / facts["wide"])
    with tempfile.TemporaryDirectory() as folder:
        train, test, model, output = (
            Path(folder) / name for name in ("train.csv", "test.csv", "m.tsf", "f.parquet")
        )
        table[:known].to_csv(train, index=False)
        table[known:end].to_csv(test, index=False)
        fit = commands.fit(train, model, "--layout", "wide", "--horizon", str(HORIZON), *options)
        rolling = ["--step", "1", "--baselines", "naive", "--forecasts", str(output)]
        commands.tsforecast("evaluate", str(model), str(test), *rolling)
        windows = whole_windows(pd.read_parquet(output), list(table.columns[1:]), HORIZON)
        file = Path(folder) / "windows.npy"
        np.save(file, windows)
        words = [
            "--ltsf",
            str(file),
            "--data",
            str(data / SET),
            "--horizon",
            str(HORIZON),
            "--original-units",
        ]
        scores = commands.score(scorer, *words)
    return {**{name: scores[name] for name in ("MSE", "MAE", "windows")},
            **{name: fit[name] for name in ("steps", "members", "context_length", "seconds")}}  # fmt: skip


def whole_windows(forecasts: pd.DataFrame, channels: list[str], horizon: int) -> Floats:
    """Forecasts of the windows whose every step was observed, by cutoff (W, H, N).

    Args:
        forecasts: One row per series, cutoff and step; the first two columns are the series and the cutoff.
        channels: Series in the order wanted.
        horizon: Steps of a window.
    """
    series, cutoff = forecasts.columns[:2]
    parts = []
    for channel in channels:
        own = forecasts[(forecasts[series] == channel) & forecasts["actual"].notna()]
        whole = own[own.groupby(cutoff)["forecast"].transform("size") == horizon]
        parts.append(
            whole.sort_values([cutoff, whole.columns[2]], kind="stable")["forecast"].to_numpy(np.float64)
        )
    return np.stack([part.reshape(-1, horizon) for part in parts], -1)
