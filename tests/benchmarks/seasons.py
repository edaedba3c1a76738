"""How often the season lengths of generated series are found, exactly or among others."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.benchmarks.results import store
from tsforecast.config import FitSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.reading import read_panel
from tsforecast.data.seasons import find_season_lengths

COMMAND = "python -m tests.benchmarks seasons"


@dataclass(frozen=True, slots=True)
class Kind:
    """Series of one frequency and the seasons they may have.

    Attributes:
        words: What the page calls it.
        frequency: pandas alias.
        choices: Sets of seasons, one of which each series gets; empty for lengths that no calendar suggests.
    """

    words: str
    frequency: str
    choices: tuple[tuple[int, ...], ...] = ()


KINDS = (
    Kind("half-hourly, 48 or 48 and 336", "30min", ((48,), (48, 336))),
    Kind("hourly, 24 or 24 and 168", "h", ((24,), (24, 168))),
    Kind("daily, 7", "D", ((7,),)),
    Kind("monthly, 12", "MS", ((12,),)),
    Kind("hourly, one or two of 5 to 90 that no calendar suggests", "h"),
    Kind("daily, one or two of 5 to 90 that no calendar suggests", "D"),
    Kind("every minute, one or two of 5 to 90 that no calendar suggests", "min"),
    Kind("monthly, one or two of 5 to 90 that no calendar suggests", "MS"),
)
SUGGESTED = (7, 12, 24, 48, 60, 30, 5, 52)
"""Lengths that a calendar suggests at some frequency; a free one is no multiple of any."""

CYCLES = (6, 14)
NOISE = (0.1, 0.6)
"""Standard deviation of the noise, relative to the season's."""

HOLES = (0.0, 0.1)


def measure(count: int, seed: int) -> None:
    """Generate, look for seasons, count, store."""
    generator = np.random.default_rng(seed)
    rows = {kind.words: {"series": 0, "exact": 0, "contains": 0} for kind in KINDS}
    for place in range(count):
        kind = KINDS[place % len(KINDS)]
        true = choose_seasons(kind, generator)
        found = find(generate(true, generator), kind.frequency)
        row = rows[kind.words]
        row["series"] += 1
        row["exact"] += found == true
        row["contains"] += set(true) <= set(found)
    total = {key: sum(row[key] for row in rows.values()) for key in ("series", "exact", "contains")}
    store("seasons", {"command": COMMAND, "seed": seed, "kinds": rows, "all": total})
    print(json.dumps(total))


def choose_seasons(kind: Kind, generator: np.random.Generator) -> tuple[int, ...]:
    """Seasons of one series, ascending; two free ones are neither parts of each other nor alike."""
    if kind.choices:
        return kind.choices[int(generator.integers(len(kind.choices)))]
    free = [length for length in range(5, 91) if not any(length % one == 0 for one in SUGGESTED)]
    first = int(generator.choice(free))
    second = [length for length in free if length > 2 * first and length % first]
    if generator.random() < 0.5 and second:
        return (first, int(generator.choice(second)))
    return (first,)


def generate(seasons: tuple[int, ...], generator: np.random.Generator) -> Floats:
    """Series with these seasons, a trend, noise and holes (T,)."""
    length = max(int(generator.uniform(*CYCLES) * max(seasons)), 60)
    time = np.arange(length)
    values = generator.normal() * 2 * time / length
    for season in seasons:
        shape = _shape(season, generator)
        values = values + shape[time % season]
    values = values + generator.uniform(*NOISE) * generator.normal(size=length)
    values = generator.uniform(-1e3, 1e3) + 10 ** generator.uniform(-1, 3) * values
    values[generator.random(length) < generator.uniform(*HOLES)] = np.nan
    return np.asarray(values)


def find(values: Floats, frequency: str) -> tuple[int, ...]:
    """Look for seasons in the series, read as a table would be."""
    stamps = pd.date_range("2001-01-01", periods=len(values), freq=frequency)
    table = pd.DataFrame({"time": stamps, "value": values})
    return find_season_lengths(read_panel(table, FitSettings(freq=frequency)).panel)


def _shape(season: int, generator: np.random.Generator) -> Floats:
    """One cycle of unit spread: up to three harmonics, or a level for every step."""
    if generator.random() < 0.3:
        values = generator.normal(size=season)
    else:
        turn = 2 * np.pi * np.arange(season) / season
        harmonics = range(1, int(generator.integers(1, 4)) + 1)
        values = sum(
            (np.sin(k * turn + generator.uniform(0, 2 * np.pi)) / k for k in harmonics), np.zeros(season)
        )
    values = values - values.mean()
    return np.asarray(values / values.std())
