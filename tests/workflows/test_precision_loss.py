"""On what a smaller precision is judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import HORIZON
from tsforecast.artifacts import load_artifact
from tsforecast.config import QUANTILE_LEVELS
from tsforecast.workflows.precision_loss import FEW, judged_on, measure_loss, moved_on


def test_windows_move_on_to_what_is_known_after_them() -> None:
    """Every later cutoff sees the values up to it and is scored on the rest; nothing else changes."""
    windows = {
        "contexts": np.array([[1.0, 2.0, 3.0, 4.0], [10.0, np.nan, 30.0, 40.0]]),
        "actual": np.array([[5.0, 6.0, 7.0], [50.0, 60.0, np.nan]]),
        "scale": np.array([0.5, 5.0]),
    }

    moved = moved_on(windows)

    nan = np.nan
    assert {name: values[:2].tobytes() for name, values in moved.items()} == {
        name: values.tobytes() for name, values in windows.items()
    }
    np.testing.assert_array_equal(moved["contexts"][2::2], [[2, 3, 4, 5], [3, 4, 5, 6]])
    np.testing.assert_array_equal(moved["contexts"][3::2], [[nan, 30, 40, 50], [30, 40, 50, 60]])
    np.testing.assert_array_equal(moved["actual"][2::2], [[6, 7, nan], [7, nan, nan]])
    np.testing.assert_array_equal(moved["actual"][3::2], [[60, nan, nan], [nan, nan, nan]])
    np.testing.assert_array_equal(moved["scale"], [0.5, 5, 0.5, 5, 0.5, 5])


@pytest.mark.parametrize(("count", "horizon", "places"), [(1, 500, 64), (40, 10, 2), (63, 24, 2), (13, 3, 3)])
def test_windows_move_on_until_there_are_enough(count: int, horizon: int, places: int) -> None:
    """A long horizon must not take gigabytes; its cutoffs are spread over it."""
    moved = moved_on({"contexts": np.ones((count, 2)), "actual": np.ones((count, horizon))})

    known = np.isfinite(moved["actual"]).sum(1)
    assert len(known) == places * count >= min(FEW, horizon * count)
    assert horizon == known.max()
    assert 0 < known.min() <= max(horizon / 2, horizon / places + 1)


def test_windows_with_covariates_stay_alone() -> None:
    """What covariates were after a window is not kept, and must not be made up."""
    windows = {
        "contexts": np.ones((2, 4)),
        "actual": np.ones((2, 3)),
        "past_covariates": np.ones((2, 4, 1)),
    }

    assert moved_on(windows) is windows


def test_the_same_file_loses_nothing_at_any_cutoff(model: Path, tmp_path: Path) -> None:
    """A loss compares two files on the same cutoffs, and is told with their number."""
    file = tsforecast.export(model, tmp_path / "m.onnx", no_check=True).path.read_bytes()
    artifact = load_artifact(model, "windows")
    arrays = artifact.arrays("windows")

    loss = measure_loss(artifact, arrays, file, file, QUANTILE_LEVELS)

    assert loss is not None
    assert (loss["loss"], loss["metric"], loss["windows"]) == (0.0, "MASE", len(arrays["contexts"]))
    assert judged_on(loss).startswith(f"at {HORIZON * loss['windows']} cutoffs in ")
