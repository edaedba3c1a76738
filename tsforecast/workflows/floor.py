"""The smallest value that a forecast may have: 0 for counts, none otherwise."""

from __future__ import annotations

import numpy as np

from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.words import quoted
from tsforecast.errors import DataError


def choose_floor(panel: Panel, non_negative: bool | None) -> tuple[float | None, tuple[Note, ...]]:
    """Floor of all forecasts, and what to say about it.

    Args:
        panel: The series.
        non_negative: As the user wants it; None finds out, so that counts are never forecast below 0.

    Raises:
        DataError: It is wanted and a target is negative.
    """
    if non_negative:
        refuse_negative(panel)
        return 0.0, ()
    if non_negative is None and is_count(panel):
        said = "all targets are whole numbers from 0 on, so nothing is forecast below 0"
        return 0.0, (Note(f"{said} (--no-non-negative allows it)"),)
    return None, ()


def is_count(panel: Panel) -> bool:
    """Whether every known target is a whole number of at least 0, and there is one."""
    known = panel.values[~np.isnan(panel.values)]
    return bool(len(known) and (known >= 0).all() and (known == np.floor(known)).all())


def refuse_negative(panel: Panel) -> None:
    """Refuse a panel that holds a value below 0.

    Raises:
        DataError: It does; the first such value of the first such series is named.
    """
    below = np.flatnonzero(panel.values < 0)
    if not len(below):
        return
    row = int(below[0])
    raise DataError(
        f"{_place(panel, row)} is {panel.values[row]:g}, and --non-negative rules out values below 0",
        hint="--no-non-negative allows them",
    )


def warn_of_negative(floor: float | None, panel: Panel) -> tuple[Note, ...]:
    """Warn of values below 0 in the data of a model that never forecasts any."""
    below = np.flatnonzero(panel.values < floor) if floor is not None else np.empty(0, dtype=np.int64)
    if not len(below):
        return ()
    row = int(below[0])
    where = f"{_place(panel, row)} is {panel.values[row]:g}"
    return (Note(f"{where}, but this model forecasts nothing below {floor:g}", warning=True),)


def _place(panel: Panel, row: int) -> str:
    """Name a value by its series, where there are several, and its timestamp."""
    index = int(np.searchsorted(panel.offsets, row, side="right")) - 1
    ordinal = panel.first[index] + row - panel.offsets[index]
    tick = panel.frequency.ticks(np.array([ordinal]))
    time = panel.schema.time_format.shown(tick)[0]
    name = f"series {quoted(panel.series_ids[index])}" if panel.schema.id_output else "the target"
    return f"{name} at {time}"
