"""How a model's table is read and written, told to those who have nothing of this program but regular expressions."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from tsforecast.data.panel import Schema
from tsforecast.data.times.frequency import Frequency
from tsforecast.data.times.time_format import CODE, EPOCHS, TimeFormat

_COUNTS = {"epoch ns": [1, 1000]} | {pattern: [ticks, 1] for pattern, ticks in EPOCHS.items()}
_NEVER = "(?!)"
_SHAPES = {
    "Y": r"(?P<Y>\d{4})",
    "q": "(?P<q>[1-4])",
    "p": "(?P<p>[AaPp][Mm])",
    "a": r"\S+?",
    "b": r"(?P<b>[^\W\d_]+\.?)",
    **{code: rf"(?P<{code}>\d\d)" for code in "ymdHIMS"},
    **{f"-{code}": rf"(?P<{code}>\d\d?)" for code in "ymdHIMS"},
    **{f"{digits}f": r"(?P<f>\d+)" for digits in range(1, 10)},
}


def times_of(form: TimeFormat, frequency: Frequency) -> dict[str, Any]:
    """Describe how a timestamp becomes a number of microseconds on the clock of its table, and is written again.

    Args:
        form: How the model's table writes them.
        frequency: Grid that they stand on.

    Returns:
        ``shape``, a regular expression with one group for each part of a date; ``count``, by
        what whole numbers are multiplied and then divided, None for dates; ``pattern``, ``offset``, ``zone`` and
        ``arrow`` of the form; twelve ``months`` and seven ``days`` from Monday on, empty where they have no names;
        ``aware``, whether a timestamp says which moment it means; ``step``, the shortest on the grid.
    """
    counts = [1, 1] if form.kind == "integer" else _COUNTS.get(form.pattern)
    return {
        "shape": _NEVER if counts else _shape_of(form.pattern),
        "count": counts,
        "pattern": form.pattern,
        "offset": form.offset,
        "zone": form.zone,
        "arrow": form.arrow,
        "months": list(form.months or [""] * 12),
        "days": list(form.weekdays or [""] * 7),
        "aware": form.has_offset,
        "step": frequency.shortest,
    }


def table_of(schema: Schema) -> dict[str, Any]:
    """Describe which columns become which inputs, and what names a series in a forecast.

    Args:
        schema: What the model remembers of its table.

    Returns:
        ``columns`` that every row has beside targets: those of ``ids``, ``time``, and covariates in the order past,
        future, static, of which the first ``past`` are past ones and those up to ``ahead`` change; ``targets``;
        ``labels`` with their codes from 1 on for each covariate and at last the target, None where it is a number;
        ``names`` of the columns that tell series apart in a forecast.
    """
    covariates = (*schema.past, *schema.future, *schema.static)
    labels = [schema.categories.get(name) for name in covariates] + [schema.classes or None]
    return {
        "ids": list(schema.id_names),
        "time": schema.time,
        "columns": [*schema.id_names, schema.time, *covariates],
        "past": len(schema.past),
        "ahead": len(schema.past) + len(schema.future),
        "targets": list(schema.targets),
        "labels": [None if one is None else dict(zip(one, count(1))) for one in labels],
        "names": list(schema.id_output),
    }


def _shape_of(pattern: str) -> str:
    """Regular expression of a pattern; none fits weeks and changing offsets, which are read as ISO 8601 has them."""
    parts = enumerate(CODE.split(pattern))
    return "".join(_SHAPES.get(part, _NEVER) if place % 2 else re.escape(part) for place, part in parts)
