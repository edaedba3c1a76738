from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.cli.conftest import REAL, start
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.errors import DataError

NAMES = ("north", "south", "west")


def spoiled(path: Path, how: str) -> Path:
    """Write three series, the second with an error of the given kind."""
    write_daily(path, 0, 120, names=NAMES)
    lines = path.read_text().splitlines()
    row = next(place for place, line in enumerate(lines) if line.startswith("south,2024-02-10"))
    if how == "cell":
        lines[row] = "south,2024-02-10,broken"
    elif how == "duplicate":
        lines.insert(row, lines[row])
    elif how == "gap":
        lines[row : row + 60] = []
    else:
        lines[row] = lines[row].replace("2024-02-10", "2024-02-10 12:00")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("how", ["cell", "duplicate", "gap", "off the grid"])
def test_a_series_with_an_error_costs_the_others_nothing(model: Path, tmp_path: Path, how: str) -> None:
    """Without it the file gives the same rows; its own old history gives none that could pass for a new forecast."""
    bad = spoiled(tmp_path / "bad.csv", how)
    good = write_daily(tmp_path / "good.csv", 0, 120, names=NAMES)
    with pytest.raises(DataError):
        tsforecast.predict(model, bad)

    forecast = tsforecast.predict(model, bad, on_error="skip")

    assert forecast.skipped == ("south",)
    assert any(note.warning and "'south' was skipped" in note.text for note in forecast.notes)
    clean = tsforecast.predict(model, good).table
    others = [row for row, name in enumerate(clean.series_ids) if name != "south"]
    assert forecast.table.series_ids == [clean.series_ids[row] for row in others]
    for name, values in forecast.table.columns.items():
        np.testing.assert_allclose(values, clean.columns[name][others], rtol=1e-5)


def test_nothing_left_is_the_error_itself(model: Path, tmp_path: Path) -> None:
    """A file with nothing but errors is no partial success."""
    bad = write_daily(tmp_path / "bad.csv", 0, 120, names=("south",))
    bad.write_text(bad.read_text() + "south,2024-01-01,5\n")

    with pytest.raises(DataError, match="duplicate"):
        tsforecast.predict(model, bad, on_error="skip")


def test_fit_skips_too_and_both_end_with_9(tmp_path: Path) -> None:
    """The model and the forecast are written, and the code says that they are not all."""
    spoiled(tmp_path / "bad.csv", "duplicate")
    words = ("--on-error", "skip", "--steps", "2", "--members", "1", "--horizon", str(HORIZON))

    fit = start([*REAL, "fit", "bad.csv", *words], tmp_path)
    predict = start([*REAL, "predict", "bad.tsf", "bad.csv", "--on-error", "skip", "-o", "f.csv"], tmp_path)

    assert (fit.code, predict.code) == (9, 9)
    assert "1 series skipped: south; the rest is written" in predict.err
    assert len((tmp_path / "f.csv").read_text().splitlines()) == 1 + 2 * HORIZON
