"""A panel as a table again: one row per step, under the names of the user's columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import numpy as np

from tsforecast.data.arrow import distinct_texts, holds_texts
from tsforecast.data.gridding import Grid
from tsforecast.data.id_columns import split_id
from tsforecast.data.panel import Floats, Ints, Panel
from tsforecast.data.zones import are_skipped

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def to_csv(panel: Panel, grid: Grid) -> bytes:
    """Comma separated, in the layout it was read in; missing values are empty cells.

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
    schema, beside = panel.schema, panel.covariates
    names = [*schema.past, *schema.future, *schema.static]
    series_id = [*schema.id_columns] or ([schema.id] if schema.id is not None else [])
    target = schema.target or panel.series_ids[0]
    yield [*series_id, schema.time, target, *names]
    for index, name in enumerate(panel.series_ids):
        values = panel.series(index)
        columns = [
            _labels(values + 1, schema.classes)
            if schema.classes
            else found.cells(panel, index, target, values)
        ]
        rows = len(values)
        if beside is not None:
            around = beside.series(index)
            rows = max(rows, len(around))
            fixed = [np.full(rows, one) for one in beside.static[index]]
            columns += [
                _beside(panel, index, name, cells, found)
                for name, cells in zip(names, [*around.T, *fixed], strict=True)
            ]
        padded = [column + [""] * (rows - len(column)) for column in columns]
        own = split_id(name) if schema.id_columns else (name,) * (schema.id is not None)
        stamps = _stamps(panel, int(panel.first[index]), rows)
        yield from ([*own, stamp, *cells] for stamp, *cells in zip(stamps, *padded, strict=True) if stamp)


def _wide(panel: Panel, found: _Found) -> list[list[str]]:
    """One column per series; covariates are shared, so those of the longest series are written."""
    first, last = int(panel.first.min()), int(panel.last.max())
    columns = []
    for index in range(len(panel)):
        before = [""] * (int(panel.first[index]) - first)
        cells = before + found.cells(panel, index, panel.series_ids[index], panel.series(index))
        columns.append(cells + [""] * (last - first + 1 - len(cells)))
    names = [*panel.series_ids]
    if panel.covariates is not None:
        longest = int(np.argmin(panel.first))
        around = panel.covariates.series(longest)[: last - first + 1]
        for place, name in enumerate((*panel.schema.past, *panel.schema.future)):
            cells = _beside(panel, longest, name, around[:, place], found)
            columns.append(cells + [""] * (last - first + 1 - len(cells)))
            names.append(name)
    stamps = _stamps(panel, first, last - first + 1)
    rows = zip(stamps, *columns, strict=True)
    return [[panel.schema.time, *names], *(list(row) for row in rows if row[0])]


def _stamps(panel: Panel, first: int, rows: int) -> list[str]:
    """Timestamps of steps, empty for an hour that clocks have left out."""
    ticks = panel.frequency.ticks(np.arange(first, first + rows))
    stamps = [str(one) for one in panel.schema.time_format.render(ticks)]
    zone = panel.schema.time_format.zone
    if not zone:
        return stamps
    gone = are_skipped(zone, ticks, panel.frequency.shortest)
    return ["" if absent else one for one, absent in zip(stamps, gone, strict=True)]


def _beside(panel: Panel, index: int, name: str, values: Floats, found: _Found) -> list[str]:
    """Cells of a covariate of one series."""
    labels = panel.schema.categories.get(name)
    return found.cells(panel, index, name, values) if labels is None else _labels(values, labels)


def _labels(codes: Floats, labels: tuple[str, ...]) -> list[str]:
    """Labels of codes from 1 on; "" where there is none."""
    return [labels[int(one) - 1] if np.isfinite(one) and one > 0 else "" for one in codes]
