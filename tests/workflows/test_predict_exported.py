from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.cli.conftest import REAL, start
from tests.workflows.tables import write_daily
from tsforecast.data.output.writing import FORMATS
from tsforecast.errors import ArtifactError, DataError, UsageError


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the model as one file."""
    return tsforecast.export(model, tmp_path_factory.mktemp("exported") / "daily.onnx").path


@pytest.mark.parametrize("form", [*FORMATS])
def test_a_file_and_its_folder_give_the_same_bytes(
    model: Path, exported: Path, longer_csv: Path, form: str
) -> None:
    """Whoever has only the file gets what the model's owner gets."""
    settings = {"quantiles": (0.05, 0.33, 0.9), "with_cutoff": True}

    tables = [tsforecast.predict(one, longer_csv, **settings).table for one in (model, exported)]

    first, second = (FORMATS[form](table) for table in tables)
    assert first == second


def test_a_file_forecasts_without_training_code(exported: Path, longer_csv: Path) -> None:
    """Neither torch nor the onnx package is needed to run a file."""
    probe = "import sys; from tsforecast.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"

    done = start(["-c", probe, "predict", str(exported), str(longer_csv)], exported.parent)

    assert done.code == 0
    assert set() == {"torch", "sklearn", "pandas", "rich", "onnx"} & set(done.err.split())
    assert done.out == start([*REAL, "predict", str(exported), str(longer_csv)], exported.parent).out


def test_a_file_needs_data(exported: Path) -> None:
    """It keeps nobody's history."""
    with pytest.raises(UsageError, match="no history"):
        tsforecast.predict(exported)


def test_a_file_pads_a_short_series_and_says_so(exported: Path, tmp_path: Path) -> None:
    """Fewer rows than the context are enough, and nobody is left to wonder."""
    short = write_daily(tmp_path / "short.csv", 110, 120)

    forecast = tsforecast.predict(exported, short)

    assert len(forecast.table.series_ids) == 2 * 6
    (told,) = [note for note in forecast.notes if "shorter than the context" in note.text]
    assert told.warning
    assert "keeps no history, so give it the last" in told.text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("shop,day,turnover\nnorth,2024-01-01,1\nnorth,2024-01-02,1\n", "sales"),
        ("shop,day,sales\nnorth,2024-01-01 00:00,1\nnorth,2024-01-01 01:00,1\n", "D"),
    ],
)
def test_data_that_does_not_fit_is_refused(exported: Path, tmp_path: Path, text: str, word: str) -> None:
    """The difference between the data and the model is named."""
    (tmp_path / "other.csv").write_text(text)

    with pytest.raises((ArtifactError, DataError, UsageError), match=word):
        tsforecast.predict(exported, tmp_path / "other.csv")


def without_values(path: Path, names: tuple[str, ...]) -> Path:
    """Write three series, the named ones without any value in the last 60 of 120 days."""
    head, *rows = write_daily(path, 0, 120, names=("north", "south", "west")).read_text().splitlines()
    day = "2024-03-01"
    emptied = [
        f"{name},{at}," if name in names and at >= day else f"{name},{at},{value}"
        for name, at, value in (row.split(",") for row in rows)
    ]
    path.write_text("\n".join([head, *emptied]) + "\n")
    return path


@pytest.mark.parametrize("form", ["folder", "file"])
def test_a_context_without_a_value_is_an_error(
    model: Path, exported: Path, tmp_path: Path, form: str
) -> None:
    """A forecast from nothing would be invented; with --on-error skip the others are forecast all the same."""
    used = model if form == "folder" else exported
    data = without_values(tmp_path / "data.csv", ("west",))

    with pytest.raises(DataError, match="'west': no value is known in its last"):
        tsforecast.predict(used, data)
    forecast = tsforecast.predict(used, data, on_error="skip")

    assert forecast.skipped == ("west",)
    assert any(note.warning and "'west' was skipped: no value" in note.text for note in forecast.notes)
    assert set(forecast.table.series_ids) == {"north", "south"}
    whole = write_daily(tmp_path / "whole.csv", 0, 120, names=("north", "south", "west"))
    clean = tsforecast.predict(used, whole).table
    others = [row for row, name in enumerate(clean.series_ids) if name != "west"]
    assert (forecast.table.columns["forecast"] == clean.columns["forecast"][others]).all()


def test_no_known_value_at_all_is_no_partial_success(exported: Path, tmp_path: Path) -> None:
    """Nothing is left to write, so skipping does not help."""
    nothing = without_values(tmp_path / "none.csv", ("north", "south", "west"))

    with pytest.raises(DataError, match="3 of 3 series"):
        tsforecast.predict(exported, nothing, on_error="skip")


@pytest.mark.parametrize("form", ["folder", "file"])
def test_one_value_is_enough(model: Path, exported: Path, tmp_path: Path, form: str) -> None:
    """The stated minimum: everything before it counts as missing."""
    one = write_daily(tmp_path / "one.csv", 119, 120, names=("east",))

    forecast = tsforecast.predict(model if form == "folder" else exported, one)

    east = [row for row, name in enumerate(forecast.table.series_ids) if name == "east"]
    assert len(east) == 6
    assert np.isfinite(forecast.table.columns["forecast"][east]).all()
    assert any("padded with missing values (NaN)" in note.text for note in forecast.notes)


def test_a_single_value_gives_no_interval_and_that_is_said(
    model: Path, exported: Path, tmp_path: Path
) -> None:
    """An interval of no width looks like certainty; the series is named."""
    lines = write_daily(tmp_path / "new.csv", 0, 60).read_text().splitlines()
    (tmp_path / "new.csv").write_text("\n".join([*lines, f"zoe,{lines[-1].split(',')[1]},7"]) + "\n")

    for one in (model, exported):
        notes = tsforecast.predict(one, tmp_path / "new.csv").notes

        assert [note.text.split(":")[0] for note in notes if note.warning and "too little" in note.text] == [
            "too little history for 1 series, 'zoe'"
        ]


def test_rows_that_are_alike_are_no_constant_series(model: Path, exported: Path, tmp_path: Path) -> None:
    """Two equal days follow a history that changes; a series that never does is told, with or without one."""
    lines = write_daily(tmp_path / "new.csv", 120, 122).read_text().splitlines()
    alike = [f"{line.rpartition(',')[0]},5000" for line in lines[1:]]
    (tmp_path / "new.csv").write_text("\n".join([lines[0], *alike]) + "\n")
    stuck = [line.replace("north", "zoe") for line in alike if line.startswith("north")]
    (tmp_path / "stuck.csv").write_text("\n".join([lines[0], *stuck]) + "\n")

    notes = tsforecast.predict(model, tmp_path / "new.csv").notes
    assert not [note for note in notes if "constant" in note.text]
    for one in (model, exported):
        notes = tsforecast.predict(one, tmp_path / "stuck.csv").notes
        assert [note.text for note in notes if "constant" in note.text] == ["series 'zoe' is constant (5000)"]


def test_drop_short_without_a_history_goes_by_the_names_that_the_model_knows(
    daily_csv: Path, tmp_path: Path
) -> None:
    """A new series that is short is left out; few new rows of an old one are not; a file, which has no names, warns."""
    made = tsforecast.fit(
        daily_csv, tmp_path / "m.tsf", steps=2, members=1, horizon=5, drop_short=True, no_history=True
    ).path
    file = tsforecast.export(made, tmp_path / "m.onnx").path
    lines = write_daily(tmp_path / "new.csv", 50, 60).read_text().splitlines()
    kept = [line for line in lines if not line.startswith("south,")] + [lines[-1]]
    (tmp_path / "new.csv").write_text("\n".join([*kept, f"zoe,{lines[-1].split(',')[1]},7"]) + "\n")

    known, told = (tsforecast.predict(one, tmp_path / "new.csv") for one in (made, file))

    assert "1 series too short and left out: 'zoe'" in [note.text for note in known.notes]
    assert set(known.to_frame()["shop"]) == {"north", "south"}
    assert any(
        note.text.startswith("2 series with fewer than 10 values: 'south' and 'zoe'; --drop-short is not")
        for note in told.notes
        if note.warning
    )
