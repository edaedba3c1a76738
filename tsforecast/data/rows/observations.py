"""Observations end to end: which series, which tick, which value, and where in the table it stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Codes, Floats, Ints
from tsforecast.data.arrow import code_type, looked_up
from tsforecast.data.columns.covariate_cells import CovariateCells, constant_in_series, read_covariates
from tsforecast.data.columns.roles import Roles, column_ticks
from tsforecast.data.columns.target_cells import class_cells, target_cells
from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema, StepRows
from tsforecast.data.rows.duplicates import duplicates
from tsforecast.data.rows.merging import merge_rows
from tsforecast.data.rows.pairs import describe_empty, empty_pairs
from tsforecast.data.table import Table
from tsforecast.data.times.calendar_grid import HOUR
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.data.times.zones import USUAL, are_doubled
from tsforecast.data.words import listed, quoted
from tsforecast.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """Rows of all series, sorted by series and tick, no tick twice in a series.

    Attributes:
        table: Where they come from.
        series_ids: In the order of their first rows (N,).
        offsets: Series ``i`` is ``offsets[i]:offsets[i + 1]`` (N + 1,).
        ticks: Time of each row (rows,).
        values: Targets, NaN where missing (rows,).
        rows: Row of the table, from 0 (rows,).
        time_format: How the table writes time.
        time: Name of the time column.
        covariates: What stands beside the targets, static covariates once per series.
        classes: Labels of a target that is a class, in the order of its codes; empty for numbers.
        notes: What was noticed.
        skipped: Series that were left out because of an error in them.
        repairs: Rows that were made into one by request, by the name of the repair.
        step_rows: How the rows lay in the steps that were asked for, None where none were.
    """

    table: Table
    series_ids: tuple[str, ...]
    offsets: Ints
    ticks: Ints
    values: Floats
    rows: Codes
    time_format: TimeFormat
    time: str
    covariates: CovariateCells
    classes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    skipped: tuple[str, ...] = ()
    repairs: dict[str, int] = field(default_factory=dict)
    step_rows: StepRows | None = None

    @property
    def starts(self) -> Ints:
        """Position of each series' first row (N,)."""
        return self.offsets[:-1]

    def series_of(self, position: int) -> int:
        """Find the series that a row belongs to."""
        return int(np.searchsorted(self.offsets, position, side="right")) - 1

    def without(self, errors: Mapping[int, DataError]) -> Observations:
        """Leave out series with an error in them, and say so.

        Args:
            errors: What is wrong, by the position of the series.

        Raises:
            DataError: That would leave none.
        """
        if not errors:
            return self
        kept = [index for index in range(len(self.series_ids)) if index not in errors]
        if not kept:
            raise next(iter(errors.values()))
        names = [self.series_ids[index] for index in errors]
        said = [
            f"series {quoted(self.series_ids[index])} was skipped: {error}" for index, error in errors.items()
        ]
        return replace(
            self.select(kept),
            notes=(*self.notes, *(Note(text, warning=True) for text in said)),
            skipped=(*self.skipped, *names),
        )

    def select(self, kept: Sequence[int]) -> Observations:
        """Keep some series, by their positions."""
        sizes = np.diff(self.offsets)
        if len(kept) == len(sizes):
            return self
        rows = np.flatnonzero(np.isin(np.repeat(np.arange(len(sizes)), sizes), kept))
        cells = self.covariates
        static = cells.static[kept] if len(cells.static) == len(sizes) else cells.static[rows]
        return replace(
            self,
            series_ids=tuple(self.series_ids[index] for index in kept),
            offsets=np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64),
            ticks=self.ticks[rows],
            values=self.values[rows],
            rows=self.rows[rows],
            covariates=replace(cells, values=cells.values[rows], static=static),
        )

    def error(self, message: str, *, position: int, hint: str) -> DataError:
        """Error at the timestamp of one row."""
        return self.table.error(message, row=int(self.rows[position]), column=self.time, hint=hint)

    def text(self, tick: int) -> str:
        """Write a tick as the table does."""
        return self.time_format.shown(np.array([tick], dtype=np.int64))[0]


def observe(
    table: Table,
    roles: Roles,
    schema: Schema | None = None,
    settings: DataSettings | None = None,
    *,
    skip: bool = False,
) -> Observations:
    """Read the columns that have a role.

    Args:
        table: The table.
        roles: What its columns mean.
        schema: What a model knows: the form of its timestamps, the labels of its covariates.
        settings: What decides where a timestamp leaves something open.
        skip: Leave out series with a target that cannot be read or a timestamp twice, instead of raising.

    Raises:
        DataError: A cell cannot be read, a timestamp stands twice in a series, or a static covariate changes.
        UsageError: A column cannot be a covariate.
    """
    settings = settings or DataSettings()
    ticks, time_format = column_ticks(table, roles.time, settings, schema.time_format if schema else None)
    if schema is not None:
        time_format = time_format.written_as(schema.time_format, ticks)
    of_classes = settings.of_classes if schema is None else bool(schema.classes)
    classes, told = tuple[str, ...](), tuple[Note, ...]()
    if of_classes:
        known = schema.classes if schema else ()
        (codes, series_ids, values, unread), classes, told = class_cells(table, roles, settings, known)
    else:
        codes, series_ids, values, unread = target_cells(table, roles, skip=skip)
    repeats = len(values) // table.rows
    rows: Codes = np.arange(table.rows, dtype=code_type(table.rows))
    if repeats > 1:
        rows, ticks = np.tile(rows, repeats), np.tile(ticks, repeats)
    order, notes = _order(codes, ticks, table, time_format)
    if order is not None:
        # One after the other, so that the old ones are given up before the next is made.
        codes = looked_up(codes, order)
        ticks = looked_up(ticks, order)
        values = looked_up(values, order)
        rows = looked_up(rows, order)
    cells = read_covariates(table, roles.covariates, schema)
    if order is not None or repeats > 1:
        cells = cells.take(rows)
    # Needles of the same type: otherwise all rows are widened to find them.
    offsets = np.searchsorted(codes, np.arange(len(series_ids) + 1, dtype=codes.dtype)).astype(np.int64)
    del codes
    found = Observations(
        table=table,
        series_ids=tuple(series_ids),
        offsets=offsets,
        ticks=ticks,
        values=values,
        rows=rows,
        time_format=time_format,
        time=roles.time,
        covariates=cells,
        classes=classes,
        notes=(*notes, *told, *cells.notes),
    )
    found = merge_rows(found, settings, schema.step_rows if schema else None)
    twice = duplicates(found, roles, of_model=schema is not None)
    if twice and not skip:
        raise next(iter(twice.values()))
    found = found.without(twice | unread)
    found = found.select(np.flatnonzero(np.diff(found.offsets)).tolist())
    if schema is None and roles.is_paired:
        found = _without_empty_pairs(found)
    cells = found.covariates
    static = constant_in_series(cells, table, found.rows, found.series_ids, found.starts)
    return replace(found, covariates=replace(cells, static=static))


def _without_empty_pairs(found: Observations) -> Observations:
    has_value = np.logical_or.reduceat(~np.isnan(found.values), found.starts)
    empty = empty_pairs(found.series_ids, has_value)
    notes = describe_empty([found.series_ids[index] for index in np.flatnonzero(empty)])
    return replace(found.select(np.flatnonzero(~empty).tolist()), notes=(*found.notes, *notes))


def _order(
    codes: Codes, ticks: Ints, table: Table, form: TimeFormat
) -> tuple[Codes | None, tuple[Note, ...]]:
    """Order by series and tick, None where the rows have it; warn where a series ran backwards, not just its clock."""
    order: Codes | None = None
    if (codes[1:] < codes[:-1]).any():
        order = _narrow(np.argsort(codes, kind="stable"))
        codes, ticks = looked_up(codes, order), looked_up(ticks, order)
    inside = codes[1:] == codes[:-1]
    backward = (ticks[1:] < ticks[:-1]) & inside
    if not backward.any():
        return order, ()
    forward = inside & (ticks[1:] > ticks[:-1])
    newest_first = _only_between_files(forward, table, order)
    if newest_first:
        # The newest row is the first of its file, so of rows of one time the upper one is the newer one, too.
        files = np.concatenate([[0], np.cumsum(forward)])
        again = _narrow(np.lexsort((-np.arange(len(codes)), files, ticks, codes)))
    else:
        again = _narrow(np.lexsort((ticks, codes)))
    sorted_rows = again if order is None else looked_up(order, again)
    if _clock_went_back(ticks[:-1][backward], ticks[1:][backward], form):
        return sorted_rows, ()
    text = f"{table.source}: the rows were not in the order of time and have been sorted"
    if newest_first and (inside & (ticks[1:] == ticks[:-1])).any():
        text += "; the newest come first, so of several of one time the upper one counts as the last"
    return sorted_rows, (Note(text, warning=True),)


def _only_between_files(forward: NDArray[np.bool_], table: Table, order: Codes | None) -> bool:
    """Whether time goes forward, from a row to the next of its series, only where another file begins."""
    for one in np.flatnonzero(forward):
        pair = (one, one + 1) if order is None else (order[one], order[one + 1])
        if len({table.file_of(int(row) % table.rows) for row in pair}) == 1:
            return False
    return True


def _narrow(order: Ints) -> Codes:
    return order.astype(code_type(len(order)))


def _clock_went_back(before: Ints, after: Ints, form: TimeFormat) -> bool:
    """Whether every step backwards is that of a clock in autumn: an hour at most, to a time that it shows twice."""
    if form.kind != "datetime" or form.offset is not None or (before - after > HOUR).any():
        return False
    landings = np.unique(after)
    zones = (form.zone,) if form.zone else USUAL
    return any(are_doubled(name, landings).all() for name in zones)


def counted_series(names: list[str], predicate: str, single: str) -> str:
    """Sentence on some series: one by name, several by number with examples."""
    if len(names) == 1:
        return f"series {quoted(names[0])} {single}"
    return f"{len(names)} series {predicate}: {listed(names, limit=3)}"
