from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.models.building import panel_of
from tsforecast.training.geometry import FEWEST_CONTEXT
from tsforecast.training.split import FEWEST_ROWS, Split, split_panel


def split_of(lengths: list[int], horizon: int, season: int) -> Split:
    """Split of series of the given lengths."""
    panel = panel_of([np.arange(float(length)) for length in lengths])
    return split_panel(panel, horizon, season, horizon + FEWEST_CONTEXT)


CASES = given(
    lengths=st.lists(st.integers(1, 300), min_size=1, max_size=6),
    horizon=st.integers(1, 60),
    season=st.integers(1, 60),
)


@CASES
def test_split_panel_keeps_its_three_parts_apart(lengths: list[int], horizon: int, season: int) -> None:
    """Training ends before validation starts, and validation before the backtest, in every series."""
    assume(max(lengths) >= horizon + FEWEST_CONTEXT)
    split = split_of(lengths, horizon, season)

    (checked, check_cutoffs), (tested, test_cutoffs) = split.validation, split.backtest
    assert (check_cutoffs >= split.training[checked]).all()
    assert (check_cutoffs + split.block <= split.known[checked]).all()
    assert (test_cutoffs >= split.known[tested]).all()
    assert (test_cutoffs + split.block <= np.array(lengths)[tested]).all()
    assert (split.training <= split.known).all()


@CASES
def test_split_panel_always_tests_on_something(lengths: list[int], horizon: int, season: int) -> None:
    """A panel that holds one window is backtested, from a cutoff that leaves rows to see."""
    assume(max(lengths) >= horizon + FEWEST_CONTEXT)
    split = split_of(lengths, horizon, season)

    assert len(split.backtest[0]) > 0
    for _, cutoffs in (split.backtest, split.validation):
        assert (cutoffs >= FEWEST_ROWS).all()
    assert 1 <= split.block <= horizon


@CASES
def test_split_panel_cuts_blocks_that_touch_but_do_not_overlap(
    lengths: list[int], horizon: int, season: int
) -> None:
    """No step is scored twice."""
    assume(max(lengths) >= horizon + FEWEST_CONTEXT)
    split = split_of(lengths, horizon, season)

    for series, cutoffs in (split.backtest, split.validation):
        steps = np.diff(cutoffs)[np.diff(series) == 0]
        assert (steps == split.block).all()


@CASES
def test_split_panel_rolls_within_the_validation_blocks(
    lengths: list[int], horizon: int, season: int
) -> None:
    """Cutoffs in between see no row and forecast none that the blocks themselves do not, and end with theirs."""
    assume(max(lengths) >= horizon + FEWEST_CONTEXT)
    split = split_of(lengths, horizon, season)

    series, cutoffs = split.rolling
    assert (cutoffs >= split.training[series]).all()
    assert (cutoffs + split.block <= split.known[series]).all()
    assert len(cutoffs) >= len(split.validation[0])
    for one in np.unique(split.validation[0]):
        assert cutoffs[series == one].max() == split.validation[1][split.validation[0] == one].max()
        assert (np.diff(cutoffs[series == one]) > 0).all()


def test_split_panel_rolls_through_a_short_series_and_not_through_many() -> None:
    """One short series has a cutoff at every step of its validation blocks; with enough blocks none is in between."""
    alone, many = split_of([120], horizon=12, season=12), split_of([100] * 80, horizon=10, season=7)

    assert alone.rolling[1].tolist() == list(range(84, 97))
    long = split_of([4000], horizon=24, season=24)
    for one in (many, long):
        np.testing.assert_array_equal(one.rolling, one.validation)


def test_split_panel_of_long_series_tests_a_tenth_or_so() -> None:
    """One long series is tested from many cutoffs, but most of it is for training."""
    split = split_of([2000], horizon=24, season=24)

    assert len(split.backtest[0]) == 12
    assert len(split.validation[0]) == 12
    assert split.training[0] == 2000 - 24 * 24


def test_split_panel_of_many_series_tests_each_once() -> None:
    """A panel has windows enough with one block per series; validation has two."""
    split = split_of([100] * 80, horizon=10, season=7)

    assert len(split.backtest[0]) == 80
    assert len(split.validation[0]) == 160


def test_split_panel_shortens_blocks_of_short_series_and_says_so() -> None:
    """Where three horizons do not fit, shorter blocks are scored, and that is told."""
    split = split_of([30], horizon=20, season=1)

    assert split.block < 20
    assert "shorter than the horizon of 20" in split.words


@pytest.mark.parametrize("part", ["validation", "backtest"])
def test_split_panel_words_count_the_blocks(part: str) -> None:
    """The sentence people read is what was done."""
    split = split_of([500], horizon=10, season=7)

    windows = len(getattr(split, part)[0])
    assert f"{windows} x 10 steps" in split.words
