"""Large tables, read piece by piece into as little memory as they need."""

from __future__ import annotations

from contextlib import closing

from tsforecast.config import DataSettings
from tsforecast.data.intake import has_no_lines
from tsforecast.data.json_table import is_json
from tsforecast.data.large_columns import OtherCellsError
from tsforecast.data.large_csv import read_large_csv
from tsforecast.data.large_json import read_large_json
from tsforecast.data.panel import Schema
from tsforecast.data.stream_text import LargeText, OddError
from tsforecast.data.streams import Stream
from tsforecast.data.tables import Table


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
    with closing(stream.parts()) as parts:
        first = next(parts, b"")
    if has_no_lines(first):
        return None
    if is_json(first):
        read, text = read_large_json, LargeText(stream=stream)
    elif settings.on_short_row == "error":
        read = read_large_csv
        text = LargeText(stream=stream, encoding=settings.encoding, skip_rows=settings.skip_rows)
    else:
        return None
    try:
        try:
            return read(text, settings, like, floats=True)
        except OtherCellsError:
            return read(text, settings, like, floats=False)
    except (OddError, OSError):
        return None
