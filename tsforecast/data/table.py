"""A table of columns as it was read, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrow import taken
from tsforecast.data.cell_errors import CELLS, CellError
from tsforecast.data.marks import Marks
from tsforecast.data.notes import Note
from tsforecast.data.words import quoted
from tsforecast.errors import DataError

if TYPE_CHECKING:
    pass


def _nowhere(_: int) -> int | None:
    return None


def _one_file(_: int) -> str:
    return ""


class CellsError(DataError):
    """Cells that do not hold what their column promises, while all others do.

    Attributes:
        table: The table as it was when they were read.
        name: The column, which may be one that was joined of others.
        rows: Where they stand, from 0; the first is the one that is told.
        whole: Whether their rows mean nothing without them.
        kind: What is wrong with them, in a word or two.
        lost: What of the table would be gone without their rows, in words; "" where it is rows alone.
    """

    def __init__(
        self, error: DataError, *, table: Table, name: str, rows: NDArray[np.int64], whole: bool, kind: str
    ) -> None:
        super().__init__(
            error.message, hint=error.hint, file=error.file, line=error.line, column=error.column
        )
        self.table = table
        self.name = name
        self.rows = rows
        self.whole = whole
        self.kind = kind
        self.lost = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Named columns of equal length.

    Attributes:
        source: What messages call the table.
        columns: Name to Arrow array; text columns hold the cells as written, "" where empty.
        rows: Length of every column.
        line_of: Physical line of a data row in the file, None where there are no lines.
        decimal_comma: Whether ``1,5`` may be a number.
        notes: What had to be decided on the way.
        file_of: File of a data row where several were read together, "" otherwise.
        fields: Field of a column in the file, where columns were joined.
        plain: Columns of numbers with signs or separators, without them.
        marks: How those were read.
        decimals: Decimal marks of columns that are numbers already, as far as they were written with one.
        commas: What was found out about decimal commas of such columns, in words.
        markers: Numbers that mean a missing value.
        repairs: Rows that were mended by request while reading, by the name of the repair.
        id_columns: Columns that were joined into the one that names the series.
        series_by: Column that names the series, as one of several files shows by itself; "" where none does.
        unnamed: Columns without a name in the file.
    """

    source: str
    columns: dict[str, Any]
    rows: int
    line_of: Callable[[int], int | None] = _nowhere
    decimal_comma: bool = False
    notes: tuple[Note, ...] = ()
    file_of: Callable[[int], str] = _one_file
    fields: dict[str, int] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)
    commas: dict[str, str] = field(default_factory=dict)
    markers: tuple[float, ...] = ()
    repairs: dict[str, int] = field(default_factory=dict)
    id_columns: tuple[str, ...] = ()
    series_by: str = ""
    unnamed: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the order of the file."""
        return tuple(self.columns)

    def take(self, rows: NDArray[np.int64]) -> Table:
        """Keep some rows, in that order, with the lines they have in the file."""
        return replace(
            self,
            columns={name: taken(column, rows) for name, column in self.columns.items()},
            plain={name: taken(column, rows) for name, column in self.plain.items()},
            rows=len(rows),
            line_of=lambda row: self.line_of(int(rows[row])),
            file_of=lambda row: self.file_of(int(rows[row])),
        )

    def error(self, message: str, *, row: int, column: str | None = None, hint: str = "") -> DataError:
        """Error at one cell or row: with file, line and field, or the row's number without lines."""
        line = self.line_of(row)
        file = self.file_of(row) or self.source
        if line is None:
            return DataError(f"{message} (row {row + 1})", hint=hint, file=file)
        number = None
        if column is not None:
            number = self.fields.get(column) or self.names.index(column) + 1
        return DataError(message, hint=hint, file=file, line=line, column=number)

    def refusal(
        self, message: str, *, rows: NDArray[np.int64], column: str, hint: str = "", kind: str = CELLS
    ) -> CellsError:
        """Error at the first of some cells without which their rows mean nothing."""
        first = self.error(message, row=int(rows[0]), column=column, hint=hint)
        return CellsError(first, table=self, name=column, rows=rows, whole=True, kind=kind)

    @contextmanager
    def reading(self, column: str, *, whole: bool = False) -> Iterator[None]:
        """Turn the `CellError` of a converter into an error with file, line and field.

        Args:
            column: Its name.
            whole: Whether a row means nothing without its cell.

        Raises:
            DataError: The converter refused a cell.
        """
        try:
            yield
        except CellError as error:
            message = f"{error.problem} in column {quoted(column)}"
            told = self.error(message, row=error.row, column=column, hint=error.hint)
            if error.rows is None:
                raise told from None
            raise CellsError(
                told, table=self, name=column, rows=error.rows, whole=whole, kind=error.kind
            ) from None

    def place(self, row: int) -> str:
        """Where a row is, in a sentence: ``line 7``, or ``row 6`` where there are no lines."""
        line = self.line_of(row)
        return f"row {row + 1}" if line is None else f"line {line}"
