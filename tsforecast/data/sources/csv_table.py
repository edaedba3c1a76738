"""Text tables: cells are read as text, so that every one can be shown as it was written."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from tsforecast.data.sources.dialect import (
    LONGEST_LINE,
    Dialect,
    decode,
    dialect_notes,
    lines_of,
    records,
    refuse_long_lines,
    sniff,
    without_preamble,
)
from tsforecast.data.sources.frames import check_names
from tsforecast.data.sources.quotes import QUOTE_WORDS
from tsforecast.data.sources.short_rows import without_short_rows
from tsforecast.data.table import Table
from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.values.numbers import is_number
from tsforecast.data.words import counted, printable
from tsforecast.errors import DataError

OPEN_QUOTE_HINT = (
    "a quote that is opened and never closed takes in all that follows; inside of quotes it is written twice"
)
_TOO_LONG = "field larger than field limit"
_SMALL = 1 << 20
"""Below this size threads cost more than they bring (bytes)."""


def read_csv(
    content: bytes,
    source: str,
    *,
    encoding: str | None = None,
    skip_rows: int = 0,
    delimiter: str | None = None,
    on_short_row: str = "error",
) -> Table:
    """Table from the bytes of a text file.

    Args:
        content: The bytes.
        source: What messages call the file.
        encoding: Of the text, None to find out.
        skip_rows: Lines above the header that are no table.
        delimiter: Between the cells of a row, None to find out.
        on_short_row: What becomes of a row with fewer cells than the header: ``error``, ``skip`` or ``fill``.

    Raises:
        DataError: The bytes are no text, rows differ in length, or names stand twice.
    """
    refuse_long_lines(content, source)
    data, notes = decode(content, source, encoding)
    data, comments = without_preamble(data, skip_rows)
    notes += comments
    dialect = sniff(data, source, delimiter)
    check_names(list(dialect.names), source, dialect.header_line)
    if data.count(dialect.quote.encode()) % 2:
        _refuse_open_quote(data, dialect, source)
    short = 0
    if on_short_row != "error":
        data, short, said = without_short_rows(data, dialect, on_short_row)
        notes += said
    columns = _parse(data, dialect, source)
    rows = len(columns[0])
    if rows == 0:
        raise DataError(
            f"{source} has no data rows", hint="a header line and one row per time step are needed"
        )
    return Table(
        source=source,
        columns=dict(zip(dialect.names, columns, strict=True)),
        rows=rows,
        line_of=LineFinder(lambda: lines_of_rows(lines_of(data), dialect)),
        decimal_comma=dialect.decimal_comma,
        notes=(*notes, *dialect_notes(dialect, source)),
        repairs={f"short_rows_{on_short_row}": short} if short else {},
        unnamed=dialect.unnamed,
    )


def _parse(data: bytes, dialect: Dialect, source: str) -> list[Any]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    # Names of the file may repeat or be anything, so pyarrow gets numbers.
    names = [str(number) for number in range(len(dialect.names))]
    try:
        table = arrow_csv.read_csv(
            # Empty lines at the top would count as the header that is skipped.
            pa.BufferReader(data.lstrip(b"\r\n")),
            read_options=arrow_csv.ReadOptions(
                use_threads=len(data) > _SMALL,
                column_names=names,
                skip_rows_after_names=int(dialect.has_header),
                block_size=2 * LONGEST_LINE,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                newlines_in_values=dialect.quote.encode() in data,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _why(data, dialect, source, str(error)) from None
    return list(table.columns)


def _refuse_open_quote(data: bytes, dialect: Dialect, source: str) -> None:
    """Refuse a quote that swallows the rest of the file; a lone one inside a cell is only a letter."""
    line = dialect.header_line
    try:
        for start, _ in records(lines_of(data), dialect):
            line = start
    except csv.Error as error:
        if "end of data" in str(error) or _TOO_LONG in str(error):
            raise _broken_quote(source, line, str(error), data, dialect) from None


def lines_of_rows(lines: Iterable[str], dialect: Dialect) -> Iterator[int]:
    """Give the physical line of each data row of a decoded file."""
    return (line for line, _ in records(lines, dialect, strict=False))


class LineFinder:
    """Physical lines of data rows; rows that are asked for in their order cost one look through the text together."""

    def __init__(self, lines: Callable[[], Iterator[int]]) -> None:
        """Find lines in a text.

        Args:
            lines: Reads it from its beginning, and gives the line of each row.
        """
        self._lines = lines
        self._next = 0
        self._coming: Iterator[int] = iter(())
        self._found: dict[int, int | None] = {}

    def __call__(self, row: int) -> int | None:
        """Find the line of a row, None where it has none; one that was asked for before is known."""
        if row not in self._found:
            if row < self._next or not self._next:
                self._next, self._coming = 0, self._lines()
            try:
                self._found[row] = next(islice(self._coming, row - self._next, None), None)
            except csv.Error:
                self._found[row] = None
            self._next = row + 1
        return self._found[row]


def _why(data: bytes, dialect: Dialect, source: str, complaint: str) -> DataError:
    """Find the row that pyarrow refused, and say what is wrong with it."""
    width = len(dialect.names)
    odd: tuple[int, int] | None = None
    shifted, below, line = True, True, dialect.header_line
    widths: Counter[int] = Counter()
    firsts: dict[int, tuple[int, list[str]]] = {}
    try:
        for line, row in records(lines_of(data), dialect):
            widths[len(row)] += 1
            firsts.setdefault(len(row), (line, row))
            shifted = shifted and len(row) == width + 1
            if odd is None and len(row) != width:
                odd = line, len(row)
            below = below and (odd is None or len(row) == odd[1])
    except csv.Error as error:
        return _broken_quote(source, line, str(error), data, dialect)
    if odd is None:
        return DataError(
            f"{source} is no regular table: {printable(complaint, limit=120)}", hint="check its quotes"
        )
    if shifted and dialect.has_header and _header_of(*firsts[width + 1]) is None:
        return DataError(
            f"every row has {counted(width + 1, 'field')}, the header names {width}",
            hint=f"name every column in the header, or {_way_out(firsts[width + 1][1], dialect.delimiter)}",
            file=source,
            line=odd[0],
        )
    most = widths.most_common(1)[0][0]
    start = odd[0] if below and odd[1] > width else _header_of(*firsts[most]) if most > width else None
    return DataError(
        f"{counted(odd[1], 'field')} where the header has {width}"
        if dialect.has_header
        else f"{counted(odd[1], 'field')} where the first row has {width}",
        hint=f"if the table begins {'here' if start == odd[0] else f'in line {start}'},"
        f" --skip-rows {start - 1} passes over the lines above"
        if start is not None
        else "--on-short-row skip leaves such rows out, --on-short-row fill gives them empty cells"
        if odd[1] < width
        else f"the delimiter is {dialect.delimiter!r}; a cell that contains it must stand in double quotes",
        file=source,
        line=odd[0],
        column=min(odd[1], width) + 1,
    )


def _way_out(row: list[str], delimiter: str) -> str:
    """Say what helps against one field too many in every row, where it is no column without a name."""
    if row[-1].strip() and delimiter == ",":
        return "put numbers with a decimal comma in double quotes"
    return "remove the delimiter at the end of the rows"


def _header_of(line: int, row: list[str]) -> int | None:
    """Line of a row if it names columns, as a header below a few lines of other things does."""
    names = [cell for cell in row if cell.strip()]
    valued = any(is_number(cell, decimal_comma=True) or looks_dated(cell) for cell in names)
    return None if valued or len(names) < 2 else line


def _broken_quote(source: str, line: int, complaint: str, data: bytes, dialect: Dialect) -> DataError:
    """Error for the record after the last readable one; an open quote is in its last field."""
    if _TOO_LONG in complaint:
        return DataError(
            f"a cell is longer than {LONGEST_LINE >> 20} MiB",
            hint=OPEN_QUOTE_HINT,
            file=source,
            line=line + 1,
        )
    start, row = next(
        (found for found in records(lines_of(data), dialect, strict=False) if found[0] > line), (line, [])
    )
    is_open, quote = "end of data" in complaint, QUOTE_WORDS[dialect.quote]
    return DataError(
        f"a {quote} quote is opened and never closed" if is_open else printable(complaint, limit=120),
        hint=f"a {quote} quote inside a quoted cell is written twice",
        file=source,
        line=start,
        column=len(row) if is_open and row else None,
    )
