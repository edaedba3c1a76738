"""Columns that are not used although they say what the numbers mean: a unit, a currency, debit or credit."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrow import distinct_texts, holds_texts
from tsforecast.data.notes import Note
from tsforecast.data.table import Table
from tsforecast.data.values.numbers import is_missing
from tsforecast.data.words import listed, quoted

_NAMES = "unit units uom einheit unité unidad currency währung waehrung devise moneda valuta"
_UNITS = frozenset(_NAMES.split())
_SIDES = tuple(map(frozenset, (("s", "h"), ("soll", "haben"), ("d", "c"), ("dr", "cr"), ("debit", "credit"))))
_SEEN = 1000
"""Rows that show whether all of a column is worth a look."""


def qualifier_notes(table: Table, unused: list[str], series: str | None) -> tuple[Note, ...]:
    """Warn of columns by which the values of one series differ in their unit or sign.

    Args:
        table: As it is read.
        unused: Names of the columns that nothing is made of.
        series: Column that names the series, None where there is one.
    """
    notes = []
    for name in unused:
        found = _labels(table, name, series) if _may_qualify(table, name) else []
        if {label.lower() for label in found} in _SIDES:
            text = f"column {quoted(name)} tells {listed(found)} apart, and amounts were read without it"
            notes.append(Note(f"{text}: write a minus before those that count as negative", warning=True))
        elif len(found) > 1 and name.strip().lower() in _UNITS:
            text = f"column {quoted(name)} has {listed(found)} within one series, and values were read as they stand"
            notes.append(Note(f"{text}: give all of them the same unit", warning=True))
    return tuple(notes)


def _may_qualify(table: Table, name: str) -> bool:
    column = table.columns[name]
    if not holds_texts(column):
        return False
    first = {
        text.strip().lower() for text in distinct_texts(column.slice(0, _SEEN))[0] if not is_missing(text)
    }
    return name.strip().lower() in _UNITS or any(first <= side for side in _SIDES)


def _labels(table: Table, name: str, series: str | None) -> list[str]:
    """Texts of a column, none where every series has but one of them."""
    texts, codes = distinct_texts(table.columns[name])
    labels = [text.strip() for text in texts if not is_missing(text)]
    if series is not None:
        ids, own = distinct_texts(table.columns[series])
        if len(np.unique(own.astype(np.int64) * len(texts) + codes)) <= len(ids):
            return []
    return labels
