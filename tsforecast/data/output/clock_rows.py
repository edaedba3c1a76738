"""Rows of a forecast where clocks change: none of an hour that never is, two of one that is shown twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.output.writing import ForecastTable
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.zones import are_doubled, are_skipped, instants


def on_clocks(table: ForecastTable, frequency: Frequency) -> ForecastTable:
    """Give the rows that the clocks of the table's zone have.

    The grid is that of the wall clock, since seasons follow it; clocks leave out some steps and show others twice.
    Those that are left out have no row. Those shown twice have two of the same forecast where the table's times carry
    offsets, which tell the two apart, else one. A step that is longer than the change has one row in any case.

    Args:
        table: One row per step of the grid, by series and cutoff in the order of time.
        frequency: The grid.

    Source:
        Weron (2006), Modeling and Forecasting Electricity Loads and Prices: the doubled hour and the missing one.
    """
    form, step = table.schema.time_format, frequency.shortest
    if not form.zone or not len(table.ticks):
        return table
    table = _with_shown_cutoffs(table, form.zone, step)
    rows = np.flatnonzero(~are_skipped(form.zone, table.ticks, step))
    twice = np.flatnonzero(are_doubled(form.zone, table.ticks, step) & form.has_offset)
    if not len(twice):
        return table if len(rows) == len(table.ticks) else table.take(rows)
    again = np.repeat([False, True], [len(rows), len(twice)])
    rows = np.concatenate([rows, twice])
    order = np.lexsort((instants(form.zone, table.ticks[rows], again), _forecasts(table)[rows]))
    return replace(table.take(rows[order]), again=again[order])


def _with_shown_cutoffs(table: ForecastTable, zone: str, step: int) -> ForecastTable:
    """Name a forecast from a cutoff that never was by the step before it, unless there is one from there already."""
    if table.cutoffs is None or not (gone := are_skipped(zone, table.cutoffs, step)).any():
        return table
    numbers, cutoffs = _forecasts(table), table.cutoffs
    while gone.any():
        cutoffs = np.where(gone, cutoffs - step, cutoffs)
        gone = are_skipped(zone, cutoffs, step)
    first: dict[tuple[str, int], int] = {}
    keys = list(zip(table.series_ids, cutoffs.tolist(), strict=True))
    rows = [row for row, key in enumerate(keys) if first.setdefault(key, int(numbers[row])) == numbers[row]]
    return replace(table, cutoffs=cutoffs).take(np.array(rows, dtype=np.int64))


def _forecasts(table: ForecastTable) -> Ints:
    """Say which forecast each row belongs to: that of one series from one cutoff (rows,)."""
    names = np.array(table.series_ids, dtype=object)
    begins = np.asarray(names[1:] != names[:-1], dtype=np.bool_)
    if table.cutoffs is not None:
        begins |= np.diff(table.cutoffs) != 0
    return np.concatenate([[0], np.cumsum(begins)]).astype(np.int64)
