"""Errors window by window from forecast files, and how sure a difference between two of them is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

KEY = ["unique_id", "block"]


def window_errors(
    forecasts: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame, season_length: int, stride: int | None
) -> pd.Series[float]:
    """MASE of every window, by series and block of the test part.

    Args:
        forecasts: Columns ``unique_id``, ``ds`` and ``y_hat`` or ``forecast``, each test row once.
        train: Columns ``unique_id``, ``ds``, ``y``: the rows that give each series its scale.
        test: The same columns, in order of time.
        season_length: Lag of the scale; 1 for series that are not longer (steps).
        stride: Steps of a block; the whole test part where None.

    Raises:
        ValueError: A test row has no forecast.
    """
    scales = train.groupby("unique_id", sort=False)["y"].apply(_scale, season_length)
    point = "y_hat" if "y_hat" in forecasts else "forecast"
    place = test.groupby("unique_id", sort=False).cumcount()
    asked = test.assign(block=place // stride if stride else 0, ds=_stamps(test["ds"]))
    given = forecasts.assign(ds=_stamps(forecasts["ds"]))[["unique_id", "ds", point]]
    joined = asked.merge(given, on=["unique_id", "ds"], how="left", validate="one_to_one")
    if joined[point].isna().any():
        raise ValueError(f"{int(joined[point].isna().sum())} test rows have no forecast")
    error = (joined["y"] - joined[point]).abs() / joined["unique_id"].map(scales)
    return error.groupby([joined[name] for name in KEY], sort=False).mean().dropna()


def difference(ours: pd.Series[float], others: pd.Series[float]) -> tuple[float, float]:
    """Mean difference of paired windows and its standard error, NaN for a single window.

    Windows of one series are taken as independent, which makes the error of few long series too small.
    """
    both = (ours - others).dropna()
    error = both.std(ddof=1) / np.sqrt(len(both)) if len(both) > 1 else np.nan
    return float(both.mean()), float(error)


def read_table(path: Path) -> pd.DataFrame:
    """Table with the names of series and the timestamps as text."""
    return pd.read_csv(path, dtype={"unique_id": str, "ds": str})


def _scale(values: pd.Series[float], season_length: int) -> float:
    history = values.to_numpy(np.float64)
    lag = season_length if len(history) > season_length else 1
    steps = np.abs(history[lag:] - history[:-lag])
    known = steps[np.isfinite(steps)]
    return float(known.mean()) if len(known) and known.mean() > 0 else float("nan")


def _stamps(column: pd.Series[Any]) -> pd.Series[Any]:
    """Timestamps in one form, whatever the file wrote them as."""
    stamps = pd.to_datetime(column, errors="coerce", format="mixed")
    return column if stamps.isna().any() else stamps
