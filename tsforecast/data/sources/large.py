"""Large tables, read piece by piece into as little memory as they need."""

from __future__ import annotations

from contextlib import closing

from tsforecast.config import DataSettings
from tsforecast.data.memory import keep_freed_memory
from tsforecast.data.panel import Schema
from tsforecast.data.sources.intake import ARROW, ARROW_STREAM, PARQUET, has_no_lines
from tsforecast.data.sources.json_table import is_json
from tsforecast.data.sources.large_arrow import read_large_arrow
from tsforecast.data.sources.large_columns import OtherCellsError
from tsforecast.data.sources.large_csv import read_large_csv
from tsforecast.data.sources.large_json import read_large_json
from tsforecast.data.sources.stream_text import LargeText, OddError, OtherEncodingError, in_found_encoding
from tsforecast.data.sources.streams import Stream
from tsforecast.data.table import Table

_BUFFERS = 8 << 20
"""Bytes of the largest buffer that is taken again and again."""


def read_large(
    stream: Stream, settings: DataSettings, like: Schema | None = None
) -> tuple[Table, bytes] | None:
    """Table of a large file, and its hash; None where it is one that has to be read as a whole.

    The table is the one that a small file gives, but for the form of its columns: plain numbers are floats already, and
    text is stored once per distinct cell.

    Args:
        stream: The file.
        settings: How it is written.
        like: What a model remembers of its own table.

    Raises:
        DataError: A line is too long or no row, or what is packed is damaged or unpacks past the limit.
    """
    if settings.sheet is not None:
        return None
    keep_freed_memory(_BUFFERS)
    with closing(stream.parts()) as parts:
        first = next(parts, b"")
    try:
        if has_no_lines(first):
            return _read_columns(stream, first)
        return _read_text(stream, first, settings, like)
    except (OddError, OSError):
        return None


def _read_columns(stream: Stream, first: bytes) -> tuple[Table, bytes] | None:
    """Table of a file that holds columns, None where it is another one, or packed."""
    import pyarrow as pa

    if stream.kind is not None or not first.startswith((PARQUET, ARROW, ARROW_STREAM)):
        return None
    try:
        return read_large_arrow(stream, first)
    except (pa.ArrowException, ValueError, MemoryError):  # sizes that are damaged may ask for any room
        return None


def _read_text(
    stream: Stream, first: bytes, settings: DataSettings, like: Schema | None
) -> tuple[Table, bytes] | None:
    """Table of a file that holds lines, None where some of them may be short."""
    if is_json(first):
        read, text = read_large_json, LargeText(stream=stream)
    elif settings.on_short_row == "error":
        read = read_large_csv
        text = LargeText(stream=stream, encoding=settings.encoding, skip_rows=settings.skip_rows)
    else:
        return None

    def read_as(text: LargeText) -> tuple[Table, bytes]:
        try:
            return read(text, settings, like, floats=True)
        except OtherCellsError:
            return read(text, settings, like, floats=False)

    try:
        return read_as(text)
    except OtherEncodingError:
        return read_as(in_found_encoding(text))
