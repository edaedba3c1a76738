from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import (
    arrays_of,
    covariate_spec,
    panel_of,
    rough_network,
    seasonal_panel,
    small_spec,
)
from tsforecast.config import FitSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.covariates import Covariates
from tsforecast.data.panel import Panel
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError
from tsforecast.evaluation.backtest import Backtest
from tsforecast.exporters.mixture_graph import build_model
from tsforecast.models import build
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.training.calendar import YEARS_AHEAD, choose_calendar, choose_covariates, describe_calendar
from tsforecast.training.covariate_gains import LEAST_GAIN, covariate_gains, idle_covariates
from tsforecast.training.covariate_scales import covariate_constants
from tsforecast.training.search import train_and_refit
from tsforecast.training.validation import Validation
from tsforecast.workflows.fit import _backtest, plan

HORIZON = 6


def with_covariates(panel: Panel, values: Floats, facts: Floats | None = None, **schema: Any) -> Panel:
    """Panel with covariates that go on as many rows as there are for each series (rows, P + F)."""
    count, rows = len(panel), len(values) // len(panel)
    known = Covariates(
        values=values,
        offsets=np.arange(count + 1) * rows,
        static=np.empty((count, 0)) if facts is None else facts,
    )
    return replace(panel, schema=replace(panel.schema, **schema), covariates=known)


def promoted(count: int = 2, length: int = 150) -> Panel:
    """Series that jump on days of promotion, which are known ahead; beside it a number that means nothing."""
    random = np.random.default_rng(0)
    total = length + HORIZON
    promotion = (random.random((count, total)) < 0.2).astype(float)
    wave = np.sin(np.arange(total) * np.pi / 2)
    target = 50 + 3 * wave + 15 * promotion + random.normal(0, 0.3, (count, total))
    values = np.stack([random.normal(size=(count, total)), promotion + 1], -1).reshape(-1, 2)
    return with_covariates(
        panel_of(list(target[:, :length])),
        values,
        past=("noise",),
        future=("promo",),
        categories={"promo": ("no", "yes")},
    )


def quiet(*_: object) -> None:
    """Listen to no progress."""


def backtest_error(panel: Panel, settings: FitSettings) -> tuple[float, Any, Any]:
    """Mean absolute error of the tested network on the backtest, the fit and its split."""
    spec, split = plan(panel, settings)
    trained = train_and_refit(panel, spec, split, settings, quiet)
    backtest = _backtest(panel, trained, split)
    assert isinstance(backtest, Backtest)
    return float(np.nanmean(np.abs(backtest.points["model"] - backtest.actual))), trained, split


def test_a_covariate_known_ahead_halves_the_error_and_what_does_not_help_is_named() -> None:
    """Promotions at random times cannot be guessed: with the covariate they are forecast."""
    panel = promoted()
    settings = FitSettings(horizon=HORIZON, season_length=(4,), steps=200, members=1)
    blind = replace(panel, covariates=None, schema=replace(panel.schema, past=(), future=(), categories={}))

    with_promotion, trained, _ = backtest_error(panel, settings)
    without, _, _ = backtest_error(blind, settings)

    assert with_promotion < 0.5 * without
    assert trained.covariate_gains["promo"] > 0.2
    assert trained.covariate_gains["noise"] < 0.05 < trained.covariate_gains["promo"]
    assert all("'promo'" not in note.text for note in trained.notes)


def test_fit_with_every_kind_of_covariate_ends_in_a_graph_that_forecasts_alike() -> None:
    """From panel to file: categories, static facts, calendar; the graph gives what the network gives."""
    random = np.random.default_rng(1)
    plain = seasonal_panel(count=3, length=100)
    values = random.normal(size=(3 * 106, 3))
    values[:, 2] = random.integers(0, 4, len(values))
    static = np.array([[1.0, 2.0], [2.0, np.nan], [0.0, 5.0]])
    panel = with_covariates(
        plain,
        values,
        static,
        past=("a",),
        future=("b", "c"),
        static=("kind", "size"),
        categories={"c": ("x", "y", "z"), "kind": ("u", "v")},
    )
    settings = FitSettings(horizon=HORIZON, season_length=(4,), steps=10, members=2, calendar=("auto",))

    _, trained, _ = backtest_error(panel, settings)

    spec = trained.spec
    assert (spec.past_covariates, spec.future_covariates, spec.static_covariates) == (
        ("a",),
        ("b", "c"),
        ("kind", "size"),
    )
    assert dict(spec.categories) == {"c": 3, "kind": 2}
    assert {"hour", "weekday"} <= set(spec.calendar)
    forecaster = OnnxForecaster(build_model(spec, arrays_of(trained.final), 17))
    windows = Windows(panel, spec.context_length, HORIZON, timestamps=forecaster.timestamps)
    inputs = windows.inputs(np.arange(3), panel.lengths)
    np.testing.assert_allclose(forecaster.forecast(inputs), trained.final.forecast(inputs)[0], rtol=1e-5)


def test_constants_come_from_the_training_part_alone() -> None:
    """What comes later may be anything: neither centre nor scale moves; categories and constants keep theirs."""
    rows, spec = 50, covariate_spec(
        past_covariates=("a",), future_covariates=("c", "flat"), static_covariates=("size",),
        categories=(("c", 3),), calendar=(), holidays="", holiday_years=(),
    )  # fmt: skip
    values = np.random.default_rng(0).normal(7, 3, (2 * rows, 3))
    values[:, 2], values[3, 0] = 4.0, np.nan
    later = values.copy()
    later.reshape(2, rows, 3)[:, 30:] = 1e6
    names = {
        "past": ("a",),
        "future": ("c", "flat"),
        "static": ("size",),
        "categories": {"c": ("x", "y", "z")},
    }
    static = np.array([[1.0], [5.0]])

    found, moved = (
        covariate_constants(
            with_covariates(seasonal_panel(2, rows), one, static, **names).head(np.array([30, 30])), spec
        )
        for one in (values, later)
    )

    seen = values.reshape(2, rows, 3)[:, :30, 0]
    np.testing.assert_allclose(found["centre"], [float(np.nanmean(seen)), 0, 4, 3])
    np.testing.assert_allclose(found["scale"], [float(np.nanstd(seen)), 1, 1, 2])
    assert all(torch.equal(found[name], moved[name]) for name in found)


def test_constants_hold_the_holidays_of_the_country() -> None:
    """New Year and Christmas are holidays in Germany, the days around them are what the table says."""
    spec = covariate_spec(past_covariates=(), future_covariates=(), static_covariates=(), categories=())

    table = covariate_constants(seasonal_panel(), spec)["holidays"]

    assert table.shape == build(spec).get_submodule("covariates").get_buffer("holidays").shape
    days = np.arange("2019-12-31", "2022-01-02", dtype="datetime64[D]")
    known = {str(day) for day in days[table.numpy() > 0]}
    assert {"2020-01-01", "2020-12-25", "2021-12-26"} <= known
    assert "2021-12-24" not in known


def test_gains_of_covariates_that_are_not_used_are_zero_and_named() -> None:
    """A fresh network gives nothing on its future covariates at the last layer; cut off, none helps."""
    panel = promoted()
    spec = small_spec(
        horizon=HORIZON, past_covariates=("noise",), future_covariates=("promo",), categories=(("promo", 2),)
    )
    network = rough_network(spec)
    assert network.covariates is not None
    with torch.no_grad():
        for name in ("encoder_kernel", "decoder_kernel", "step_output"):
            network.covariates.get_parameter(name).zero_()
    series, cutoffs = np.array([0, 1, 0, 1]), np.array([60, 60, 100, 100])

    gains = covariate_gains(network, Validation(panel, spec, series, cutoffs, seed=0))

    assert gains == {"noise": 0.0, "promo": 0.0}
    assert [note.text.split()[1] for note in idle_covariates(gains)] == ["'noise'", "'promo'"]
    assert idle_covariates({"useful": 2 * LEAST_GAIN}) == ()


def test_gains_of_calendar_features_are_told_like_those_of_covariates() -> None:
    """Each is hidden in turn; where the network does not look at them they are worth nothing, and named."""
    panel = seasonal_panel(length=120)
    spec = small_spec(horizon=HORIZON, calendar=("weekday", "hour"))
    series, cutoffs = np.array([0, 1, 0, 1]), np.array([60, 60, 100, 100])
    validation = Validation(panel, spec, series, cutoffs, seed=0)
    network = rough_network(spec)
    assert network.covariates is not None

    seen = covariate_gains(network, validation)
    with torch.no_grad():
        for name in ("encoder_kernel", "decoder_kernel", "step_kernel"):
            network.covariates.get_parameter(name).zero_()
    unseen = covariate_gains(network, validation)

    names = ["calendar feature weekday", "calendar feature hour"]
    assert [*seen] == [*unseen] == names
    assert 0.0 not in seen.values()
    assert {*unseen.values()} == {0.0}
    words = [note.text.partition(" does not help")[0] for note in idle_covariates(unseen)]
    assert words == ["calendar feature 'weekday'", "calendar feature 'hour'"]


def test_gains_say_nothing_without_windows_or_covariates() -> None:
    """No window, no claim."""
    nothing = np.empty(0, dtype=np.int64)
    spec = small_spec(horizon=HORIZON)

    assert covariate_gains(build(spec), Validation(seasonal_panel(), spec, nothing, nothing, 0)) == {}


@pytest.mark.parametrize(
    ("alias", "calendar"),
    [
        ("h", ("hour", "weekday", "day-of-year")),
        ("D", ("weekday", "day-of-year")),
        ("B", ("weekday", "day-of-year")),
        ("W-SUN", ("day-of-year",)),
        ("MS", ("month",)),
        ("YS", ()),
        ("step", ()),
    ],
)
def test_auto_calendar_takes_what_differs_from_step_to_step(alias: str, calendar: tuple[str, ...]) -> None:
    """Every Sunday has the same weekday, every year the same month."""
    assert choose_calendar(parse_frequency(alias), ("auto",)) == calendar


def test_choose_calendar_refuses_contradictions_and_steps() -> None:
    """Words that exclude each other, and a calendar where time only counts."""
    hourly, steps = parse_frequency("h"), parse_frequency("step")

    assert choose_calendar(hourly, ("weekday", "hour", "weekday")) == ("weekday", "hour")
    assert choose_calendar(hourly, ("none",)) == ()
    with pytest.raises(UsageError, match="stand alone"):
        choose_calendar(hourly, ("none", "hour"))
    with pytest.raises(UsageError, match="only counts steps"):
        choose_calendar(steps, ("hour",))


@pytest.mark.parametrize(
    ("alias", "constant"),
    [
        ("h", []),
        ("D", ["hour"]),
        ("B", ["hour"]),
        ("W-SUN", ["hour", "weekday"]),
        ("MS", ["hour"]),
        ("YS", ["hour", "month", "day-of-year"]),
    ],
)
def test_calendar_features_that_say_nothing_are_told(alias: str, constant: list[str]) -> None:
    """A feature that is the same at every step is named; nothing is said of one that differs."""
    notes = describe_calendar(parse_frequency(alias), ("hour", "weekday", "month", "day-of-year"))

    assert [note.text.split("'")[1] for note in notes] == constant


@pytest.mark.parametrize(
    ("alias", "told"), [("h", 0), ("D", 0), ("B", 0), ("W-SUN", 1), ("MS", 1), ("2D", 1)]
)
def test_holidays_between_timestamps_are_told(alias: str, told: int) -> None:
    """The table is looked up by days: steps that are longer see few of the holidays in them."""
    notes = describe_calendar(parse_frequency(alias), ("holiday",))

    assert sum("other holidays are not seen" in note.text for note in notes) == len(notes) == told


def test_choose_covariates_plans_holidays_for_years_to_come() -> None:
    """The table starts with the data and goes on after them, and its last year is known."""
    fields = choose_covariates(seasonal_panel(), FitSettings(holidays="DE"))

    assert fields == {
        "calendar": ("holiday",),
        "holidays": "DE",
        "holiday_years": (1970, 1970 + YEARS_AHEAD),
    }
