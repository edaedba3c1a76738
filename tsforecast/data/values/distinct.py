"""Distinct cells of the columns of a table, and of several columns together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tsforecast.data.arrays import Codes
from tsforecast.data.arrow import coded_texts
from tsforecast.data.table import Table

_ROOM = 16
"""Times more marks than rows that are made to count rows without sorting them."""


_PART = 1 << 17
"""Rows that are looked at together."""


class Distinct:
    """Counts of distinct rows; what was looked at once is kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._codes: dict[str, Codes] = {}
        self._numbers: dict[str, int] = {}
        self._counts: dict[tuple[str, ...], int] = {}

    def codes(self, name: str) -> Codes:
        """Give each row the number of its cell in a column, by first appearance (rows,)."""
        if name not in self._codes:
            self._codes[name], texts = codes_of(self._table, name)
            self._numbers[name] = len(texts)
        return self._codes[name]

    def count(self, *names: str) -> int:
        """Count the distinct rows of some columns."""
        if names not in self._counts:
            self._counts[names] = self._count(names)
        return self._counts[names]

    def _count(self, names: tuple[str, ...]) -> int:
        columns = [self.codes(name) for name in names]
        sizes = [self._numbers[name] for name in names]
        if len(names) == 1:
            return sizes[0]
        if math.prod(sizes) > _ROOM * self._table.rows:
            return _sorted_count(columns, sizes)
        seen = np.zeros(math.prod(sizes), dtype=np.bool_)
        for start in range(0, self._table.rows, _PART):
            keys = np.zeros((), dtype=np.int64)
            for codes, size in zip(columns, sizes, strict=True):
                keys = keys * size + codes[start : start + _PART]
            seen[keys] = True
        return int(np.count_nonzero(seen))


def _sorted_count(columns: Sequence[Codes], sizes: Sequence[int]) -> int:
    """Count where there is no room to mark every pair."""
    keys = columns[0].astype(np.int64)
    for codes, size in zip(columns[1:], sizes[1:], strict=True):
        found, keys = np.unique(keys * size + codes, return_inverse=True)
    return len(found)


def codes_of(table: Table, name: str) -> tuple[Codes, list[str]]:
    """Give each row the number of its value by first appearance (rows,), and the values as text."""
    texts, codes = coded_texts(table.columns[name])
    return codes, texts
