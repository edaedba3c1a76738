"""From the user's table to a panel, and one line that says what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import give_back_memory
from tsforecast.data.columns.class_cells import check_class_settings
from tsforecast.data.columns.covariate_columns import CovariateColumns
from tsforecast.data.columns.id_columns import with_joined_id
from tsforecast.data.columns.qualifiers import qualifier_notes
from tsforecast.data.columns.roles import Roles, find_roles
from tsforecast.data.columns.time_columns import with_joined_time
from tsforecast.data.columns.time_ranges import with_starts
from tsforecast.data.loading import load_table
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel, Reading, Schema
from tsforecast.data.rows.covariate_checks import describe_covariates
from tsforecast.data.rows.covariates_ahead import with_empty_target, without_unknown_ahead
from tsforecast.data.rows.gridding import Grid, choose_frequency, describe_problems, fill, place
from tsforecast.data.rows.merging import check_resampling, resample_frequency
from tsforecast.data.rows.model_columns import refuse_renamed, roles_of
from tsforecast.data.rows.observations import Observations, counted_series, observe
from tsforecast.data.rows.repair import Repairs, mend_panel
from tsforecast.data.series_ids import join_id, twin_notes
from tsforecast.data.table import Table
from tsforecast.data.times.disguised_dates import disguise_notes
from tsforecast.data.times.integer_times import in_words
from tsforecast.data.times.timeline import Frequency, Inference
from tsforecast.data.values.numeric_columns import number_notes, precision_note
from tsforecast.data.values.written_numbers import Written, held_against, hints_for, written_in
from tsforecast.data.words import counted, listed, percent, quoted

_SURE = 0.9
"""From this confidence on the frequency is told without how sure it is."""

_FAR = np.timedelta64(10 * 365, "D")
"""From so far ahead on dates whose years have two digits may be of the century before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult(Reading):
    """A table that was understood, and where it came from.

    Attributes:
        description: One line: what was found, and how sure.
        sha256: Hash of the bytes as stored.
        rows: Data rows of the table.
        repairs: What was mended by request.
        guess: The frequency, and how sure it is.
    """

    description: str
    sha256: str
    rows: int
    repairs: Repairs
    guess: Inference


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A table whose rows stand on a grid.

    Attributes:
        table: The table.
        sha256: Hash of the bytes as stored.
        roles: What its columns mean.
        guess: The frequency, and how sure it is.
        grid: The rows on it.
        written: How the numbers of the table are proved to be written, or those of the model's table.
    """

    table: Table
    sha256: str
    roles: Roles
    guess: Inference
    grid: Grid
    written: Written

    def panel(self) -> Panel:
        """Give the series, NaN where nothing was observed."""
        return fill(self.grid, _schema(self.roles, self.grid.seen, self.written))

    def without_covariates(self) -> Placed:
        """Leave covariates out of what is known; series end where they would with them."""
        seen = self.grid.seen
        told = seen.covariates.notes
        seen = replace(
            seen,
            covariates=seen.covariates.without_any(),
            notes=tuple(note for note in seen.notes if note not in told),
        )
        roles = replace(self.roles, covariates=CovariateColumns())
        return replace(self, roles=roles, grid=replace(self.grid, seen=seen))

    def notes(self, schema: Schema | None = None, *, advise: bool = True) -> tuple[Note, ...]:
        """Tell what had to be decided on the way; ``advise`` says how unused columns could be used."""
        seen = self.grid.seen
        return (*self.table.notes, *_notes(self.table, self.roles, seen, schema, advise=advise), *seen.notes)

    def describe(self, panel: Panel) -> str:
        """Say in one line what was found, and how sure."""
        return _describe(panel, self.guess, self.grid.seen)

    def row(self, series: int, ordinal: int) -> int | None:
        """Row of the table of a step of a series, None where it has none."""
        seen = self.grid.seen
        start, end = int(seen.offsets[series]), int(seen.offsets[series + 1])
        place_of = start + int(np.searchsorted(self.grid.ordinals[start:end], ordinal))
        if place_of >= end or self.grid.ordinals[place_of] != ordinal:
            return None
        return int(seen.rows[place_of])


def read_panel(
    source: Any,
    settings: DataSettings | None = None,
    *,
    schema: Schema | None = None,
    frequency: Frequency | None = None,
    skip: bool = False,
    learn_from: Callable[[Panel], Ints] | None = None,
    for_model: bool = False,
    covariates: bool = True,
) -> ReadResult:
    """Read one path or several, standard input (``-``) or a pandas DataFrame.

    What is read for a model is not mended yet: its history comes before it first.

    Args:
        source: CSV or Parquet, compressed or not; a pattern, or a list of paths and patterns, is read as one table.
        settings: Which column means what, where it should not be found.
        schema: Columns of a model that the data must have; wins over the settings.
        frequency: Frequency of that model.
        skip: Leave out series with an error in them, instead of raising.
        learn_from: Rows of each series that tell which values are outliers, all if not given.
        for_model: Leave out covariates that a model made of this table could not forecast with.
        covariates: Whether the reader can use any; else they only tell which rows are a plan without a target, as
            for a fit, nor is it said how to have them used.

    Raises:
        UsageError: A named column does not exist, or two answers are equally good.
        DataError: The table does not have the promised form.
        AccessError: It cannot be read.
        ArtifactError: It does not fit the model.
    """
    settings = settings or DataSettings()
    if schema is None:
        check_resampling(settings)
    placed = place_table(source, settings, schema, frequency, skip=skip)
    if not covariates:
        placed = placed.without_covariates()
    table, grid = placed.table, placed.grid
    panel, repairs = placed.panel(), Repairs()
    mended: tuple[Note, ...] = ()
    if schema is None:
        panel, repairs, mended = mend_panel(panel, settings, learn_from)
    counts = {**table.repairs, **grid.seen.repairs, **repairs.counts}
    if for_model:
        panel, unused = without_unknown_ahead(panel, settings.future)
        mended += unused
    advise = covariates and schema is None
    told = (
        *placed.notes(schema, advise=advise),
        *describe_problems(grid, advise=advise, paired=placed.roles.is_paired, for_model=schema is not None),
    )
    notes = (*told, *mended, *describe_covariates(panel))
    return ReadResult(
        panel=panel,
        notes=notes,
        description=_describe(panel, placed.guess, grid.seen),
        sha256=placed.sha256,
        rows=table.rows,
        source=table.source,
        repairs=replace(repairs, counts=counts),
        guess=placed.guess,
        skipped=grid.seen.skipped,
    )


def place_table(
    source: Any,
    settings: DataSettings,
    schema: Schema | None = None,
    frequency: Frequency | None = None,
    *,
    skip: bool = False,
) -> Placed:
    """Read a table, find what its columns mean, and put its rows on a grid.

    Raises:
        ForecastError: As `read_panel` does.
    """
    table, sha256 = load_table(source, settings, schema)
    return place_loaded(table, sha256, settings, schema, frequency, skip=skip)


def place_loaded(
    table: Table,
    sha256: str,
    settings: DataSettings,
    schema: Schema | None = None,
    frequency: Frequency | None = None,
    *,
    skip: bool = False,
) -> Placed:
    """Do what `place_table` does with a table that has been loaded.

    Raises:
        ForecastError: As `read_panel` does.
    """
    check_class_settings(settings)
    if schema is not None:
        refuse_renamed(table, schema)
        table = with_empty_target(table, schema)
    table = with_starts(table)
    joined = with_joined_time(table, settings, schema)
    if joined is not table:
        table, settings = joined, replace(settings, time=None)
    table = with_joined_id(table, settings, schema)
    if table.id_columns:
        settings = replace(settings, id=join_id(table.id_columns))
    if schema is not None:
        table = held_against(table, schema)
    roles = find_roles(table, settings) if schema is None else roles_of(table, schema, frequency, settings)
    give_back_memory()
    with hints_for(schema):
        seen = observe(table, roles, schema, settings, skip=skip)
    filled = settings.fill != "none"
    if frequency is None:
        guess = _frequency(seen, settings)
        grid = place(seen, guess.frequency, skip=skip, filled=filled)
    else:
        guess = Inference(frequency, 1.0, "the model's")
        grid = place(seen, frequency, known=True, skip=skip, filled=filled)
    if schema is None:
        beside = [name for name in roles.covariates.names if name not in seen.covariates.categories]
        written = written_in(table, [roles.target, *roles.series_columns, *beside], settings)
    else:
        written = Written(schema.decimal, schema.thousands)
    return Placed(table=table, sha256=sha256, roles=roles, guess=guess, grid=grid, written=written)


def _frequency(seen: Observations, settings: DataSettings) -> Inference:
    grid = resample_frequency(settings)
    return choose_frequency(seen, settings.freq) if grid is None else Inference(grid, 1.0, "asked for")


def _schema(roles: Roles, seen: Observations, written: Written) -> Schema:
    columns = roles.covariates
    return Schema(
        layout=roles.layout,
        time=roles.time,
        time_format=seen.time_format,
        id=roles.id,
        id_columns=seen.table.id_columns,
        target=roles.target,
        series_columns=roles.series_columns,
        past=columns.past,
        future=columns.future,
        static=columns.static,
        categories=seen.covariates.categories,
        classes=seen.classes,
        decimal=written.decimal,
        thousands=written.thousands,
        step_rows=seen.step_rows,
    )


def _notes(
    table: Table, roles: Roles, seen: Observations, schema: Schema | None, *, advise: bool
) -> tuple[Note, ...]:
    """Tell what was made of the columns, where it is no matter of course."""
    notes = []
    form = seen.time_format
    if form.pattern.startswith("epoch"):
        unit = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}[
            form.pattern[6:]
        ]
        clocks = f", on the clocks of {form.zone}" if form.zone else ""
        notes.append(Note(f"column {quoted(roles.time)} was read as {unit} since 1970 in UTC{clocks}"))
    elif form.arrow == "int64" and form.kind == "datetime":
        notes.append(
            Note(f"the whole numbers of column {quoted(roles.time)} were read as {in_words(form.pattern)}")
        )
    elif form.kind == "integer" and schema is None:
        notes += disguise_notes(roles.time, seen.ticks)
    elif "%y" in form.pattern and schema is None:
        notes += _far_years(seen)
    beside = [name for name in roles.covariates.names if name not in seen.covariates.categories]
    numeric = [None if seen.classes else roles.target, *roles.series_columns, *beside]
    notes += number_notes(table, numeric, known_comma=schema is not None and schema.decimal == ",")
    notes += precision_note(roles.target or "", seen.values) if roles.target else ()
    if schema is None and form.zone and form.pattern.endswith("%z"):
        notes.append(Note(f"column {quoted(roles.time)} was read on the clocks of {form.zone}"))
    if schema is not None and form.has_offset != schema.time_format.has_offset:
        here, there = ("an", "none") if form.has_offset else ("no", "one")
        text = f"column {quoted(roles.time)} has {here} offset from UTC here, the model's table has {there}"
        notes.append(Note(f"{text}; its times were taken as clocks of the same zone", warning=True))
    unused = [name for name in table.names if name not in roles.used]
    if unused:
        hint = "; --past, --future or --static would use them as covariates" if advise else ""
        notes.append(Note(f"{counted(len(unused), 'column')} not used: {listed(unused)}{hint}"))
    if schema is None:
        notes += qualifier_notes(table, unused, roles.id)
        notes += twin_notes(seen.series_ids) if roles.id else ()
    if schema is not None:
        unseen = [name for name in roles.series_columns if name not in schema.series_columns]
        gone = [name for name in schema.series_columns if name not in table.names]
        if gone and schema.is_paired:
            notes.append(Note(f"{table.source} has no column for {listed(gone, joint='or')}", warning=True))
        elif gone:
            notes.append(Note(counted_series(gone, "have no column", "has no column"), warning=True))
        notes += [
            Note(f"column {quoted(name)} is a series that the model has not seen", True) for name in unseen
        ]
    return tuple(notes)


def _far_years(seen: Observations) -> tuple[Note, ...]:
    """Warn of years of two digits that mean a time far ahead: 68 is 2068, and may be meant as 1968."""
    last = int(seen.ticks.max())
    date = np.datetime64(last, "us").astype("datetime64[D]")
    if date < np.datetime64("today") + _FAR:
        return ()
    text = f"years of two digits mean 1970 to 2069, so {quoted(seen.text(last))} is {date}"
    return (Note(f"{text}; write years with four digits where another century is meant", warning=True),)


def _covariates_in_words(schema: Schema) -> str:
    """Name the covariates: ``, with future covariates 'promo', static 'region'``."""
    kinds = {"past": schema.past, "future": schema.future, "static": schema.static}
    parts = [f"{role} {listed(names)}" for role, names in kinds.items() if names]
    if not parts:
        return ""
    role, names = parts[0].split(" ", 1)
    return f", with {', '.join([f'{role} covariates {names}', *parts[1:]])}"


def _describe(panel: Panel, guess: Inference, seen: Observations) -> str:
    schema, frequency = panel.schema, panel.frequency
    lengths = panel.lengths
    size = f"{lengths.min()}" if lengths.min() == lengths.max() else f"{lengths.min()}-{lengths.max()}"
    rows = f"{len(panel)} series of {size} {'row' if size == '1' else 'rows'}"
    if schema.layout == "wide" and schema.id is None:
        columns = f"one column each, by {quoted(schema.time)}"
    else:
        by = f" and {quoted(schema.id)}" if schema.id is not None else ""
        plural = "s" if len(schema.targets) > 1 else ""
        columns = f"target{plural} {listed(schema.targets)} by {quoted(schema.time)}{by}"
    columns += _covariates_in_words(schema)
    sure = "" if guess.confidence >= _SURE else f", {percent(guess.confidence)} sure: {guess.reason}"
    ends = frequency.ticks(np.array([panel.first.min(), panel.last.max()]))
    start, end = (seen.text(int(tick)) for tick in ends)
    rhythm = f"{frequency.words} ({frequency.alias}{sure})"
    return f"{seen.table.source}: {rows}, {columns}, {rhythm}, {start} to {end}"
