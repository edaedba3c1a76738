"""Forecasts of sample files, stored so that a change of any number is seen and meant."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import tsforecast

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent.parent / "sample_data"
NAMES = ("monthly_visitors", "weekly_orders")
STEPS = 40


def forecast_of(name: str) -> dict[str, Any]:
    """Fit a sample file for a few steps and forecast it; plain values."""
    with tempfile.TemporaryDirectory() as folder:
        result = tsforecast.fit(SAMPLES / f"{name}.csv", Path(folder) / "m.tsf", steps=STEPS)
        table = tsforecast.predict(result.path).table
    return {
        "horizon": result.horizon,
        "context_length": result.context_length,
        "season_lengths": list(result.season_lengths),
        "series": table.series_ids,
        "times": table.schema.time_format.render(table.ticks),
        "columns": {name: [float(f"{one:.7g}") for one in values] for name, values in table.columns.items()},
    }


def stored_file(name: str) -> Path:
    """Where the forecast of a sample file is stored."""
    return HERE / f"{name}.json"


def write_all() -> None:
    """Store the forecasts of today."""
    for name in NAMES:
        text = json.dumps(forecast_of(name), indent=1, allow_nan=False)
        stored_file(name).write_text(text + "\n", encoding="utf-8")
