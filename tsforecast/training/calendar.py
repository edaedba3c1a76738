"""What enters a network beside the target: the panel's covariates, and what its timestamps tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.config import FitSettings
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.times.calendar_grid import DAY, HOUR, SECOND, WEEK
from tsforecast.data.times.timeline import Frequency
from tsforecast.data.words import quoted
from tsforecast.errors import UsageError

YEARS_AHEAD = 10
"""Years after the data that a table of holidays goes on: a model may be old when it forecasts."""


def choose_covariates(panel: Panel, settings: FitSettings) -> dict[str, Any]:
    """Fields of a network's spec for covariates, calendar and holidays.

    Raises:
        UsageError: Calendar features are wanted of a panel whose time is no calendar.
    """
    schema = panel.schema
    calendar = choose_calendar(panel.frequency, settings.calendar)
    fields: dict[str, Any] = {"calendar": calendar}
    if settings.holidays:
        _refuse_steps(panel.frequency, "--holidays")
        fields = {
            "calendar": (*calendar, "holiday"),
            "holidays": settings.holidays,
            "holiday_years": _years(panel),
        }
    if panel.covariates is not None:
        labels = {name: len(schema.categories[name]) for name in schema.categories}
        fields |= {
            "past_covariates": schema.past,
            "future_covariates": schema.future,
            "static_covariates": schema.static,
            "categories": tuple(sorted(labels.items())),
        }
    return fields


def choose_calendar(frequency: Frequency, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Calendar features by the settings' words.

    Raises:
        UsageError: The words contradict each other, or the time is no calendar.
    """
    if wanted == ("auto",):
        return _told_by(frequency)
    if wanted in ((), ("none",)):
        return ()
    if "auto" in wanted or "none" in wanted:
        raise UsageError(
            f"--calendar {','.join(wanted)}: auto and none stand alone", hint="name features, or one of these"
        )
    _refuse_steps(frequency, "--calendar")
    return tuple(dict.fromkeys(wanted))


def describe_calendar(frequency: Frequency, features: tuple[str, ...]) -> tuple[Note, ...]:
    """Tell which calendar features say nothing at a frequency, or little.

    Args:
        frequency: Time grid.
        features: Those of the network, names from ``CALENDAR_WIDTHS``.
    """
    notes = [
        Note(f"calendar feature {quoted(name)} is the same at every step: the data are {frequency.words}")
        for name in features
        if _is_constant(frequency, name)
    ]
    if "holiday" in features and (frequency.kind == "months" or frequency.multiple > DAY):
        notes.append(
            Note(
                "--holidays looks at the day of each timestamp, the one before and the one after: "
                f"the data are {frequency.words}, and other holidays are not seen"
            )
        )
    return tuple(notes)


def _is_constant(frequency: Frequency, feature: str) -> bool:
    """Whether a calendar feature is the same at every step."""
    span, fixed = frequency.multiple, frequency.kind == "fixed"
    return {
        "hour": not fixed or span % DAY == 0,
        "weekday": fixed and span % WEEK == 0,
        "month": frequency.kind == "months" and span % 12 == 0,
        "day-of-year": frequency.kind == "months" and span % 12 == 0,
    }.get(feature, False)


def _told_by(frequency: Frequency) -> tuple[str, ...]:
    """Features that differ from step to step at this frequency."""
    if frequency.kind == "step":
        return ()
    if frequency.kind == "months":
        return ("month",) if frequency.multiple < 12 else ()
    if frequency.kind == "business":
        return ("weekday", "day-of-year")
    span = frequency.multiple
    hour = ("hour",) if span <= 12 * HOUR and span >= SECOND else ()
    weekday = ("weekday",) if span < WEEK and span % WEEK else ()
    return (*hour, *weekday, "day-of-year")


def _refuse_steps(frequency: Frequency, flag: str) -> None:
    if frequency.kind == "step":
        raise UsageError(f"{flag} needs timestamps, and the time column only counts steps")


def _years(panel: Panel) -> tuple[int, int]:
    """Years of the data, and some more."""
    ends = panel.frequency.ticks(np.array([panel.first.min(), panel.last.max()])) // DAY
    first, last = ends.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return int(first), int(last) + YEARS_AHEAD
