from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsforecast
from tests.models.building import panel_of
from tests.stored_models import rewrite
from tests.workflows.tables import HORIZON, within_limit
from tsforecast.artifacts import load_artifact
from tsforecast.errors import DataError
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.evaluate import Evaluation
from tsforecast.workflows.floor import choose_floor, is_count

COUNTS = st.lists(st.one_of(st.integers(0, 10**9).map(float), st.just(float("nan"))), min_size=1)


def write_sales(path: Path, days: int = 120, seed: int = 0, first: int = 0) -> Path:
    """Write a product that sells now and then: most days nothing, some days a few."""
    sold = np.random.default_rng(seed).poisson(0.7, days)
    dates = np.datetime64("2024-01-01") + np.arange(first, first + days)
    path.write_text(
        "day,sold\n" + "".join(f"{day},{count}\n" for day, count in zip(dates, sold, strict=True))
    )
    return path


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model of counts, made without a word about them."""
    folder = tmp_path_factory.mktemp("counts")
    return tsforecast.fit(write_sales(folder / "sold.csv"), folder / "m.tsf", steps=10, horizon=HORIZON).path


@given(COUNTS)
def test_counts_are_whole_numbers_from_zero_on(values: list[float]) -> None:
    """Holes do not matter, one negative or broken number does, and holes alone are no counts."""
    assert is_count(panel_of([values])) == bool(np.isfinite(values).any())
    assert not is_count(panel_of([values, [-1.0]]))
    assert not is_count(panel_of([[0.5], values]))


def test_user_has_the_last_word() -> None:
    """The data decide only where nobody else did, and then that is said."""
    counts, amounts = panel_of([[0.0, 3.0]]), panel_of([[0.0, 3.5]])

    assert choose_floor(counts, False) == choose_floor(amounts, None) == (None, ())
    assert choose_floor(amounts, True) == (0.0, ())
    floor, notes = choose_floor(counts, None)
    assert floor == 0.0
    assert "--no-non-negative" in notes[0].text


def test_negative_value_is_named() -> None:
    """Whoever rules out negative values learns where the first one is."""
    panel = panel_of([[1.0, 2.0], [3.0, np.nan, -0.5, -7.0]])

    with pytest.raises(DataError, match=r"series 's1' at 1970-01-01 02:00 is -0\.5") as caught:
        choose_floor(panel, True)

    assert "--no-non-negative" in caught.value.hint


def test_negative_value_of_a_single_series_needs_no_name() -> None:
    """A table without ids has nothing to name but the time."""
    panel = panel_of([[1.0, -2.0]])

    with pytest.raises(DataError, match=r"the target at 1970-01-01 01:00 is -2"):
        choose_floor(replace(panel, schema=replace(panel.schema, id=None)), True)


def test_counts_are_never_forecast_below_zero(counting: Path, tmp_path: Path) -> None:
    """From fit over the backtest to predict: no quantile of counts is negative, and quantiles stay sorted."""
    levels = (0.025, 0.1, 0.9, 0.975)
    newer = write_sales(tmp_path / "newer.csv", days=30, seed=3, first=120)
    backtests: list[Evaluation] = [tsforecast.evaluate(counting, data) for data in (None, newer)]
    tables = [tsforecast.predict(counting, quantiles=levels).table, *(one.forecasts for one in backtests)]

    for table in tables:
        columns = {name: values for name, values in table.columns.items() if name != "actual"}
        assert min(values.min() for values in columns.values()) == 0
        ordered = np.stack([values for name, values in columns.items() if name.startswith("q")])
        assert (np.diff(ordered, axis=0) >= 0).all()
    assert "nothing is forecast below 0" in " ".join(load_artifact(counting).description["data"]["notes"])


def test_floor_can_be_refused(counting: Path, tmp_path: Path) -> None:
    """Without the floor the same data have lower quantiles below 0."""
    free = tsforecast.fit(
        write_sales(tmp_path / "sold.csv"), tmp_path / "m", steps=10, horizon=HORIZON, non_negative=False
    )

    assert load_artifact(free.path).description["network"]["floor"] is None
    assert tsforecast.predict(free.path, quantiles=(0.025,)).table.columns["q0.025"].min() < 0


def test_model_with_a_floor_is_exported_with_it(counting: Path, tmp_path: Path) -> None:
    """The device forecasts what the program forecasts."""
    result = tsforecast.export(counting, tmp_path / "m.onnx")

    assert within_limit(result)


def test_negative_value_for_a_model_of_counts_is_a_warning(counting: Path, tmp_path: Path) -> None:
    """A correction of -3 may be right, but the model will not follow it below 0."""
    newer = write_sales(tmp_path / "newer.csv", days=30, seed=3, first=120)
    newer.write_text(newer.read_text() + "2024-05-30,-3\n")

    warnings = [note.text for note in tsforecast.predict(counting, newer).notes if note.warning]

    assert warnings == ["the target at 2024-05-30 is -3, but this model forecasts nothing below 0"]


def test_model_from_before_there_was_a_floor_still_loads(model: Path, tmp_path: Path) -> None:
    """A description without the key means what it always meant."""
    plain = NetworkSpec.from_json(load_artifact(model).description["network"])
    assert plain.floor is None

    old = tmp_path / "old.tsf"
    old.mkdir()
    for file in model.iterdir():
        (old / file.name).write_bytes(file.read_bytes())
    rewrite(old, lambda description: description["network"].pop("floor"))

    assert NetworkSpec.from_json(load_artifact(old).description["network"]) == plain
    frame = tsforecast.predict(old).to_frame()
    assert frame.equals(tsforecast.predict(model).to_frame())
    assert within_limit(tsforecast.export(old, tmp_path / "old.onnx"))
