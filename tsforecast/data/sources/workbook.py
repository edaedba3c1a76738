"""Excel workbooks: one sheet, its cells written as text, so that they are read and checked as those of a CSV file."""

from __future__ import annotations

import csv
import io
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, BinaryIO

from tsforecast.data.files import first_bytes
from tsforecast.data.notes import Note
from tsforecast.data.sources.csv_table import read_csv
from tsforecast.data.sources.unpacking import MOST_BYTES, MOST_RATIO, SUSPICIOUS
from tsforecast.data.table import Table
from tsforecast.data.words import counted, listed, nearest, printable, quoted
from tsforecast.errors import DataError, MissingExtraError, UsageError

OLD = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_PLACE = re.compile(rb' r="([A-Z]{1,3})(\d{1,7})"')
_CHUNK = 4 << 20

MOST_CELLS = 50_000_000
"""Cells that the used part of a sheet may span: two far corners of an empty sheet would fill the memory."""


def is_workbook(content: bytes) -> bool:
    """Whether bytes begin and are packed as an Excel workbook is."""
    return _is_workbook(content[: len(OLD)], io.BytesIO(content))


def is_workbook_stream(file: BinaryIO) -> bool:
    """Whether an open file, at its beginning, is an Excel workbook."""
    return _is_workbook(file.read(len(OLD)), file)


def is_workbook_file(path: Any) -> bool:
    """Whether a file is an Excel workbook; what cannot be read is none."""
    try:
        return _is_workbook(first_bytes(path, len(OLD)), path)
    except OSError:
        return False


def _is_workbook(head: bytes, file: Any) -> bool:
    return head == OLD or (head == _ZIP and "xl/workbook.xml" in _members(file))


def read_workbook(content: bytes, source: str, *, sheet: str | None = None, skip_rows: int = 0) -> Table:
    """Table from one sheet; lines of messages are its rows.

    Args:
        content: The bytes of the workbook.
        source: What messages call it.
        sheet: Name or number, from 1, of the sheet; None takes the first.
        skip_rows: Rows above the header that are no table.

    Raises:
        DataError: It is damaged, locked, empty, or larger than the limits.
        UsageError: It has no such sheet.
        MissingExtraError: The library that reads workbooks is not installed.
    """
    try:
        import python_calamine as calamine
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{source} is an Excel workbook; python-calamine, which reads them, is not installed",
            hint="pip install python-calamine",
        ) from error
    if content.startswith(_ZIP):
        _refuse_crafted(content, source)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name = _chosen(book.sheet_names, source, sheet)
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            names = book.sheet_names
    except (calamine.CalamineError, OSError, ValueError) as error:
        locked = isinstance(error, calamine.PasswordError)
        problem = "locked by a password" if locked else f"damaged: {printable(error, limit=120)}"
        raise DataError(
            f"{source} is an Excel workbook that is {problem}", hint="save its sheet as CSV"
        ) from None
    text, titles = _as_csv(rows)
    if not text.strip():
        raise DataError(f"sheet {quoted(name)} of {source} is empty", hint="--sheet names another")
    table = read_csv(text.encode(), source, skip_rows=skip_rows, delimiter=",")
    notes = []
    if sheet is None and len(names) > 1:
        others = listed([one for one in names if one != name], limit=5)
        notes.append(Note(f"sheet {quoted(name)} of {source} was read; --sheet names another: {others}"))
    if titles:
        notes.append(Note(f"{counted(titles, 'row')} of one cell above the table not read"))
    return replace(table, notes=(*notes, *table.notes))


def _chosen(names: Sequence[str], source: str, sheet: str | None) -> str:
    if not names:
        raise DataError(f"{source} has no sheet", hint="save it again")
    if sheet is None or sheet in names:
        return names[0] if sheet is None else sheet
    if sheet.isdecimal() and 1 <= int(sheet) <= len(names):
        return names[int(sheet) - 1]
    hint = nearest(sheet, names).replace("the columns are", "the sheets are")
    raise UsageError(f"{source} has no sheet {quoted(sheet)}", hint=hint)


def _as_csv(rows: list[list[Any]]) -> tuple[str, int]:
    """Lines of CSV, one per row of the sheet, and how many titles above the table were left out."""
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell != ""), default=0)
    filled = [sum(cell != "" for cell in row) for row in rows]
    first = next((number for number, cells in enumerate(filled) if cells > min(1, width - 1)), 0)
    timed = {place for row in rows for place, cell in enumerate(row) if _has_clock(cell)}
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for number, row in enumerate(rows):
        if number < first or not filled[number]:
            lines.write("\n")  # keeps the number of the rows below
        else:
            writer.writerow([_text(cell, place in timed) for place, cell in enumerate(row[:width])])
    return lines.getvalue(), sum(cells > 0 for cells in filled[:first])


def _has_clock(cell: Any) -> bool:
    return isinstance(cell, datetime) and cell.time() != time()


def _text(cell: Any, timed: bool) -> str:
    """Write a cell as people would type it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if timed else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return " ".join(str(cell).split())


def _members(file: Any) -> list[str]:
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except _damages():
        return []


def _refuse_crafted(content: bytes, source: str) -> None:
    """Refuse a workbook that would fill the memory, before it is opened."""
    import zipfile

    size = 0
    with suppress(*_damages()), zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            # A damaged part is no reason to trust the others; the reader says what is wrong with it.
            with suppress(*_damages()):
                columns, rows, rest = 1, 1, b""
                for part in _unpacked(archive, member):
                    size += len(part)
                    if size > MOST_BYTES or (size > SUSPICIOUS and size > MOST_RATIO * len(content)):
                        raise DataError(
                            f"{source} unpacks to more than {MOST_RATIO} times its size, as only crafted files do",
                            hint="save its sheet as CSV if you trust it",
                        )
                    for letters, digits in _PLACE.findall(rest + part):
                        columns, rows = max(columns, _column(letters)), max(rows, int(digits))
                    rest = part[-16:]
                if columns * rows > MOST_CELLS:
                    raise DataError(
                        f"a sheet of {source} spans {rows} rows and {columns} columns, more than can be read",
                        hint="remove what stands far outside of the table",
                    )


def _damages() -> tuple[type[Exception], ...]:
    """Name what `zipfile` raises where an archive is damaged, locked, or packed in an unusual way."""
    import zipfile
    import zlib

    errors = zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError
    return (*errors, struct.error)


def _unpacked(archive: Any, member: Any) -> Iterator[bytes]:
    member.file_size = MOST_BYTES + 1  # what the file says of its size is not to be trusted
    with archive.open(member) as stream:
        while part := stream.read(_CHUNK):
            yield part


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
