"""Forecasts far from zero are those near to it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import write_daily
from tests.workflows.test_bundle import run
from tsforecast.data.output.writing import to_csv
from tsforecast.workflows.bundle import Bundle


def lifted(place: Path, level: float) -> Path:
    """Write two series that no model knows, raised by a level."""
    data = write_daily(place / f"at {level:g}.csv", 0, 120, names=("east", "west"))
    head, *rows = data.read_text().splitlines()
    cells = [row.rpartition(",") for row in rows]
    data.write_text("\n".join([head, *(f"{key},{float(value) + level!r}" for key, _, value in cells)]) + "\n")
    return data


def medians(table: str) -> dict[tuple[str, ...], float]:
    """Give the forecasts of the two series by series and time."""
    rows = [row for row in csv.reader(table.splitlines()) if row[0] in ("east", "west")]
    return {tuple(row[:2]): float(row[2]) for row in rows}


@pytest.mark.parametrize("who", ["folder", "file", "runner"])
def test_values_keep_their_precision_far_from_zero(
    model: Path, bundled: Bundle, tmp_path: Path, who: str
) -> None:
    """A series around 1e9 with a season of a few units is forecast as the same series without 1e9."""
    found = []
    for level in (0.0, 1e9):
        data = lifted(tmp_path, level)
        if who == "runner":
            text = run(bundled.folder, str(data)).stdout.decode()
        else:
            used = model if who == "folder" else bundled.exported.path
            text = to_csv(tsforecast.predict(used, data).table).decode()
        found.append(medians(text))

    assert len(found[0]) == 2 * 6
    assert found[0].keys() == found[1].keys()
    wanted = np.array([*found[0].values()])
    assert np.ptp(wanted) > 5
    np.testing.assert_allclose(np.array([*found[1].values()]) - 1e9, wanted, atol=1e-4)
