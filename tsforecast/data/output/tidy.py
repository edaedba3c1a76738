"""A panel as a table again: one row per step, under the names of the user's columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.arrow import distinct_texts, holds_texts
from tsforecast.data.panel import Panel
from tsforecast.data.rows.gridding import Grid
from tsforecast.data.series_ids import split_id
from tsforecast.data.times.timestamps import parse_times
from tsforecast.data.times.zones import are_doubled, are_skipped, instants, wall_clock
from tsforecast.data.values.numeric_columns import floats_of

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def to_csv(panel: Panel, grid: Grid) -> bytes:
    """Comma separated, in the layout it was read in; missing values are empty cells.

    Rows of an hour that clocks show twice, told apart by their offsets, stay as they are.

    Args:
        panel: What is written.
        grid: The rows that it was made of: a number that did not change is written as it stands there, others with as
            few digits as are needed to read them back.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    found = _Found(grid)
    writer.writerows(_wide(panel, found) if panel.schema.layout == "wide" else _long(panel, found))
    return sink.getvalue().encode()


class _Found:
    """How the table that was read writes its numbers."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._places = {name: place for place, name in enumerate(grid.seen.series_ids)}
        self._columns: dict[str, tuple[list[str], Floats, Ints]] = {}

    def cells(self, panel: Panel, index: int, name: str, values: Floats) -> list[str]:
        """Texts of numbers of one series, from its first step on; "" where there is nothing.

        Args:
            panel: All series.
            index: Which of them.
            name: The column.
            values: Its numbers (rows,).
        """
        texts, numbers, codes = self._column(name)
        written = [repr(one) if np.isfinite(one) else "" for one in values.tolist()]
        if not len(codes):
            return written
        seen = self._grid.seen
        place = self._places[panel.series_ids[index]]
        rows = slice(int(seen.offsets[place]), int(seen.offsets[place + 1]))
        steps = self._grid.ordinals[rows] - panel.first[index]
        inside = (steps >= 0) & (steps < len(values))
        steps, distinct = steps[inside], codes[seen.rows[rows][inside]]
        same = numbers[distinct] == values[steps]
        for step, code in zip(steps[same].tolist(), distinct[same].tolist(), strict=True):
            written[step] = texts[code]
        return written

    def raw(self, panel: Panel, names: Sequence[str], row: int) -> list[str]:
        """Give some cells of a row of the table; numbers as `cells` writes them."""
        schema = panel.schema
        labels = {*schema.categories, *([schema.target] if schema.classes else [])}
        return [self._cell(name, row, label=name in labels) for name in names]

    def _cell(self, name: str, row: int, *, label: bool) -> str:
        table = self._grid.seen.table
        if label:
            return str(table.columns[name][row].as_py() or "").strip()
        texts, numbers, codes = self._column(name)
        if len(codes) and np.isfinite(numbers[codes[row]]):
            return str(texts[codes[row]])
        value = float(floats_of(table, name)[row])
        return repr(value) if np.isfinite(value) else ""

    def twice(self, panel: Panel) -> dict[tuple[str, ...], dict[int, list[tuple[bool, int]]]]:
        """Find the rows of steps that clocks show twice, where offsets tell them apart.

        Returns:
            By the cells of the id and tick: whether each is of the second time, and the row of the table.
        """
        form, schema, table = panel.schema.time_format, panel.schema, self._grid.seen.table
        if not form.has_offset or "clock_joined" not in self._grid.seen.repairs:
            return {}
        column = table.columns[schema.time]
        moments, _ = parse_times(column, name=schema.time, day_first=form.day_first, zone="UTC")
        ticks = wall_clock(form.zone, moments)
        rows = np.flatnonzero(are_doubled(form.zone, ticks, panel.frequency.shortest))
        again = moments[rows] > instants(form.zone, ticks[rows])
        found: dict[tuple[str, ...], dict[int, list[tuple[bool, int]]]] = {}
        for row, tick, second in zip(rows.tolist(), ticks[rows].tolist(), again.tolist(), strict=True):
            own: tuple[str, ...] = ()
            if schema.id is not None:
                text = str(table.columns[schema.id][row].as_py())
                own = split_id(text) if schema.id_columns else (text,)
            found.setdefault(own, {}).setdefault(tick, []).append((second, row))
        # Of duplicates in such an hour only the merged step is known.
        return {
            own: {tick: pairs for tick, pairs in ticks.items() if len(dict(pairs)) == len(pairs)}
            for own, ticks in found.items()
        }

    def _column(self, name: str) -> tuple[list[str], Floats, Ints]:
        """Distinct numbers of a column as text without signs and separators, their values, and those of the rows."""
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def _read(self, name: str) -> tuple[list[str], Floats, Ints]:
        table = self._grid.seen.table
        column = table.plain.get(name, table.columns.get(name))
        if column is None or not holds_texts(column):
            return [], np.empty(0), np.empty(0, dtype=np.int64)
        texts, codes = distinct_texts(column)
        comma = table.decimal_comma and name not in table.plain
        plain = [text.strip().replace(",", ".") if comma else text.strip() for text in texts]
        numbers = [float(text) if _NUMBER.fullmatch(text) else np.nan for text in plain]
        return plain, np.array(numbers), codes


def _long(panel: Panel, found: _Found) -> Iterator[list[str]]:
    """Give one row after the other: all of a large table at once would fill the memory."""
    schema = panel.schema
    target, twice = schema.target or panel.series_ids[0], found.twice(panel)
    names = [target, *_names_beside(panel)]
    yield [*schema.id_names, schema.time, *names]
    for index, name in enumerate(panel.series_ids):
        values = panel.series(index)
        cells = (
            _labels(values + 1, schema.classes)
            if schema.classes
            else found.cells(panel, index, target, values)
        )
        own, columns = schema.id_cells(name), [cells, *_covariates(panel, index, len(values), found)]
        raw = partial(found.raw, panel, names)
        rows = _on_clocks(panel, int(panel.first[index]), columns, twice.get(own, {}), raw)
        yield from ([*own, *row] for row in rows)


def _wide(panel: Panel, found: _Found) -> Iterator[list[str]]:
    """One column per series, or one per target with the ids below each other."""
    schema, twice = panel.schema, found.twice(panel)
    targets = schema.series_columns if schema.is_paired else panel.series_ids
    names = [*targets, *_names_beside(panel)]
    yield [*schema.id_names, schema.time, *names]
    for own, series in _owners(panel).items():
        longest = min(series.values(), key=lambda index: panel.first[index])
        first, last = int(panel.first[longest]), max(int(panel.last[index]) for index in series.values())
        columns = []
        for name in targets:
            index = series.get(name)
            before = [] if index is None else [""] * (int(panel.first[index]) - first)
            cells = [] if index is None else found.cells(panel, index, name, panel.series(index))
            columns.append(before + cells)
        # They are shared, so those of the longest series are written.
        columns += _covariates(panel, longest, last - first + 1, found)
        rows = _on_clocks(panel, first, columns, twice.get(own, {}), partial(found.raw, panel, names))
        yield from ([*own, *row] for row in rows)


def _owners(panel: Panel) -> dict[tuple[str, ...], dict[str, int]]:
    """Series by the cells of their id, and then by their column."""
    owners: dict[tuple[str, ...], dict[str, int]] = {}
    for index, name in enumerate(panel.series_ids):
        *own, column = panel.schema.id_cells(name)
        owners.setdefault(tuple(own), {})[column] = index
    return owners


def _names_beside(panel: Panel) -> tuple[str, ...]:
    return (*panel.schema.past, *panel.schema.future, *panel.schema.static)


def _covariates(panel: Panel, index: int, rows: int, found: _Found) -> list[list[str]]:
    """Cells of the covariates of one series, over its rows or as far as they are known, if that is further."""
    if panel.covariates is None:
        return []
    around = panel.covariates.series(index)
    fixed = [np.full(max(rows, len(around)), one) for one in panel.covariates.static[index]]
    named = zip(_names_beside(panel), [*around.T, *fixed], strict=True)
    return [_beside(panel, index, name, cells, found) for name, cells in named]


def _on_clocks(
    panel: Panel,
    first: int,
    columns: Sequence[list[str]],
    twice: dict[int, list[tuple[bool, int]]],
    raw: Callable[[int], list[str]],
) -> Iterator[list[str]]:
    """Rows with their timestamps: none of an hour that clocks left out, those of one shown twice as they were read.

    Args:
        panel: The series.
        first: Grid ordinal of the first row.
        columns: Cells from there on; the longest column says how many rows there are.
        twice: Rows of the table at a tick that clocks show twice, and whether each is of the second time.
        raw: Gives the cells of a row of the table.
    """
    number = max(map(len, columns))
    rows = list(zip(*(column + [""] * (number - len(column)) for column in columns), strict=True))
    form, length = panel.schema.time_format, panel.frequency.shortest
    ticks = panel.frequency.ticks(first + np.arange(number))
    gone = doubled = np.zeros(len(ticks), dtype=np.bool_)
    if form.zone:
        gone, doubled = are_skipped(form.zone, ticks, length), are_doubled(form.zone, ticks, length)
    stamps, late = form.render(ticks), list[list[str]]()
    for place in np.flatnonzero(~gone).tolist():
        if not doubled[place]:
            yield from late  # the hour begins anew when its last step is over
            late = []
        own = twice.get(int(ticks[place]), []) if doubled[place] else []
        if not own:
            yield [str(stamps[place]), *rows[place]]
        for second, row in own:
            if second:
                late.append([str(form.render(ticks[[place]], np.array([True]))[0]), *raw(row)])
            else:
                yield [str(stamps[place]), *raw(row)]
    yield from late


def _beside(panel: Panel, index: int, name: str, values: Floats, found: _Found) -> list[str]:
    """Cells of a covariate of one series."""
    labels = panel.schema.categories.get(name)
    return found.cells(panel, index, name, values) if labels is None else _labels(values, labels)


def _labels(codes: Floats, labels: tuple[str, ...]) -> list[str]:
    """Labels of codes from 1 on; "" where there is none."""
    return [labels[int(one) - 1] if np.isfinite(one) and one > 0 else "" for one in codes]
