"""What one defect is, and what must be said of it; and tables in which nothing is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A table with one thing wrong.

    Attributes:
        what: The defect, in words.
        content: The file.
        check: Name of the check that finds it.
        severity: Of the finding.
        line: Where it is.
        found: Part of what is said of it.
        series: The series it is in, None where it concerns the table.
        flags: What is typed to mend it, a part of the mend; "" where no flag does.
        settings: Options of the run.
        fixed: Whether ``--fix`` writes a table that fit takes.
    """

    what: str
    content: str
    check: str
    severity: str
    found: str
    line: int | None = None
    series: str | None = None
    flags: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    fixed: bool = True


def stamps(number: int, step: str = "D", first: str = "2022-01-01") -> list[str]:
    """Timestamps on a regular grid: of hours, days, weeks or months."""
    if step == "M":
        return [f"{month}-01" for month in np.datetime64(first[:7]) + np.arange(number)]
    start = np.datetime64(first, "h") if step == "h" else np.datetime64(first)
    times = start + np.arange(number).astype(f"timedelta64[{step}]")
    return [str(time).replace("T", " ") + ":00" * (step == "h") for time in times]


def table(**columns: Sequence[object] | NDArray[Any]) -> list[list[str]]:
    """Rows of cells, the header first."""
    return [list(columns), *([str(cell) for cell in row] for row in zip(*columns.values(), strict=True))]


def text(rows: Iterable[Sequence[str]]) -> str:
    """CSV of rows."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    return sink.getvalue()


def sales(number: int = 120, seed: int = 1) -> NDArray[np.float64]:
    """Values with a week in them, and nothing odd."""
    random = np.random.default_rng(seed)
    return (20 + 5 * np.sin(2 * np.pi * np.arange(number) / 7) + random.normal(0, 1, number)).round(2)


def panel(columns: Mapping[str, NDArray[Any]], step: str = "D") -> list[list[str]]:
    """Rows of a long table of some series."""
    rows = [["shop", "day", "sales"]]
    for name, values in columns.items():
        rows += [[name, *cells] for cells in zip(stamps(len(values), step), map(str, values), strict=True)]
    return rows


def changed(rows: list[list[str]], cells: Mapping[int, str], column: int = -1) -> list[list[str]]:
    """Rows with other cells in some lines of the file, counted from 1."""
    found = [list(row) for row in rows]
    for line, cell in cells.items():
        found[line - 1][column] = cell
    return found
