"""What a person should know about covariates: where they have no value, and where a forecast needs one."""

from __future__ import annotations

import numpy as np

from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.times.zones import are_skipped
from tsforecast.data.words import counted, listed, quoted
from tsforecast.errors import DataError

_SHOWN = 5


def missing_future(panel: Panel, horizon: int) -> DataError | None:
    """Describe the first step of the forecast at which a future covariate has no value, None where all have one.

    Args:
        panel: What is known, each series up to its cutoff.
        horizon: Steps to forecast (H).
    """
    beside, schema = panel.covariates, panel.schema
    if beside is None or not schema.future:
        return None
    zone, grid = schema.time_format.zone, panel.frequency
    for index, length in enumerate(panel.lengths):
        ahead = np.full((horizon, len(schema.future)), np.nan)
        known = beside.series(index)[length : length + horizon, len(schema.past) :]
        ahead[: len(known)] = known
        if zone:
            # Nobody has rows of an hour that clocks leave out, and nothing is written of it.
            ticks = grid.ticks(panel.last[index] + 1 + np.arange(horizon))
            ahead[are_skipped(zone, ticks, grid.shortest)] = 0.0
        if np.isnan(ahead).any():
            break
    else:
        return None
    steps = panel.last[index] + 1 + np.arange(horizon)
    empty = np.argwhere(np.isnan(ahead))
    step, column = (int(one) for one in empty[0])
    stamps = panel.stamps(steps[[step, -1]])
    needed = f"{stamps[0]} to {stamps[1]}" if stamps[0] != stamps[1] else stamps[0]
    columns = (
        f"an empty {quoted(schema.target)}" if schema.target else "empty " + listed(schema.targets, limit=3)
    )
    return DataError(
        f"future covariate {quoted(schema.future[column])} of series {quoted(panel.series_ids[index])} "
        f"has no value for {stamps[0]}",
        hint=f"give rows for {needed} with {columns} and the values of the covariates, "
        "or fit a model without them",
    )


def announce_future(panel: Panel, horizon: int) -> tuple[Note, ...]:
    """Tell that a table ends before what a forecast from its end would need, so that nobody learns it from predict."""
    lacking = missing_future(panel, horizon)
    return (
        ()
        if lacking is None
        else (Note(f"predict will need rows of what is known ahead: {lacking.message}"),)
    )


def describe_covariates(panel: Panel) -> tuple[Note, ...]:
    """Tell how often a covariate has no value beside the rows of the target."""
    beside, schema = panel.covariates, panel.schema
    if beside is None:
        return ()
    rows = np.arange(len(beside.values)) - np.repeat(beside.offsets[:-1], beside.lengths)
    inside = rows < np.repeat(panel.lengths, beside.lengths)
    missing = np.isnan(beside.values[inside]).sum(axis=0)
    names = (*schema.past, *schema.future)
    parts = [f"{quoted(name)} at {number}" for name, number in zip(names, missing, strict=True) if number]
    if not parts:
        return ()
    more = [f"{len(parts) - _SHOWN} more"] if len(parts) > _SHOWN else []
    shown = ", ".join([*parts[:_SHOWN], *more])
    return (Note(f"covariates without a value: {shown} of {counted(int(inside.sum()), 'time step')}"),)
