"""A table of columns as it was read, before anybody knows what they mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrow import by_appearance, taken, text_scalar
from tsforecast.data.cells import CELLS, CellError
from tsforecast.data.dressed_numbers import Marks
from tsforecast.data.intake import ARROW
from tsforecast.data.panel import Note
from tsforecast.data.words import listed, printable, quoted
from tsforecast.errors import DataError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa


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


def read_parquet(data: bytes, source: str) -> Table:
    """Table from the bytes of a Parquet file.

    Raises:
        DataError: The file is damaged.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        texts = [
            field.name
            for field in parquet.read_schema(pa.BufferReader(data))
            if pa.types.is_string(field.type)
        ]
        # Names of series stand in most rows: as codes they take a fraction of what their text does.
        coded = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=texts, pre_buffer=False).read()
        return from_arrow(coded.unify_dictionaries(), source)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{source} is damaged: {printable(error, limit=120)}", hint="write the Parquet file again"
        ) from None


def read_arrow(data: bytes, source: str) -> Table:
    """Table from the bytes of an Arrow or Feather file, or of an Arrow stream.

    Raises:
        DataError: The file is damaged.
    """
    import pyarrow as pa

    try:
        opened = pa.ipc.open_file if data.startswith(ARROW) else pa.ipc.open_stream
        return from_arrow(opened(pa.BufferReader(data)).read_all().unify_dictionaries(), source)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{source} is damaged: {printable(error, limit=120)}", hint="write the Arrow file again"
        ) from None


def is_data_frame(source: object) -> bool:
    """Whether this is a pandas DataFrame, found out without importing pandas."""
    return type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "columns")


def check_source(source: object) -> None:
    """Refuse what is neither a path, nor a list of paths, nor a pandas DataFrame.

    Raises:
        UsageError: It is something else, such as a Series or an array.
    """
    if isinstance(source, str | os.PathLike) or is_data_frame(source):
        return
    if (
        isinstance(source, list | tuple)
        and source
        and all(isinstance(one, str | os.PathLike) for one in source)
    ):
        return
    kind = type(source)
    name = (
        kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]} {kind.__name__}"
    )
    hints = {"to_pandas": "DATA.to_pandas() makes one", "to_frame": "DATA.to_frame().reset_index() makes one"}
    hint = next((words for method, words in hints.items() if hasattr(source, method)), "")
    raise UsageError(
        f"the data must be a path, a list of paths, '-' for standard input or a pandas DataFrame, got {name}",
        hint=hint or "a DataFrame needs a column of timestamps and one of numbers",
    )


def from_data_frame(frame: Any, source: str = "DataFrame") -> Table:
    """Table from a pandas DataFrame; an index with a name, or of dates, is a column too.

    Raises:
        DataError: A column has values of several types, or a name stands twice.
    """
    import pyarrow as pa

    frame = frame.copy(deep=False)
    index_kind = str(frame.index.dtype)
    if index_kind.startswith(("datetime64", "period")) and frame.index.name is None:
        frame.index.name = "time"
    if frame.index.nlevels > 1 or frame.index.name is not None:
        # A column of that name wins over the index, as it does for people who reset an index and kept it.
        frame = frame.reset_index(drop=frame.index.name in frame.columns)
    frame.columns = [str(name) for name in frame.columns]
    check_names(list(frame.columns), source, None)
    for name in frame.columns:
        if str(frame[name].dtype).startswith("period"):
            frame[name] = frame[name].dt.to_timestamp()
    try:
        return from_arrow(pa.Table.from_pandas(frame, preserve_index=False), source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            f"a column of the {source} holds several types: {printable(error, limit=120)}",
            hint="convert it with astype before",
        ) from None


def from_arrow(table: pa.Table, source: str) -> Table:
    """Table from Arrow columns: categories become their values, nulls in text become empty cells.

    Raises:
        DataError: There are no rows, or a name stands twice.
    """
    names = [str(name) for name in table.column_names]
    check_names(names, source, None)
    if table.num_rows == 0 or not names:
        raise DataError(
            f"{source} has no data rows", hint="a header line and one row per time step are needed"
        )
    columns = {name: plain_cells(column) for name, column in zip(names, table.columns, strict=True)}
    return Table(source=source, columns=columns, rows=table.num_rows)


def check_names(names: list[str], source: str, line: int | None) -> None:
    """Refuse column names that stand twice.

    Raises:
        DataError: One does.
    """
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise DataError(
            f"column {listed(twice)} stands more than once in the header",
            hint="give every column a name of its own",
            file=source,
            line=line,
        )


def plain_cells(column: Any) -> Any:
    """Cells of an Arrow column as `Table` has them: no categories of anything but text, no nulls in text.

    Raises:
        ArrowException: They are damaged.
    """
    import pyarrow as pa

    column.validate(full=True)  # a text may be none, and a place of one may be beyond the file
    if pa.types.is_dictionary(column.type):
        if pa.types.is_string(column.type.value_type) and not column.null_count:
            return by_appearance(column)
        column = column.cast(column.type.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return column.fill_null(text_scalar("")) if pa.types.is_string(column.type) else column
