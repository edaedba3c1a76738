"""How new the data are, and what was known at a cutoff in the past."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.config import PredictSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.words import quoted
from tsforecast.errors import DataError, StaleError, UsageError

if TYPE_CHECKING:
    from tsforecast.data.panel import Reading

DAY_SECONDS = 86_400.0
_MINUTES = 120.0
"""Seconds below which an allowed age may be a number whose unit was forgotten."""

_START = datetime(1970, 1, 1)


def as_of(panel: Panel, text: str, trained_to: int | None) -> tuple[Panel, tuple[Note, ...]]:
    """Forget what came after a cutoff.

    Args:
        panel: What is known now.
        text: The cutoff, a timestamp on the clock of the data.
        trained_to: Grid ordinal of the last row that the model was fitted on, None where there is no model.

    Returns:
        Series up to the cutoff, without those that begin after it, and warnings. Future covariates stay known.

    Raises:
        UsageError: The text is no timestamp of the form that the data have.
        DataError: Every series begins after the cutoff.
    """
    rows = rows_until(panel, text)
    kept = np.flatnonzero(rows)
    if not len(kept):
        first = panel.stamps([panel.first.min()])[0]
        raise DataError(
            f"nothing is known up to --cutoff {text}: the data begin at {first}",
            hint="give older rows: a model keeps its last context only",
        )
    notes = []
    if trained_to is not None and trained_to > ordinal_of(panel, text, "--cutoff"):
        notes.append(
            Note(
                f"the model was fitted on data up to {panel.stamps([trained_to])[0]}, after --cutoff {text}:"
                " this forecast is no fair test of it",
                warning=True,
            )
        )
    if len(kept) < len(panel):
        notes.append(
            Note(f"{len(panel) - len(kept)} of {len(panel)} series begin after --cutoff {text}", warning=True)
        )
    return panel.head(rows).select(kept), tuple(notes)


def rows_until(panel: Panel, text: str | None) -> Ints:
    """Rows of each series up to a cutoff, all where there is none (N,).

    Raises:
        UsageError: The text is no timestamp of the form that the data have.
    """
    if text is None:
        return panel.lengths
    return panel.rows_until(ordinal_of(panel, text, "--cutoff"))


def not_newer(history: Panel, read: Reading) -> tuple[Note, ...]:
    """Warn where the data end where the model's history ends, or before."""
    if not len(read.panel.values) or read.panel.last.max() > history.last.max():
        return ()
    end = history.stamps([history.last.max()])[0]
    return (Note(f"{read.source} has nothing newer than the model, whose history ends {end}", warning=True),)


def not_yet(read: Reading) -> tuple[Note, ...]:
    """Warn of observations that are still to come, as `check` does."""
    from tsforecast.data.checks.spans import still_to_come

    if not len(still_to_come(read.panel)):
        return ()
    end = read.panel.stamps([read.panel.last.max()])[0]
    said = "plans or typing errors would be learned from as if they had happened"
    return (Note(f"{read.source} ends {end}, which is still to come: {said}", warning=True),)


def check_freshness(panel: Panel, settings: PredictSettings, now: float | None) -> None:
    """Refuse to forecast from old data, where asked to.

    Args:
        panel: What is known.
        settings: ``max_lag`` and ``expect_cutoff``.
        now: Seconds since 1970 in UTC; the clock of the machine if not given.

    Raises:
        StaleError: The newest observation is older than allowed, or not the one expected.
        DataError: It lies more than a day ahead, so that the lag says nothing.
        UsageError: The data have no dates, or the expected cutoff is no timestamp.
    """
    if settings.expect_cutoff is None and settings.max_lag is None:
        return
    newest = newest_ordinal(panel)
    shown = panel.stamps([newest])[0]
    if settings.expect_cutoff is not None:
        expected = ordinal_of(panel, settings.expect_cutoff, "--expect-cutoff")
        if newest != expected:
            raise StaleError(
                f"the newest observation is of {shown}, expected was {settings.expect_cutoff}",
                hint="check whether the feed has brought the rows of today",
                cutoff=shown,
            )
    if settings.max_lag is not None:
        _check_lag(panel, newest, settings.max_lag, time.time() if now is None else now)


def _check_lag(panel: Panel, newest: int, most: float, now: float) -> None:
    if panel.schema.time_format.kind == "integer":
        raise UsageError("--max-lag needs dates, the data count steps", hint="--expect-cutoff names a step")
    tick = int(panel.frequency.ticks(np.array([newest]))[0])
    lag = now - seconds_of(tick, panel.schema.time_format)
    shown = panel.stamps([newest])[0]
    if lag < -DAY_SECONDS:
        raise DataError(
            f"the newest observation is of {shown}, {_words(-lag)} ahead of the clock, so --max-lag says nothing",
            hint="check the timestamps of the data and the clock of the machine",
        )
    if lag > most:
        raise StaleError(
            f"the newest observation is of {shown}, {_words(lag)} old; --max-lag allows {_words(most)}",
            hint="check whether the feed still brings rows"
            + "; a number without a unit is seconds, 26h are hours" * (most < _MINUTES),
            cutoff=shown,
        )


def newest_ordinal(panel: Panel) -> int:
    """Grid ordinal of the newest value of any series.

    Raises:
        DataError: No series has a value.
    """
    rows = np.flatnonzero(panel.lengths)
    ends = rows[panel.last[rows] == panel.last[rows].max(initial=np.iinfo(np.int64).min)]
    if not np.isnan(panel.values[panel.offsets[ends + 1] - 1]).all():
        return int(panel.last[ends[0]])
    seen = np.flatnonzero(~np.isnan(panel.values))
    if not len(seen):
        raise DataError("no series has a value", hint="check the target column")
    shift = np.repeat(panel.first - panel.offsets[:-1], panel.lengths)
    return int((seen + shift[seen]).max())


def ordinal_of(panel: Panel, text: str, flag: str) -> int:
    """Last grid step at or before a timestamp that a user typed.

    Raises:
        UsageError: It does not have the form that the data have.
    """
    import pyarrow as pa

    from tsforecast.data.cell_errors import CellError
    from tsforecast.data.times.timestamps import parse_times

    form = panel.schema.time_format
    hint = f"write it as the data do: {panel.stamps([panel.last.max()])[0]}"
    try:
        ticks, found = parse_times(pa.array([text]), name=panel.schema.time, like=form)
    except CellError as error:
        raise UsageError(f"{flag}: {error.problem}", hint=hint) from None
    if found.kind != form.kind:
        raise UsageError(f"{flag} {quoted(text)} is no timestamp of these data", hint=hint)
    tick = int(ticks[0])
    if found.offset is not None:
        tick = _on_clock(tick - found.offset * 60_000_000, form, text, flag)
    return int(panel.frequency.ordinals(np.array([tick]))[0][0])


def _on_clock(instant: int, form: TimeFormat, text: str, flag: str) -> int:
    """Turn a moment in UTC into a tick of the clock of the data (microseconds)."""
    if form.zone:
        from zoneinfo import ZoneInfo

        moment = datetime.fromtimestamp(instant / 1e6, ZoneInfo(form.zone))
        return instant + int((moment.utcoffset() or timedelta()).total_seconds()) * 1_000_000
    offset = _offset(form)
    if offset is None:
        raise UsageError(
            f"{flag} {quoted(text)} has an offset from UTC, the data have none",
            hint="leave the offset out: the time is read on the clock of the data",
        )
    return instant + offset * 60_000_000


def _offset(form: TimeFormat) -> int | None:
    """Minutes that the clock of the data is ahead of UTC, None where they do not say; epochs are in UTC."""
    return 0 if form.pattern.startswith("epoch") else form.offset


def seconds_of(tick: int, form: TimeFormat) -> float:
    """Moment of a tick: seconds since 1970 in UTC.

    Timestamps with an offset or a zone say when they are; those without are read on the clock of the machine.
    """
    wall = _START + timedelta(microseconds=tick)
    if form.zone:
        from zoneinfo import ZoneInfo

        return wall.replace(tzinfo=ZoneInfo(form.zone)).timestamp()
    offset = _offset(form)
    if offset is None:
        return wall.timestamp()
    return wall.replace(tzinfo=UTC).timestamp() - offset * 60


def cutoff_text(panel: Panel) -> str:
    """Newest timestamp with a value, in the form that the data have; empty where there is no value."""
    return "" if np.isnan(panel.values).all() else panel.stamps([newest_ordinal(panel)])[0]


def _words(seconds: float) -> str:
    """Write a duration as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * DAY_SECONDS else f"{seconds / DAY_SECONDS:.1f} days"
