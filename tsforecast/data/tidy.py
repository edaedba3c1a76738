"""A panel as a table again: one row per step, under the names of the user's columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np

from tsforecast.data.id_columns import split_id
from tsforecast.data.panel import Floats, Panel


def to_csv(panel: Panel) -> bytes:
    """Comma separated, in the layout it was read in; missing values are empty cells."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerows(_wide(panel) if panel.schema.layout == "wide" else _long(panel))
    return sink.getvalue().encode()


def _long(panel: Panel) -> Iterator[list[str]]:
    """Give one row after the other: all of a large table at once would fill the memory."""
    schema, beside = panel.schema, panel.covariates
    names = [*schema.past, *schema.future, *schema.static]
    series_id = [*schema.id_columns] or ([schema.id] if schema.id is not None else [])
    yield [*series_id, schema.time, schema.target or panel.series_ids[0], *names]
    for index, name in enumerate(panel.series_ids):
        values = panel.series(index)
        columns = [_cells(values + 1, schema.classes) if schema.classes else _cells(values)]
        rows = len(values)
        if beside is not None:
            around = beside.series(index)
            rows = max(rows, len(around))
            labels = [schema.categories.get(one) for one in names]
            columns += [_cells(around[:, place], labels[place]) for place in range(around.shape[1])]
            fixed = [np.full(rows, one) for one in beside.static[index]]
            columns += [_cells(one, labels[around.shape[1] + place]) for place, one in enumerate(fixed)]
        padded = [column + [""] * (rows - len(column)) for column in columns]
        own = split_id(name) if schema.id_columns else (name,) * (schema.id is not None)
        for stamp, *cells in zip(_stamps(panel, int(panel.first[index]), rows), *padded, strict=True):
            yield [*own, stamp, *cells]


def _wide(panel: Panel) -> list[list[str]]:
    """One column per series; covariates are shared, so those of the longest series are written."""
    first, last = int(panel.first.min()), int(panel.last.max())
    columns = []
    for index in range(len(panel)):
        before = [""] * (int(panel.first[index]) - first)
        cells = before + _cells(panel.series(index))
        columns.append(cells + [""] * (last - first + 1 - len(cells)))
    names = [*panel.series_ids]
    if panel.covariates is not None:
        around = panel.covariates.series(int(np.argmin(panel.first)))[: last - first + 1]
        for place, name in enumerate((*panel.schema.past, *panel.schema.future)):
            cells = _cells(around[:, place], panel.schema.categories.get(name))
            columns.append(cells + [""] * (last - first + 1 - len(cells)))
            names.append(name)
    stamps = _stamps(panel, first, last - first + 1)
    return [[panel.schema.time, *names], *(list(row) for row in zip(stamps, *columns, strict=True))]


def _stamps(panel: Panel, first: int, rows: int) -> list[str]:
    ticks = panel.frequency.ticks(np.arange(first, first + rows))
    return [str(one) for one in panel.schema.time_format.render(ticks)]


def _cells(values: Floats, labels: tuple[str, ...] | None = None) -> list[str]:
    """Shortest texts of numbers, or the labels of codes; "" where there is nothing."""
    if labels is not None:
        return [labels[int(one) - 1] if np.isfinite(one) and one > 0 else "" for one in values]
    return [repr(one) if np.isfinite(one) else "" for one in values.tolist()]
