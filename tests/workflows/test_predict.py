from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.data.output.writing import ForecastTable, to_csv
from tsforecast.errors import ArtifactError, UsageError

FIT: dict[str, Any] = {"steps": 5, "horizon": 4}


def of_series(table: ForecastTable, name: str) -> list[float]:
    """Point forecasts of one series."""
    return [
        value
        for series, value in zip(table.series_ids, table.columns["forecast"].tolist(), strict=True)
        if series == name
    ]


def test_predict_loads_no_training_code(model: Path, daily_csv: Path) -> None:
    """A forecast from cron must not pay for torch, scikit-learn or pandas."""
    program = (
        "import io, sys, tsforecast\n"
        "from tsforecast.data.output.writing import write_table\n"
        f"for data in (None, {str(daily_csv)!r}):\n"
        f"    write_table(tsforecast.predict({str(model)!r}, data).table, io.BytesIO())\n"
        "print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    seen = set(done.stdout.split())
    assert {"onnxruntime", "tsforecast.workflows.predict"} <= seen
    assert (
        set() == {"torch", "sklearn", "pandas", "onnx", "typer", "rich", "tsforecast.models.mixture"} & seen
    )


def test_predict_from_history_equals_predict_from_the_file(
    model: Path, daily_csv: Path, tmp_path: Path
) -> None:
    """The model's own memory, the whole file and its last rows give the same forecast."""
    last = write_daily(tmp_path / "last.csv", 115, 120)

    tables = [to_csv(tsforecast.predict(model, data).table) for data in (None, daily_csv, last)]

    assert tables[0] == tables[1] == tables[2]


def test_predict_from_new_rows_equals_predict_from_the_longer_file(
    model: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """A nightly file with a few new rows is enough."""
    new = write_daily(tmp_path / "new.csv", 120, 134)

    whole, few = (tsforecast.predict(model, data).table for data in (longer_csv, new))

    assert to_csv(whole) == to_csv(few)
    assert to_csv(few).decode().splitlines()[1].split(",")[1] == "2024-05-14"


def test_predict_prefers_new_values_over_stored_ones(model: Path, tmp_path: Path) -> None:
    """A correction of old rows counts."""
    corrected = write_daily(tmp_path / "corrected.csv", 118, 120)
    text = corrected.read_text().splitlines()
    corrected.write_text("\n".join([text[0], *(f"{line.rsplit(',', 1)[0]},500" for line in text[1:])]))

    assert to_csv(tsforecast.predict(model, corrected).table) != to_csv(tsforecast.predict(model).table)


def test_predict_takes_series_it_never_saw(model: Path, tmp_path: Path) -> None:
    """A new shop is forecast from its own rows; the known ones from the history."""
    data = write_daily(tmp_path / "new.csv", 60, 120, names=("west",))

    table = tsforecast.predict(model, data).table

    assert list(dict.fromkeys(table.series_ids)) == ["north", "south", "west"]
    np.testing.assert_allclose(of_series(table, "west"), of_series(table, "north"), atol=6)
    assert of_series(table, "north") == of_series(tsforecast.predict(model).table, "north")


def test_predict_forecasts_each_series_from_its_own_end(model: Path, tmp_path: Path) -> None:
    """A series that goes on alone is forecast from later on, and that is a warning."""
    forecast = tsforecast.predict(model, write_daily(tmp_path / "new.csv", 120, 123, names=("north",)))

    frame = forecast.to_frame()
    first = frame.groupby("shop", sort=False)["day"].min()
    assert [str(one)[:10] for one in first] == ["2024-05-03", "2024-04-30"]
    assert any(note.warning and "2024-04-29 to 2024-05-02" in note.text for note in forecast.notes)


def test_predict_of_a_shorter_horizon_is_the_start_of_the_whole(model: Path) -> None:
    """Fewer steps are the same steps."""
    whole, short = tsforecast.predict(model).table, tsforecast.predict(model, horizon=2).table

    assert len(whole.ticks) == HORIZON * 2
    assert len(short.ticks) == 2 * 2
    assert of_series(whole, "south")[:2] == of_series(short, "south")


def test_predict_refuses_a_longer_horizon(model: Path) -> None:
    """A forecast beyond what was trained is refused, with the way to get it."""
    with pytest.raises(UsageError, match=f"{HORIZON} steps") as caught:
        tsforecast.predict(model, horizon=HORIZON + 1)

    assert f"--horizon {HORIZON + 1}" in caught.value.hint


@pytest.mark.parametrize("level", [0.0, 0.01, 0.98, 1.0, -1.0, 2.0, float("nan")])
def test_predict_refuses_quantiles_that_were_not_learned(model: Path, level: float) -> None:
    """Outside the learned levels nothing is made up; who means per cent is told so."""
    with pytest.raises(UsageError, match="quantile level") as caught:
        tsforecast.predict(model, quantiles=(0.5, level))

    assert ("levels are shares" in caught.value.hint) == (level > 1)


def test_predict_gives_the_quantiles_asked_for(model: Path) -> None:
    """Columns stand in the order asked, ascending in value, and 0.5 is the forecast."""
    table = tsforecast.predict(model, quantiles=(0.9, 0.25, 0.5, 0.1)).table

    assert [*table.columns] == ["forecast", "q0.9", "q0.25", "q0.5", "q0.1"]
    ordered = [table.columns[name] for name in ("q0.1", "q0.25", "q0.5", "q0.9")]
    assert (np.diff(ordered, axis=0) >= 0).all()
    np.testing.assert_array_equal(table.columns["forecast"], table.columns["q0.5"])


def test_predict_tells_its_cutoff_on_request(model: Path) -> None:
    """The last timestamp the forecast has seen."""
    frame = tsforecast.predict(model, with_cutoff=True).to_frame()

    assert [*frame] == ["shop", "cutoff", "day", "forecast", "q0.1", "q0.9"]
    assert {pd.Timestamp("2024-04-29")} == set(frame["cutoff"])


def test_predict_takes_a_data_frame(model: Path, longer_csv: Path) -> None:
    """Rows in memory forecast like rows in a file."""
    frame = pd.read_csv(longer_csv, parse_dates=["day"])

    from_memory, from_file = (tsforecast.predict(model, data).table for data in (frame, longer_csv))

    np.testing.assert_array_equal(from_memory.columns["forecast"], from_file.columns["forecast"])
    np.testing.assert_array_equal(from_memory.ticks, from_file.ticks)


def test_predict_without_history_and_data_says_what_is_needed(daily_csv: Path, tmp_path: Path) -> None:
    """A model without memory asks for data."""
    path = tsforecast.fit(daily_csv, tmp_path / "m", no_history=True, **FIT).path

    with pytest.raises(ArtifactError, match="keeps no history"):
        tsforecast.predict(path)


def test_predict_refuses_data_of_another_frequency(model: Path, tmp_path: Path) -> None:
    """Hours do not fit a model of days."""
    rows = "\n".join(f"north,2024-05-01T{hour:02}:00,{hour}" for hour in range(24))
    (tmp_path / "hours.csv").write_text(f"shop,day,sales\n{rows}\n")

    with pytest.raises(tsforecast.errors.ForecastError) as caught:
        tsforecast.predict(model, tmp_path / "hours.csv")

    assert caught.value.exit_code in (3, 5)


FORMS: dict[str, tuple[str, Callable[[pd.DatetimeIndex], list[str]]]] = {
    "MS": ("2019-01-01", lambda index: [*index.strftime("%Y-%m")]),
    "ME": ("2019-01-31", lambda index: [*index.strftime("%Y-%m-%d")]),
    "W-WED": ("2020-01-01", lambda index: [*index.strftime("%d/%m/%Y")]),
    "B": ("2023-01-02", lambda index: [*index.strftime("%Y-%m-%d")]),
    "QS": ("2005-01-01", lambda index: [*index.strftime("%Y-%m-%d")]),
    "30min": ("2024-02-28 22:00", lambda index: [*index.strftime("%Y-%m-%dT%H:%M:%SZ")]),
}


@pytest.mark.parametrize("alias", FORMS)
def test_predict_continues_the_calendar_in_the_form_of_the_data(alias: str, tmp_path: Path) -> None:
    """Months have their lengths, weekends have no business days, and dates look as they did."""
    start, write = FORMS[alias]
    index = pd.date_range(start, periods=64, freq=alias)
    stamps = write(index)
    values = 10 + np.sin(np.arange(60)) + np.arange(60) / 10
    (tmp_path / "data.csv").write_text(
        "when,value\n"
        + "".join(f"{stamp},{value:.4f}\n" for stamp, value in zip(stamps, values, strict=False))
    )

    tsforecast.fit(tmp_path / "data.csv", tmp_path / "m", **FIT)
    lines = to_csv(tsforecast.predict(tmp_path / "m").table).decode().splitlines()

    assert lines[0] == "when,forecast,q0.1,q0.9"
    assert stamps[60:] == [line.split(",")[0] for line in lines[1:]]
