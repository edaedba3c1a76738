"""Columns gathered from the pieces of a file: floats, and texts of which every one is kept once."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrow import cells_of, coded, codes_of_rows, from_texts, present, to_floats64

_FIRST = 1 << 16
"""Numbers that fit into the first block of a column; each later one has room for as many as all before it."""

_BLOCK = 32 << 20
"""Bytes of a block at most: it is all that is held twice when blocks become one column."""

_OWN = 1 << 20
"""Bytes from which on a block has memory of its own, that goes back to the system as soon as the block is given up."""


class _Blocks:
    """Numbers that come a few at a time, and are never held twice but for one block.

    Args:
        dtype: Theirs.
        expected: How many will come, about: so many have room in the first block, which takes memory as it fills.
    """

    def __init__(self, dtype: np.dtype[Any] | type[np.generic], expected: int = 0) -> None:
        self.dtype = np.dtype(dtype)
        self._blocks: list[NDArray[Any]] = []
        self._first = max(expected, _FIRST)
        self._room = 0
        self.size = 0

    def add(self, values: NDArray[Any]) -> None:
        while len(values):
            if not self._room:
                more = min(max(self.size, _FIRST), _BLOCK // self.dtype.itemsize)
                self._room = more if self._blocks else self._first
                self._blocks.append(_block(self._room, self.dtype))
            block = self._blocks[-1]
            start = len(block) - self._room
            part = values[: self._room]
            block[start : start + len(part)] = part
            self._room -= len(part)
            self.size += len(part)
            values = values[len(part) :]

    def joined(self) -> NDArray[Any]:
        if len(self._blocks) == 1:
            return self._blocks.pop()[: self.size]
        whole, start = np.empty(self.size, dtype=self.dtype), 0
        self._blocks.reverse()
        while self._blocks:
            block = self._blocks.pop()
            end = min(start + len(block), self.size)
            whole[start:end] = block[: end - start]
            start = end
        return whole


def _block(size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    needed = size * dtype.itemsize
    return np.empty(size, dtype) if needed < _OWN else np.frombuffer(mmap.mmap(-1, needed), dtype)


class Numbers:
    """A column of 64-bit floats, of about the expected length."""

    def __init__(self, expected: int = 0) -> None:
        self._blocks = _Blocks(np.float64, expected)

    def add(self, piece: Any) -> NDArray[np.float64]:
        """Take in an Arrow array; gives its values, NaN for null."""
        values = to_floats64(piece)
        self._blocks.add(values)
        return values

    def column(self) -> Any:
        """Give an Arrow array of all, null where one is missing; what was gathered is given up."""
        import pyarrow as pa

        values = self._blocks.joined()
        missing = np.isnan(values)
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
        return pa.Array.from_buffers(pa.float64(), len(values), [valid, pa.py_buffer(values)])


class Cells:
    """A column of any other type, as it is."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        width = _width(kind)
        self._blocks = _Blocks(np.dtype(f"V{width}")) if width else None
        self._missing: list[NDArray[np.int64]] = []
        self._pieces: list[Any] = []
        self._size = 0

    def add(self, piece: Any) -> None:
        """Take in an Arrow array, which may be given up then."""
        import pyarrow as pa

        if self._blocks is None:
            # What stands together with others in one buffer would keep all of it.
            self._pieces.append(pa.concat_arrays([piece, piece.slice(0, 0)]))
            return
        if piece.null_count:
            self._missing.append(np.flatnonzero(~present(piece)) + self._size)
        self._blocks.add(cells_of(piece, self._blocks.dtype))
        self._size += len(piece)

    def column(self) -> Any:
        """Give an Arrow array of all; what was gathered is given up."""
        import pyarrow as pa

        if self._blocks is None:
            return pa.chunked_array(self._pieces, type=self._kind)
        valid = None
        if self._missing:
            there = np.ones(self._size, dtype=np.bool_)
            there[np.concatenate(self._missing)] = False
            valid = pa.py_buffer(np.packbits(there, bitorder="little"))
        return pa.Array.from_buffers(self._kind, self._size, [valid, pa.py_buffer(self._blocks.joined())])


def _width(kind: Any) -> int:
    """Bytes of a cell, 0 where that differs or is less than one."""
    import pyarrow as pa

    types = pa.types
    plain = types.is_integer(kind) or types.is_floating(kind) or types.is_temporal(kind)
    return kind.bit_width // 8 if plain and not types.is_interval(kind) else 0


class Texts:
    """A column of texts, stored as the number of each row's text among the distinct ones.

    Args:
        expected: Rows that will come, about.
    """

    def __init__(self, expected: int = 0) -> None:
        self._codes = _Blocks(np.int32, expected)
        self._ends: list[int] = []
        self._texts: list[Any] = []

    def add(self, piece: Any) -> None:
        """Take in a dictionary array."""
        self._codes.add(codes_of_rows(piece))
        self._ends.append(self._codes.size)
        self._texts.append(piece.dictionary)

    def add_empty(self, rows: int) -> None:
        """Take in cells without text."""
        if rows:
            self.add(coded(np.zeros(rows, dtype=np.int32), from_texts([""])))

    def column(self) -> Any:
        """Give a dictionary array of all; what was gathered is given up."""
        import pyarrow as pa

        sizes = [len(texts) for texts in self._texts]
        encoded = pa.chunked_array(self._texts, type=pa.string()).dictionary_encode()
        self._texts.clear()
        codes, start = self._codes.joined(), 0
        for end, chunk in zip(self._ends, _by_piece(encoded, sizes), strict=True):
            codes[start:end] = chunk[codes[start:end]]
            start = end
        return coded(codes, encoded.chunk(0).dictionary)


def _by_piece(encoded: Any, sizes: list[int]) -> list[NDArray[Any]]:
    """Give the common code of each text, piece by piece, however Arrow has cut them."""
    whole = np.concatenate([codes_of_rows(chunk) for chunk in encoded.chunks])
    return np.split(whole, np.cumsum(sizes)[:-1])
