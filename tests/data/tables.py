"""Small tables for the tests of the reading layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.panel import Panel
from tsforecast.data.reading import ReadResult, read_panel


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    """Put a table into a folder."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, **settings: Any) -> ReadResult:
    """Read a table given as text."""
    return read_panel(write(folder, content), DataSettings(**settings))


def days(number: int, start: int = 1) -> list[str]:
    """Dates of January 2024 and on, as ISO 8601 writes them."""
    import numpy as np

    first = np.datetime64("2024-01-01") + (start - 1)
    return [str(day) for day in first + np.arange(number)]


def daily(number: int = 10, header: str = "ds,y", sep: str = ",") -> str:
    """Table of one daily series that counts."""
    rows = [f"{day}{sep}{index + 1}" for index, day in enumerate(days(number))]
    return "\n".join([header, *rows]) + "\n"


def by_id(panel: Panel) -> dict[str, list[float]]:
    """Values of every series by its id."""
    return {name: panel.series(index).tolist() for index, name in enumerate(panel.series_ids)}
