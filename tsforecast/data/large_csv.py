"""Large text tables, read piece by piece into as little memory as they need; whatever is odd is left to others."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsforecast.config import DataSettings
from tsforecast.data.column_kinds import kinds_of
from tsforecast.data.column_names import is_id_name
from tsforecast.data.csv_table import LineFinder, read_csv
from tsforecast.data.dialect import LONGEST_LINE, Dialect, sniff
from tsforecast.data.intake import has_no_lines
from tsforecast.data.json_table import is_json
from tsforecast.data.numbers import LARGEST, MISSING, is_number
from tsforecast.data.numeric_columns import has_fractions, is_dressed
from tsforecast.data.panel import Schema
from tsforecast.data.tables import Table
from tsforecast.data.words import printable
from tsforecast.errors import ForecastError

if TYPE_CHECKING:
    import pyarrow as pa

LARGE = 64 << 20
"""Files from this size on are read piece by piece (bytes)."""

_HEAD = 1 << 20
_PIECE = 16 << 20
_BLOCK = 4 << 20
_ODD = (b'"', b"\0")
"""What needs a look at the whole file: a quoted cell may hold a line break."""


class _OddError(Exception):
    """Something that the reader of small files understands, or refuses with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How the columns of a file are read: numbers as floats, the rest as text of which every one is kept once."""

    dialect: Dialect
    floats: tuple[bool, ...]

    @property
    def types(self) -> dict[str, Any]:
        """Arrow types by the number of the column."""
        import pyarrow as pa

        return {str(place): pa.float64() if one else pa.string() for place, one in enumerate(self.floats)}


def read_large(source: Any, settings: DataSettings, like: Schema | None = None) -> tuple[Table, bytes] | None:
    """Table of a large plain text file, and its hash; None where it is another one, or odd in any way.

    The table is the one that `read_csv` gives, but for the form of its columns: numbers are floats already, and text is
    stored once per distinct cell.

    Args:
        source: What the user named.
        settings: How the file is written.
        like: What a model remembers of its own table.
    """
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    asked = (
        settings.encoding,
        settings.skip_rows,
        settings.decimal,
        settings.thousands,
        any(not is_number(text) for text in settings.na),
        settings.sheet,
    )
    decides = like is not None and (like.decimal == "," or like.thousands)
    if path is None or any(asked) or decides or settings.on_short_row != "error":
        return None
    try:
        if not path.is_file() or path.stat().st_size < LARGE:
            return None
        return _read(path, settings)
    except (_OddError, ForecastError, OSError):
        return None


def _read(path: Path, settings: DataSettings) -> tuple[Table, bytes]:
    import pyarrow as pa

    with path.open("rb") as file:
        head = file.read(_HEAD)
    plan = _plan(head, str(path), settings)
    sha256 = hashlib.sha256()
    try:
        parts = [
            _parsed(piece, plan, first=number == 0) for number, piece in enumerate(_pieces(path, sha256))
        ]
    except pa.ArrowInvalid:
        raise _OddError from None
    whole = pa.concat_tables(parts).unify_dictionaries()
    parts.clear()
    dialect, rows = plan.dialect, whole.num_rows
    columns, pointed = {}, set()
    for name, is_float in zip(dialect.names, plan.floats, strict=True):
        # One column after the other, so that there are never two copies of all.
        columns[name] = whole.column(0).combine_chunks()
        whole = whole.remove_column(0)
        if is_float and has_fractions(columns[name]):
            pointed.add(name)
        if not is_float and is_dressed(columns[name], False):
            raise _OddError
    pa.default_memory_pool().release_unused()
    table = Table(
        source=printable(path, limit=400),
        columns=columns,
        rows=rows,
        line_of=LineFinder(path.read_bytes, dialect),
        pointed=frozenset(pointed),
    )
    return table, sha256.digest()


def _plan(head: bytes, name: str, settings: DataSettings) -> _Plan:
    """Decide by the first rows how the file is read."""
    head = head[: head.rfind(b"\n") + 1].removeprefix(codecs.BOM_UTF8)
    if not head or head.startswith((b"#", b"\n", b"\r")) or has_no_lines(head) or is_json(head):
        raise _OddError
    table = read_csv(head, name, delimiter=settings.delimiter)
    dialect = sniff(head, name, settings.delimiter)
    if table.notes or dialect.decimal_comma or not dialect.has_header:
        raise _OddError
    kinds = kinds_of(table)
    floats = tuple(kinds[one] == "number" and not is_id_name(one) for one in dialect.names)
    if any(is_dressed(column, False) for column in table.columns.values()):
        raise _OddError
    return _Plan(dialect=dialect, floats=floats)


def _pieces(path: Path, sha256: Any) -> Iterator[bytes]:
    """Whole lines of a file, some at a time."""
    rest = b""
    with path.open("rb") as file:
        while part := file.read(_PIECE):
            sha256.update(part)
            if any(mark in part for mark in _ODD):
                raise _OddError
            end = part.rfind(b"\n") + 1
            if not end or len(rest) > LONGEST_LINE:
                raise _OddError
            yield rest + part[:end]
            rest = part[end:]
    if rest:
        yield rest


def _parsed(piece: bytes, plan: _Plan, *, first: bool) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    types = plan.types
    table = csv.read_csv(
        pa.BufferReader(piece),
        read_options=csv.ReadOptions(
            column_names=list(types), skip_rows_after_names=int(first), block_size=_BLOCK
        ),
        parse_options=csv.ParseOptions(delimiter=plan.dialect.delimiter, quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=list(MISSING),
            strings_can_be_null=False,
            check_utf8=not piece.isascii(),
        ),
    )
    columns = []
    for is_float, column in zip(plan.floats, table.columns, strict=True):
        if is_float:
            ends = pc.min_max(column).as_py()
            if not -LARGEST <= (ends["min"] or 0.0) <= (ends["max"] or 0.0) <= LARGEST:
                raise _OddError
        columns.append(column if is_float else column.dictionary_encode())
    return pa.table(columns, names=list(types))
