"""Which columns are covariates: those that the settings declare, and those whose names promise it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tsforecast.config import DataSettings
from tsforecast.data.arrow import distinct_texts
from tsforecast.data.column_names import covariate_role
from tsforecast.data.table import Table
from tsforecast.data.values.column_kinds import kind_of
from tsforecast.data.words import nearest, printable, quoted
from tsforecast.errors import UsageError

MOST_LABELS = 100
"""Labels that a categorical covariate can have; a column with more names things, it explains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateColumns:
    """Columns that are covariates.

    Attributes:
        past: Known up to the cutoff (P).
        future: Known ahead as well (F).
        static: Constant in a series (S).
    """

    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.past, *self.future, *self.static)

    @property
    def roles(self) -> Iterator[tuple[str, str]]:
        """Pairs of role and name."""
        for role in ("past", "future", "static"):
            yield from ((role, name) for name in getattr(self, role))


def declared_covariates(table: Table, settings: DataSettings, targets: Sequence[str]) -> CovariateColumns:
    """Covariates that the settings name.

    Args:
        table: The table.
        settings: What the user says of it.
        targets: Columns that it names as targets.

    Raises:
        UsageError: A column does not exist, or has two roles.
    """
    declared = CovariateColumns(past=settings.past, future=settings.future, static=settings.static)
    roles: dict[str | None, str] = {settings.time: "time", settings.id: "id"}
    roles |= dict.fromkeys(targets, "target")
    for role, name in declared.roles:
        if name not in table.names:
            divided = next((one for one in table.names if "," in one and name in one.split(",")), None)
            raise UsageError(
                f"{table.source} has no column {quoted(name)} for --{role}",
                hint=f"a name with a comma stands in double quotes: --{role} '\"{printable(divided)}\"'"
                if divided
                else nearest(name, table.names),
            )
        if name in roles:
            raise UsageError(
                f"column {quoted(name)} is named by --{roles[name]} and by --{role}",
                hint="a column has one role; leave one of them out",
            )
        roles[name] = role
    return declared


def with_found_covariates(
    table: Table, settings: DataSettings, declared: CovariateColumns, targets: Sequence[str]
) -> CovariateColumns:
    """Add the columns whose names promise a covariate, unless the settings give them another role.

    Columns of dates, and of more labels than a covariate can have, are left alone.
    """
    if settings.no_covariates or (settings.layout == "wide" and not targets):
        return declared
    taken = {settings.time, settings.id, *targets, *declared.names}
    found: dict[str, list[str]] = {"past": [], "future": [], "static": []}
    for name in table.names:
        role = covariate_role(name)
        if role is not None and name not in taken and _can_explain(table, name):
            found[role].append(name)
    return CovariateColumns(
        past=(*declared.past, *found["past"]),
        future=(*declared.future, *found["future"]),
        static=(*declared.static, *found["static"]),
    )


def _can_explain(table: Table, name: str) -> bool:
    import pyarrow as pa

    kind = kind_of(table, name)
    if kind == "text":
        return len(distinct_texts(table.columns[name])[0]) <= MOST_LABELS
    boolean = pa.types.is_boolean(table.columns[name].type)
    return boolean or kind in ("integer", "number")
