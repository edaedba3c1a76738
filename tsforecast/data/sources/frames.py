"""Tables of data frames and of Parquet, Arrow and Feather files, whose columns have types already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tsforecast.data.arrow import by_appearance, text_scalar
from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.sources.intake import ARROW
from tsforecast.data.table import Table
from tsforecast.data.words import listed, printable
from tsforecast.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_NUMBER = 8
"""Bytes of a cell."""


def read_parquet(data: bytes, source: str) -> Table:
    """Table from the bytes of a Parquet file.

    Raises:
        AccessError: It holds more rows than fit into the memory.
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
        file = parquet.ParquetFile(pa.BufferReader(data), read_dictionary=texts, pre_buffer=False)
        # A kilobyte can stand for millions of rows that are all the same.
        refuse_beyond_memory(_NUMBER * file.metadata.num_rows * len(file.schema_arrow), source)
        return from_arrow(file.read(use_threads=False).unify_dictionaries(), source)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{source} is damaged: {printable(error, limit=120)}", hint="write the Parquet file again"
        ) from None


def read_arrow(data: bytes, source: str) -> Table:
    """Table from the bytes of an Arrow or Feather file, or of an Arrow stream.

    Raises:
        AccessError: It holds more rows than fit into the memory.
        DataError: The file is damaged.
    """
    import pyarrow as pa

    try:
        opener = pa.ipc.open_file if data.startswith(ARROW) else pa.ipc.open_stream
        opened = opener(pa.BufferReader(data), options=pa.ipc.IpcReadOptions(use_threads=False))
        batches = list(_within_memory(opened, source))
        return from_arrow(pa.Table.from_batches(batches, opened.schema).unify_dictionaries(), source)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{source} is damaged: {printable(error, limit=120)}", hint="write the Arrow file again"
        ) from None


def _within_memory(opened: Any, source: str) -> Iterator[pa.RecordBatch]:
    """Batches of a file or of a stream, as long as there is room for one more like the last."""
    count = getattr(opened, "num_record_batches", None)
    for batch in opened if count is None else map(opened.get_batch, range(count)):
        refuse_beyond_memory(batch.get_total_buffer_size(), source)
        yield batch


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
