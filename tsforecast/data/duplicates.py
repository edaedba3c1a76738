"""Timestamps that stand twice in a series."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np

from tsforecast.data.calendar_grid import DAY, Codes, Ints
from tsforecast.data.column_kinds import kind_of
from tsforecast.data.column_names import is_id_name
from tsforecast.data.columns import Roles
from tsforecast.data.distinct import codes_of
from tsforecast.data.id_search import SEPARATED
from tsforecast.data.paths import FILE
from tsforecast.data.series_ids import join_id
from tsforecast.data.tables import Table
from tsforecast.data.words import counted, quoted
from tsforecast.data.zones import USUAL, are_doubled
from tsforecast.errors import DataError

if TYPE_CHECKING:
    from tsforecast.data.observations import Observations

_SHOWN = 5


def duplicates(found: Observations, roles: Roles, *, of_model: bool) -> dict[int, DataError]:
    """Describe the timestamps that stand twice in a series, by series; the first of the table first.

    Args:
        found: Rows by series and tick.
        roles: What the columns mean.
        of_model: Whether a model says how they are read, so that flags of the reading cannot help.
    """
    twice = np.flatnonzero(found.ticks[1:] == found.ticks[:-1])
    codes = np.repeat(np.arange(len(found.series_ids)), np.diff(found.offsets)) if len(twice) else twice
    twice = twice[codes[twice] == codes[twice + 1]] if len(twice) else twice
    if not len(twice):
        return {}
    error = _duplicate_error(found, roles, twice, of_model=of_model)
    lower = np.maximum(found.rows[twice], found.rows[twice + 1])
    order = twice[np.argsort(lower, kind="stable")]
    return dict.fromkeys(codes[order].tolist(), error)


def _duplicate_error(found: Observations, roles: Roles, twice: Ints, *, of_model: bool) -> DataError:
    upper, lower = np.sort([found.rows[twice], found.rows[twice + 1]], axis=0)
    order = np.unique(lower, return_index=True)[1]  # a row of several targets is told once
    pairs = [_pair(found.table, int(upper[one]), int(lower[one])) for one in order[:_SHOWN]]
    first = int(twice[order[0]])
    more = f" and {len(order) - _SHOWN} more" if len(order) > _SHOWN else ""
    series_id = quoted(found.series_ids[found.series_of(first)])
    return found.table.error(
        f"{counted(len(order), 'duplicate timestamp')}, the first is {found.text(int(found.ticks[first]))} "
        f"of series {series_id}: {', '.join(pairs)}{more}",
        row=int(lower[order[0]]),
        column=found.time,
        hint=_clock_hint(found, twice)
        or (_OF_A_MODEL if of_model else f"{_id_hint(found.table, roles, upper, lower)}; {_MERGING}"),
    )


_MERGING = "else --duplicates first, last, mean or sum makes one row of them"
_OF_A_MODEL = (
    "give each time once, from files that do not overlap for instance, or make the model again: "
    "fit with --duplicates first, last, mean or sum, which its model keeps to"
)


def _id_hint(table: Table, roles: Roles, upper: Codes, lower: Codes) -> str:
    """Name the column that tells rows of one time apart and may name the series, if there is one.

    Args:
        table: The table.
        roles: What its columns mean.
        upper: A row of each pair that has one time and one id (pairs,).
        lower: The other row (pairs,).
    """
    free = [name for name in table.names if name not in roles.used]
    names = [name for name in free if is_id_name(name) or kind_of(table, name) == "text"]
    for name in sorted(names, key=lambda name: not is_id_name(name)):
        codes, texts = codes_of(table, name)
        if 2 * len(texts) <= table.rows and np.mean(codes[upper] != codes[lower]) >= SEPARATED:
            parts = [*(table.id_columns or ([roles.id] if roles.id else [])), name]
            says = "these columns name the series together" if roles.id else "this column names the series"
            return f"--id {shlex.quote(join_id(parts))} if {says}"
    rows = zip(upper[:_SHOWN], lower[:_SHOWN], strict=True)
    if roles.id and any(table.file_of(int(one)) != table.file_of(int(other)) for one, other in rows):
        return f"--id {shlex.quote(join_id([FILE, *(table.id_columns or [roles.id])]))} makes series of each file"
    return "if a column names the series, give it with --id"


def _clock_hint(found: Observations, twice: Ints) -> str:
    """Name the zone whose clocks show all of these times twice, "" where there is none."""
    form, ticks = found.time_format, found.ticks[twice[: 2 * _SHOWN]]
    if form.kind != "datetime" or form.zone or not (ticks % DAY).any():
        return ""
    zone = next((name for name in USUAL if are_doubled(name, ticks).all()), "")
    return (
        zone and f"the clocks of {zone} went back then: --tz {zone}, or your own, joins an hour shown twice"
    )


def _pair(table: Table, upper: int, lower: int) -> str:
    """Where two rows are: ``line 5 and 12``, or ``line 2 of a.csv and line 2 of b.csv``."""
    if not table.file_of(upper):
        return f"{table.place(upper)} and {table.place(lower).split(' ', 1)[1]}"
    return " and ".join(f"{table.place(row)} of {table.file_of(row)}" for row in (upper, lower))
