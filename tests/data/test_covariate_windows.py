from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.test_windows import every_window
from tsforecast.artifacts import pack_arrays, pack_history
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.covariates import Covariates
from tsforecast.data.joining import join_panels
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.windows import Windows

SCHEMA = Schema(
    layout="long",
    time="ds",
    time_format=TimeFormat(),
    id="shop",
    target="y",
    past=("temp", "weather"),
    future=("price", "event"),
    static=("size", "region"),
    categories={"weather": ("rain", "sun"), "event": ("fair",), "region": ("hill",)},
)
NAN = float("nan")
CATEGORIES = np.array([1, 3])
LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=4)
AHEAD = st.integers(0, 6)
SIZES = st.integers(1, 8)


def numbered(lengths: list[int], ahead: int, start: int = 0) -> Panel:
    """Panel in which each value tells its series and ordinal, covariates also their column; categories are 1."""
    series, rows = [], []
    for index, length in enumerate(lengths):
        ordinals = start + np.arange(length + ahead, dtype=np.float64)
        series.append(1000.0 * index + ordinals[:length])
        own = 1000.0 * index + ordinals[:, None] + 0.1 * np.arange(4)
        own[:, CATEGORIES] = 1.0
        own[length:, :2] = np.nan
        rows.append(own)
    names = [f"s{index}" for index in range(len(lengths))]
    static = np.array([[float(index), 1.0] for index in range(len(lengths))])
    beside = Covariates(
        values=np.concatenate(rows), offsets=np.cumsum([0, *map(len, rows)], dtype=np.int64), static=static
    )
    return Panel.of(names, series, [start] * len(lengths), parse_frequency("D"), SCHEMA, beside)


def expected(panel: Panel, index: int, first: int, end: int, columns: slice) -> Floats:
    """Rows of a series from one number to before another, cell by cell, missing ones as a forecaster sees them."""
    assert panel.covariates is not None
    own = panel.covariates.series(index)
    missing = np.array([np.nan, 0.0, np.nan, 0.0])
    rows = [own[row] if 0 <= row < len(own) else missing for row in range(first, end)]
    return np.where(np.isnan(rows), missing, rows)[:, columns]


def check_windows(panel: Panel, context: int, horizon: int, series: Ints, cutoffs: Ints) -> None:
    """Compare all windows with the panel, cell by cell."""
    inputs = Windows(panel, context, horizon).inputs(series, cutoffs)

    for place, (index, cutoff) in enumerate(zip(series, cutoffs, strict=True)):
        past = expected(panel, index, cutoff - context, cutoff, slice(0, 2))
        future = expected(panel, index, cutoff - context, cutoff + horizon, slice(2, 4))
        np.testing.assert_array_equal(inputs.past_covariates[place], past)
        np.testing.assert_array_equal(inputs.future_covariates[place], future)


@given(LENGTHS, AHEAD, SIZES, SIZES)
def test_windows_hold_covariates_beside_their_targets(
    lengths: list[int], ahead: int, context: int, horizon: int
) -> None:
    """Past ones up to the cutoff, future ones as far as they are known, and never those of another series."""
    panel = numbered(lengths, ahead)

    check_windows(panel, context, horizon, *every_window(lengths))


@given(LENGTHS, AHEAD, SIZES, SIZES)
def test_no_window_sees_what_comes_after_its_cutoff(
    lengths: list[int], ahead: int, context: int, horizon: int
) -> None:
    """Targets and past covariates after the cutoff, and future ones after the horizon, change nothing."""
    panel = numbered(lengths, ahead)
    series, cutoffs = every_window(lengths)
    before = Windows(panel, context, horizon).inputs(series, cutoffs)
    middle = np.array([length // 2 for length in lengths])
    for index, cutoff in enumerate(middle):
        assert panel.covariates is not None
        panel.series(index)[cutoff:] = -1.0
        panel.covariates.series(index)[cutoff:, :2] = -1.0
        panel.covariates.series(index)[cutoff + horizon :, 2:] = -1.0

    after = Windows(panel, context, horizon).inputs(series, cutoffs)

    kept = np.flatnonzero(cutoffs <= middle[series])
    for (_, one), (_, other) in zip(before.take(kept).arrays(), after.take(kept).arrays(), strict=True):
        np.testing.assert_array_equal(one, other)


@given(LENGTHS, AHEAD, st.integers(0, 9), SIZES, SIZES)
def test_head_keeps_covariates_in_place(
    lengths: list[int], ahead: int, rows: int, context: int, horizon: int
) -> None:
    """Windows of what was known at a cutoff are those of the whole panel at that cutoff."""
    panel = numbered(lengths, ahead)
    head = panel.head(np.full(len(lengths), rows))
    series, cutoffs = every_window(head.lengths.tolist())

    one, other = (Windows(each, context, horizon).inputs(series, cutoffs) for each in (panel, head))

    assert head.covariates is not None
    for index, length in enumerate(head.lengths):
        assert np.isnan(head.covariates.series(index)[length:, :2]).all()
    for (_, whole), (_, cut) in zip(one.arrays(), other.arrays(), strict=True):
        np.testing.assert_array_equal(whole, cut)


@given(LENGTHS, AHEAD, SIZES)
def test_tail_keeps_covariates_in_place(lengths: list[int], ahead: int, rows: int) -> None:
    """The newest window of the last rows is that of the whole panel, what is known ahead included."""
    panel, series = numbered(lengths, ahead), np.arange(len(lengths))
    tail = panel.tail(rows)

    one, other = (Windows(each, rows, 7).inputs(series, each.lengths) for each in (panel, tail))

    for (_, whole), (_, cut) in zip(one.arrays(), other.arrays(), strict=True):
        np.testing.assert_array_equal(whole, cut)


@given(LENGTHS, AHEAD, SIZES, st.integers(0, 9))
def test_joining_the_parts_gives_the_whole(lengths: list[int], ahead: int, rows: int, cut: int) -> None:
    """History up to a cutoff and the rows from before it on are the panel, covariates in their places."""
    whole = numbered(lengths, ahead)
    history = whole.head(np.full(len(lengths), max(cut, 1)))

    joined = join_panels(history, whole.tail(rows) if rows > cut else whole)

    assert whole.covariates is not None
    assert joined.covariates is not None
    np.testing.assert_array_equal(joined.first, whole.first)
    np.testing.assert_array_equal(joined.covariates.offsets, whole.covariates.offsets)
    seen = ~np.isnan(joined.covariates.values)
    np.testing.assert_array_equal(joined.covariates.values[seen], whole.covariates.values[seen])
    np.testing.assert_array_equal(joined.covariates.static, whole.covariates.static)


def test_joining_takes_new_covariates_where_they_have_a_value() -> None:
    """The rule of the targets holds beside them: numbers, categories and facts."""
    history, new = numbered([4], 2), numbered([2], 3, start=3)
    assert history.covariates is not None
    assert new.covariates is not None
    new.covariates.values[:] = [
        [NAN, 2, 70, NAN],
        [61, 0, NAN, 0],
        [NAN, NAN, 72, 0],
        [NAN, NAN, 73, 1],
        [NAN, NAN, 74, 1],
    ]
    new.covariates.static[:] = [[NAN, 0.0]]

    joined = join_panels(history, new)

    assert joined.lengths.tolist() == [5]
    assert joined.covariates is not None
    np.testing.assert_allclose(joined.covariates.values[2:], [
        [2.0, 1, 2.2, 1],
        [3.0, 2, 70, 1],
        [61, 0, 4.2, 0],
        [NAN, NAN, 72, 0],
        [NAN, NAN, 73, 1],
        [NAN, NAN, 74, 1],
    ])  # fmt: skip
    np.testing.assert_array_equal(joined.covariates.static, [[0.0, 0.0]])


def test_rows_known_ahead_join_the_end_of_the_history() -> None:
    """A file of the future alone moves no cutoff, whether it starts before the end of the history or after."""
    history, ahead = numbered([6], 0), numbered([9], 0)
    for start in (4, 6, 7):
        assert ahead.covariates is not None
        rows = ahead.covariates.values[start:]
        alone = Panel.of(
            ["s0"],
            [np.empty(0)],
            [start],
            ahead.frequency,
            SCHEMA,
            Covariates(values=rows, offsets=np.array([0, len(rows)]), static=ahead.covariates.static),
        )

        joined = join_panels(history, alone)

        assert (joined.lengths.tolist(), joined.last.tolist()) == ([6], [5])
        future = Windows(joined, 2, 3).inputs(np.array([0]), joined.lengths).future_covariates[0, 2:, 0]
        known = np.array([6.2, 7.2, 8.2])
        known[: max(start - 6, 0)] = np.nan
        np.testing.assert_allclose(future, known)


def test_series_of_one_side_keep_their_covariates() -> None:
    """Those that only the model or only the data have are taken as they are."""
    history, new = numbered([3, 4], 1), numbered([2], 2, start=5)
    new = replace(new, series_ids=("other",))

    joined = join_panels(history, new)

    assert joined.covariates is not None
    assert joined.covariates.lengths.tolist() == [4, 5, 4]
    assert joined.covariates.static[:, 0].tolist() == [0.0, 1.0, 0.0]
    np.testing.assert_array_equal(joined.covariates.series(2)[:, 2], [5.2, 6.2, 7.2, 8.2])


def test_categories_without_a_row_are_unknown() -> None:
    """A forecaster never gets a code that is no number."""
    panel = numbered([2], 0)
    assert panel.covariates is not None
    panel.covariates.values[0] = np.nan
    panel.covariates.static[:] = np.nan

    inputs = Windows(panel, 3, 2).inputs(np.array([0]), np.array([2]))

    np.testing.assert_array_equal(inputs.past_covariates[0], [[NAN, 0], [NAN, 0], [1.0, 1]])
    np.testing.assert_array_equal(inputs.future_covariates[0, :, 1], [0, 0, 1, 0, 0])
    np.testing.assert_array_equal(inputs.static_covariates, [[NAN, 0]])


def test_windows_share_the_storage_of_covariates() -> None:
    """Windows are views of one padded storage."""
    beside = Windows(numbered([50, 60], 4), 30, 10)._beside

    assert beside is not None
    # Their columns lie side by side, so bounds overlap where the storage is one.
    assert np.may_share_memory(beside._past, beside._future)
    assert beside._past.shape == (50 + 60 + 8 + 3 * 30 - 29, 30, 2)


@pytest.mark.parametrize(
    ("alias", "expected_dates"),
    [
        ("D", ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"]),
        ("B", ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02"]),
        ("ME", ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]),
        ("6h", ["2024-01-31T12", "2024-01-31T18", "2024-02-01T00", "2024-02-01T06"]),
    ],
)
def test_timestamps_are_those_of_the_grid(alias: str, expected_dates: list[str]) -> None:
    """Seconds of wall clock, also for steps before the first row and after the last."""
    frequency = parse_frequency(alias)
    tick = np.array([expected_dates[2]], dtype="datetime64[us]").astype(np.int64)
    panel = Panel.of(["a"], [np.array([1.0])], frequency.ordinals(tick)[0], frequency, SCHEMA)

    inputs = Windows(panel, 3, 1, timestamps=True).inputs(np.array([0]), np.array([1]))
    shown = inputs.timestamps[0].astype("datetime64[s]")

    np.testing.assert_array_equal(shown, np.array(expected_dates, dtype="datetime64[s]"))


def test_timestamps_are_given_only_where_asked_for_and_where_there_are_any() -> None:
    """Integer time has no clock."""
    panel = numbered([3], 0)
    steps = replace(panel, frequency=parse_frequency("step"))
    where = np.array([0]), np.array([3])

    assert Windows(panel, 2, 3).inputs(*where).timestamps.shape == (1, 0)
    assert Windows(panel, 2, 3, timestamps=True).inputs(*where).timestamps.shape == (1, 5)
    assert Windows(steps, 2, 3, timestamps=True).inputs(*where).timestamps.shape == (1, 0)


def test_panel_without_covariates_gives_targets_alone() -> None:
    """Nothing else is fed to a graph that knows nothing else."""
    panel = replace(numbered([3], 0), covariates=None)

    assert [*Windows(panel, 2, 3).inputs(np.array([0]), np.array([3])).used()] == ["context"]


@given(LENGTHS, AHEAD, SIZES)
def test_history_keeps_covariates(lengths: list[int], ahead: int, rows: int) -> None:
    """What is stored comes back: bytes of a part to the same arrays."""
    from safetensors.numpy import load

    packed = pack_history(numbered(lengths, ahead).tail(rows))
    stored = load(pack_arrays(packed))

    assert stored.keys() == packed.keys()
    for name, array in packed.items():
        np.testing.assert_array_equal(stored[name], array)
