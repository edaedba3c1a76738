from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.windows import Windows

SCHEMA = Schema(layout="long", time="ds", time_format=TimeFormat(), id="shop", target="y")
LENGTHS = st.lists(st.integers(1, 12), min_size=1, max_size=5)
SIZES = st.integers(1, 15)


def numbered(lengths: list[int]) -> Panel:
    """Panel in which every value is another number: 1000 times its series plus its row."""
    series = [1000.0 * index + np.arange(length, dtype=np.float64) for index, length in enumerate(lengths)]
    names = [f"s{index}" for index in range(len(lengths))]
    return Panel.of(names, series, [0] * len(lengths), parse_frequency("D"), SCHEMA)


def every_window(lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """All series and cutoffs."""
    pairs = [(index, cutoff) for index, length in enumerate(lengths) for cutoff in range(length + 1)]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


@given(LENGTHS, SIZES, SIZES)
def test_context_holds_the_last_values_before_the_cutoff(
    lengths: list[int], context: int, horizon: int
) -> None:
    """No window sees a row at or after its cutoff, nor another series; short ones are padded on the left."""
    panel = numbered(lengths)
    series, cutoffs = every_window(lengths)

    contexts = Windows(panel, context, horizon).contexts(series, cutoffs)

    for index, cutoff, seen in zip(series, cutoffs, contexts, strict=True):
        known = panel.series(index)[:cutoff][-context:]
        np.testing.assert_array_equal(seen, np.concatenate([np.full(context - len(known), np.nan), known]))


@given(LENGTHS, SIZES, SIZES)
def test_future_holds_the_values_from_the_cutoff_on(lengths: list[int], context: int, horizon: int) -> None:
    """What followed, and NaN where nothing is known."""
    panel = numbered(lengths)
    series, cutoffs = every_window(lengths)

    futures = Windows(panel, context, horizon).futures(series, cutoffs)

    for index, cutoff, seen in zip(series, cutoffs, futures, strict=True):
        known = panel.series(index)[cutoff:][:horizon]
        np.testing.assert_array_equal(seen, np.concatenate([known, np.full(horizon - len(known), np.nan)]))


@given(LENGTHS, SIZES, SIZES)
def test_windows_share_one_padded_storage(lengths: list[int], context: int, horizon: int) -> None:
    """Windows are views: the storage is the panel and the padding between its series, once."""
    windows = Windows(numbered(lengths), context, horizon)

    rows = sum(lengths) + (len(lengths) + 1) * max(context, horizon)
    assert windows._contexts.base is not None
    assert np.shares_memory(windows._contexts, windows._futures)
    assert windows._contexts.shape == (rows - context + 1, context)


@given(LENGTHS, SIZES)
def test_changing_the_future_changes_no_context(lengths: list[int], context: int) -> None:
    """A forecast cannot depend on what comes after its cutoff."""
    panel = numbered(lengths)
    series, cutoffs = every_window(lengths)
    before = Windows(panel, context, 3).contexts(series, cutoffs)
    middle = np.array([length // 2 for length in lengths])
    for index, cutoff in enumerate(middle):
        panel.series(index)[cutoff:] = -1.0

    after = Windows(panel, context, 3).contexts(series, cutoffs)

    kept = cutoffs <= middle[series]
    np.testing.assert_array_equal(after[kept], before[kept])
