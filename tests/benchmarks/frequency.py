"""How often the frequency of a table is found: development sets, and calendars made for the purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.results import store
from tsforecast.config import DataSettings
from tsforecast.data.reading import place_table
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.errors import ForecastError

COMMAND = "python -m tests.benchmarks frequency --data DIR"
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")
SHORT, LONG = (8, 14), (60, 400)
"""Steps of a short calendar, and of another one."""

HOLES = 0.05

Calendar = Callable[[int, np.random.Generator], tuple[pd.DatetimeIndex, str]]
"""Steps and random numbers to timestamps and the alias that is right."""


def _fixed(alias: str, freq: str) -> Calendar:
    def make(steps: int, generator: np.random.Generator) -> tuple[pd.DatetimeIndex, str]:
        start = pd.Timestamp("2019-01-01") + pd.Timedelta(days=int(generator.integers(1500)))
        return pd.date_range(start, periods=steps, freq=freq), alias

    return make


def _anchored(alias: str) -> Calendar:
    def make(steps: int, generator: np.random.Generator) -> tuple[pd.DatetimeIndex, str]:
        start = pd.Timestamp("2001-01-01") + pd.Timedelta(days=int(generator.integers(1500)))
        steps = min(steps, 200) if alias.startswith("Y") else steps  # pandas ends in 2262
        return pd.date_range(start, periods=steps, freq=alias), alias

    return make


def _zoned(zone: str) -> Calendar:
    def make(steps: int, generator: np.random.Generator) -> tuple[pd.DatetimeIndex, str]:
        start = pd.Timestamp("2023-01-01", tz=zone) + pd.Timedelta(days=int(generator.integers(330)))
        return pd.date_range(start, periods=max(steps, 40), freq="h"), "h"

    return make


CALENDARS: dict[str, tuple[Calendar, ...]] = {
    "seconds to hours": tuple(_fixed(one, one) for one in ("s", "5s", "min", "5min", "10min", "15min", "30min", "h",
                                                           "2h", "3h", "6h", "12h")),
    "days and business days": (_fixed("D", "D"), _fixed("2D", "2D"), _anchored("B")),
    "weeks by their day": tuple(_anchored(f"W-{day}") for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")),
    "month starts and ends": (_anchored("MS"), _anchored("ME"), _anchored("BMS"), _anchored("BME")),
    "quarters and years": (_anchored("QS-JAN"), _anchored("QE-DEC"), _anchored("QS-FEB"), _anchored("YS-JAN"),
                           _anchored("YE-DEC"), _anchored("YS-APR")),
    "hours with clocks that change": tuple(map(_zoned, ZONES)),
}  # fmt: skip


def measure(data: Path, count: int, seed: int) -> None:
    """Read every set and every calendar, compare, store."""
    listed = json.loads((data / "datasets.json").read_text())
    sets = {name: one for name, one in listed.items() if "train" in one}
    wrong_sets = {}
    for name, one in sets.items():
        found = _found(data / one["train"])
        if not same(found, one["freq"]):
            wrong_sets[name] = [one["freq"], found]
    generator = np.random.default_rng(seed)
    rows = {words: {"calendars": 0, "right": 0} for words in CALENDARS}
    wrong = []
    for number in range(count):
        words = list(CALENDARS)[number % len(CALENDARS)]
        short = bool(generator.random() < 0.3)
        stamps, alias = calendar(words, short, generator)
        found = find(stamps)
        rows[words]["calendars"] += 1
        rows[words]["right"] += same(found, alias)
        if not same(found, alias):
            wrong.append([alias, found, len(stamps)])
    total = {key: sum(row[key] for row in rows.values()) for key in ("calendars", "right")}
    results = {"sets": len(sets), "sets_wrong": wrong_sets, "kinds": rows, "all": total, "wrong": wrong}
    store("frequency", {"command": COMMAND, "seed": seed, **results})
    print(json.dumps({"sets": len(sets), "sets_wrong": wrong_sets, **total, "wrong": wrong}))


def calendar(words: str, short: bool, generator: np.random.Generator) -> tuple[pd.DatetimeIndex, str]:
    """Timestamps of one kind with a twentieth of them taken out, the first and the last ones never."""
    makers = CALENDARS[words]
    steps = int(generator.integers(*(SHORT if short else LONG)))
    stamps, alias = makers[int(generator.integers(len(makers)))](steps, generator)
    kept = generator.random(len(stamps)) >= HOLES
    kept[:2] = kept[-2:] = True
    return stamps[kept], alias


def find(stamps: pd.DatetimeIndex) -> str:
    """Frequency that the reader finds in a table of these timestamps."""
    return _found(
        pd.DataFrame({"time": [str(stamp) for stamp in stamps], "value": np.arange(len(stamps)) % 7 + 0.5})
    )


def _found(source: Path | pd.DataFrame) -> str:
    try:
        return place_table(source, DataSettings(fill="linear")).guess.frequency.alias
    except ForecastError as error:
        return str(error)


def same(found: str, right: str) -> bool:
    """Whether two aliases mean the same grid."""
    try:
        one, other = parse_frequency(found), parse_frequency(right)
    except ForecastError:
        return False
    return one.alias == other.alias
