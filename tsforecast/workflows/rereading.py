"""How the table of a model was read: new rows are read in the same way."""

from __future__ import annotations

import os
from dataclasses import asdict, fields, replace
from typing import Any

from tsforecast.artifacts import Artifact
from tsforecast.config import DataSettings, SourceSettings, from_keywords
from tsforecast.data.sources.paths import STDIN

Limits = dict[str, tuple[float, float]]
"""Lowest and highest value of series whose outliers are clipped."""


def reading_for(
    stored: tuple[DataSettings, Limits], data: Any, given: SourceSettings
) -> tuple[DataSettings, Limits]:
    """How new data are read: as the model's own table was, from where in the file the user or else the model says.

    Args:
        stored: How the model's own table was read.
        data: Path, list of paths, or DataFrame.
        given: What the user says of the new data.
    """
    settings, limits = stored
    first = data[0] if isinstance(data, list | tuple) and data else data
    path = first if isinstance(first, str | os.PathLike) else STDIN
    return replace(
        settings, sql=given.sql or _query(settings, path), sheet=given.sheet or _sheet(settings, path)
    ), limits


def _query(settings: DataSettings, path: Any) -> str | None:
    """Query of the model's own table, where the new data are a database, too."""
    if settings.sql is None:
        return None
    from tsforecast.data.sources.databases import database_kind

    return settings.sql if database_kind(path) else None


def _sheet(settings: DataSettings, path: Any) -> str | None:
    """Sheet of the model's own table, where the new data are a workbook, too."""
    if settings.sheet is None:
        return None
    from tsforecast.data.sources.workbook import is_workbook_file

    return settings.sheet if is_workbook_file(path) else None


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
