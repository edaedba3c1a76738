from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.models.building import panel_of
from tsforecast.config import FitSettings
from tsforecast.errors import DataError
from tsforecast.training.geometry import (
    FEWEST_CONTEXT,
    PATCHES,
    SHORT_SEASON,
    check_length,
    choose_context,
    choose_patch,
    choose_spec,
)

SEASONS = st.lists(st.integers(2, 400), max_size=3, unique=True).map(lambda many: tuple(sorted(many)))


@given(length=st.integers(1, 2000), seasons=SEASONS)
def test_choose_patch_gives_few_patches(length: int, seasons: tuple[int, ...]) -> None:
    """The recurrence stays short whatever the context: 1 to 16 steps."""
    patch = choose_patch(length, seasons)

    assert 1 <= math.ceil(length / patch) <= PATCHES[1]


@given(length=st.integers(1, 2000), seasons=SEASONS.filter(bool))
def test_choose_patch_is_aligned_to_the_shortest_season(length: int, seasons: tuple[int, ...]) -> None:
    """Hour 7 of a day stands in the same place of every patch, or of every few patches."""
    assume(seasons[0] <= length)

    patch = choose_patch(length, seasons)

    assert patch % seasons[0] == 0 or seasons[0] % patch == 0


@pytest.mark.parametrize(
    ("length", "seasons", "patch"),
    [
        (336, (24, 168), 24),
        (60, (12,), 12),
        (104, (52,), 13),
        (1000, (7,), 63),
        (20, (), 2),
        (5, (12,), 1),
    ],
    ids=["hourly", "monthly", "weekly", "many short seasons", "no season", "shorter than a season"],
)
def test_choose_patch_is_what_people_would_choose(length: int, seasons: tuple[int, ...], patch: int) -> None:
    """A day of hours, a year of months, a quarter of weeks."""
    assert patch == choose_patch(length, seasons)


@given(
    lengths=st.lists(st.integers(1, 2000), min_size=1, max_size=9),
    seasons=SEASONS,
    horizon=st.integers(1, 200),
)
def test_choose_context_fits_a_typical_series(
    lengths: list[int], seasons: tuple[int, ...], horizon: int
) -> None:
    """A context made of padding teaches nothing, but for one of a few short seasons, whose patches are worth it."""
    long = [length for length in lengths if length >= horizon + FEWEST_CONTEXT]
    assume(long and not (seasons and seasons[-1] <= SHORT_SEASON))

    context = choose_context(np.array(lengths), seasons, horizon)

    assert FEWEST_CONTEXT <= context <= max(4, np.median(long) - horizon)


def test_choose_context_holds_two_of_the_longest_season() -> None:
    """Where the series are long enough the network sees a season twice."""
    assert choose_context(np.array([5000]), (24, 168), 48) == 336


def test_choose_context_of_short_series_holds_whole_seasons() -> None:
    """Half a season at the front would misalign every profile."""
    assert choose_context(np.array([60]), (7, 365), 14) % 7 == 0


def test_choose_spec_takes_what_the_user_says() -> None:
    """A setting that is given is not chosen."""
    settings = FitSettings(horizon=7, context_length=33, activation="tanh")

    spec = choose_spec(panel_of([np.arange(300.0)]), (24,), settings, members=2)

    assert (
        spec.horizon,
        spec.context_length,
        spec.activation,
        spec.members,
        spec.season_lengths,
    ) == (7, 33, "tanh", 2, (24,))


def test_choose_spec_finds_the_horizon_in_the_frequency() -> None:
    """Hours are forecast two days ahead where nobody says otherwise."""
    assert choose_spec(panel_of([np.arange(300.0)]), (24,), FitSettings(), members=1).horizon == 48


@pytest.mark.parametrize(("rows", "horizon"), [([12], 12), ([3, 14, 2], 12), ([1], 1)])
def test_check_length_refuses_what_is_too_short(rows: list[int], horizon: int) -> None:
    """Nothing can be learned from less than one window, and the hint says what would fit."""
    with pytest.raises(DataError) as caught:
        check_length(panel_of([np.arange(float(one)) for one in rows]), horizon)

    assert f"{max(rows)} rows" in caught.value.message
    assert str(horizon + FEWEST_CONTEXT) in caught.value.message
    assert "--horizon" in caught.value.hint or f"{FEWEST_CONTEXT + 1} rows" in caught.value.hint


def test_check_length_takes_a_panel_with_one_long_series() -> None:
    """Short series beside a long one are forecast too."""
    check_length(panel_of([np.arange(3.0), np.arange(40.0)]), 12)
