"""Small plain CSV files of a model's own columns, read without pyarrow: to import it takes longer than to forecast.

Whatever is odd in any way is left to the usual reader, which understands it or says what is wrong with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.column_names import CLOCK_NAMES
from tsforecast.data.panel import Panel, Reading, Schema
from tsforecast.data.sources.paths import FILE, STDIN
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.words import printable

SMALL = 512 << 10
"""Up to this size a file is read so (bytes)."""

_FORMS = {
    "%Y-%m": r"[12]\d{3}-\d\d\n",
    "%Y-%m-%d": r"[12]\d{3}-\d\d-\d\d\n",
    "%Y-%m-%d %H:%M": r"[12]\d{3}-\d\d-\d\d \d\d:\d\d\n",
    "%Y-%m-%dT%H:%M": r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d\n",
    "%Y-%m-%d %H:%M:%S": r"[12]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d\n",
    "%Y-%m-%dT%H:%M:%S": r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\n",
}
"""How timestamps look, a line each, by the pattern of the model."""

_NUMBER = r"-?\d{1,15}(?:\.\d{1,17})?\n"
_WORD = re.compile(r"[A-Za-z][A-Za-z_ ]*[A-Za-z]|[A-Za-z]")
_NO_WORDS = ("inf", "infinity", "nan")
_ODD = '";|'
_STRANGERS = ("#", "{", "[", "<", "%", "PAR1", "ARROW", "FEA1", "PK", "BZh", "SQLite")
"""First characters of what is another kind of file, or may be taken for one."""

_FREE = (
    "target", "id", "freq", "layout", "past", "future", "static", "no_covariates", "min_rows", "drop_short",
    "day_first", "month_first",
)  # fmt: skip
"""Settings that a model decides, or that change nothing in a file that is plain."""


def read_fitting(
    source: Any,
    settings: DataSettings,
    *,
    schema: Schema,
    frequency: Frequency,
    skip: bool = False,
) -> Reading:
    """Read a table for a model: the short way where it is plain and small, else as `read_panel` does.

    Raises:
        ForecastError: As `read_panel` does.
    """
    found = read_plain(source, settings, schema, frequency)
    if found is not None:
        return found
    from tsforecast.data.reading import read_panel

    return read_panel(source, settings, schema=schema, frequency=frequency, skip=skip)


def read_plain(source: Any, settings: DataSettings, schema: Schema, frequency: Frequency) -> Reading | None:
    """Give what the usual reader gives of a small file, None where anything in it or in the settings is odd.

    Args:
        source: What the user named.
        settings: How the table of the model was read.
        schema: Columns of the model.
        frequency: Frequency of the model.
    """
    if not (_is_usual(settings, schema) and _is_plain(schema)):
        return None
    text = _text(source)
    columns = None if text is None else _columns(text, schema)
    if columns is None:
        return None
    ticks = _ticks(columns[schema.time], schema.time_format.pattern)
    laid_out = _series(columns, schema)
    if ticks is None or laid_out is None:
        return None
    names, offsets, values = laid_out
    ordinals, exact = frequency.ordinals(np.tile(ticks, len(values) // len(ticks)))
    if not exact.all() or not _are_regular(ordinals, offsets):
        return None
    panel = Panel(
        series_ids=tuple(names),
        values=values,
        offsets=offsets,
        first=ordinals[offsets[:-1]],
        frequency=frequency,
        schema=schema,
    )
    return Reading(panel=panel, notes=(), source=printable(source, limit=400))


def _is_usual(settings: DataSettings, schema: Schema) -> bool:
    """Whether the table of the model was read without a setting that changes how cells and rows are read."""
    allowed = {"time": schema.time, "delimiter": ","}
    return all(
        item.name in _FREE or getattr(settings, item.name) in (item.default, allowed.get(item.name))
        for item in fields(settings)
    )


def _is_plain(schema: Schema) -> bool:
    """Whether a model knows one time column of usual form, names or columns of series, and nothing else."""
    form = schema.time_format
    beside = (*schema.past, *schema.future, *schema.static, *schema.classes, *schema.id_columns)
    return (
        not beside
        and not schema.is_paired
        and schema.id != FILE
        and not schema.thousands
        and schema.decimal in ("", ".")
        and form.pattern in _FORMS
        and (form.kind, form.offset, form.zone, form.arrow) == ("datetime", None, "", "string")
        and _WORD.fullmatch(schema.time) is not None
        and schema.time.lower() not in _NO_WORDS
    )


def _text(source: Any) -> str | None:
    """Text of a small file of plain characters."""
    if not isinstance(source, str | os.PathLike) or str(source) == STDIN:
        return None
    path = Path(source)
    try:
        if not path.is_file() or path.stat().st_size > SMALL:
            return None
        text = path.read_bytes().decode().replace("\r\n", "\n")
    except (OSError, ValueError):
        return None
    odd = text.startswith(_STRANGERS) or text[8:12] == "DUCK" or any(mark in text for mark in _ODD)
    return None if odd or not text.replace("\n", "").isprintable() else text


def _columns(text: str, schema: Schema) -> dict[str, Sequence[str]] | None:
    """Cells by column, where the columns are those of the model."""
    header, *lines = text.removesuffix("\n").split("\n")
    names = header.split(",")
    wanted = [schema.time, *(name for name in (schema.id, schema.target, *schema.series_columns) if name)]
    has_clock = "%H" in schema.time_format.pattern
    if (
        not lines
        or sorted(names) != sorted(wanted)
        or any(name != name.strip() for name in names)
        or (has_clock and any(name.lower() in CLOCK_NAMES for name in names if name != schema.time))
    ):
        return None
    rows = [line.split(",") for line in lines]
    if any(len(row) != len(names) for row in rows):
        return None
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _ticks(texts: Sequence[str], pattern: str) -> Ints | None:
    """Microseconds since 1970-01-01 (rows,)."""
    if re.fullmatch(f"(?:{_FORMS[pattern]})+", "\n".join((*texts, "")), re.ASCII) is None:
        return None
    try:
        return np.array(texts, dtype="datetime64[us]").astype(np.int64)
    except ValueError:
        return None


def _series(
    columns: Mapping[str, Sequence[str]], schema: Schema
) -> tuple[Sequence[str], Ints, Floats] | None:
    """Names of the series, offsets and values, where the rows of each series stand together."""
    rows = len(columns[schema.time])
    if schema.layout == "wide":
        names: Sequence[str] = schema.series_columns
        starts = [place * rows for place in range(len(names))]
        cells = [cell for name in names for cell in columns[name]]
    else:
        assert schema.target is not None
        ids = columns[schema.id] if schema.id is not None else (schema.target,) * rows
        starts = [row for row in range(rows) if not row or ids[row] != ids[row - 1]]
        names, cells = [ids[row] for row in starts], list(columns[schema.target])
    if "" in names or len(set(names)) < len(names):
        return None
    if re.fullmatch(f"(?:{_NUMBER})+", "\n".join((*cells, "")), re.ASCII) is None:
        return None
    offsets = np.array([*starts, len(cells)], dtype=np.int64)
    return names, offsets, np.array(list(map(float, cells)))


def _are_regular(ordinals: Ints, offsets: Ints) -> bool:
    """Whether every series goes on step by step."""
    steps = np.diff(ordinals)
    steps[offsets[1:-1] - 1] = 1
    return bool((steps == 1).all())
