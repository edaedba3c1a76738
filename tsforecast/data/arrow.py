"""Between Arrow and NumPy without pandas, which pyarrow's own conversions import wherever it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Codes, Ints

_PART = 1 << 17
"""Rows that are looked up together."""


def code_type(largest: int) -> type[np.int32] | type[np.int64]:
    """Smallest type of the whole numbers up to one."""
    return np.int32 if largest <= np.iinfo(np.int32).max else np.int64


def looked_up(values: NDArray[Any], codes: Codes) -> NDArray[Any]:
    """``values[codes]``, some rows at a time, because NumPy widens all codes before it looks them up (rows,)."""
    found = np.empty(len(codes), dtype=values.dtype)
    for start in range(0, len(codes), _PART):
        part = slice(start, start + _PART)
        found[part] = values[codes[part]]
    return found


def to_ints(array: Any) -> Ints:
    """Whole numbers of an Arrow array without nulls (rows,)."""
    import pyarrow as pa

    parts = []
    for chunk in _chunks(array):
        if pa.types.is_int32(chunk.type):
            # Arrow would keep the memory of the copy for itself.
            parts.append(_numbers(chunk, np.int32).astype(np.int64))
        else:
            parts.append(_numbers(chunk.cast(pa.int64()), np.int64))
    return _joined(parts, np.int64)


def give_back_memory() -> None:
    """Let the system have what Arrow keeps of memory that is free again: of a large table that is a copy of it."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def are_multiples(numbers: Ints, unit: int) -> bool:
    """Whether none lies between units, looked up some at a time: the rests of all would be a copy of all."""
    return not any((numbers[start : start + _PART] % unit).any() for start in range(0, len(numbers), _PART))


def to_floats64(array: Any) -> NDArray[np.float64]:
    """Numbers of an Arrow array of 64-bit floats, NaN for null (rows,)."""
    parts = []
    for chunk in _chunks(array):
        numbers = _numbers(chunk, np.float64)
        if chunk.null_count and not np.isnan(numbers[~_bits(chunk, 0)]).all():
            numbers = np.where(_bits(chunk, 0), numbers, np.nan)
        parts.append(numbers)
    return _joined(parts, np.float64)


def to_flags(array: Any) -> NDArray[np.bool_]:
    """Truth values of an Arrow array, those of nulls mean nothing (rows,)."""
    return _joined([_bits(chunk, 1) for chunk in _chunks(array)], np.bool_)


def present(array: Any) -> NDArray[np.bool_]:
    """Which cells of an Arrow array are not null (rows,)."""
    return to_flags(array.is_valid())


def cells_of(array: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Cells of an Arrow array of a fixed width as they are stored, those of nulls mean nothing (rows,)."""
    return _joined([_numbers(chunk, dtype) for chunk in _chunks(array)], dtype)


def from_numbers(values: NDArray[Any]) -> Any:
    """Arrow array of 64-bit integers or floats, without nulls (rows,)."""
    import pyarrow as pa

    kind = pa.float64() if values.dtype.kind == "f" else pa.int64()
    values = np.ascontiguousarray(values, dtype=np.float64 if values.dtype.kind == "f" else np.int64)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def from_texts(texts: Sequence[str]) -> Any:
    """Arrow array of strings (rows,)."""
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    offsets = np.fromiter(accumulate(map(len, encoded), initial=0), dtype=np.int64, count=len(encoded) + 1)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers).cast(pa.string())


def text_scalar(text: str | None) -> Any:
    """Arrow scalar of one string, or null."""
    import pyarrow as pa

    return pa.nulls(1, pa.string())[0] if text is None else from_texts([text])[0]


def distinct_texts(column: Any) -> tuple[list[str], Ints]:
    """Distinct values of a column as text, by first appearance, "" for a null, and the number of each row's value.

    Shape:
        second result ``(rows,)``.
    """
    texts, codes = coded_texts(column)
    return texts, codes.astype(np.int64)


def coded_texts(column: Any) -> tuple[list[str], Codes]:
    """Give what `distinct_texts` gives, the numbers as they are stored, which needs no copy of them."""
    import pyarrow as pa

    column = in_one_piece(column)
    known = pa.types.is_dictionary(column.type)
    encoded = column if known else column.dictionary_encode(null_encoding="encode")
    try:
        values = encoded.dictionary.cast(pa.string()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        values = [str(value) for value in encoded.dictionary.to_pylist()]
    return ["" if value is None else value for value in values], codes_of_rows(encoded)


def codes_of_rows(encoded: Any) -> Codes:
    """Codes of a dictionary array as they are stored (rows,)."""
    import pyarrow as pa

    if pa.types.is_int32(encoded.indices.type):
        return _numbers(encoded.indices, np.int32)
    return to_ints(encoded.indices)


def in_one_piece(column: Any) -> Any:
    """Give the Arrow array of a column, whose cells may lie in several chunks."""
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def by_appearance(column: Any) -> Any:
    """Give a dictionary array texts that stand once each, in the order of their first rows, and none without a row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = in_one_piece(column)
    seen = to_ints(pc.unique(whole.indices))
    if pa.types.is_int32(whole.indices.type) and np.array_equal(seen, np.arange(len(whole.dictionary))):
        return whole
    texts = whole.dictionary.take(from_numbers(seen)).dictionary_encode()
    place = np.zeros(len(whole.dictionary), dtype=np.int32)
    place[seen] = codes_of_rows(texts)
    return coded(looked_up(place, codes_of_rows(whole)), texts.dictionary)


def texts_in(column: Any) -> Any:
    """Texts of a column: its distinct ones where they are stored once."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column
    return in_one_piece(column).dictionary


def holds_texts(column: Any) -> bool:
    """Whether a column is text, stored row by row or once per distinct cell."""
    import pyarrow as pa

    return bool(pa.types.is_string(column.type) or pa.types.is_dictionary(column.type))


def with_texts(column: Any, texts: Any) -> Any:
    """Column with other texts in place of those that `texts_in` gives."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return texts
    whole = in_one_piece(column)
    encoded = texts.dictionary_encode()  # texts that were different may be equal now
    return coded(looked_up(codes_of_rows(encoded), codes_of_rows(whole)), encoded.dictionary)


def taken(column: Any, rows: NDArray[np.int64]) -> Any:
    """Take some rows of a column; texts that are stored once are those of these rows, by first appearance."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column.take(from_numbers(rows))
    whole = in_one_piece(column)
    used, first, codes = np.unique(codes_of_rows(whole)[rows], return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(used), dtype=np.int32)
    place[order] = np.arange(len(used))
    return coded(looked_up(place, codes), whole.dictionary.take(from_numbers(used[order].astype(np.int64))))


def coded(codes: Codes, texts: Any) -> Any:
    """Arrow array of texts that are stored once (rows,)."""
    import pyarrow as pa

    codes = np.ascontiguousarray(codes)
    kind = pa.int32() if codes.dtype == np.int32 else pa.int64()
    places = pa.Array.from_buffers(kind, len(codes), [None, pa.py_buffer(codes)])
    return pa.DictionaryArray.from_arrays(places, texts)


def whole_numbers(column: Any) -> Ints | None:
    """Cells of a column as whole numbers (rows,), None where one is none."""
    import pyarrow as pa

    encoded = pa.types.is_dictionary(column.type)
    whole = in_one_piece(column) if encoded else column
    try:
        numbers = (whole.dictionary if encoded else whole).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    if numbers.null_count:
        return None
    return looked_up(to_ints(numbers), codes_of_rows(whole)) if encoded else to_ints(numbers)


def _chunks(array: Any) -> list[Any]:
    return list(array.chunks) if hasattr(array, "chunks") else [array]


def _numbers(chunk: Any, dtype: np.dtype[Any] | type[Any]) -> NDArray[Any]:
    if len(chunk) == 0:
        return np.empty(0, dtype=dtype)
    whole = np.frombuffer(chunk.buffers()[1], dtype=dtype)
    return whole[chunk.offset : chunk.offset + len(chunk)]


def _bits(chunk: Any, buffer: int) -> NDArray[np.bool_]:
    """One bit per row: buffer 0 says which rows are valid, buffer 1 holds truth values."""
    bits = chunk.buffers()[buffer]
    if bits is None or len(chunk) == 0:
        return np.ones(len(chunk), dtype=np.bool_)
    packed = np.frombuffer(bits, dtype=np.uint8)
    whole = np.unpackbits(packed, count=chunk.offset + len(chunk), bitorder="little")
    return whole[chunk.offset :].astype(np.bool_)


def _joined(parts: list[NDArray[Any]], dtype: np.dtype[Any] | type[Any]) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
