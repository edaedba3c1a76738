"""Large CSV files, read piece by piece into as little memory as they need; whatever is odd is left to others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any

from tsforecast.config import DataSettings
from tsforecast.data.panel import Schema
from tsforecast.data.sources.csv_table import OPEN_QUOTE_HINT, LineFinder, lines_of_rows, read_csv
from tsforecast.data.sources.dialect import LONGEST_LINE, Dialect, dialect_notes, sniff
from tsforecast.data.sources.large_columns import (
    HEAD,
    Gathering,
    OtherCellsError,
    decimals_of,
    expected_rows,
    float_columns,
)
from tsforecast.data.sources.quotes import DOUBLE
from tsforecast.data.sources.row_blocks import LongRowError, even_end, row_blocks, row_end
from tsforecast.data.sources.source import looks_strange
from tsforecast.data.sources.stream_text import LargeText, OddError, OtherEncodingError
from tsforecast.data.sources.streams import Stream
from tsforecast.data.table import Table
from tsforecast.data.values.numbers import MISSING, is_number
from tsforecast.data.values.numeric_columns import comma_in_words, with_plain_numbers
from tsforecast.errors import DataError, ForecastError
from tsforecast.threads import ahead, usual_threads

_BLOCK = 2 << 20
"""Bytes that are parsed at once, or more where they end in the middle of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a file is read.

    Attributes:
        dialect: How it is written.
        floats: Columns that are floats, and the decimal mark that they show; the others are text.
        decimal: That of all floats, for Arrow knows only one.
        commas: What decides the decimal comma of floats, in words.
        missing: Cells of floats that hold no number.
        expected: Rows that there are, about; 0 where nothing tells.
    """

    dialect: Dialect
    floats: dict[str, str]
    decimal: str
    commas: dict[str, str]
    missing: list[str]
    expected: int


class _QuotesInCellsError(Exception):
    """Quotes do not only stand around cells, so that their number does not tell where rows end."""


def read_large_csv(
    text: LargeText, settings: DataSettings, like: Schema | None, *, floats: bool
) -> tuple[Table, bytes]:
    """Table of a large CSV file, and its hash.

    Args:
        text: The file.
        settings: How it is written.
        like: What a model remembers of its own table.
        floats: Whether columns of plain numbers are read as such.

    Raises:
        OddError: It is another file, or odd in any way.
        OtherCellsError: A column of plain numbers holds something else, further down.
        DataError: A line or a row is too long, or what is packed is damaged or unpacks past the limit.
    """
    try:
        with suppress(_QuotesInCellsError):
            return _read(text, settings, like, floats=floats, exact=False)
        return _read(text, settings, like, floats=floats, exact=True)
    except LongRowError as error:
        raise _long_row(text, error.place) from None


def _read(
    text: LargeText, settings: DataSettings, like: Schema | None, *, floats: bool, exact: bool
) -> tuple[Table, bytes]:
    """Read it with blocks cut by the number of quotes, or by what each of them means, which takes longer."""
    source, sha256 = text.stream.name, hashlib.sha256()
    head, parts, notes = text.opened(sha256)
    try:
        plan = _plan(head, text.stream, settings, like)
    except OddError:
        _refuse_long_row(parts)
        raise
    if not floats:
        plan = replace(plan, floats={}, decimal=".", commas={}, missing=[])
    columns = _columns(parts, plan, source, exact=exact)
    dialect = plan.dialect
    table = Table(
        source=source,
        columns=columns,
        rows=len(next(iter(columns.values()))),
        line_of=LineFinder(lambda: lines_of_rows(text.lines(), dialect)),
        decimal_comma=dialect.decimal_comma,
        notes=(*notes, *dialect_notes(dialect, source)),
        decimals=decimals_of(columns, plan.floats),
        commas=plan.commas,
        unnamed=dialect.unnamed,
    )
    return table, sha256.digest()


def _refuse_long_row(parts: Iterator[bytes]) -> None:
    """Refuse a row near the top that is longer than any may be, before the whole file is held for it.

    Raises:
        LongRowError: There is one.
    """
    seen = 0
    for block in row_blocks(parts, _BLOCK, lambda text: row_end(text, ",")):
        seen += len(block)
        if seen > LONGEST_LINE:
            break


def _long_row(text: LargeText, place: int) -> DataError:
    """Tell the line in which a row without end begins.

    Args:
        text: The file.
        place: Bytes of it before that row.
    """
    line, parts = 1, text.opened(hashlib.sha256())[1]
    with suppress(OddError):
        for part in parts:
            line += part[:place].count(b"\n")
            place -= len(part)
            if place <= 0:
                break
    return DataError(
        f"a row is longer than {2 * LONGEST_LINE >> 20} MiB",
        hint=OPEN_QUOTE_HINT,
        file=text.stream.name,
        line=line,
    )


def _plan(head: bytes, stream: Stream, settings: DataSettings, like: Schema | None) -> _Plan:
    """Decide by the first rows how the file is read."""
    start, name = head[:HEAD], stream.name
    rows = start[: even_end(start)]
    if not rows or looks_strange(rows):
        raise OddError
    try:
        rows.decode()
        dialect = sniff(rows, name, settings.delimiter)
        table = with_plain_numbers(read_csv(rows, name, delimiter=settings.delimiter), settings)
    except (ForecastError, UnicodeDecodeError):
        raise OddError from None
    if dialect.quote != DOUBLE:
        raise OddError
    shown = float_columns(table, settings, like)
    decimal = "," if "," in shown.values() and "." not in shown.values() else "."
    floats = {column: mark for column, mark in shown.items() if mark == decimal}
    return _Plan(
        dialect=dialect,
        floats=floats,
        decimal=decimal,
        commas={column: words for column in floats if (words := comma_in_words(table, column))},
        missing=[*MISSING, *(text for text in settings.na if not is_number(text))],
        expected=expected_rows(stream, table.rows, len(rows)),
    )


def _columns(parts: Iterator[bytes], plan: _Plan, source: str, *, exact: bool) -> dict[str, Any]:
    import pyarrow as pa

    names, quoted = plan.dialect.names, False

    def end_of(text: bytes) -> int:
        return row_end(text, plan.dialect.delimiter) if exact else even_end(text)

    def numbered() -> Iterator[tuple[int, bytes]]:
        nonlocal quoted
        for number, block in enumerate(row_blocks(_checked(parts), _BLOCK, end_of)):
            quoted = quoted or b'"' in block
            yield number, block

    def parsed(place: tuple[int, bytes]) -> tuple[int, list[Any]]:
        number, block = place
        table = _parsed(block, plan, skipped=0 if number else int(plan.dialect.has_header))
        pieces = [column.combine_chunks() for column in table.columns]
        if not exact and b'"' in block and _have_quotes(pieces):
            raise _QuotesInCellsError
        return table.num_rows, pieces

    gathered = Gathering(names, plan.floats, source, plan.expected)
    try:
        with closing(ahead(parsed, numbered(), usual_threads() - 1)) as blocks:
            for rows, pieces in blocks:
                gathered.add(rows, dict(zip(names, pieces, strict=True)))
    except OtherEncodingError:
        raise
    except LongRowError as error:
        raise (error if exact else _QuotesInCellsError) from None
    except (pa.ArrowInvalid, OddError) as error:
        if plan.floats and "conversion error" in str(error):
            raise OtherCellsError from None
        raise (_QuotesInCellsError if quoted and not exact else OddError) from None
    return gathered.columns()


def _have_quotes(pieces: list[Any]) -> bool:
    """Whether a text has a quote in it: then quotes do not only stand around cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = [piece.dictionary for piece in pieces if pa.types.is_dictionary(piece.type)]
    return any(pc.any(pc.match_substring(one, '"')).as_py() for one in texts)


def _parsed(block: bytes, plan: _Plan, skipped: int) -> Any:
    """Rows of a block.

    A reader of pyarrow that streams would look ahead in a thread of its own, and where it is given up, as for an error,
    that thread may keep the program from ending; threads of ours are waited for.
    """
    import pyarrow as pa
    from pyarrow import csv

    # Names of the file may repeat or be anything, so pyarrow gets numbers.
    types = {
        str(place): pa.float64() if name in plan.floats else pa.dictionary(pa.int32(), pa.string())
        for place, name in enumerate(plan.dialect.names)
    }
    return csv.read_csv(
        pa.BufferReader(block),
        read_options=csv.ReadOptions(
            use_threads=False,
            column_names=list(types),
            skip_rows_after_names=skipped,
            block_size=len(block) + 1,
        ),
        parse_options=csv.ParseOptions(delimiter=plan.dialect.delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=plan.missing,
            strings_can_be_null=False,
            decimal_point=plan.decimal,
            check_utf8=False,  # done by whoever decoded the text
        ),
    )


def _checked(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Pass text on from its first row; a zero byte is odd."""
    started = False
    for whole in parts:
        # Empty lines at the top would count as the header that is skipped.
        part = whole if started else whole.lstrip(b"\r\n")
        started = started or bool(part)
        if b"\0" in part:
            raise OddError
        yield part
