"""Small tables for the tests of the workflows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tsforecast.workflows.export import ExportResult

HORIZON = 6
START = date(2024, 1, 1)


def within_limit(exported: ExportResult) -> bool:
    """Whether an exported file was compared with its network and is close enough to it."""
    found, limit = exported.difference, exported.limit
    return found is not None and limit is not None and 0 <= found <= limit


def value_of(series: int, day: int) -> float:
    """Sales of a shop on a day: level, week, and noise that depends on the day alone."""
    noise = np.random.default_rng(1000 * series + day).normal()
    return round(50 + 20 * series + 8 * float(np.sin(2 * np.pi * day / 7)) + float(noise), 3)


def write_daily(path: Path, first: int, last: int, names: tuple[str, ...] = ("north", "south")) -> Path:
    """Write the days from ``first`` to before ``last`` of the named series."""
    lines = ["shop,day,sales"]
    for series, name in enumerate(names):
        days = range(first, last)
        lines += [f"{name},{START + timedelta(days=day)},{value_of(series, day)}" for day in days]
    path.write_text("\n".join(lines) + "\n")
    return path
