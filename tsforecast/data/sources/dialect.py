"""How a text table is written: its encoding, its delimiter, and whether its first row names the columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tsforecast.data.column_names import made_up_name
from tsforecast.data.notes import Note
from tsforecast.data.sources.delimiters import DELIMITERS, find_delimiter
from tsforecast.data.sources.quotes import DOUBLE, quote_notes, quote_of, without_quoted
from tsforecast.data.times.time_shapes import looks_dated
from tsforecast.data.values.numbers import is_missing, is_number
from tsforecast.data.words import counted, listed, quoted
from tsforecast.errors import DataError, UsageError

_HEAD = 1 << 16
_ROWS_SEEN = 20
MOST_COLUMNS = 100_000
LONGEST_LINE = 8 << 20
"""Bytes that a line may have; the block in which pyarrow reads is as long."""

# UTF-32 stands before UTF-16, whose mark it starts with.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WITHOUT_MARK = {"utf-16-le": 1, "utf-16-be": 0}
"""Where plain text in these encodings has a zero byte, of every two."""

END_OF_FILE = b"\x1a"
"""Last byte of text files of DOS."""

CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that no text has."""

WINDOWS_ONLY = re.compile(rb"[\x80-\x9f]")
_SEPARATOR = re.compile(rb'\A"?sep=[^\r\n]"?(\r?\n|\r)')
"""First line that spreadsheets write for each other."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written.

    Attributes:
        delimiter: Between the cells of a row.
        names: Of the columns, from the header or made up.
        has_header: Whether the first row is the header.
        header_line: Physical line of the header, 1 unless the file starts with empty lines.
        quote: Around cells.
        unnamed: Those of the names that are made up.
    """

    delimiter: str
    names: tuple[str, ...]
    has_header: bool
    header_line: int = 1
    quote: str = DOUBLE
    unnamed: frozenset[str] = frozenset()

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma is free to be a decimal mark."""
        return self.delimiter in ";\t"


def decode(data: bytes, source: str, encoding: str | None = None) -> tuple[bytes, tuple[Note, ...]]:
    """UTF-8 without a byte order mark, from whatever the file holds.

    Args:
        data: The bytes of the file.
        source: What messages call it.
        encoding: Name of its encoding, None to find out.

    Raises:
        DataError: The file is binary, or its encoding is broken.
        UsageError: Nobody calls an encoding so.
    """
    if encoding is not None:
        return _from_named(data, source, encoding), ()
    marked = marked_encoding(data)
    if marked is not None:
        return _from_marked(data, source, marked)
    data = data.removeprefix(codecs.BOM_UTF8).removesuffix(END_OF_FILE)
    nul = data.find(b"\0")
    if nul >= 0:
        raise _binary(source, nul, data)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return _from_windows(data, source, error.start)
    return data, ()


def marked_encoding(head: bytes) -> str | None:
    """Name the encoding that the first bytes of a file mark, None for UTF-8 and where there is no mark."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def marked_note(source: str, encoding: str) -> Note:
    """Say which mark a file has."""
    return Note(f"{source} was read as {encoding.upper()}, as its mark says")


def _from_marked(data: bytes, source: str, encoding: str) -> tuple[bytes, tuple[Note, ...]]:
    try:
        text = data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source} is cut off in the middle of its {encoding.upper()} text at byte {error.start}",
            hint="save it as UTF-8",
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise _binary(source, nul)
    return text.encode(), (marked_note(source, encoding),)


def _from_named(data: bytes, source: str, encoding: str) -> bytes:
    try:
        if not isinstance("".encode(encoding), bytes):
            raise LookupError(encoding)
        return data.decode(encoding).removeprefix("\ufeff").encode()
    except LookupError:
        raise UsageError(
            f"unknown encoding {encoding!r}", hint="use for example utf-8, cp1252 or utf-16"
        ) from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        raise DataError(
            f"the byte {data[start : start + 1].hex()} is no {encoding} text",
            hint="give another encoding with --encoding",
            file=source,
            line=data.count(b"\n", 0, start) + 1,
        ) from None


def _from_windows(data: bytes, source: str, position: int) -> tuple[bytes, tuple[Note, ...]]:
    """Text of Windows code page 1252, whose letters are those of Latin-1, and which has the euro sign too."""
    control = CONTROLS.search(data)
    if control is not None:
        raise _binary(source, control.start(), data)
    line = data.count(b"\n", 0, position) + 1
    column = position - data.rfind(b"\n", 0, position)
    if any(ord(char) > 127 for char in data.decode(errors="ignore")):
        raise DataError(
            "the text is UTF-8 elsewhere, but not here",
            hint="save the file in one encoding, or name it with --encoding, such as --encoding cp1252",
            file=source,
            line=line,
            column=column,
        )
    encoding, note = unmarked_encoding(source, line, windows=WINDOWS_ONLY.search(data) is not None)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(
            "the encoding of the text cannot be found: it is neither UTF-8 nor Latin-1",
            hint="name it with --encoding, such as --encoding cp437",
            file=source,
            line=line,
            column=column,
        ) from None
    return text.encode(), (note,)


def unmarked_encoding(source: str, line: int, *, windows: bool) -> tuple[str, Note]:
    """Name the encoding of text that is no UTF-8, and say so.

    Args:
        source: What messages call the file.
        line: Where that is first seen.
        windows: Whether it has letters of Windows that Latin-1 has not.
    """
    name, encoding = ("Windows-1252", "cp1252") if windows else ("Latin-1", "latin-1")
    return encoding, Note(f"{source} is not UTF-8 (first seen in line {line}) and was read as {name}")


def without_preamble(data: bytes, skip_rows: int) -> tuple[bytes, tuple[Note, ...]]:
    """Blank out lines above the header, so that the line numbers stay: those to skip, then comments.

    A comment that names as many columns as the row below has cells, where that row is data, is the header.
    """
    data = _SEPARATOR.sub(rb"\1", data, count=1) if not skip_rows else data
    lines = data[:_HEAD].splitlines(keepends=True)
    comments = skip_rows
    while comments < len(lines) and lines[comments].startswith(b"#"):
        comments += 1
    if not comments or comments >= len(lines):
        return data, ()
    head, rest = [_blank(line) for line in lines[:comments]], data[sum(map(len, lines[:comments])) :]
    kept = 0
    if comments > skip_rows and not sniff(rest, "").has_header:
        full = [place for place in range(skip_rows, comments) if lines[place].strip(b"# \t\r\n")]
        names = lines[full[-1]].lstrip(b"#") if full else b""
        below = next((line for line in lines[comments:] if line.strip()), b"")
        if any(mark in names and names.count(mark) == below.count(mark) for mark in (b",", b";", b"\t")):
            head[full[-1]], kept = names.lstrip(), 1
    said = comments - skip_rows - kept
    note = (Note(f"{counted(said, 'comment line')} above the table not read"),) if said else ()
    return b"".join(head) + rest, note


def _blank(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]


def _binary(source: str, position: int, data: bytes = b"") -> DataError:
    head = data[:_HEAD]
    every_other = next(
        (name for name, at in _WITHOUT_MARK.items() if 3 * head[at::2].count(0) > len(head)), ""
    )
    hint = f"it may be UTF-16 without its mark: --encoding {every_other}" if every_other else ""
    return DataError(
        f"{source} holds binary data at byte {position}", hint=hint or "give a CSV or Parquet file"
    )


def sniff(data: bytes, source: str, delimiter: str | None = None) -> Dialect:
    """Find out how a decoded file is written.

    Args:
        data: Its bytes.
        source: What messages call it.
        delimiter: Between the cells of a row, None to find out.

    Raises:
        DataError: It has a header and nothing else, too many columns, or a line without end.
        UsageError: Two delimiters cut it equally well.
    """
    size = _head_size(data)
    whole, head = len(data) <= size, data[:size].decode(errors="ignore")
    quote = quote_of(head, whole=whole)
    bare = without_quoted(head, quote)
    delimiter = (
        DELIMITERS[delimiter] if delimiter else find_delimiter(bare, source, rows=_ROWS_SEEN, whole=whole)
    )
    rows = _first_rows(head, delimiter, quote, whole)
    first = [cell.strip() for cell in rows[0]] if rows else []
    if len(first) > MOST_COLUMNS:
        raise DataError(
            f"{source} has {len(first)} columns, at most {MOST_COLUMNS} can be read",
            hint="write one row per series and time, with the series in a column of its own",
        )
    if not _is_header(first, rows[1:], delimiter):
        names = tuple(map(made_up_name, range(len(first))))
        return Dialect(delimiter, names, has_header=False, quote=quote, unnamed=frozenset(names))
    if len(rows) < 2:
        raise DataError(
            f"{source} has no data rows, only the header {listed(first)}",
            hint="one row per time step is needed",
        )
    names = tuple(name or made_up_name(place) for place, name in enumerate(first))
    leading = head[: len(head) - len(head.lstrip("\r\n"))].splitlines()
    return Dialect(delimiter, names, True, len(leading) + 1, quote, frozenset({*names} - {*first}))


def _head_size(data: bytes) -> int:
    """Bytes that show how a file is written: at least its first three lines."""
    end = 0
    for _ in range(3):
        found = data.find(b"\n", end, end + LONGEST_LINE)
        if found < 0:
            break
        end = found + 1
    return max(_HEAD, end)


def refuse_long_lines(data: bytes, source: str) -> None:
    """Refuse a line that nobody wrote by hand before it is copied and cut into cells.

    Raises:
        DataError: There is one.
    """
    start = 0
    while len(data) - start > LONGEST_LINE:
        end = max(data.rfind(mark, start, start + LONGEST_LINE) for mark in (b"\n", b"\r"))
        if end < 0:
            raise DataError(
                f"a line is longer than {LONGEST_LINE >> 20} MiB",
                hint="check that this is a table, and that its lines end",
                file=source,
                line=data.count(b"\n", 0, start) + 1,
            )
        start = end + 1


def dialect_notes(dialect: Dialect, source: str) -> tuple[Note, ...]:
    """Say so where a file has no header, or other quotes than most."""
    first, last = quoted(dialect.names[0]), quoted(dialect.names[-1])
    made_up = Note(f"{source} has no header, its columns are called {first} to {last}")
    return quote_notes(dialect.quote, source) + (() if dialect.has_header else (made_up,))


def _first_rows(head: str, delimiter: str, quote: str, whole: bool) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, quotechar=quote):
            if row:
                rows.append(row)
            if len(rows) > _ROWS_SEEN:
                break
    except csv.Error:
        # A cell longer than the csv module takes; what came before it is enough.
        return rows
    # The last row may be cut off, but half of the only one below the header says more than none.
    return rows if whole or len(rows) in (1, 2, _ROWS_SEEN + 1) else rows[:-1]


def _is_header(first: list[str], below: list[list[str]], delimiter: str) -> bool:
    """Whether the first row names the columns: it does where it has words above numbers or dates."""
    if not below:
        return not any(_is_value(cell, delimiter) for cell in first)
    valued = [_column_is_valued(number, below, delimiter) for number in range(len(first))]
    words = [not _is_value(cell, delimiter) for cell in first]
    if any(word and value for word, value in zip(words, valued, strict=True)):
        return True
    # A row of data has one time; times above cells that are none are names, one column for each.
    across = [number for number, cell in enumerate(first) if looks_dated(cell)]
    return all(words) or (len(across) > 1 and not any(_is_dated(number, below) for number in across))


def _column_is_valued(number: int, rows: list[list[str]], delimiter: str) -> bool:
    cells = (row[number] for row in rows if number < len(row))
    cell = next((cell for cell in cells if not is_missing(cell)), "")
    return bool(cell) and _is_value(cell, delimiter)


def _is_dated(number: int, rows: list[list[str]]) -> bool:
    return any(looks_dated(row[number]) for row in rows if number < len(row))


def _is_value(cell: str, delimiter: str) -> bool:
    return is_number(cell, decimal_comma=delimiter in ";\t") or looks_dated(cell)


def lines_of(data: bytes) -> Iterable[str]:
    """Lines of a decoded file, each with its end."""
    return io.StringIO(data.decode(), newline="")


def records(
    lines: Iterable[str], dialect: Dialect, *, strict: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Give data rows one by one with their physical lines, for errors only: slow and exact.

    Args:
        lines: Of a decoded file, each with its end.
        dialect: How it is written.
        strict: Refuse quotes in odd places.

    Raises:
        csv.Error: A quote is not closed, or stands where none may.
    """
    # The limit is one of the process; its default is below what a cell may have here.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=strict)
    start, skip = 1, dialect.has_header
    for row in reader:
        if row and skip:
            skip = False
        elif row:
            yield start, row
        start = reader.line_num + 1
