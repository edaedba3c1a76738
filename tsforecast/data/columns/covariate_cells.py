"""Cells of covariate columns to numbers: numbers as they are, true and false as 1 and 0, labels as codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Codes, Ints
from tsforecast.data.arrow import distinct_texts
from tsforecast.data.columns.covariate_columns import MOST_LABELS, CovariateColumns
from tsforecast.data.covariates import UNKNOWN, Floats
from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema
from tsforecast.data.table import Table
from tsforecast.data.values.column_kinds import kind_of
from tsforecast.data.values.numbers import is_missing
from tsforecast.data.values.numeric_columns import floats_of
from tsforecast.data.words import counted, listed, printable, quoted
from tsforecast.errors import UsageError

_BOOLEANS = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateCells:
    """Covariates of a table, row by row.

    Attributes:
        columns: Their names.
        values: Past covariates, then future ones (rows, P + F).
        static: Static covariates, one row per row of the table or per series (rows or N, S).
        categories: Labels of those that are no numbers, code 1 first.
        notes: What was noticed.
    """

    columns: CovariateColumns
    values: Floats
    static: Floats
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def ahead(self) -> Floats:
        """Future covariates (rows, F)."""
        return self.values[:, len(self.columns.past) :]

    def without_any(self) -> CovariateCells:
        """As many rows without a covariate."""
        return CovariateCells(
            columns=CovariateColumns(), values=self.values[:, :0], static=self.static[:, :0]
        )

    def take(self, rows: Codes) -> CovariateCells:
        """Rows at the given positions, in that order."""
        return replace(self, values=self.values[rows], static=self.static[rows])


def read_covariates(table: Table, columns: CovariateColumns, schema: Schema | None) -> CovariateCells:
    """Read the covariate columns of a table.

    Args:
        table: The table.
        columns: Which columns.
        schema: Labels of a model; labels that it has not are unknown. None takes those of the table.

    Raises:
        DataError: A cell of a column of numbers is none.
        UsageError: A column holds dates, or more labels than a covariate can have.
    """
    categories: dict[str, tuple[str, ...]] = {}
    notes: list[Note] = []
    read = {}
    for name in columns.names:
        labels = _labels(table, name) if schema is None else schema.categories.get(name)
        if labels is None:
            read[name] = _numbers(table, name)
            continue
        categories[name] = labels
        # A missing cell says that there is no label, such as no event; a fact of a series it leaves open.
        missing = float("nan") if name in columns.static else UNKNOWN
        read[name], unseen = _codes(table, name, labels, missing)
        if schema is None:
            found = counted(len(labels), "label")
            notes.append(Note(f"covariate {quoted(name)} holds {found}: {listed(labels, limit=3)}"))
        if unseen:
            notes.append(_unseen_note(name, unseen))
    return CovariateCells(
        columns=columns,
        values=_side_by_side([read[name] for name in (*columns.past, *columns.future)], table.rows),
        static=_side_by_side([read[name] for name in columns.static], table.rows),
        categories=categories,
        notes=tuple(notes),
    )


def constant_in_series(
    cells: CovariateCells, table: Table, rows: Codes, ids: Sequence[str], starts: Ints
) -> Floats:
    """Take the static covariates of each series, NaN where no row says anything (N, S).

    Args:
        cells: Sorted by series.
        table: Where they come from.
        rows: Row of the table of each cell (rows,).
        ids: Names of the series (N).
        starts: Position of each series' first row (N,).

    Raises:
        DataError: A series has two values.
    """
    if not cells.columns.static:
        return np.empty((len(ids), 0))
    low = np.fmin.reduceat(cells.static, starts, axis=0)
    high = np.fmax.reduceat(cells.static, starts, axis=0)
    changing = np.argwhere(low < high)
    if len(changing):
        index, column = (int(one) for one in changing[0])
        end = int(starts[index + 1]) if index + 1 < len(starts) else len(rows)
        own = cells.static[starts[index] : end, column]
        first = int(np.flatnonzero(~np.isnan(own))[0])
        other = int(np.flatnonzero(~np.isnan(own) & (own != own[first]))[0])
        name = cells.columns.static[column]
        texts = [str(table.columns[name][int(rows[starts[index] + one])].as_py()) for one in (first, other)]
        raise table.error(
            f"static covariate {quoted(name)} of series {quoted(ids[index])} is "
            f"{quoted(texts[0])} before and {quoted(texts[1])} here",
            row=int(rows[starts[index] + other]),
            column=name,
            hint="a static covariate is constant in a series; one that changes is a matter of --past or --future",
        )
    return np.asarray(low)


def _side_by_side(columns: list[Floats], rows: int) -> Floats:
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def _labels(table: Table, name: str) -> tuple[str, ...] | None:
    """Labels of a column that is no column of numbers, in order."""
    kind = kind_of(table, name)
    if kind == "time":
        raise UsageError(
            f"column {quoted(name)} holds dates, a covariate holds numbers or labels",
            hint="give what the dates mean as a number, such as the days since then",
        )
    if kind != "text" or _is_boolean(table, name):
        return None
    texts, _ = distinct_texts(table.columns[name])
    labels = sorted({text.strip() for text in texts if not is_missing(text)})
    if len(labels) > MOST_LABELS:
        raise UsageError(
            f"column {quoted(name)} has {len(labels)} labels, a covariate can have {MOST_LABELS}",
            hint="join rare labels into one, or leave the column out",
        )
    return tuple(labels)


def _is_boolean(table: Table, name: str) -> bool:
    texts, _ = distinct_texts(table.columns[name])
    return all(text.strip().lower() in _BOOLEANS for text in texts if not is_missing(text))


def _numbers(table: Table, name: str) -> Floats:
    # Only few columns are text or of other types, and only those are looked through for true and false.
    if kind_of(table, name) in ("text", "other") and _is_boolean(table, name):
        texts, codes = distinct_texts(table.columns[name])
        return _looked_up([_BOOLEANS.get(text.strip().lower(), float("nan")) for text in texts], codes)
    return floats_of(table, name)


def _codes(table: Table, name: str, labels: tuple[str, ...], missing: float) -> tuple[Floats, list[str]]:
    """Codes of a column (rows,), and labels that the model has not."""
    texts, codes = distinct_texts(table.columns[name])
    place = {label: float(code) for code, label in enumerate(labels, start=1)}
    known = [missing if is_missing(text) else place.get(text.strip(), UNKNOWN) for text in texts]
    unseen = sorted({text.strip() for text in texts if not is_missing(text)} - {*labels})
    return _looked_up(known, codes), unseen


def _looked_up(values: list[float], codes: NDArray[np.int64]) -> Floats:
    return np.asarray(values, dtype=np.float64)[codes]


def _unseen_note(name: str, unseen: list[str]) -> Note:
    labels = f"{counted(len(unseen), 'label')} of column {quoted(printable(name))}"
    what = "is" if len(unseen) == 1 else "are"
    return Note(
        f"{labels} {what} unknown to the model and {'counts' if len(unseen) == 1 else 'count'} as missing: "
        f"{listed(unseen, limit=3)}",
        warning=True,
    )
