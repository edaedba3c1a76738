"""Timestamps that stand twice in a series."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Codes, Ints
from tsforecast.data.column_names import is_id_name
from tsforecast.data.columns.id_search import SEPARATED
from tsforecast.data.columns.roles import Roles
from tsforecast.data.series_ids import join_id
from tsforecast.data.sources.paths import FILE
from tsforecast.data.table import Table
from tsforecast.data.times.calendar_grid import DAY
from tsforecast.data.times.zones import USUAL, are_doubled
from tsforecast.data.values.column_kinds import kind_of
from tsforecast.data.values.distinct import codes_of
from tsforecast.data.words import counted, quoted
from tsforecast.errors import DataError

if TYPE_CHECKING:
    from tsforecast.data.rows.observations import Observations

_SHOWN = 5
_NEVER = np.iinfo(np.int64).max
_PART = 1 << 17
"""Rows that are looked at together."""


def duplicates(found: Observations, roles: Roles, *, of_model: bool) -> dict[int, DataError]:
    """Describe the timestamps that stand twice in a series, by series; the first of the table first.

    Args:
        found: Rows by series and tick.
        roles: What the columns mean.
        of_model: Whether a model says how they are read, so that flags of the reading cannot help.
    """
    same = found.ticks[1:] == found.ticks[:-1]
    ends = found.offsets[1:-1]
    same[ends[(ends > 0) & (ends < len(found.ticks))] - 1] = False
    if not same.any():
        return {}
    begun = np.full(len(found.series_ids), _NEVER)
    for pairs in _parts(same):
        series = np.searchsorted(found.offsets, pairs, side="right") - 1
        np.minimum.at(begun, series, _rows(found, pairs)[1])
    error = _duplicate_error(found, roles, same, of_model=of_model)
    series = np.flatnonzero(begun < _NEVER)
    return dict.fromkeys(series[np.argsort(begun[series], kind="stable")].tolist(), error)


def _parts(same: NDArray[np.bool_]) -> Iterator[Ints]:
    """Give the upper rows of all pairs, some at a time: all of a table that is full of them would be its copy."""
    for start in range(0, len(same), _PART):
        pairs = np.flatnonzero(same[start : start + _PART]) + start
        if len(pairs):
            yield pairs


def _earliest(same: NDArray[np.bool_], number: int) -> Ints:
    """Upper rows of some pairs by series and time, the first ones."""
    found = np.empty(0, dtype=np.int64)
    for pairs in _parts(same):
        found = np.append(found, pairs[: number - len(found)])
        if len(found) == number:
            break
    return found


def _rows(found: Observations, pairs: Ints) -> Ints:
    """Rows of the table of some pairs, the upper and the lower ones (2, pairs)."""
    return np.sort([found.rows[pairs], found.rows[pairs + 1]], axis=0).astype(np.int64)


def _first_ones(found: Observations, same: NDArray[np.bool_]) -> tuple[Ints, int]:
    """Find the pairs that stand first in the table, and how many there are; a row of several targets is told once."""
    is_lower = np.zeros(found.table.rows, dtype=np.bool_)
    shown = np.empty(0, dtype=np.int64)
    for pairs in _parts(same):
        is_lower[_rows(found, pairs)[1]] = True
        shown = np.append(shown, pairs)
        shown = shown[np.unique(_rows(found, shown)[1], return_index=True)[1][:_SHOWN]]
    return shown, int(np.count_nonzero(is_lower))


def _duplicate_error(
    found: Observations, roles: Roles, same: NDArray[np.bool_], *, of_model: bool
) -> DataError:
    shown, number = _first_ones(found, same)
    rows = _rows(found, shown).T.tolist()
    for row in sorted({row for pair in rows for row in pair}):
        found.table.place(row)  # in their order one look through the file finds the lines of all
    pairs = [_pair(found.table, upper, lower) for upper, lower in rows]
    first = int(shown[0])
    more = f" and {number - _SHOWN} more" if number > _SHOWN else ""
    series_id = quoted(found.series_ids[found.series_of(first)])
    return found.table.error(
        f"{counted(number, 'duplicate timestamp')}, the first is {found.text(int(found.ticks[first]))} "
        f"of series {series_id}: {', '.join(pairs)}{more}",
        row=rows[0][1],
        column=found.time,
        hint=_clock_hint(found, same)
        or (_OF_A_MODEL if of_model else f"{_id_hint(found, roles, same)}; {_MERGING}"),
    )


_MERGING = "else --duplicates first, last, mean or sum makes one row of them"
_OF_A_MODEL = (
    "give each time once, from files that do not overlap for instance, or make the model again: "
    "fit with --duplicates first, last, mean or sum, which its model keeps to"
)


def _id_hint(found: Observations, roles: Roles, same: NDArray[np.bool_]) -> str:
    """Name the column that tells rows of one time apart and may name the series, if there is one."""
    table = found.table
    free = [name for name in table.names if name not in roles.used]
    names = [name for name in free if is_id_name(name) or kind_of(table, name) == "text"]
    for name in sorted(names, key=lambda name: not is_id_name(name)):
        codes, texts = codes_of(table, name)
        if 2 * len(texts) <= table.rows and _share_apart(found, codes, same) >= SEPARATED:
            parts = [*(table.id_columns or ([roles.id] if roles.id else [])), name]
            says = "these columns name the series together" if roles.id else "this column names the series"
            return f"--id {shlex.quote(join_id(parts))} if {says}"
    rows = _rows(found, _earliest(same, _SHOWN)).T.tolist()
    if roles.id and any(table.file_of(one) != table.file_of(other) for one, other in rows):
        return f"--id {shlex.quote(join_id([FILE, *(table.id_columns or [roles.id])]))} makes series of each file"
    return "if a column names the series, give it with --id"


def _share_apart(found: Observations, codes: Codes, same: NDArray[np.bool_]) -> float:
    """Share of the pairs that a column tells apart."""
    apart = 0
    for pairs in _parts(same):
        upper, lower = _rows(found, pairs)
        apart += int(np.count_nonzero(codes[upper] != codes[lower]))
    return apart / int(np.count_nonzero(same))


def _clock_hint(found: Observations, same: NDArray[np.bool_]) -> str:
    """Name the zone whose clocks show the first of these times twice, "" where there is none."""
    form, ticks = found.time_format, found.ticks[_earliest(same, 2 * _SHOWN)]
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
