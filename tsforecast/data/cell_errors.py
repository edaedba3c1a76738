"""What the converters of columns say when a cell does not hold what it should."""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Codes, Ints

CELLS = "cells"
"""Kind of a problem: a cell holds nothing that its column could hold."""

MIXED = "mixed formats"
"""Kind of a problem: a cell is written in another form than those around it."""


BY_FIX = "; tsforecast check DATA --fix OUT.csv writes the table without it"
"""What a command that reads proposes; `check` says it of all rows with the problem."""


class CellError(ValueError):
    """A cell that does not hold what its column promises; the reader adds its place.

    Attributes:
        row: Position in the column, from 0.
        problem: What is wrong with the cell, without place or column.
        hint: What to try.
        rows: Positions of all cells with this problem, where the others could be read without them.
        kind: ``CELLS`` or ``MIXED``.
    """

    def __init__(
        self, row: int, problem: str, hint: str = "", rows: Ints | None = None, kind: str = CELLS
    ) -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem
        self.hint = hint
        self.rows = rows
        self.kind = kind

    def of_rows(self, codes: Codes) -> CellError:
        """Give the problem of distinct cells as that of the rows that hold them.

        Args:
            codes: Distinct cell of each row (rows,).
        """
        rows = None if self.rows is None else np.flatnonzero(np.isin(codes, self.rows))
        return CellError(int(np.argmax(codes == self.row)), self.problem, self.hint, rows, self.kind)
