"""Which column means what: the time, the series id and the target, found by content and by name."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import whole_numbers
from tsforecast.data.column_names import TARGET_NAMES, is_epoch_name, is_id_name, is_row_name, time_rank
from tsforecast.data.columns.class_columns import nothing_numeric, only_class_column
from tsforecast.data.columns.covariate_columns import (
    CovariateColumns,
    declared_covariates,
    with_found_covariates,
)
from tsforecast.data.columns.id_search import IdSearch
from tsforecast.data.columns.named_columns import targets_named
from tsforecast.data.columns.wide import is_wide, refuse_matrix
from tsforecast.data.series_ids import join_id
from tsforecast.data.sources.preamble import refuse_preamble
from tsforecast.data.table import Table
from tsforecast.data.times.day_starts import on_midnights
from tsforecast.data.times.integer_times import are_written_dates
from tsforecast.data.times.timestamps import TimeFormat, parse_times
from tsforecast.data.times.zones import zone_of
from tsforecast.data.values.column_kinds import (
    Kind,
    holds_dates,
    kinds_of,
    refuse_times_across,
    refuse_yearless,
)
from tsforecast.data.values.distinct import Distinct
from tsforecast.data.words import listed, nearest, quoted
from tsforecast.errors import DataError, ForecastError, UsageError

_FEW = 4
"""Columns up to which all of them are named to propose them together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the columns of a table mean.

    ``target`` is None in the wide layout, where every column of ``series_columns`` is a series, or one of each ``id``.
    """

    layout: str
    time: str
    id: str | None = None
    target: str | None = None
    series_columns: tuple[str, ...] = ()
    covariates: CovariateColumns = field(default_factory=CovariateColumns)

    @property
    def is_paired(self) -> bool:
        """Whether each column of each id is a series."""
        return self.layout == "wide" and self.id is not None

    @property
    def used(self) -> set[str | None]:
        """All columns with a role."""
        return {self.time, self.id, self.target, *self.series_columns, *self.covariates.names}


def find_roles(table: Table, settings: DataSettings) -> Roles:
    """Decide what the columns mean; settings win over what was found.

    Raises:
        UsageError: A named column does not exist, or two answers are equally good.
        DataError: There is no time column, or nothing to forecast.
    """
    refuse_preamble(table)
    targets = targets_named(table, settings)
    declared = declared_covariates(table, settings, targets)
    found = with_found_covariates(table, settings, declared, targets)
    if found != declared:
        # A name alone must not take the only column that can be the target or the time.
        with suppress(DataError):
            return _Search(table, settings, targets, found).roles()
    return _Search(table, settings, targets, declared).roles()


def column_ticks(
    table: Table, name: str, settings: DataSettings, like: TimeFormat | None = None
) -> tuple[Ints, TimeFormat]:
    """Ticks of a time column (rows,), and its form.

    Raises:
        DataError: A cell is no timestamp.
        UsageError: Day and month cannot be told apart, or the settings contradict each other.
    """
    if settings.day_first and settings.month_first:
        raise UsageError("--day-first and --month-first contradict each other", hint="give one of them")
    if settings.tz is not None:
        zone_of(settings.tz)
    with table.reading(name, whole=True):
        ticks, form = parse_times(
            table.columns[name],
            name=name,
            like=like,
            day_first=True if settings.day_first else False if settings.month_first else None,
            zone=settings.tz or "",
        )
    return on_midnights(ticks, form.zone), form


class _Search:
    def __init__(
        self, table: Table, settings: DataSettings, targets: tuple[str, ...], covariates: CovariateColumns
    ) -> None:
        self._table = table
        self._settings = settings
        self._targets = targets
        self._covariates = covariates
        self._names = [name for name in table.names if name not in covariates.names]
        self._distinct = Distinct(table)
        self._ids = IdSearch(table, self._distinct)
        self._check("time", settings.time)
        self._check("id", settings.id)

    def roles(self) -> Roles:
        settings = self._settings
        time = self._time()
        if settings.layout == "wide" or len(self._targets) > 1:
            return self._wide_roles(time)
        series_id = settings.id or self._find_id(time)
        numeric = self._numeric({time, series_id})
        named = None if settings.of_classes else self._named_target({time, series_id})
        target = next(iter(self._targets), named)
        if (
            target is None
            and not settings.of_classes
            and series_id is None
            and settings.layout == "auto"
            and self._looks_wide(time, numeric)
        ):
            refuse_matrix(self._table, numeric)
            return self._wide(time, None, numeric)
        return Roles(
            layout="long",
            time=time,
            id=series_id,
            target=target or self._only_target(numeric, time, series_id),
            covariates=self._covariates,
        )

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return kinds_of(self._table)

    def _check(self, flag: str, name: str | None) -> None:
        if name is not None and name not in self._table.names:
            raise UsageError(
                f"{self._table.source} has no column {quoted(name)} for --{flag}",
                hint=nearest(name, self._table.names),
            )

    def _free(self, *kinds: Kind) -> list[str]:
        """Columns of some kinds that the settings give no role."""
        given = {self._settings.time, self._settings.id, *self._targets}
        return [name for name in self._names if self._kinds[name] in kinds and name not in given]

    def _wide_roles(self, time: str) -> Roles:
        """Take several columns as targets, each a series, or one of every id."""
        series_id = self._settings.id
        if series_id is None and (self._targets or self._ids.repeats(time)):
            series_id = self._find_id(time)
        if series_id is None and self._settings.static:
            raise UsageError(
                "--static means nothing where every column is a series: a static covariate has a value per series",
                hint="leave it out, or name the column of the series with --id",
            )
        columns = self._targets or self._numeric({time, series_id})
        if not columns:
            raise nothing_numeric(self._table, self._free("text"), self._kinds)
        return self._wide(time, series_id, columns)

    def _wide(self, time: str, series_id: str | None, columns: Sequence[str]) -> Roles:
        found = self._covariates
        return Roles(
            layout="wide",
            time=time,
            id=series_id,
            series_columns=tuple(columns),
            covariates=found if series_id else replace(found, static=()),
        )

    def _time(self) -> str:
        if self._settings.time:
            return self._settings.time
        refuse_times_across(self._table, self._free("time"))
        found = next((names for names in self._time_candidates() if names), [])
        if not found:
            refuse_yearless(self._table, self._free("text"))
            source, names = self._table.source, listed(self._table.names)
            raise DataError(
                f"{source}: no column looks like timestamps, the columns are {names}",
                hint="name it with --time; forms such as 2024-01-31, 2024-01 and whole numbers are read"
                if len(self._table.names) > 1
                else "cells are separated by commas, semicolons, tabs or |; --skip-rows N passes over lines above "
                "the header",
            )
        return self._surest(found)

    def _time_candidates(self) -> Iterator[list[str]]:
        """Columns that may be the time, the surest kind first."""
        dated = self._free("time")
        yield [name for name in dated if self._distinct.count(name) > 1] or dated
        whole = [name for name in self._free("integer") if name.strip().lower() not in TARGET_NAMES]
        named = [name for name in whole if time_rank(name) < time_rank("")]
        moments = [name for name in self._free("number") if self._counts_since_1970(name)]
        yield [name for name in (*named, *moments) if self._orders_rows(name)]
        yield [name for name in whole if self._holds_dates(name) and self._orders_rows(name)]
        # A column of a sure name whose cells are no timestamps: the error about its cells is the helpful one.
        yield [name for name in self._names if time_rank(name) == 0]
        yield [name for name in whole if self._counts(name) and self._orders_rows(name)]
        # The same where a date stands among other signs, such as letters of a zone.
        numbers = self._free("number", "integer")
        yield [name for name in self._free("text") if numbers and holds_dates(self._table, name)]

    def _counts_since_1970(self, name: str) -> bool:
        """Whether a column that is called like time holds seconds with a fraction, or the like."""
        if time_rank(name) == time_rank("") and not is_epoch_name(name):
            return False
        try:
            return column_ticks(self._table, name, self._settings)[1].pattern.startswith("epoch")
        except ForecastError:
            return False

    def _holds_dates(self, name: str) -> bool:
        numbers = self._whole_numbers(name)
        return numbers is not None and are_written_dates(numbers)

    def _surest(self, names: Sequence[str]) -> str:
        rank = min(time_rank(name) for name in names)
        best = [name for name in names if time_rank(name) == rank]
        if len(best) > 1:
            raise UsageError(
                f"{self._table.source}: {listed(best, joint='or')} could be the time column",
                hint=f"choose one, for example --time {shlex.quote(best[0])}",
            )
        return best[0]

    def _counts(self, name: str) -> bool:
        """Whether whole numbers rise by one constant step, starting again for every series."""
        numbers = self._whole_numbers(name)
        if numbers is None or len(numbers) < 2:
            return False
        steps = np.diff(numbers)
        rising = steps[steps > 0]
        return len(rising) > 0.5 * len(steps) and bool((rising == rising[0]).all())

    def _orders_rows(self, name: str) -> bool:
        """Whether no number repeats, or a series id explains that it does."""
        if self._ids.repeats(name) == 0:
            return True
        try:
            series_id = self._settings.id or self._find_id(name)
        except UsageError:
            return True
        return series_id is not None and self._ids.separates(series_id, name)

    def _whole_numbers(self, name: str) -> Ints | None:
        return whole_numbers(self._table.columns[name])

    def _find_id(self, time: str) -> str | None:
        taken = {time, *self._targets}
        if self._table.series_by and self._table.series_by not in taken:
            return self._table.series_by
        names = [name for name in self._free("text", "integer", "number") if name not in taken]
        return self._ids.find(time, names, [name for name in names if self._kinds[name] == "text"])

    def _numeric(self, taken: set[str | None]) -> list[str]:
        """Columns that may be forecast; one that numbers the rows may not, unless it is the only one."""
        names = [name for name in self._names if self._kinds[name] in ("number", "integer", "empty")]
        names = [name for name in names if name not in taken and not self._is_blank(name)]
        kept = [name for name in names if not (is_row_name(name) and self._counts(name))]
        # Without names a number that never changes is that of a station or the like; with one it may be a series.
        kept = [name for name in kept if not (name in self._table.unnamed and self._never_changes(name))]
        return kept or names

    def _never_changes(self, name: str) -> bool:
        return self._kinds[name] == "integer" and self._distinct.count(name) == 1

    def _named_target(self, taken: set[str | None]) -> str | None:
        plain = {name.strip().lower(): name for name in reversed(self._names) if name not in taken}
        return next((plain[name] for name in TARGET_NAMES if name in plain), None)

    def _looks_wide(self, time: str, numeric: Sequence[str]) -> bool:
        if self._settings.static:
            return False
        declared = {*self._settings.past, *self._settings.future}
        others = [name for name in self._table.names if name not in {time, *numeric, *declared}]
        if any(not is_row_name(name) and not self._is_blank(name) for name in others):
            return False
        return is_wide(self._table, numeric)

    def _is_blank(self, name: str) -> bool:
        """Whether a column has neither a name nor a value: delimiters at the end of all lines make such."""
        return self._kinds.get(name) == "empty" and name in self._table.unnamed

    def _only_target(self, numeric: Sequence[str], time: str, series_id: str | None) -> str:
        if self._settings.of_classes:
            free = [name for name in self._names if name not in {time, series_id}]
            return only_class_column(self._table, free, self._kinds, self._settings)
        return self._only_numeric(numeric, time, series_id)

    def _only_numeric(self, numeric: Sequence[str], time: str, series_id: str | None) -> str:
        filled = [name for name in numeric if self._kinds[name] != "empty"]
        if not filled:
            raise nothing_numeric(self._table, self._free("text"), self._kinds)
        if len(filled) > 1:
            # Numbers of stations, shops and receipts stand beside what is counted there.
            filled = [
                name for name in filled if not (is_id_name(name) or self._never_changes(name))
            ] or filled
        if len(filled) > 1:
            raise UsageError(
                f"{self._table.source}: {listed(filled, joint='or')} could be the target",
                hint=self._choice(filled, time, series_id),
            )
        return filled[0]

    def _choice(self, targets: Sequence[str], time: str, series_id: str | None) -> str:
        """Propose one of several targets or all of them, and what a number that tells rows of one time apart may be."""
        numbers = [name for name in targets if self._kinds[name] == "integer"]
        divides = self._ids.dividing(numbers, time) if series_id is None else None
        if divides is not None:
            target = next(name for name in targets if name != divides)
            flags = f"--id {shlex.quote(divides)} --target {shlex.quote(target)}"
            return f"{flags} if {quoted(divides)} names the series; else choose a target with --target"
        every = f"--target {shlex.quote(join_id(targets))}" if len(targets) <= _FEW else "--layout wide"
        return f"choose one, for example --target {shlex.quote(targets[0])}, or {every} to forecast them all"
