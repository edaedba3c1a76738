"""Large text tables, read piece by piece into as little memory as they need; whatever is odd is left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.arrow import give_back_memory
from tsforecast.data.cells import CellError
from tsforecast.data.column_kinds import kinds_of
from tsforecast.data.column_names import is_id_name, time_rank
from tsforecast.data.csv_table import LineFinder, read_csv
from tsforecast.data.dialect import Dialect, headerless_note, sniff
from tsforecast.data.gathering import Numbers, Texts
from tsforecast.data.intake import has_no_lines
from tsforecast.data.json_table import is_json
from tsforecast.data.memory import refuse_beyond_memory
from tsforecast.data.numbers import LARGEST, MISSING, beyond, is_number, to_floats
from tsforecast.data.numeric_columns import has_fractions, with_plain_numbers
from tsforecast.data.panel import Schema
from tsforecast.data.sources import looks_strange
from tsforecast.data.stream_text import OddError, as_file, lines_in, text_of
from tsforecast.data.streams import Stream
from tsforecast.data.tables import Table
from tsforecast.errors import ForecastError

_HEAD = 1 << 20
"""Bytes that decide how a file is read."""

_BLOCK = 2 << 20
"""Bytes that are parsed at once; a row must fit into them."""

_OFTEN = 32
"""Blocks between two looks at the memory that is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a file is read.

    Attributes:
        dialect: How it is written.
        decimals: Columns that are floats, and the decimal mark that they show; the others are text.
        decimal: That of all floats, for Arrow knows only one.
        missing: Cells of floats that hold no number.
    """

    dialect: Dialect
    decimals: dict[str, str]
    decimal: str
    missing: list[str]


class _CellsError(Exception):
    """A column of floats holds something else, further down."""


def read_large(
    stream: Stream, settings: DataSettings, like: Schema | None = None
) -> tuple[Table, bytes] | None:
    """Table of a large text file, and its hash; None where it is another one, or odd in any way.

    The table is the one that `read_csv` gives, but for the form of its columns: plain numbers are floats already, and
    text is stored once per distinct cell.

    Args:
        stream: The file.
        settings: How it is written.
        like: What a model remembers of its own table.

    Raises:
        DataError: A line is too long, or what is packed is damaged or unpacks past the limit.
    """
    if settings.on_short_row != "error" or settings.sheet is not None:
        return None
    try:
        try:
            return _read(stream, settings, like, floats=True)
        except _CellsError:
            return _read(stream, settings, like, floats=False)
    except (OddError, OSError):
        return None


def _read(
    stream: Stream, settings: DataSettings, like: Schema | None, *, floats: bool
) -> tuple[Table, bytes]:
    sha256 = hashlib.sha256()
    head, parts, notes = text_of(stream, settings, sha256)
    plan = _plan(head, stream.name, settings, like if floats else None)
    if not floats:
        plan = _Plan(dialect=plan.dialect, decimals={}, decimal=".", missing=[])
    columns = _columns(parts, plan, stream.name)
    decimals = {
        name: mark for name, mark in plan.decimals.items() if mark != "." or has_fractions(columns[name])
    }
    table = Table(
        source=stream.name,
        columns=columns,
        rows=len(next(iter(columns.values()))),
        line_of=LineFinder(lambda: lines_in(stream, settings), plan.dialect),
        decimal_comma=plan.dialect.decimal_comma,
        notes=(*notes, *headerless_note(plan.dialect, stream.name)),
        decimals=decimals,
    )
    return table, sha256.digest()


def _plan(head: bytes, name: str, settings: DataSettings, like: Schema | None) -> _Plan:
    """Decide by the first rows how the file is read."""
    rows = _whole_rows(head[:_HEAD])
    if not rows or has_no_lines(rows) or is_json(rows) or looks_strange(rows):
        raise OddError
    try:
        rows.decode()
        dialect = sniff(rows, name, settings.delimiter)
        table = with_plain_numbers(read_csv(rows, name, delimiter=settings.delimiter), settings)
    except (ForecastError, UnicodeDecodeError):
        raise OddError from None
    kinds = kinds_of(table)
    shown = {
        column: _decimal_of(table, column)
        for column in dialect.names
        if kinds[column] == "number" and not (is_id_name(column) or _may_be_time(column, settings))
    }
    if like is not None and (like.decimal or like.thousands):
        # What differs from the model's table is judged by its text.
        shown = {column: mark for column, mark in shown.items() if mark == like.decimal}
    decimal = "," if "," in shown.values() and "." not in shown.values() else "."
    return _Plan(
        dialect=dialect,
        decimals={column: mark for column, mark in shown.items() if mark == decimal},
        decimal=decimal,
        missing=[*MISSING, *(text for text in settings.na if not is_number(text))],
    )


def _may_be_time(name: str, settings: DataSettings) -> bool:
    return name == settings.time or time_rank(name) < time_rank("")


def _whole_rows(head: bytes) -> bytes:
    """Cut at the last end of a line that is not inside of a quoted cell, as far as quotes tell."""
    end = len(head)
    while end:
        end = max(head.rfind(b"\n", 0, end), head.rfind(b"\r", 0, end)) + 1
        if head.count(b'"', 0, end) % 2 == 0:
            break
        end -= 1
    return head[:end]


def _decimal_of(table: Table, name: str) -> str:
    """Decimal mark that the numbers of a column show; "" where they are not plain, or could mean two things."""
    import pyarrow.compute as pc

    marks = table.marks.get(name)
    if marks is not None:
        plain = not marks.sign and not marks.thousands and marks.has_decimals
        return marks.decimal if plain else ""
    column = table.columns[name]
    commas, points = (pc.any(pc.match_substring(column, mark)).as_py() for mark in ",.")
    if commas or not points:
        return "," if commas and not points and table.decimal_comma else ""
    try:
        to_floats(column, decimal_comma=table.decimal_comma)
    except CellError:
        return ""
    return "."


def _columns(parts: Iterator[bytes], plan: _Plan, source: str) -> dict[str, Any]:
    """Columns by name.

    Raises:
        AccessError: What they need besides themselves on the way to a panel is more than the memory that is free.
    """
    import pyarrow as pa

    names, rows = plan.dialect.names, 0
    gathered = [Numbers() if name in plan.decimals else Texts() for name in names]
    width = 4 * (len(names) + len(plan.decimals))
    try:
        for number, batch in enumerate(_batches(parts, plan)):
            rows += batch.num_rows
            if number % _OFTEN == 0:
                refuse_beyond_memory(2 * width * rows, source)
            for into, piece in zip(gathered, batch.columns, strict=True):
                values = into.add(piece)
                if values is not None and beyond(values, LARGEST):
                    raise _CellsError
    except pa.ArrowInvalid as error:
        if plan.decimals and "conversion error" in str(error):
            raise _CellsError from None
        raise OddError from None
    give_back_memory()
    columns = {}
    for name in names:
        columns[name] = gathered.pop(0).column()
    return columns


def _batches(parts: Iterator[bytes], plan: _Plan) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import csv

    # Names of the file may repeat or be anything, so pyarrow gets numbers.
    types = {
        str(place): pa.float64() if name in plan.decimals else pa.dictionary(pa.int32(), pa.string())
        for place, name in enumerate(plan.dialect.names)
    }
    options = {
        "read_options": csv.ReadOptions(
            use_threads=False,
            column_names=list(types),
            skip_rows_after_names=int(plan.dialect.has_header),
            block_size=_BLOCK,
        ),
        "parse_options": csv.ParseOptions(delimiter=plan.dialect.delimiter, newlines_in_values=True),
        "convert_options": csv.ConvertOptions(
            column_types=types,
            null_values=plan.missing,
            strings_can_be_null=False,
            decimal_point=plan.decimal,
        ),
    }
    file = pa.PythonFile(as_file(_checked(parts)), mode="r")
    with csv.open_csv(file, **options) as batches:
        yield from batches


def _checked(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Pass text on from its first row; a zero byte, or a quote that is never closed, is odd."""
    quotes, started = 0, False
    for whole in parts:
        # Empty lines at the top would count as the header that is skipped.
        part = whole if started else whole.lstrip(b"\r\n")
        started = started or bool(part)
        if b"\0" in part:
            raise OddError
        quotes += part.count(b'"')
        yield part
    if quotes % 2:
        raise OddError
