"""Whether a table has one column per series."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tsforecast.data.column_names import is_covariate_name
from tsforecast.data.table import Table
from tsforecast.data.times.calendar_words import month_number
from tsforecast.data.values.numeric_columns import floats_of
from tsforecast.data.words import listed
from tsforecast.errors import UsageError

_FEWEST = 3
_ALIKE = 30.0
"""Largest ratio of the medians of |x| of columns that measure the same thing."""

_HOUR = re.compile(r"(?:h|hr|hour)[ _]?(\d{1,2})|(\d{1,2})(?:h|:00)")

_MARK = re.compile(r"\d{1,6}|[A-Za-z]")


def is_wide(table: Table, columns: Sequence[str]) -> bool:
    """Whether numeric columns are series side by side, not a target with what explains it.

    Args:
        table: The whole table.
        columns: Its numeric columns, and none else besides the time.
    """
    if len(columns) < 2:
        return False
    if follow_pattern(columns):
        return True
    if len(columns) < _FEWEST or any(is_covariate_name(name) for name in columns):
        return False
    return _are_alike(table, columns)


def refuse_matrix(table: Table, columns: Sequence[str]) -> None:
    """Refuse columns that are the months, quarters or hours of one series, for as series of their own each would skip.

    Raises:
        UsageError: They are called so.
    """
    names = [name.strip().lower() for name in columns]
    found = [_HOUR.fullmatch(name) for name in names]
    hours = [int(one[1] or one[2]) for one in found if one is not None]
    unit = ""
    if [month_number(name) for name in names] == list(range(1, 13)):
        unit = "month"
    elif names == ["q1", "q2", "q3", "q4"]:
        unit = "quarter"
    elif len(hours) == len(names) and hours in (list(range(24)), list(range(1, 25))):
        unit = "hour"
    if unit:
        ends = listed([columns[0], columns[-1]], joint="to")
        raise UsageError(
            f"{table.source}: columns {ends} look like the {unit}s of one series",
            hint=f"write one row per {unit}; --layout wide takes each column for a series of its own",
        )


def follow_pattern(names: Sequence[str]) -> bool:
    """Whether names share all but a number or a letter: ``s1, s2`` or ``zone_a_kw, zone_b_kw``."""
    start = _shared_start(names)
    # The shared start must not eat the digits that tell the names apart: s10, s11.
    start = start.rstrip("0123456789")
    rests = [name[len(start) :] for name in names]
    end = _shared_start([rest[::-1] for rest in rests])[::-1].lstrip("0123456789")
    marks = [rest[: len(rest) - len(end)] for rest in rests]
    return bool(start or end) and all(_MARK.fullmatch(mark) for mark in marks)


def _are_alike(table: Table, columns: Sequence[str]) -> bool:
    medians = []
    for name in columns:
        values = np.abs(floats_of(table, name))
        if np.isfinite(values).any():
            medians.append(float(np.nanmedian(values)))
    return bool(medians) and min(medians) > 0 and max(medians) <= _ALIKE * min(medians)


def _shared_start(texts: Sequence[str]) -> str:
    """Longest start that all texts have."""
    low, high = min(texts), max(texts)
    same = (one == other for one, other in zip(low, high, strict=False))
    return low[: next((place for place, equal in enumerate(same) if not equal), min(len(low), len(high)))]
