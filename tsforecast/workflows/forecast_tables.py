"""Forecasts laid out as a long table: the median and its quantiles, or the likeliest class and all probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.config import QUANTILE_LEVELS, OutputSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.times.calendar_grid import DAY
from tsforecast.data.words import counted
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.data.output.writing import ForecastTable
    from tsforecast.workflows.scoring import AnyBacktest


LAST_DAY = 2_932_895
"""Days from 1970-01-01 to 9999-12-30: a day later no clock of any zone is beyond the last date that can be written."""

MOST_STEPS = 100_000
"""Steps of the longest forecast: the memory that more would take grows with their square."""


def check_reach(panel: Panel, horizon: int) -> None:
    """Refuse a forecast that goes on to dates that cannot be written, or for longer than anybody wants.

    Args:
        panel: Series, each forecast from its own end.
        horizon: Steps to forecast (H).

    Raises:
        UsageError: The horizon is too long.
    """
    if horizon > MOST_STEPS:
        raise UsageError(
            f"a horizon of {horizon} steps is too long to forecast",
            hint=f"give --horizon {MOST_STEPS} or less",
        )
    if panel.frequency.kind == "step":
        return
    room = int(panel.frequency.ordinals(np.array([LAST_DAY * DAY]))[0][0] - panel.last.max())
    if horizon > room:
        raise UsageError(
            f"a horizon of {horizon} steps goes on beyond the year 9999",
            hint=f"give --horizon {room} or less",
        )


def forecast_table(
    panel: Panel,
    series: Ints,
    cutoffs: Ints,
    forecasts: Floats,
    settings: OutputSettings,
    learned: tuple[float, ...] = QUANTILE_LEVELS,
) -> ForecastTable:
    """Lay forecasts out as a long table, with the rows that the clocks of the series have.

    Args:
        panel: Where the series and their grid come from.
        series: Series of each window (W,).
        cutoffs: Grid ordinal of the last row each window saw (W,).
        forecasts: Quantiles (W, H, Q), or probabilities of classes (W, H, C).
        settings: Which columns.
        learned: Quantile levels of the forecasts (Q).
    """
    from tsforecast.data.output.clock_rows import on_clocks

    return on_clocks(_by_steps(panel, series, cutoffs, forecasts, settings, learned), panel.frequency)


def _by_steps(
    panel: Panel,
    series: Ints,
    cutoffs: Ints,
    forecasts: Floats,
    settings: OutputSettings,
    learned: tuple[float, ...],
) -> ForecastTable:
    """Give one row for each step of the grid (W * H rows)."""
    from tsforecast.data.output.writing import ForecastTable

    steps = forecasts.shape[1]
    ordinals = cutoffs[:, None] + np.arange(1, steps + 1)
    classes = panel.schema.classes
    columns = _probabilities(forecasts, classes) if classes else _quantiles(forecasts, settings, learned)
    ids = np.array(panel.series_ids, dtype=object)[series]
    return ForecastTable(
        schema=panel.schema,
        series_ids=list(np.repeat(ids, steps)),
        ticks=panel.frequency.ticks(ordinals.ravel()),
        cutoffs=np.repeat(panel.frequency.ticks(cutoffs), steps) if settings.with_cutoff else None,
        columns=columns,
    )


def tell_changes(table: ForecastTable, steps: int) -> tuple[Note, ...]:
    """Tell that rows are fewer or more than the steps of the grid, and why."""
    twice = 0 if table.again is None else int(table.again.sum())
    gone = steps + twice - len(table.ticks)
    said = [f"{counted(gone, 'step')} that they leave out {_has(gone)} no row"] * (gone > 0)
    said += [f"{counted(twice, 'step')} that they show twice {_has(twice)} two rows"] * (twice > 0)
    zone = table.schema.time_format.zone
    return (Note(f"the clocks of {zone} change: {' and '.join(said)}"),) if said else ()


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _quantiles(quantiles: Floats, settings: OutputSettings, learned: tuple[float, ...]) -> dict[str, Floats]:
    from tsforecast.evaluation.metrics import at_level

    names = ["forecast", *(f"q{level:g}" for level in settings.levels)]
    levels = [0.5, *settings.levels]
    return {
        name: at_level(quantiles, learned, level).ravel() for name, level in zip(names, levels, strict=True)
    }


def _probabilities(probability: Floats, classes: tuple[str, ...]) -> dict[str, Floats]:
    from tsforecast.evaluation.class_backtest import most_likely

    named = {f"p_{label}": probability[..., code].ravel() for code, label in enumerate(classes)}
    return {"forecast": most_likely(probability).ravel(), **named}


def backtest_table(panel: Panel, backtest: AnyBacktest, gap: int) -> ForecastTable:
    """All forecasts of a backtest with what came; steps beyond the data and those of the gap are left out."""
    from tsforecast.data.output.clock_rows import on_clocks
    from tsforecast.evaluation.backtest import MODEL
    from tsforecast.evaluation.class_backtest import ClassBacktest

    settings = OutputSettings(quantiles=QUANTILE_LEVELS, with_cutoff=True)
    made = backtest.probabilities[MODEL] if isinstance(backtest, ClassBacktest) else backtest.quantiles
    table = _by_steps(panel, backtest.series, backtest.origins, made, settings, QUANTILE_LEVELS)
    steps = backtest.actual.shape[1]
    reach = (panel.lengths[backtest.series] - backtest.cutoffs)[:, None] > np.arange(steps)
    kept = np.flatnonzero((reach & (np.arange(steps) >= gap)).ravel())
    table = replace(table, columns={"actual": backtest.actual.ravel(), **table.columns})
    return on_clocks(table.take(kept), panel.frequency)


def refuse_quantiles(settings: OutputSettings) -> None:
    """Refuse quantile levels of a target that is a class.

    Raises:
        UsageError: Some were asked for.
    """
    if settings.quantiles:
        raise UsageError(
            "--quantiles is for targets that are numbers, and this model forecasts classes",
            hint="leave it out: the table holds the probability of every class",
        )
