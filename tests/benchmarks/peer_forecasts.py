"""Forecasts of another library's method as a file; run by the python of the environment that holds it.

    python peer_forecasts.py METHOD TRAIN TEST OUTPUT --horizon H --season M [--stride N] [--seed N]

It imports nothing of this repository, which that environment does not hold.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

COVERAGES = [20, 40, 60, 80]
"""Nominal coverages whose bounds are the quantiles 0.1 to 0.9 (percent)."""

STEPS, HIDDEN = 1000, 64
SEASONS_SEEN = 2


def main() -> None:
    """Write the forecasts; print how many series fell back to a simpler method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=["AutoETS", "AutoARIMA", "Theta", "LSTM"])
    for name in ("train", "test", "output"):
        parser.add_argument(name)
    parser.add_argument("--horizon", type=int, required=True)
    parser.add_argument("--season", type=int, required=True)
    parser.add_argument("--stride", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    train, test = (pd.read_csv(path, dtype={"unique_id": str, "ds": str})[["unique_id", "ds", "y"]]
                   for path in (options.train, options.test))  # fmt: skip
    if options.method == "LSTM":
        table, failed = _network(train, test, options), 0
    else:
        table, failed = _statistical(train, test, options)
    table.to_csv(options.output, index=False)
    print(json.dumps({"fallbacks": failed}))


def _statistical(
    train: pd.DataFrame, test: pd.DataFrame, options: argparse.Namespace
) -> tuple[pd.DataFrame, int]:
    """Fit every window of every series anew, on all that came before it."""
    from statsforecast import models

    make: Callable[..., Any] = getattr(models, options.method)
    tables, failed = [], 0
    for series, cutoff, stamps, history in _windows(train, test, options.stride):
        try:
            found = make(season_length=options.season).forecast(history, h=len(stamps), level=COVERAGES)
        except Exception:  # libraries raise what they like where a series is too short or constant
            found, failed = None, failed + 1
        if found is None or not np.isfinite(found["mean"]).all():
            found = {"mean": np.full(len(stamps), history[-1])}
        columns = {"unique_id": series, "cutoff": cutoff, "ds": stamps, "y_hat": found["mean"]}
        tables.append(pd.DataFrame({**columns, **_quantiles(found)}))
    return pd.concat(tables), failed


def _windows(
    train: pd.DataFrame, test: pd.DataFrame, stride: int | None
) -> Iterator[tuple[str, str, Any, Any]]:
    """Series, cutoff, timestamps to forecast and history without gaps, which these methods cannot take."""
    known = dict(iter(train.groupby("unique_id", sort=False)))
    for name, part in test.groupby("unique_id", sort=False):
        whole = pd.concat([known[name], part])
        start = len(known[name])
        values = whole["y"].astype(float).reset_index(drop=True)
        for cutoff in range(start, len(whole), stride or len(part)):
            history = values[:cutoff].interpolate(limit_direction="both").fillna(0.0).to_numpy()
            end = min(cutoff + (stride or len(part)), len(whole))
            yield str(name), whole["ds"].iloc[cutoff - 1], whole["ds"].iloc[cutoff:end].to_numpy(), history


def _quantiles(found: dict[str, Any]) -> dict[str, Any]:
    middle = found["mean"]
    columns = {"q0.5": middle}
    for coverage in COVERAGES:
        low, high = round(0.5 - coverage / 200, 6), round(0.5 + coverage / 200, 6)
        columns[f"q{low}"] = found.get(f"lo-{coverage}", middle)
        columns[f"q{high}"] = found.get(f"hi-{coverage}", middle)
    return columns


def _network(train: pd.DataFrame, test: pd.DataFrame, options: argparse.Namespace) -> pd.DataFrame:
    """Train one LSTM on all series; timestamps become positions, since it has no calendar features."""
    import torch
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    torch.set_num_threads(1)
    network = LSTM(
        h=options.horizon,
        input_size=SEASONS_SEEN * options.season,
        encoder_hidden_size=HIDDEN,
        max_steps=STEPS,
        random_seed=options.seed,
        start_padding_enabled=True,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
    )
    positions = train.groupby("unique_id", sort=False).cumcount()
    wrapped = NeuralForecast([network], freq=1)
    wrapped.fit(train.assign(ds=positions))
    found = wrapped.predict().reset_index()
    found["step"] = found.groupby("unique_id").cumcount()
    asked = test.assign(step=test.groupby("unique_id", sort=False).cumcount())
    joined = asked.merge(found[["unique_id", "step", "LSTM"]], on=["unique_id", "step"], how="left")
    return joined.rename(columns={"LSTM": "y_hat"})[["unique_id", "ds", "y_hat"]]


if __name__ == "__main__":
    main()
