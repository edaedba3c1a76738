"""Columns gathered from pieces are the same however many rows were expected."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tsforecast.data.sources.gathering import Numbers, Texts

ROWS = 200_000


@pytest.mark.parametrize("expected", [0, 1, 70_000, ROWS, 5 * ROWS])
def test_a_wrong_guess_of_the_length_changes_nothing(expected: int) -> None:
    """Rows at the beginning of a file may be far longer or shorter than the others."""
    values = np.random.default_rng(0).normal(size=ROWS)
    codes = np.arange(ROWS, dtype=np.int32) % 7
    numbers, texts = Numbers(expected), Texts(expected)

    for start in range(0, ROWS, 30_011):
        part = slice(start, start + 30_011)
        numbers.add(pa.array(values[part]))
        texts.add(pa.DictionaryArray.from_arrays(codes[part], [f"s{code}" for code in range(7)]))

    assert numbers.column().equals(pa.array(values))
    assert texts.column().to_pylist() == [f"s{code}" for code in codes]
