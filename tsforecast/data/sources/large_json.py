"""Large JSON lines, parsed by pyarrow where a piece of them is plain, and as those of small files where it is not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrow import coded, codes_of_rows, from_numbers, from_texts, text_scalar, to_ints
from tsforecast.data.cell_errors import CellError
from tsforecast.data.panel import Schema
from tsforecast.data.sources.csv_table import LineFinder
from tsforecast.data.sources.dialect import END_OF_FILE
from tsforecast.data.sources.json_table import JsonRows, read_json_lines
from tsforecast.data.sources.large_columns import (
    HEAD,
    Gathering,
    OtherCellsError,
    decimals_of,
    expected_rows,
    float_columns,
)
from tsforecast.data.sources.stream_text import LargeText, OddError, as_file
from tsforecast.data.table import Table
from tsforecast.data.values.numbers import is_number, to_floats
from tsforecast.data.values.numeric_columns import with_plain_numbers
from tsforecast.errors import DataError

_MINUS_ZERO = re.compile(rb"-0\s*[,}]")
_SHOWN = 20
"""Lines that show what values the keys have."""


def read_large_json(
    text: LargeText, settings: DataSettings, like: Schema | None, *, floats: bool
) -> tuple[Table, bytes]:
    """Table of a large file of JSON lines, and its hash.

    Args:
        text: The file.
        settings: How it is written.
        like: What a model remembers of its own table.
        floats: Whether columns of plain numbers are read as such.

    Raises:
        OddError: Its text cannot be decoded.
        OtherCellsError: A column of plain numbers holds something else, further down.
        DataError: A line is no object of plain values or too long, or what is packed is damaged or unpacks past the
            limit.
    """
    source, sha256 = text.stream.name, hashlib.sha256()
    head, parts, notes = text.opened(sha256)
    blocks = _blocks(parts)
    try:
        shown_lines = _whole_lines(head)
        first = read_json_lines(shown_lines, source)
        shown = float_columns(with_plain_numbers(first, settings), settings, like) if floats else {}
        shown = {name: mark for name, mark in shown.items() if mark == "."}
        expected = expected_rows(text.stream, first.rows, len(shown_lines))
        gathered = Gathering(first.names, shown, source, expected)
        reader = _Reader(gathered, frozenset(shown), settings.na, source)
        for block in blocks:
            reader.add(block)
    except DataError:
        # What is no text is told first, as it is of a small file.
        for _ in blocks:
            pass
        raise
    columns = gathered.columns()
    table = Table(
        source=source,
        columns=columns,
        rows=gathered.rows,
        line_of=LineFinder(lambda: _lines_of_rows(text)),
        notes=notes,
        decimals=decimals_of(columns, shown),
    )
    return table, sha256.digest()


def _whole_lines(head: bytes) -> bytes:
    end = head.rfind(b"\n", 0, HEAD) + 1
    if not end:
        raise OddError
    return head[:end]


def _lines_of_rows(text: LargeText) -> Iterator[int]:
    _, parts, _ = text.opened()
    return (number for number, line in enumerate(as_file(parts), start=1) if line.strip())


def _blocks(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a text at the ends of lines.

    Raises:
        OddError: It holds a zero byte.
    """
    rest = b""
    for part in parts:
        if b"\0" in part:
            raise OddError
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
        rest = part[end:] if end else rest + part
    rest = rest.removesuffix(END_OF_FILE)
    if rest:
        yield rest


class _Reader:
    """Blocks of lines to columns."""

    def __init__(
        self, gathered: Gathering, floats: frozenset[str], missing: Sequence[str], source: str
    ) -> None:
        self._gathered = gathered
        self._floats = floats
        self._missing = [word for word in missing if not is_number(word)]
        self._source = source
        self._kinds: dict[str, str] | None = None
        self._lines = 0

    def add(self, block: bytes) -> None:
        """Take in some lines.

        Raises:
            DataError: One is no object of plain values.
            OtherCellsError: A column of floats holds something else.
        """
        if self._kinds is None:
            self._kinds = _kinds_in(block)
        pieces = self._parsed(block)
        if pieces is None:
            rows = JsonRows(self._source, self._gathered.names)
            rows.add(block, self._lines)
            pieces = rows.columns()
            count = len(rows.lines)
            self._kinds |= _kinds_in(block)
        else:
            count = len(next(iter(pieces.values())))
        self._lines += block.count(b"\n")
        self._gathered.add(count, {name: self._as_gathered(name, piece) for name, piece in pieces.items()})

    def _parsed(self, block: bytes) -> dict[str, Any] | None:
        """Columns of a block in which every line is one plain object, None where that is not sure."""
        import pyarrow as pa
        from pyarrow import json as arrow_json

        types = self._types()
        plain = _plain_lines(block)
        if not types or plain is None:
            return None
        rows, text = plain
        try:
            table = arrow_json.read_json(
                pa.BufferReader(text),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior="error"
                ),
            )
        except pa.ArrowInvalid:
            return None
        pieces = {name: column.combine_chunks() for name, column in zip(types, table.columns, strict=True)}
        return pieces if table.num_rows == rows and not _lost_signs(pieces, text) else None

    def _types(self) -> dict[str, Any]:
        """Types of all columns, none where pyarrow would change what is written in one of them."""
        import pyarrow as pa

        kinds = self._kinds or {}
        types = {"text": pa.string(), "integer": pa.int64(), "truth": pa.bool_()}
        found = {}
        for name in self._gathered.names:
            kind = kinds.get(name)
            if name in self._floats and kind in ("number", "integer", None):
                found[name] = pa.float64()
            elif kind == "number":
                return {}
            else:
                found[name] = types[kind or "text"]
        return found

    def _as_gathered(self, name: str, piece: Any) -> Any:
        import pyarrow as pa

        if name not in self._floats:
            return _coded(piece)
        return piece if pa.types.is_floating(piece.type) else _floats(piece, self._missing)


def _plain_lines(block: bytes) -> tuple[int, bytes] | None:
    """Lines of a block and what pyarrow may read of it: each of them one object without an object in it.

    pyarrow goes by braces and not by lines, and a bare null between objects ends the process.
    """
    if b"-NaN" in block:  # is no JSON, but pyarrow takes it
        return None
    text = block.replace(b"\r\n", b"\n") if b"\r" in block else block
    text = text if text.endswith(b"\n") else text + b"\n"
    rows = _objects(text)
    if not rows:
        lines = [line.strip(b" \t\r") for line in text.split(b"\n")]
        text = b"\n".join([*filter(None, lines), b""])
        rows = _objects(text)
    return (rows, text) if rows else None


def _objects(text: bytes) -> int:
    """Count lines that begin and end with the only braces they have, 0 where there are others."""
    letters = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if len(ends) == 0 or ends[0] == 0 or letters[0] != ord("{"):
        return 0
    each = (letters[ends[:-1] + 1] == ord("{")).all() and (letters[ends - 1] == ord("}")).all()
    alone = all(np.count_nonzero(letters == ord(brace)) == len(ends) for brace in "{}")
    return len(ends) if each and alone else 0


def _lost_signs(pieces: Mapping[str, Any], text: bytes) -> bool:
    """Whether a 0 among whole numbers is written as -0."""
    import pyarrow as pa

    whole = [piece for piece in pieces.values() if pa.types.is_integer(piece.type)]
    zeros = any(not to_ints(piece.drop_null()).all() for piece in whole)
    return zeros and _MINUS_ZERO.search(text) is not None


def _kinds_in(block: bytes) -> dict[str, str]:
    """Tell what the last lines of a block hold by their keys: text, integer, number or truth; a null tells nothing."""
    found: dict[str, str] = {}
    for line in block.rstrip().rsplit(b"\n", _SHOWN)[-_SHOWN:]:
        try:
            row = json.loads(
                line, parse_int=lambda _: 0, parse_float=lambda _: 0.5, parse_constant=lambda _: 0.5
            )
        except (ValueError, RecursionError):
            continue
        found |= _kinds_of(row) if isinstance(row, dict) else {}
    return found


def _kinds_of(row: Mapping[str, Any]) -> dict[str, str]:
    kinds = {str: "text", int: "integer", float: "number", bool: "truth"}
    return {key: kinds[type(value)] for key, value in row.items() if type(value) in kinds}


def _coded(piece: Any) -> Any:
    """Cells as text that is stored once, as they are written."""
    import pyarrow as pa

    if pa.types.is_integer(piece.type) and not piece.null_count:
        encoded = piece.dictionary_encode()
        return coded(codes_of_rows(encoded), encoded.dictionary.cast(pa.string()))
    return piece.cast(pa.string()).fill_null(text_scalar("")).dictionary_encode()


def _floats(texts: Any, missing: Sequence[str]) -> Any:
    """Numbers that are written as text."""
    import pyarrow.compute as pc

    texts = texts.fill_null(text_scalar(""))
    if missing:
        gone = pc.is_in(pc.utf8_trim_whitespace(texts), value_set=from_texts(missing))
        texts = pc.if_else(gone, text_scalar(""), texts)
    try:
        return from_numbers(to_floats(texts))
    except CellError:
        raise OtherCellsError from None
