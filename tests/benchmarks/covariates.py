"""What covariates are worth: the same fit with and without them, through the command line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks import commands
from tests.benchmarks.accuracy import LEVELS, forecast_test
from tests.benchmarks.differences import read_table
from tests.benchmarks.results import medians, store, stored

COMMAND = "python -m tests.benchmarks covariates --data DIR --scorer SCORER"


@dataclass(frozen=True, slots=True)
class Given:
    """Covariates of one fit.

    Attributes:
        words: What the table calls them.
        past: Columns known up to the cutoff.
        future: Columns known ahead.
    """

    words: str
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        """Options of fit."""
        if not self.past and not self.future:
            return ["--no-covariates"]
        kinds = (("--past", self.past), ("--future", self.future))
        return [word for option, names in kinds if names for word in (option, ",".join(names))]


NONE = Given("none")
AIR = ("dewp", "temp", "pres", "cbwd", "iws", "is", "ir")
SETS: dict[str, tuple[Given, ...]] = {
    "pollution": (
        NONE,
        Given("weather as measured, up to the cutoff", past=AIR),
        Given("weather ahead, as if its forecasts were perfect", future=AIR),
    ),
    "walmart_weekly": (
        NONE,
        Given(
            "holidays, prices, jobless, temperature ahead",
            future=("is_holiday", "temperature", "fuel_price", "cpi", "unemployment"),
        ),
    ),
    "bike_sharing_daily": (
        NONE,
        Given(
            "holidays and working days ahead, weather up to the cutoff",
            past=("weathersit", "temp", "hum", "windspeed"),
            future=("holiday", "workingday"),
        ),
    ),
}
"""Sets whose files have columns beside the target, and what a fit is given of them."""


def measure(data: Path, scorer: Path, options: Sequence[str], seeds: Sequence[int]) -> None:
    """Fit every set with each choice of covariates and each seed, one after the other on one processor."""
    commands.use_one_processor()
    store("covariates", {"command": COMMAND, "options": list(options)})
    for name, facts in commands.sets(data, list(SETS)).items():
        found: dict[str, Any] = {}
        for given in SETS[name]:
            runs = {
                str(seed): _run(name, facts, data, scorer, given, [*options, "--seed", str(seed)])
                for seed in seeds
            }
            found[given.words] = {**medians(runs), "seeds": runs}
            print(name, given.words, json.dumps(runs), flush=True)
        every = {**stored("covariates").get("sets", {}), name: found}
        store("covariates", {"sets": every})


def gain(without: float, given: float) -> float:
    """Part of the error that is gone, negative where there is more of it (percent)."""
    return 100 * (1 - given / without)


def known_ahead(test: pd.DataFrame, given: Given) -> pd.DataFrame:
    """Rows to forecast: without the target and what is known only afterwards."""
    return test[["unique_id", "ds", *given.past, *given.future]].assign(
        y=float("nan"), **dict.fromkeys(given.past, float("nan"))
    )


def _run(
    name: str, facts: dict[str, Any], data: Path, scorer: Path, given: Given, options: list[str]
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        model, ahead, forecasts = (Path(folder) / file for file in ("m.tsf", "ahead.csv", "f.csv"))
        words = ["--horizon", str(facts["h"]), *given.options, *options]
        fit = commands.fit(data / facts["train"], model, *words)
        if commands.stride(facts) or not given.future:
            forecast_test(model, facts, data, forecasts)
        else:
            known_ahead(read_table(data / facts["test"]), given).to_csv(ahead, index=False)
            asked = ["--quantiles", LEVELS, "-o", str(forecasts)]
            commands.tsforecast("predict", str(model), str(ahead), *asked)
        scores = commands.score(scorer, str(forecasts), "--data", str(data / name))
    return {
        **{key: scores[key] for key in ("MASE", "WQL")},
        **{key: fit[key] for key in ("steps", "members", "seconds")},
    }
