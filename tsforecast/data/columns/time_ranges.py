"""Columns that write each step as a range, ``01.01.2024 00:00 - 01.01.2024 01:00``: a step is called by its start."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from tsforecast.data.arrow import distinct_texts, from_numbers, from_texts
from tsforecast.data.notes import Note
from tsforecast.data.table import Table
from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.values.column_kinds import mostly
from tsforecast.data.words import quoted

_RANGE = re.compile(r"\s*(\S.{3,40}?)\s+[-\u2013\u2014]\s+(\S.{3,40}?)\s*|\s*(\d\S*T\S*)/(\d\S*)\s*")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def with_starts(table: Table) -> Table:
    """Take the start of every range of times, and say so."""
    for name in table.names:
        if mostly(table, name, lambda text: _start(text) is not None):
            texts, codes = distinct_texts(table.columns[name])
            starts = from_texts([_start(text) or text for text in texts])
            columns = {**table.columns, name: starts.take(from_numbers(codes.astype(np.int64)))}
            note = Note(f"column {quoted(name)} holds ranges of time; each was read as its start")
            table = replace(table, columns=columns, notes=(*table.notes, note))
    return table


def _start(text: str) -> str | None:
    """Start of a range, None where a text is none."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    start, end = (found[1], found[2]) if found[1] else (found[3], found[4])
    both_dated = looks_dated(start) and looks_dated(end)
    return start if both_dated or (_CLOCK.fullmatch(start) and _CLOCK.fullmatch(end)) else None
