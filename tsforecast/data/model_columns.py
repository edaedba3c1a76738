"""The columns that a model knows, found again by their names in a table with new rows."""

from __future__ import annotations

from tsforecast.data.column_kinds import kinds_of
from tsforecast.data.column_names import header_hint
from tsforecast.data.columns import Roles
from tsforecast.data.covariate_columns import CovariateColumns
from tsforecast.data.panel import Schema
from tsforecast.data.tables import Table
from tsforecast.data.wide import follow_pattern
from tsforecast.data.words import listed, quoted
from tsforecast.errors import ArtifactError


def roles_of(table: Table, schema: Schema) -> Roles:
    """Take the columns by the names a model knows; further numbers in a wide table are further series.

    Raises:
        ArtifactError: Some are missing; all of them are named.
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
        shown = missing[:8] + ["..."] * (len(missing) > 8)
        raise ArtifactError(
            f"{table.source} does not fit the model: {', '.join(shown)}", hint=_missing_hint(table, schema)
        )
    series = _series_columns(table, schema, {*covariates.names, schema.time})
    return Roles(
        layout=schema.layout,
        time=schema.time,
        id=schema.id,
        target=schema.target,
        series_columns=series,
        covariates=covariates,
    )


def _missing_hint(table: Table, schema: Schema) -> str:
    """Name the columns as the file has them."""
    names = [one for one in table.names if not table.id_columns or one != schema.id]
    return f"{header_hint(names)}its columns are {listed([*table.id_columns, *names], limit=20)}"


def _series_columns(table: Table, schema: Schema, taken: set[str]) -> tuple[str, ...]:
    """Series of a wide table: those of the model that are there, and further ones whose names follow theirs."""
    if schema.layout != "wide":
        return schema.series_columns
    known = tuple(name for name in schema.series_columns if name in table.names)
    if not known:
        raise ArtifactError(
            f"{table.source} does not fit the model: it has none of the series "
            f"{listed(schema.series_columns, limit=8)}",
            hint=f"its columns are {listed(table.names, limit=20)}",
        )
    kinds, taken = kinds_of(table), {*taken, *known}
    further = [name for name in table.names if kinds[name] in ("number", "integer") and name not in taken]
    return (*known, *(name for name in further if follow_pattern([*schema.series_columns, name])))
