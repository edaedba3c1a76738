from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsforecast
from tests.models.building import awkward_windows, panel_of, seasonal_panel
from tests.workflows.tables import write_daily
from tsforecast.config import PredictSettings, ShapeSettings
from tsforecast.data.inputs import Inputs
from tsforecast.data.output.writing import to_csv
from tsforecast.errors import DataError, UsageError
from tsforecast.exporters.ort import LIMIT, difference
from tsforecast.models import build
from tsforecast.models.universal import suits
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.training.pretrained import load_pretrained
from tsforecast.workflows.forecast_tables import MOST_STEPS, check_reach
from tsforecast.workflows.zero_shot import universal_graph, universal_spec


def lines_of(**how: Any) -> list[str]:
    """Forecast table without a model, as lines of CSV."""
    return to_csv(tsforecast.predict(zero_shot=True, **how).table).decode().splitlines()


def test_zero_shot_loads_no_training_code(daily_csv: Path) -> None:
    """A forecast without a fit needs neither torch nor scikit-learn nor pandas."""
    program = (
        "import io, sys, tsforecast\n"
        "from tsforecast.data.output.writing import write_table\n"
        f"write_table(tsforecast.predict(data={str(daily_csv)!r}, zero_shot=True).table, io.BytesIO())\n"
        "print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    seen = set(done.stdout.split())
    assert {"onnxruntime", "tsforecast.models.universal"} <= seen
    assert set() == {"torch", "sklearn", "pandas", "typer", "rich", "tsforecast.models.mixture"} & seen


@pytest.mark.parametrize(
    ("season", "length", "horizon"), [(12, 150, 18), (4, 30, 8), (24, 900, 48), (1, 9, 6)]
)
def test_zero_shot_forecasts_what_the_pretrained_network_forecasts(
    season: int, length: int, horizon: int
) -> None:
    """The graph made without torch answers as torch does with the same weights, on awkward windows too."""
    seasons = (season,) if season > 1 else ()
    panel = seasonal_panel(length=length, season=max(season, 2))
    spec = universal_spec(panel, ShapeSettings(horizon=horizon, season_length=seasons))
    network = build(spec)
    load_pretrained(network)
    contexts = awkward_windows(spec.context_length)

    expected = network.forecast(Inputs.of(contexts))[0]

    assert suits(spec)
    found = OnnxForecaster(universal_graph(spec)).forecast(Inputs.of(contexts))
    assert difference(found, expected, contexts) <= LIMIT


def test_zero_shot_knows_a_season_when_it_sees_one(daily_csv: Path) -> None:
    """A clean week is repeated, not averaged away, though nothing was fitted."""
    table = tsforecast.predict(data=daily_csv, zero_shot=True, horizon=14).table

    values = table.columns["forecast"][:14]
    assert np.abs(values[7:] - values[:7]).max() < np.ptp(values[:7])
    assert [line.split(",")[:2] for line in to_csv(table).decode().splitlines()[:2]] == [
        ["shop", "day"],
        ["north", "2024-04-30"],
    ]


def test_zero_shot_of_a_frame_equals_that_of_the_file(daily_csv: Path) -> None:
    """Rows in memory forecast like rows in a file."""
    frame = pd.read_csv(daily_csv, parse_dates=["day"])

    from_memory, from_file = (
        tsforecast.predict(data=data, zero_shot=True).table for data in (frame, daily_csv)
    )

    np.testing.assert_array_equal(from_memory.columns["forecast"], from_file.columns["forecast"])


@pytest.mark.parametrize("rows", [1, 2, 3, 10])
def test_zero_shot_forecasts_series_that_no_fit_would_take(rows: int, tmp_path: Path) -> None:
    """Nothing is learned, so one row is enough; what columns mean is then up to the user."""
    data = write_daily(tmp_path / "few.csv", 0, rows)

    lines = lines_of(data=data, horizon=30, freq="D", id="shop", time="day", target="sales")

    assert len(lines) == 1 + 2 * 30
    assert all(np.isfinite(float(cell)) for line in lines[1:] for cell in line.split(",")[2:])


def test_zero_shot_forecasts_a_short_series_beside_long_ones(daily_csv: Path, tmp_path: Path) -> None:
    """A newcomer with one row is padded, and the others do not notice it."""
    both = tmp_path / "both.csv"
    both.write_text(daily_csv.read_text() + "new,2024-04-29,7\n")

    lines, without = lines_of(data=both, horizon=3), lines_of(data=daily_csv, horizon=3)

    assert lines[:7] == without
    assert [line.split(",")[0] for line in lines[7:]] == ["new"] * 3


def test_zero_shot_takes_what_the_user_says(daily_csv: Path) -> None:
    """A setting that is given is not found, and what was used is told."""
    forecast = tsforecast.predict(
        data=daily_csv, zero_shot=True, horizon=5, context_length=33, season_length=(11, 3), target="sales"
    )

    assert any("season lengths 3, 11, context length 33, horizon 5" in note.text for note in forecast.notes)
    assert len(forecast.table.ticks) == 5 * 2


@pytest.mark.parametrize(("non_negative", "lowest"), [(None, 0.0), (False, -100.0)])
def test_zero_shot_forecasts_no_counts_below_zero(
    non_negative: bool | None, lowest: float, tmp_path: Path
) -> None:
    """As after a fit: what counts things is never negative unless that is asked for, and this is said."""
    counts = np.random.default_rng(0).poisson(0.4, 60)
    days = pd.date_range("2024-01-01", periods=60).date
    data = tmp_path / "counts.csv"
    data.write_text("day,y\n" + "".join(f"{day},{count}\n" for day, count in zip(days, counts, strict=True)))

    forecast = tsforecast.predict(
        data=data, zero_shot=True, quantiles=(0.025, 0.975), non_negative=non_negative
    )

    smallest = min(values.min() for values in forecast.table.columns.values())
    assert smallest == 0 if non_negative is None else lowest < smallest < 0
    assert (non_negative is None) == any(
        "nothing is forecast below 0" in note.text for note in forecast.notes
    )


def test_zero_shot_of_negative_values_is_bound_by_no_wish(tmp_path: Path) -> None:
    """What the data contradict is refused, with the place."""
    data = tmp_path / "cold.csv"
    data.write_text("day,y\n2024-01-01,2.5\n2024-01-02,-1\n2024-01-03,2\n")

    with pytest.raises(DataError, match="at 2024-01-02 is -1"):
        tsforecast.predict(data=data, zero_shot=True, non_negative=True)


def test_zero_shot_proposes_no_covariates(tmp_path: Path) -> None:
    """It would refuse them, so notes about unused columns and open ends do not name their flags."""
    data = tmp_path / "rain.csv"
    days = pd.date_range("2024-01-01", periods=20).date
    data.write_text("day,y,wet\n" + "".join(f"{day},{day.day if day.day < 18 else ''},1\n" for day in days))

    texts = " ".join(note.text for note in tsforecast.predict(data=data, zero_shot=True).notes)

    assert "1 column not used: 'wet'" in texts
    assert "leave such rows out to forecast them" in texts
    assert "--future" not in texts


def test_zero_shot_begins_where_a_fit_would(tmp_path: Path) -> None:
    """Rows of a plan have no target yet: they are what is forecast, not a past that nobody knows."""
    data = tmp_path / "plan.csv"
    days = pd.date_range("2024-01-01", periods=40).date
    data.write_text(
        "day,y,promo\n"
        + "".join(f"{day},{day.day if number < 37 else ''},1\n" for number, day in enumerate(days))
    )

    found = lines_of(data=data, horizon=1, with_cutoff=True)
    without = lines_of(data=data, horizon=1, with_cutoff=True, no_covariates=True)

    assert found[1].startswith("2024-02-06,2024-02-07,")
    assert without[1].split(",")[1] == "2024-02-10"


def test_a_forecast_ends_with_the_last_date(tmp_path: Path) -> None:
    """A horizon beyond the year 9999 is refused before anything is computed; the one that is proposed is taken."""
    data = tmp_path / "months.csv"
    months = np.arange("2022-01", "2026-01", dtype="datetime64[M]")
    data.write_text("month,y\n" + "".join(f"{month}-01,{place % 7}\n" for place, month in enumerate(months)))

    with pytest.raises(UsageError, match="beyond the year 9999") as caught:
        tsforecast.predict(data=data, zero_shot=True, horizon=MOST_STEPS)

    steps = int(caught.value.hint.split()[2])
    panel = tsforecast.predict(data=data, zero_shot=True, horizon=1).panel
    check_reach(panel, steps)
    assert panel.stamps([panel.last.max() + steps]) == ["9999-12-01"]


def test_a_forecast_that_would_fill_the_memory_is_refused(daily_csv: Path) -> None:
    """A mistyped horizon ends with a sentence, not with the process."""
    with pytest.raises(UsageError, match="too long to forecast") as caught:
        tsforecast.predict(data=daily_csv, zero_shot=True, horizon=MOST_STEPS + 1)

    assert caught.value.hint == f"give --horizon {MOST_STEPS} or less"


def test_universal_spec_looks_at_all_there_is() -> None:
    """Rows that a fit would keep to learn from are context where nothing is learned."""
    panel = panel_of([np.arange(30.0)])

    assert universal_spec(panel, PredictSettings(horizon=20)).context_length == 30


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"model": "m.tsf", "data": "d.csv", "zero_shot": True}, "no model"),
        ({"zero_shot": True}, "takes data"),
        ({"data": "d.csv"}, "no model to forecast from"),
        ({"model": "m.tsf", "target": "sales"}, "--target is for --zero-shot"),
        ({"model": "m.tsf", "season_length": (7,)}, "--season-length is for --zero-shot"),
        ({"data": "d.csv", "zero_shot": True, "steps": 3}, "no setting is called 'steps'"),
    ],
)
def test_predict_refuses_what_would_be_ignored(how: dict[str, Any], said: str) -> None:
    """A setting that means nothing here must not pass in silence."""
    with pytest.raises(UsageError) as caught:
        tsforecast.predict(**how)

    assert said in caught.value.message
