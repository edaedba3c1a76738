"""Forecast tables as bytes: one function per format, and a table of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.arrow import from_numbers, from_texts
from tsforecast.data.files import write_atomically
from tsforecast.data.json_text import with_escapes
from tsforecast.data.panel import Schema
from tsforecast.data.times.zones import Flags

if TYPE_CHECKING:
    import pandas as pd

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings of what spreadsheets run; the last four are the signs at full width."""

_CUTS = frozenset(";|\t")
"""What spreadsheets of other countries cut cells at, beside the comma."""

FORECAST_SCHEMA = "tsforecast.forecast/1"
"""Version of the JSON document: fields may be added, none is removed or changes its meaning."""

CODED = ("forecast", "actual")
"""Columns that hold codes where the target is a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastTable:
    """Forecasts in long form.

    Attributes:
        schema: Names of the user's columns and the form of the timestamps.
        series_ids: One per row.
        ticks: Time that is forecast (rows,).
        columns: ``forecast`` and the quantiles in their order, or codes of classes and probabilities; each (rows,).
        cutoffs: Last tick the forecast has seen, None where it is not asked for (rows,).
        again: Rows of a time that clocks show for the second time; None where there are none (rows,).
        spreadsheet_safe: Write text that a spreadsheet would run as a formula so that it does not; CSV only.
    """

    schema: Schema
    series_ids: list[str]
    ticks: Ints
    columns: dict[str, Floats]
    cutoffs: Ints | None = None
    again: Flags | None = None
    spreadsheet_safe: bool = False

    @property
    def ids(self) -> dict[str, list[str]]:
        """Columns that name the series; none where there is one series without a name."""
        known = {one: self.schema.id_cells(one) for one in set(self.series_ids)}
        names = self.schema.id_output
        return {name: [known[one][place] for one in self.series_ids] for place, name in enumerate(names)}

    @property
    def names(self) -> list[str]:
        """All columns in the order of the output."""
        cutoff = ["cutoff"] if self.cutoffs is not None else []
        return [*self.schema.id_output, *cutoff, self.schema.time, *self.columns]

    @property
    def times(self) -> list[tuple[Ints, Flags | None]]:
        """Columns of time in the order of the output, with the times that are shown for the second time."""
        return [*([] if self.cutoffs is None else [(self.cutoffs, None)]), (self.ticks, self.again)]

    def take(self, rows: Ints) -> ForecastTable:
        """Give some of the rows, in an order of their own."""
        return replace(
            self,
            series_ids=[self.series_ids[row] for row in rows.tolist()],
            ticks=self.ticks[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            cutoffs=None if self.cutoffs is None else self.cutoffs[rows],
            again=None if self.again is None else self.again[rows],
        )

    def has_labels(self, name: str) -> bool:
        """Whether a column holds codes of classes, which are written as their labels."""
        return bool(self.schema.classes) and name in CODED

    def labels(self, name: str) -> list[str | None]:
        """Labels of a column of codes, None where there is none (rows,)."""
        classes = self.schema.classes
        return [classes[int(code)] if code == code else None for code in self.columns[name].tolist()]


def without_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; numbers stay numbers.

    Source:
        OWASP, CSV Injection: cells that begin with = + - @, also at full width, a tab or an end of line. Spaces before
        them change nothing.
    """
    if len(text) < 2 or not text.lstrip(" \xa0").startswith(_FORMULAS):
        return text
    from tsforecast.data.values.numbers import is_number

    return text if is_number(text) else f"'{text}"


def write_table(table: ForecastTable, target: Path | BinaryIO, form: str = "csv") -> None:
    """Write a table to a file at once, or to a binary stream.

    Raises:
        AccessError: The file cannot be written.
    """
    data = FORMATS[form](table)
    if isinstance(target, Path):
        write_atomically(target, data)
    else:
        target.write(data)


def to_csv(table: ForecastTable) -> bytes:
    """Comma separated, LF at the end of every line, an empty cell where there is no number."""
    cell = _safe_cell if table.spreadsheet_safe else _csv_cell
    head = ",".join(map(cell, table.names))
    columns = [*_texts(table, cell), *_numbers(table, cell, "")]
    return "\n".join([head, *map(",".join, zip(*columns, strict=True)), ""]).encode()


def to_json(table: ForecastTable) -> bytes:
    """One document with the rows as objects; a missing number is null."""
    head = json.dumps(FORECAST_SCHEMA), with_escapes(json.dumps(table.names, ensure_ascii=False))
    rows = ",\n    ".join(_objects(table))
    body = f"[\n    {rows}\n  ]" if rows else "[]"
    return f'{{\n  "schema": {head[0]},\n  "columns": {head[1]},\n  "rows": {body}\n}}\n'.encode()


def to_jsonl(table: ForecastTable) -> bytes:
    """One object per line."""
    return "".join(f"{row}\n" for row in _objects(table)).encode()


def to_parquet(table: ForecastTable) -> bytes:
    """Parquet with the time column in the type that the user's table has."""
    import pyarrow as pa
    from pyarrow import parquet

    time = table.schema.time_format.to_arrow
    arrays = [from_texts(texts) for texts in table.ids.values()]
    arrays += [time(*column) for column in table.times]
    arrays += [
        pa.array(table.labels(name))
        if table.has_labels(name)
        else from_numbers(np.asarray(values, np.float64))
        for name, values in table.columns.items()
    ]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(arrays, names=table.names), sink)
    return bytes(sink.getvalue())


def to_frame(table: ForecastTable) -> pd.DataFrame:
    """Give the table as a pandas DataFrame, timestamps as datetime64 where they are dates."""
    import pandas as pd

    form = table.schema.time_format
    dates = replace(form, arrow="us") if form.kind == "datetime" else form
    columns: list[Any] = [*table.ids.values()]
    columns += [dates.to_arrow(*column).to_pandas() for column in table.times]
    columns += [
        table.labels(name) if table.has_labels(name) else values for name, values in table.columns.items()
    ]
    return pd.DataFrame(dict(zip(table.names, columns, strict=True)))


FORMATS: dict[str, Callable[[ForecastTable], bytes]] = {
    "csv": to_csv,
    "json": to_json,
    "jsonl": to_jsonl,
    "parquet": to_parquet,
}


def _objects(table: ForecastTable) -> Iterator[str]:
    """Rows as JSON objects (rows)."""
    columns = [*_texts(table, _json_cell), *_numbers(table, _json_cell, "null")]
    keys = [f"{_json_cell(name)}: " for name in table.names]
    labelled = [[key + cell for cell in column] for key, column in zip(keys, columns, strict=True)]
    return (f"{{{', '.join(cells)}}}" for cells in zip(*labelled, strict=True))


def _texts(table: ForecastTable, cell: Callable[[str | float], str]) -> list[list[str]]:
    """Cells of id, cutoff and time; every distinct text is quoted once."""
    columns: list[Sequence[str | float]] = [*table.ids.values()]
    render = table.schema.time_format.render
    columns += [render(*column) for column in table.times]
    quoted = [{value: cell(value) for value in set(column)} for column in columns]
    return [[cells[value] for value in column] for cells, column in zip(quoted, columns, strict=True)]


def _numbers(table: ForecastTable, cell: Callable[[str | float], str], missing: str) -> list[list[str]]:
    """Cells of everything that is forecast; codes of classes as their labels."""
    return [
        [missing if label is None else cell(label) for label in table.labels(name)]
        if table.has_labels(name)
        else _floats(values, missing)
        for name, values in table.columns.items()
    ]


def _floats(values: Floats, missing: str) -> list[str]:
    """Shortest texts that read back as the same numbers."""
    values = np.asarray(values, dtype=np.float64)
    texts = list(map(repr, values.tolist()))
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[row] = missing
    return texts


def _csv_cell(value: str | float) -> str:
    text = str(value)
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _safe_cell(value: str | float) -> str:
    text = without_formula(str(value))
    cell = _csv_cell(text)
    # Where a comma is the decimal mark, a formula behind a semicolon would have a cell of its own.
    return f'"{text}"' if cell == text and not _CUTS.isdisjoint(text) else cell


def _json_cell(value: str | float) -> str:
    return with_escapes(json.dumps(value, ensure_ascii=False))
