"""Which column names the series, found by its content and its name."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tsforecast.data.column_names import is_id_name
from tsforecast.data.series_ids import join_id
from tsforecast.data.table import Table
from tsforecast.data.values.distinct import Distinct
from tsforecast.data.words import listed, quoted
from tsforecast.errors import UsageError

_REPEATED = 0.1
"""Share of rows that repeat a timestamp before a text column is taken for the series id."""

SEPARATED = 0.95
"""Share of repeated timestamps that an id must explain; the rest are duplicates to be told."""


_PRESENT = 0.5
"""Share of all pairs of a number and a time that the rows must hold before the number may name series."""


class IdSearch:
    """Looks for the series id of a table, by how its columns divide the rows."""

    def __init__(self, table: Table, distinct: Distinct) -> None:
        self._table = table
        self._distinct = distinct

    def find(self, time: str, names: Sequence[str], texts: Sequence[str]) -> str | None:
        """Find the column that names the series, None where there is none.

        Args:
            time: The time column.
            names: Columns that may be it.
            texts: Those of them that hold text.

        Raises:
            UsageError: Two answers are equally good, or only two columns together name the series.
        """
        named = [name for name in names if is_id_name(name)]
        repeated = self.repeats(time)
        if not repeated:
            return next((name for name in named if self._lies_in_blocks(name)), None)
        found = [name for name in named if self.separates(name, time)]
        if not found and repeated > _REPEATED * self._table.rows:
            found = [name for name in texts if self.separates(name, time)]
        if found:
            return self._one_of(found)
        if len(named) > 1 or len(texts) > 1:
            self._refuse_pairs(sorted({*named, *texts}, key=self._table.names.index), time)
        return named[0] if len(named) == 1 else None

    def _one_of(self, names: Sequence[str]) -> str:
        """Take the only name, or the first of several that divide the rows in the same way."""
        first = names[0]
        for other in names[1:]:
            sizes = {
                self._distinct.count(first),
                self._distinct.count(other),
                self._distinct.count(first, other),
            }
            if len(sizes) > 1:
                raise UsageError(
                    f"{self._table.source}: {listed(names, joint='or')} could name the series",
                    hint=f"choose one, for example --id {shlex.quote(first)}",
                )
        return first

    def _refuse_pairs(self, names: Sequence[str], time: str) -> None:
        # What tells all rows apart by itself needs no other, and is refused, if at all, with its own name.
        names = [name for name in names if self._distinct.count(name, time) < self._table.rows]
        for one, other in combinations(names[:6], 2):
            if self._distinct.count(one, other, time) == self._table.rows:
                raise UsageError(
                    f"{self._table.source}: no single column names the series, "
                    f"{quoted(one)} and {quoted(other)} do so together",
                    hint=f"--id {shlex.quote(join_id([one, other]))} takes both",
                )

    def _lies_in_blocks(self, name: str) -> bool:
        """Whether equal cells stand together, as ids do, and are not one per row, as row numbers are."""
        codes = self._distinct.codes(name)
        blocks = 1 + int(np.count_nonzero(np.diff(codes)))
        return blocks == self._distinct.count(name) and 2 * blocks <= len(codes)

    def separates(self, name: str, time: str) -> bool:
        """Whether the ids of a column explain nearly all timestamps that repeat."""
        if 2 * self._distinct.count(name) > self._table.rows:
            return False
        left, repeats = self._table.rows - self._distinct.count(name, time), self.repeats(time)
        return left <= max(1, (1 - SEPARATED) * repeats) and 2 * left <= repeats

    def dividing(self, names: Sequence[str], time: str) -> str | None:
        """Find the first column that could name the series where many timestamps repeat, None where there is none."""
        if self.repeats(time) <= _REPEATED * self._table.rows:
            return None
        return next((name for name in names if self.separates(name, time) and self._stays(name, time)), None)

    def _stays(self, name: str, time: str) -> bool:
        """Whether most cells of a column stand at most times, as ids do; what is measured hardly comes again."""
        pairs = self._distinct.count(name) * self._distinct.count(time)
        return self._distinct.count(name, time) >= _PRESENT * pairs

    def repeats(self, time: str) -> int:
        """Rows whose timestamp stands in another row before."""
        return self._table.rows - self._distinct.count(time)
