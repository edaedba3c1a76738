"""The airline passengers as textbooks test them: one fit, a forecast of the next year from every month."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks import commands
from tests.benchmarks.differences import read_table
from tests.benchmarks.results import medians, store
from tsforecast.data.arrays import Floats

COMMAND = "python -m tests.benchmarks airline --data DIR"
HORIZON = 12
ORIGINS = 13


def measure(data: Path, options: list[str], seeds: Sequence[int]) -> None:
    """Fit once per seed on the training part and score whole years of the test part."""
    facts = commands.sets(data, ["airline_passengers"])["airline_passengers"]
    train, test = data / facts["train"], data / facts["test"]
    runs = {str(seed): _run(train, test, [*options, "--seed", str(seed)]) for seed in seeds}
    known = np.concatenate([read_table(path)["y"].to_numpy(np.float64) for path in (train, test)])
    naive = seasonal_naive(known, facts["train_rows"])
    store(
        "airline", {"command": COMMAND, "options": options, **medians(runs), "snaive": naive, "seeds": runs}
    )
    print(json.dumps({"seasonal naive": naive, **runs}))


def mean_percentage_error(forecasts: pd.DataFrame) -> float:
    """MAPE over all windows that are whole (percent).

    Args:
        forecasts: Columns ``cutoff``, ``actual`` and ``forecast``.

    Raises:
        ValueError: There are not as many whole windows as the protocol has.
    """
    whole = forecasts.dropna(subset="actual").groupby("cutoff").filter(lambda window: len(window) == HORIZON)
    if whole["cutoff"].nunique() != ORIGINS:
        raise ValueError(f"{whole['cutoff'].nunique()} whole windows, not {ORIGINS}")
    error = (whole["actual"] - whole["forecast"]).abs() / whole["actual"].abs()
    return float(100 * error.mean())


def seasonal_naive(values: Floats, first: int) -> float:
    """MAPE of the value of the year before, over the same windows (percent)."""
    cutoffs = range(first, first + ORIGINS)
    pairs = [(values[cutoff : cutoff + HORIZON], values[cutoff - HORIZON : cutoff]) for cutoff in cutoffs]
    return float(100 * np.mean([np.abs(actual - before) / actual for actual, before in pairs]))


def _run(train: Path, test: Path, options: list[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        model, forecasts = Path(folder) / "m.tsf", Path(folder) / "f.csv"
        fit = commands.fit(train, model, "--horizon", str(HORIZON), *options)
        commands.tsforecast("evaluate", str(model), str(test), "--step", "1", "--forecasts", str(forecasts))
        error = mean_percentage_error(pd.read_csv(forecasts))
    return {"MAPE": error, "steps": fit["steps"], "members": fit["members"]}
