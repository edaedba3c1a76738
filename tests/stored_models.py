"""Small model folders for the tests of what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.models.building import SCHEMA, panel_of
from tsforecast.artifacts import (
    digest,
    load_artifact,
    pack_arrays,
    pack_history,
    save_artifact,
)
from tsforecast.data.times.timeline import parse_frequency

PANEL = panel_of([[1.0, np.nan, 3.0], [4.0]])


def description_of(number: int = 0) -> dict[str, Any]:
    """Describe a model as far as the folder cares."""
    return {
        "version": "0.1.0",
        "data": {
            "schema": SCHEMA.to_json(),
            "frequency": parse_frequency("h").to_json(),
            "season_lengths": [24, 168],
        },
        "number": number,
        "text": "Größe \u2028 'quoted'",
    }


def parts_of(number: int = 0) -> dict[str, bytes]:
    """Parts whose content follows the number."""
    return {
        "weights": pack_arrays({"kernel": np.arange(6, dtype=np.float32).reshape(2, 3) + number}),
        "model": f"graph {number}".encode(),
        "history": pack_arrays(pack_history(PANEL)),
        "windows": pack_arrays({"contexts": np.full((2, 3), float(number))}),
    }


def save(path: Path, number: int = 0) -> Path:
    """Write the model with a number."""
    save_artifact(path, description_of(number), parts_of(number))
    return path


def files_of(path: Path) -> dict[str, bytes]:
    """Content of every file, hidden ones too."""
    return {file.name: file.read_bytes() for file in path.iterdir()}


def read_all(path: Path) -> tuple[Any, ...]:
    """Everything a reader can ask a model folder for."""
    artifact = load_artifact(path, "model")
    panel = artifact.history()
    arrays = {name: artifact.arrays(name) for name in ("weights", "windows")}
    return (
        artifact.description,
        artifact.schema,
        artifact.frequency,
        artifact.season_lengths,
        artifact.part("model"),
        panel.series_ids,
        panel.values.tobytes(),
        panel.offsets.tobytes(),
        panel.first.tobytes(),
        {name: {key: one.tobytes() for key, one in many.items()} for name, many in arrays.items()},
    )


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change model.json and its digest, as a release with other habits would."""
    file = path / "model.json"
    description = json.loads(file.read_bytes())
    change(description)
    description["digest"] = digest(description)
    file.write_text(json.dumps(description))
