"""What each part of the design is worth: the product with one thing changed, everything else and the steps equal."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks import commands
from tests.benchmarks.activations import geometric_mean
from tests.benchmarks.changes import AS_IT_IS, CHANGES, NO_PRETRAINED, Change
from tests.benchmarks.differences import read_table
from tests.benchmarks.results import store, stored
from tsforecast.config import FitSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.reading import read_panel
from tsforecast.data.windows import Windows
from tsforecast.evaluation.scores import mase_scales
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.universal import suits
from tsforecast.training.groups import choose_members, is_scarce
from tsforecast.training.search import train_and_refit
from tsforecast.workflows.fit import plan
from tsforecast.workflows.floor import choose_floor

COMMAND = "python -m tests.benchmarks ablation --data DIR --scorer SCORER"
DEFAULT = ("m4_hourly", "m4_weekly", "m1_monthly", "etth1")
MOST_MEMBERS = 2
"""Members of a fit where data are plenty: the default budget allows twice as many, which says no more here."""

AGREE = 1e-6
"""Most that our MASE may differ from the scorer's."""


def measure(data: Path, scorer: Path, steps: int, seeds: Sequence[int], names: list[str]) -> None:
    """Fit every set with every change and seed; what is stored for these steps is not done again."""
    commands.use_one_processor()
    store("ablation", {"command": f"{COMMAND} --steps {steps}", "steps": steps})
    for name, facts in commands.sets(data, names or list(DEFAULT)).items():
        held = HeldOut(data, facts)
        known = stored("ablation").get("sets", {}).get(name, {})
        known = known if known.get("steps") == steps else {}
        runs: dict[str, dict[str, float]] = known.get("runs", {})
        held.starts_anew.update(known.get("starts_anew", ()))
        for change in CHANGES:
            for seed in seeds:
                done = runs.setdefault(change.words, {})
                if str(seed) in done or (network := held.fit(change, steps, seed)) is None:
                    continue
                done[str(seed)], forecasts = held.score(network)
                if change.words == AS_IT_IS:
                    check(scorer, data / name, forecasts, done[str(seed)])
        _keep(name, steps, runs, held.starts_anew)


class HeldOut:
    """A set, its test part held out: MASE over the windows that the scorer looks at.

    Args:
        data: Folder of the sets.
        facts: What ``datasets.json`` says of this one.
    """

    def __init__(self, data: Path, facts: dict[str, Any]) -> None:
        self._facts, self.train = facts, read_table(data / facts["train"])
        self.test = read_table(data / facts["test"])
        columns = ["unique_id", "ds", "y"]
        both = pd.concat([self.train[columns], self.test[columns]])
        self.whole = read_panel(both, FitSettings(time="ds", id="unique_id", target="y")).panel
        sizes = self.test.groupby("unique_id").size()
        self.tested = np.array([sizes[name] for name in self.whole.series_ids])
        self.panel = self.whole.head(self.whole.lengths - self.tested)
        self.starts_anew: set[str] = set()
        """Changes under which no member can start from the shipped weights though it would as it is."""

    def fit(self, change: Change, steps: int, seed: int) -> MixtureLSTM | None:
        """Train as ``tsforecast fit`` does; None where the change changes nothing."""
        settings = FitSettings(steps=steps, seed=seed, horizon=self._facts["h"])
        members = choose_members(self.panel, replace(settings, steps=None))
        settings = replace(settings, members=members if is_scarce(self.panel) else min(members, MOST_MEMBERS))
        usual, split = plan(self.panel, settings)
        usual = replace(usual, floor=choose_floor(self.panel, None)[0])
        spec = change.spec(usual)
        if spec is None or (change.only_scarce and not is_scarce(self.panel)):
            return None
        if is_scarce(self.panel) and suits(usual) and not suits(spec):
            self.starts_anew.add(change.words)
        with ExitStack() as stack:
            for patch in change.patches:
                stack.enter_context(patch())
            settings = replace(settings, members=spec.members)
            final = train_and_refit(self.panel, spec, split, settings, lambda *_: None).final
        assert isinstance(final, MixtureLSTM)
        return final

    def score(self, network: MixtureLSTM) -> tuple[float, pd.DataFrame]:
        """MASE of the network, and its forecasts as a table."""
        series, cutoffs, steps = self._windows()
        spec = network.spec
        windows = Windows(self.whole, spec.context_length, spec.horizon, timestamps=bool(spec.calendar))
        middle = spec.levels.index(0.5)
        forecasts = np.concatenate(
            [network.forecast(windows.inputs(*part))[0][..., middle] for part in _chunks(series, cutoffs)]
        )
        actual = windows.futures(series, cutoffs)
        actual[np.arange(actual.shape[1]) >= steps[:, None]] = np.nan
        scale = mase_scales(self.panel, self._facts["m"])[0][series]
        return mean_scaled_error(forecasts, actual, scale), self._table(series, cutoffs, steps, forecasts)

    def _windows(self) -> tuple[Ints, Ints, Ints]:
        """Series, cutoff and number of steps of every window of the test part (W,), (W,), (W,)."""
        horizon, first = self._facts["h"], self.panel.lengths
        found = [
            (index, first[index] + begin, min(horizon, self.tested[index] - begin))
            for index in range(len(self.whole))
            for begin in range(0, self.tested[index], commands.stride(self._facts) or self.tested[index])
        ]
        series, cutoffs, steps = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
        return series, cutoffs, steps

    def _table(self, series: Ints, cutoffs: Ints, steps: Ints, forecasts: Floats) -> pd.DataFrame:
        """One row for each row of the test part, in the scorer's form."""
        stamps = {name: part["ds"].to_numpy() for name, part in self.test.groupby("unique_id", sort=False)}
        parts = []
        for index, cutoff, count, values in zip(series, cutoffs, steps, forecasts, strict=True):
            name = self.whole.series_ids[index]
            begin = cutoff - self.panel.lengths[index]
            rows = {"unique_id": name, "ds": stamps[name][begin : begin + count], "y_hat": values[:count]}
            parts.append(pd.DataFrame(rows))
        return pd.concat(parts)


def mean_scaled_error(forecasts: Floats, actual: Floats, scale: Floats) -> float:
    """MASE: mean over windows of the mean absolute error in units of the scale.

    Shape:
        forecasts and actual ``(W, H)``, NaN where nothing was observed; scale ``(W,)``.
    """
    usable = (scale > 0) & ~np.isnan(actual).all(1)
    away = np.abs(forecasts[usable] - actual[usable]) / scale[usable, None]
    return float(np.nanmean(away, axis=1).mean())


def check(scorer: Path, dataset: Path, forecasts: pd.DataFrame, error: float) -> None:
    """Let the scorer confirm a MASE.

    Raises:
        SystemExit: It comes to another one.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "f.csv"
        forecasts.to_csv(file, index=False)
        theirs = float(commands.score(scorer, str(file), "--data", str(dataset))["MASE"])
    if abs(theirs - error) > AGREE * error:
        raise SystemExit(f"the scorer finds a MASE of {theirs} on {dataset.name}, not {error}")


def summary(runs: dict[str, dict[str, float]], starts_anew: set[str]) -> dict[str, dict[str, Any]]:
    """Median MASE of every change over its seeds, and its ratio to that of what it is held against.

    A change that also takes the pre-trained members away is held against a fit without them.
    """
    middle = {words: statistics.median(found.values()) for words, found in runs.items() if found}
    beside = {words: NO_PRETRAINED if words in starts_anew else AS_IT_IS for words in middle}
    return {
        words: {"MASE": value, "beside": beside[words], "ratio": value / middle[beside[words]]}
        for words, value in middle.items()
    }


def mean_ratios(sets: dict[str, Any]) -> dict[str, float]:
    """Geometric mean of the ratios of every change over the sets where it was measured."""
    names = dict.fromkeys(words for one in sets.values() for words in one["changes"])
    return {
        words: geometric_mean(
            [one["changes"][words]["ratio"] for one in sets.values() if words in one["changes"]]
        )
        for words in names
    }


def _chunks(series: Ints, cutoffs: Ints, size: int = 1024) -> list[tuple[Ints, Ints]]:
    return [(series[at : at + size], cutoffs[at : at + size]) for at in range(0, len(series), size)]


def _keep(name: str, steps: int, runs: dict[str, dict[str, float]], starts_anew: set[str]) -> None:
    changes = summary(runs, starts_anew)
    found = {"steps": steps, "runs": runs, "changes": changes, "starts_anew": sorted(starts_anew)}
    every = {**stored("ablation").get("sets", {}), name: found}
    store("ablation", {"sets": every, "ratios": mean_ratios(every)})
    print(name, json.dumps(changes), flush=True)
