"""Large Parquet, Arrow and Feather files and Arrow streams, read piece by piece; what is damaged is left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from tsforecast.data.arrow import give_back_memory, holds_texts
from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.sources.frames import plain_cells
from tsforecast.data.sources.gathering import Cells, Texts
from tsforecast.data.sources.intake import ARROW, PARQUET
from tsforecast.data.sources.stream_text import OddError
from tsforecast.data.sources.streams import Stream
from tsforecast.data.table import Table

_ROWS = 1 << 16
"""Rows that are looked at together."""

_BATCH = 8 << 20
"""Bytes from which on the batches of an Arrow file are read a column at a time, for they come as a whole."""

_OFTEN = 32 << 20
"""Bytes of columns between two looks at the memory that is free."""


def read_large_arrow(stream: Stream, first: bytes) -> tuple[Table, bytes]:
    """Table of a large Parquet, Arrow or Feather file or Arrow stream that is not packed, and its hash.

    Args:
        stream: The file.
        first: Its first bytes, which tell the format.

    Raises:
        OddError: It has no rows, or a name twice.
        ArrowException: It is damaged.
        AccessError: It does not fit into the memory.
    """
    sha256 = hashlib.sha256()
    for _ in stream.parts(sha256):
        pass
    with stream.opened() as file:
        if first.startswith(PARQUET):
            pieces = _of_parquet(file)
        else:
            pieces = _of_arrow(file, stream.size) if first.startswith(ARROW) else _of_arrow_stream(file)
        columns = _gathered(pieces, stream.name)
    rows = {len(column) for column in columns.values()}
    if len(rows) != 1 or 0 in rows:
        raise OddError
    return Table(source=stream.name, columns=columns, rows=rows.pop()), sha256.digest()


def _of_parquet(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Columns a few rows at a time, their texts as codes."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = parquet.read_schema(file)
    _refuse_names(schema.names)
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    file.seek(0)
    source = parquet.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
    for batch in source.iter_batches(batch_size=_ROWS, use_threads=False):
        yield from zip(schema.names, batch.columns, strict=True)


def _of_arrow(file: BinaryIO, size: int) -> Iterator[tuple[str, Any]]:
    """Columns a batch at a time."""
    import pyarrow as pa

    source = pa.PythonFile(file, mode="r")
    whole = pa.ipc.open_file(source)
    names, batches = whole.schema.names, range(whole.num_record_batches)
    _refuse_names(names)
    if batches and size // len(batches) < _BATCH:
        for number in batches:
            yield from zip(names, whole.get_batch(number).columns, strict=True)
        return
    for place, name in enumerate(names):
        options = pa.ipc.IpcReadOptions(included_fields=[place], use_threads=False)
        one = pa.ipc.open_file(source, options=options)
        for number in batches:
            yield name, one.get_batch(number).column(0)


def _of_arrow_stream(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Columns a batch at a time."""
    import pyarrow as pa

    with pa.ipc.open_stream(pa.PythonFile(file, mode="r")) as batches:
        names = batches.schema.names
        _refuse_names(names)
        for batch in batches:
            yield from zip(names, batch.columns, strict=True)


def _refuse_names(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise OddError


def _gathered(pieces: Iterator[tuple[str, Any]], source: str) -> dict[str, Any]:
    gathered: dict[str, Cells | Texts] = {}
    needed, due = 0, 0
    for name, piece in pieces:
        for start in range(0, max(len(piece), 1), _ROWS):
            cells = plain_cells(piece.slice(start, _ROWS))
            if name not in gathered:
                gathered[name] = Texts() if holds_texts(cells) else Cells(cells.type)
            into = gathered[name]
            into.add(_coded(cells) if isinstance(into, Texts) else cells)
        needed += 8 * len(piece)
        del piece, cells  # before the next one comes, which may be a whole column
        if needed >= due:
            give_back_memory()
            refuse_beyond_memory(needed, source)
            due = needed + _OFTEN
    give_back_memory()
    return {name: gathered.pop(name).column() for name in list(gathered)}


def _coded(cells: Any) -> Any:
    import pyarrow as pa

    return cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
