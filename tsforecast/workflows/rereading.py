"""How the table of a model was read: new rows are read in the same way."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from tsforecast.artifacts import Artifact
from tsforecast.config import DataSettings, from_keywords

Limits = dict[str, tuple[float, float]]
"""Lowest and highest value of series whose outliers are clipped."""


def describe_reading(artifact: Artifact) -> dict[str, Any]:
    """Tell what reads new rows as the model's own table was read: settings that are not the usual ones, and limits."""
    settings, limits = reading_of(artifact)
    usual = asdict(DataSettings())
    return {
        "settings": {name: value for name, value in asdict(settings).items() if value != usual[name]},
        "limits": {name: list(pair) for name, pair in limits.items()},
    }


def reading_of(artifact: Artifact) -> tuple[DataSettings, Limits]:
    """How the model's own table was read, for everything that its columns leave open."""
    return artifact.read(
        lambda: stored_reading(
            {
                "settings": artifact.description["settings"],
                "limits": artifact.description["data"].get("repairs", {}).get("limits", {}),
            }
        )
    )


def stored_reading(stored: dict[str, Any]) -> tuple[DataSettings, Limits]:
    """Inverse of ``describe_reading``; settings of other parts of the program are passed over."""
    given = stored.get("settings", {})
    names = {item.name for item in fields(DataSettings)} & set(given)
    limits = {name: (low, high) for name, (low, high) in stored.get("limits", {}).items()}
    return from_keywords(DataSettings, {name: given[name] for name in names}), limits
