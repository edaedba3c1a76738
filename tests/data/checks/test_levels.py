"""A level that jumps and stays is told; what moves in other ways is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.checks.case import stamps, table, text
from tsforecast import check

AT, STEPS = 130, 300
AFTER = np.arange(STEPS) >= AT


def found(folder: Path, values: NDArray[np.float64]) -> list[int]:
    """Lines of the shifts that are found in a series."""
    file = folder / "data.csv"
    file.write_text(text(table(day=stamps(STEPS), sales=values)))
    return [one.line or 0 for one in check(file).findings if one.check == "level shift"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["noise", "season", "factor", "down"])
def test_a_shift_that_anyone_would_see_is_found(tmp_path: Path, kind: str, seed: int) -> None:
    """Five standard deviations of noise, a season half as large as the shift, or three times as much, are enough."""
    noise = np.random.default_rng(seed).normal(size=STEPS)
    season = np.sin(np.arange(STEPS) / 7 * 2 * np.pi)
    values = {
        "noise": noise + 5 * AFTER,
        "season": 0.3 * noise + season + 4 * AFTER,
        "factor": np.exp(0.2 * noise) * (1 + 2 * AFTER),
        "down": noise - 6 * AFTER,
    }[kind]

    (line,) = found(tmp_path, values)

    assert abs(line - (AT + 2)) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_other_movements_are_no_shift(tmp_path: Path, seed: int) -> None:
    """A trend, a ramp, a lasting noise, and one high week do not stay at a new level at once."""
    noise = np.random.default_rng(seed).normal(size=STEPS)
    ramp = np.clip(np.arange(STEPS) - 100, 0, 100) / 10
    week = 9.0 * (abs(np.arange(STEPS) - AT) < 4)

    for values in (np.arange(STEPS) / 10 + noise, noise + ramp, noise, noise + week):
        assert found(tmp_path, values) == []
