"""What the converters of columns say when a cell does not hold what it should."""

from __future__ import annotations


class CellError(ValueError):
    """A cell that does not hold what its column promises; the reader adds its place.

    Attributes:
        row: Position in the column, from 0.
        problem: What is wrong with the cell, without place or column.
        hint: What to try.
    """

    def __init__(self, row: int, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem
        self.hint = hint
