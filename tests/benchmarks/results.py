"""Stored results of measurements, one JSON file each under ``docs/benchmarks``."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
RESULTS = DOCS / "benchmarks"


def store(name: str, results: dict[str, Any]) -> None:
    """Merge results into the stored ones."""
    file = RESULTS / f"{name}.json"
    RESULTS.mkdir(exist_ok=True)
    file.write_text(json.dumps({**stored(name), **results}, indent=1, sort_keys=True) + "\n")


def stored(name: str) -> dict[str, Any]:
    """Results of earlier runs, empty where there are none."""
    file = RESULTS / f"{name}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def medians(runs: dict[str, dict[str, float]]) -> dict[str, float]:
    """Median of every number over the runs that have it."""
    names = dict.fromkeys(name for run in runs.values() for name in run)
    return {name: statistics.median(run[name] for run in runs.values() if name in run) for name in names}
