"""Log loss of forecasts of classes beside the best possible, on chains whose probabilities are known."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tsforecast
from tests.benchmarks.results import store
from tsforecast.data.arrays import Floats, Ints
from tsforecast.evaluation.class_backtest import ClassBacktest

COMMAND = "python -m tests.benchmarks events"
HORIZON = 5
TRAINED, TESTED = 3000, 1500
"""Steps that fit sees, and steps after them that are forecast."""

SHIFTS = ("early", "late", "none")


@dataclass(frozen=True, slots=True)
class Chain:
    """A Markov chain whose next state depends on this one, and maybe on a label that is known ahead.

    Attributes:
        words: What the page calls it.
        preset: Network that forecasts it.
        states: Labels of the states (C).
        matrices: Probability of the next state (columns) after each state (rows), by label known ahead (L, C, C).
    """

    words: str
    preset: str
    states: tuple[str, ...]
    matrices: tuple[tuple[tuple[float, ...], ...], ...]


CHAINS = (
    Chain("an event that comes in spells", "events", ("no", "yes"), (((0.85, 0.15), (0.4, 0.6)),)),
    Chain(
        "up, flat and down, which follow each other",
        "labels",
        ("down", "flat", "up"),
        (((0.6, 0.3, 0.1), (0.2, 0.5, 0.3), (0.05, 0.35, 0.6)),),
    ),
    Chain(
        "an event that a schedule known ahead drives",
        "events",
        ("no", "yes"),
        (((0.9, 0.1), (0.6, 0.4)), ((0.5, 0.5), (0.2, 0.8)), ((0.97, 0.03), (0.9, 0.1))),
    ),
)


def measure(steps: int, seed: int) -> None:
    """Fit, forecast what came after, hold it against the true probabilities, store."""
    found = {chain.words: compare(chain, steps, seed) for chain in CHAINS}
    store("events", {"command": f"{COMMAND} --steps {steps}", "seed": seed, "chains": found})
    for words, one in found.items():
        print(f"{words}: {one['log_loss']:.4f}, best possible {one['best']:.4f}, ratio {one['ratio']:.4f}")


def compare(chain: Chain, steps: int, seed: int) -> dict[str, Any]:
    """Log loss of a model and of the true probabilities on the same windows, and of the baselines."""
    table, codes, labels = generate(chain, TRAINED + TESTED, seed)
    with tempfile.TemporaryDirectory() as folder:
        known = table.iloc[: TRAINED + HORIZON].copy()
        known.loc[TRAINED:, "state"] = None
        if len(chain.matrices) == 1:
            known = known.iloc[:TRAINED]
        model = tsforecast.fit(
            known, Path(folder) / "m.tsf", preset=chain.preset, horizon=HORIZON, steps=steps, seed=seed
        )
        result = tsforecast.evaluate(model.path, table, step=1)
    backtest = result.backtest
    assert isinstance(backtest, ClassBacktest)
    best = best_possible(chain, codes, labels, backtest.cutoffs)
    scores = {name: result.scores.values[name]["log loss"] for name in result.scores.methods}
    return {
        "preset": chain.preset,
        "steps": model.steps,
        "windows": result.windows,
        "log_loss": scores["model"],
        "best": best,
        "ratio": scores["model"] / best,
        "accuracy": result.scores.values["model"]["accuracy"],
        "commonest": scores["commonest class"],
        "last": scores["same as last"],
    }


def generate(chain: Chain, length: int, seed: int) -> tuple[pd.DataFrame, Ints, Ints]:
    """Table of a chain, its states and the labels that drive it (length,), (length,)."""
    generator = np.random.default_rng(seed)
    matrices = np.array(chain.matrices)
    labels = generator.integers(len(matrices), size=length)
    codes = np.zeros(length, dtype=np.int64)
    for step in range(1, length):
        codes[step] = generator.choice(len(chain.states), p=matrices[labels[step], codes[step - 1]])
    table = pd.DataFrame(
        {
            "day": pd.date_range("2001-01-01", periods=length, freq="D"),
            "state": np.array(chain.states, dtype=object)[codes],
        }
    )
    if len(matrices) > 1:
        table["future_shift"] = np.array(SHIFTS, dtype=object)[labels]
    return table, codes, labels


def best_possible(chain: Chain, codes: Ints, labels: Ints, cutoffs: Ints) -> float:
    """Log loss of the true probabilities of every step after each cutoff, given the state before it."""
    matrices = np.array(chain.matrices)
    losses: list[Floats] = []
    probability = np.eye(len(chain.states))[codes[cutoffs - 1]]
    for step in range(HORIZON):
        rows = np.flatnonzero(cutoffs + step < len(codes))
        now = cutoffs[rows] + step
        probability[rows] = np.einsum("wc,wcd->wd", probability[rows], matrices[labels[now]])
        losses.append(-np.log(probability[rows, codes[now]]))
    return float(np.concatenate(losses).mean())
