"""The columns that a model knows, found again by their names in a table with new rows."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import distinct_texts
from tsforecast.data.column_names import header_hint
from tsforecast.data.columns.covariate_columns import CovariateColumns
from tsforecast.data.columns.roles import Roles, column_ticks
from tsforecast.data.columns.wide import follow_pattern
from tsforecast.data.panel import Schema
from tsforecast.data.rows.off_grid import unlike
from tsforecast.data.table import Table
from tsforecast.data.times.timeline import Frequency, infer_frequency
from tsforecast.data.values.column_kinds import kinds_of
from tsforecast.data.words import listed, quoted
from tsforecast.errors import ArtifactError, DataError, ForecastError

_ALIKE = 0.8
"""Likeness of two names from which on one may be meant as the other."""


def roles_of(table: Table, schema: Schema, frequency: Frequency | None, settings: DataSettings) -> Roles:
    """Take the columns by the names a model knows; further numbers in a wide table are further series.

    Args:
        table: The new rows.
        schema: What the model knows.
        frequency: That of the model.
        settings: How the rows are read.

    Raises:
        ArtifactError: Some are missing; all of them are named, and the frequency where that differs as well.
    """
    wanted = {schema.time: "the time", schema.id: "the series id", schema.target: "the target"}
    if schema.id_columns and not table.id_columns:
        del wanted[schema.id]
        wanted |= dict.fromkeys(schema.id_columns, "a part of the series id")
    covariates = CovariateColumns(past=schema.past, future=schema.future, static=schema.static)
    wanted |= {name: f"a {role} covariate" for role, name in covariates.roles}
    missing = [
        f"no column {quoted(name)} ({role})"
        for name, role in wanted.items()
        if name and name not in table.names
    ]
    if missing:
        shown = ", ".join(missing[:8] + ["..."] * (len(missing) > 8))
        raise ArtifactError(
            f"{table.source} does not fit the model: {shown}{_other_frequency(table, schema, frequency, settings)}",
            hint=_missing_hint(table, schema),
        )
    series = _series_columns(table, schema, settings)
    if schema.layout == "wide" and not series:
        more = _other_frequency(table, schema, frequency, settings)
        raise ArtifactError(
            f"{table.source} does not fit the model: it has none of the {'targets' if schema.id else 'series'} "
            f"{listed(schema.series_columns, limit=8)}{more}",
            hint=f"its columns are {listed(table.names, limit=20)}",
        )
    return Roles(
        layout=schema.layout,
        time=schema.time,
        id=schema.id,
        target=schema.target,
        series_columns=series,
        covariates=covariates,
    )


def refuse_renamed(table: Table, schema: Schema) -> None:
    """Refuse a table without a target but with a column of nearly its name: its forecast would be an old one.

    Raises:
        ArtifactError: A target seems to have been renamed.
    """
    known = {schema.time, schema.id, *schema.id_columns, *schema.targets}
    known |= {*schema.past, *schema.future, *schema.static}
    strangers = [name for name in table.names if name not in known]
    if len(schema.targets) > 1:  # names that go on as s1, s2 do are those of further series
        strangers = [name for name in strangers if not follow_pattern([*schema.targets, name])]
    for name in schema.targets:
        near = [] if name in table.names else get_close_matches(name, strangers, n=1, cutoff=_ALIKE)
        if near:
            raise ArtifactError(
                f"{table.source} has no column {quoted(name)} (a target), but one called {quoted(near[0])}",
                hint="call it as the model does, or leave it out where it is something else",
            )


def _missing_hint(table: Table, schema: Schema) -> str:
    """Name the columns as the file has them."""
    names = [one for one in table.names if not table.id_columns or one != schema.id]
    return f"{header_hint(names)}its columns are {listed([*table.id_columns, *names], limit=20)}"


def _series_columns(table: Table, schema: Schema, settings: DataSettings) -> tuple[str, ...]:
    """Targets of a wide table: those of the model, of which one must be there, and ones whose names follow theirs.

    Where the user named the targets, no other column is one.
    """
    known = tuple(name for name in schema.series_columns if name in table.names)
    if not known or settings.target is not None:
        return known
    kinds = kinds_of(table)
    beside = (*schema.past, *schema.future, *schema.static)
    taken = {schema.time, schema.id, *schema.id_columns, *beside, *known}
    further = [name for name in table.names if kinds[name] in ("number", "integer") and name not in taken]
    return (*known, *(name for name in further if follow_pattern([*schema.series_columns, name])))


def _other_frequency(
    table: Table, schema: Schema, frequency: Frequency | None, settings: DataSettings
) -> str:
    """Say that timestamps have another frequency than the model, "" where they do not or where nobody can tell."""
    if frequency is None or settings.resample is not None:
        return ""
    dated = [name for name, kind in kinds_of(table).items() if kind == "time"]
    if schema.time not in table.names and len(dated) != 1:
        return ""
    name = schema.time if schema.time in table.names else dated[0]
    try:
        ticks, form = column_ticks(table, name, settings, schema.time_format)
    except ForecastError:
        return ""
    integer = form.kind == "integer"
    if integer != (frequency.kind == "step"):
        return f"; {unlike(frequency, 'whole numbers' if integer else 'dates')}"
    series = _by_series(table, schema.id, ticks)
    try:
        found = infer_frequency(series, integer).frequency
    except DataError:
        return ""
    placed = [frequency.ordinals(one) for one in series]
    steps = np.concatenate([np.diff(ordinals) for ordinals, _ in placed])
    fits = all(exact.all() for _, exact in placed) and np.median(steps) <= 1
    return "" if fits or found == frequency else f"; {unlike(frequency, f'{found.words} ({found.alias})')}"


def _by_series(table: Table, series_id: str | None, ticks: Ints) -> list[Ints]:
    """Ticks of each series in their order, of all together where no column tells them apart."""
    if series_id is None or series_id not in table.names:
        return [np.unique(ticks)]
    codes = distinct_texts(table.columns[series_id])[1]
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    return [np.unique(one) for one in np.split(ticks[order], ends)]
