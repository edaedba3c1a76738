"""The panel: every series on its regular time grid, and the columns it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.covariates import Covariates
from tsforecast.data.notes import Note
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.time_format import TimeFormat


class StepRows(NamedTuple):
    """How the rows of a table lie in the steps that ``--resample`` makes of them.

    Attributes:
        usual: Rows that a whole step has.
        gap: Longest time between two rows that is no break in the data (microseconds or plain steps).
    """

    usual: float
    gap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Which columns of the user's table mean what.

    ``id`` is None where no column names series; ``target`` is None in the wide layout, where every column of
    ``series_columns`` is a series, or one of each ``id``. ``past``, ``future`` and ``static`` name the covariates in
    the order of their columns in ``Covariates``; ``id_columns`` has the parts of an ``id`` that several columns make
    together; ``categories`` has the labels of those that are no numbers, code 1 first; ``classes`` those of a target
    that is a class, whose values are then their places, code 0 first. ``decimal`` and ``thousands`` are the marks that
    the numbers of the table are proved to have, "" where nothing shows them; ``step_rows`` is None where the rows of
    the table are the steps themselves.
    """

    layout: str
    time: str
    time_format: TimeFormat
    id: str | None = None
    target: str | None = None
    series_columns: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    id_columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str = ""
    step_rows: StepRows | None = None

    @property
    def is_paired(self) -> bool:
        """Whether each column of each id is a series."""
        return self.layout == "wide" and self.id is not None

    @property
    def targets(self) -> tuple[str, ...]:
        """Columns that are forecast."""
        return self.series_columns if self.target is None else (self.target,)

    @property
    def id_names(self) -> tuple[str, ...]:
        """Columns of the user's table that name its series."""
        return self.id_columns or (() if self.id is None else (self.id,))

    @property
    def id_output(self) -> tuple[str, ...]:
        """Columns that name a series in a forecast table; none where there is one series without an id."""
        if self.layout == "long":
            return self.id_names
        name = "target" if self.id_names else "series"
        while name in {*self.id_names, self.time}:
            name += "_"
        return (*self.id_names, name)

    def id_cells(self, series_id: str) -> tuple[str, ...]:
        """Cells of a series in the columns of ``id_output``."""
        from tsforecast.data.series_ids import split_id

        names = self.id_output
        joined = bool(self.id_columns) or len(names) > 1
        return split_id(series_id) if joined else (series_id,) * len(names)

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``model.json``."""
        return {
            "layout": self.layout,
            "time": self.time,
            "time_format": self.time_format.to_json(),
            "id": self.id,
            "id_columns": list(self.id_columns),
            "id_output": list(self.id_output),
            "target": self.target,
            "series_columns": list(self.series_columns),
            "past": list(self.past),
            "future": list(self.future),
            "static": list(self.static),
            "categories": {name: list(labels) for name, labels in self.categories.items()},
            **({"classes": list(self.classes)} if self.classes else {}),
            "decimal": self.decimal,
            "thousands": self.thousands,
            **({"step_rows": self.step_rows._asdict()} if self.step_rows else {}),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Schema:
        """Inverse of ``to_json``."""
        return cls(
            layout=values["layout"],
            time=values["time"],
            time_format=TimeFormat.from_json(values["time_format"]),
            id=values["id"],
            target=values["target"],
            series_columns=tuple(values["series_columns"]),
            past=tuple(values.get("past", ())),
            future=tuple(values.get("future", ())),
            static=tuple(values.get("static", ())),
            categories={name: tuple(labels) for name, labels in values.get("categories", {}).items()},
            id_columns=tuple(values.get("id_columns", ())),
            classes=tuple(values.get("classes", ())),
            decimal=values.get("decimal", ""),
            thousands=values.get("thousands", ""),
            step_rows=StepRows(**values["step_rows"]) if "step_rows" in values else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """N series on one time grid, stored end to end.

    Attributes:
        series_ids: Name of each series (N).
        values: All targets, one series after another; NaN is a missing value (rows,).
        offsets: Series ``i`` is ``values[offsets[i]:offsets[i + 1]]`` (N + 1,).
        first: Grid ordinal of each series' first row (N,).
        frequency: The grid.
        schema: Where the values came from.
        covariates: What else is known; None where the schema names nothing.
        observed: Targets without the guesses that fill their gaps; None where there are no guesses (rows,).
        ahead: Rows that a guess looks ahead, 0 for other values; None where no guess looks ahead (rows,).
    """

    series_ids: tuple[str, ...]
    values: Floats
    offsets: Ints
    first: Ints
    frequency: Frequency
    schema: Schema
    covariates: Covariates | None = None
    observed: Floats | None = None
    ahead: Ints | None = None

    @classmethod
    def of(
        cls,
        series_ids: Sequence[str],
        series: Sequence[Floats],
        first: Sequence[int] | Ints,
        frequency: Frequency,
        schema: Schema,
        covariates: Covariates | None = None,
        observed: Sequence[Floats] | None = None,
        ahead: Sequence[Ints] | None = None,
    ) -> Panel:
        """Join separate series into a panel."""
        lengths = np.array([len(one) for one in series], dtype=np.int64)
        return cls(
            series_ids=tuple(series_ids),
            values=_end_to_end(series),
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            first=np.asarray(first, dtype=np.int64),
            frequency=frequency,
            schema=schema,
            covariates=covariates,
            observed=None if observed is None else _end_to_end(observed),
            ahead=None if ahead is None else np.concatenate(ahead),
        )

    def __len__(self) -> int:
        return len(self.series_ids)

    def __iter__(self) -> Iterator[Floats]:
        return (self.series(index) for index in range(len(self)))

    @property
    def lengths(self) -> Ints:
        """Rows of each series (N,)."""
        return np.diff(self.offsets)

    @property
    def last(self) -> Ints:
        """Grid ordinal of each series' last row (N,)."""
        return self.first + self.lengths - 1

    def series(self, index: int) -> Floats:
        """View of one series' values (rows of that series,)."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def rows_until(self, ordinal: int) -> Ints:
        """Rows of each series up to a grid ordinal, 0 where it begins later (N,)."""
        return np.clip(ordinal + 1 - self.first, 0, self.lengths)

    def stamps(self, ordinals: Sequence[int] | Ints) -> list[str]:
        """Timestamps of grid ordinals (K,) for a sentence, in the form that the data have."""
        ticks = self.frequency.ticks(np.asarray(ordinals, dtype=np.int64))
        return self.schema.time_format.shown(ticks)

    @property
    def truth(self) -> Floats:
        """What forecasts are scored against: the values, but NaN where one is a guess (rows,)."""
        return self.values if self.observed is None else self.observed

    def _observed(self, starts: Ints, ends: Ints) -> list[Floats] | None:
        """Rows ``starts[i]`` to before ``ends[i]`` of the observed values of each series (N,), (N,)."""
        if self.observed is None:
            return None
        begin = self.offsets[:-1]
        return [self.observed[one:end] for one, end in zip(begin + starts, begin + ends, strict=True)]

    def _ahead(self, starts: Ints, ends: Ints) -> list[Ints] | None:
        """Rows ``starts[i]`` to before ``ends[i]`` of how far guesses look ahead (N,), (N,)."""
        if self.ahead is None:
            return None
        begin = self.offsets[:-1]
        return [self.ahead[one:end] for one, end in zip(begin + starts, begin + ends, strict=True)]

    def head(self, lengths: Ints) -> Panel:
        """Panel of the first ``lengths[i]`` rows of each series: what was known at a cutoff (N,).

        Future covariates stay, because they are known ahead. A guess that looks past the cutoff was not known.
        """
        cut = np.clip(lengths, 0, self.lengths)
        beside = self.covariates
        values = [self.series(index)[: cut[index]] for index in range(len(self))]
        ahead = self._ahead(np.zeros_like(cut), cut)
        if ahead is not None:
            values = [
                np.where(np.arange(len(one)) + far < len(one), one, np.nan)
                for one, far in zip(values, ahead, strict=True)
            ]
        return Panel.of(
            self.series_ids,
            values,
            self.first,
            self.frequency,
            self.schema,
            None if beside is None else beside.known_at(cut, len(self.schema.past)),
            self._observed(np.zeros_like(cut), cut),
            ahead,
        )

    def select(self, kept: Ints) -> Panel:
        """Panel of the series at the given positions (K,)."""
        beside = self.covariates
        return Panel.of(
            [self.series_ids[index] for index in kept],
            [self.series(int(index)) for index in kept],
            self.first[kept],
            self.frequency,
            self.schema,
            None if beside is None else beside.select(kept),
            None if (seen := self._observed(*self._whole)) is None else [seen[index] for index in kept],
            None if (ahead := self._ahead(*self._whole)) is None else [ahead[index] for index in kept],
        )

    @property
    def _whole(self) -> tuple[Ints, Ints]:
        return np.zeros_like(self.lengths), self.lengths

    def tail(self, rows: int) -> Panel:
        """Panel of the last ``rows`` rows of each series, all of it where a series is shorter.

        Covariates start with their target and go on as far as they are known.
        """
        kept = np.minimum(self.lengths, rows)
        beside = self.covariates
        return Panel.of(
            self.series_ids,
            [self.series(index)[len(self.series(index)) - kept[index] :] for index in range(len(self))],
            self.first + self.lengths - kept,
            self.frequency,
            self.schema,
            None if beside is None else beside.without_first(self.lengths - kept),
            self._observed(self.lengths - kept, self.lengths),
            self._ahead(self.lengths - kept, self.lengths),
        )


def _end_to_end(series: Sequence[Floats]) -> Floats:
    return np.concatenate([np.asarray(one, dtype=np.float64) for one in series]) if series else np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a forecaster must know of a table.

    Attributes:
        panel: The series on their grid.
        notes: What a person should know.
        source: What messages call the table.
        skipped: Series that were left out because of an error in them.
    """

    panel: Panel
    notes: tuple[Note, ...]
    source: str
    skipped: tuple[str, ...] = ()
