from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.models.building import rough_network, seasonal_windows, small_spec
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.preparation import Prepared, fill, prepare

NORMALISATIONS = ("spread", "change")
WHOLE = st.integers(-1000, 1000).map(float)


def windows(gaps: bool = True) -> st.SearchStrategy[Floats]:
    """Draw a few windows of whole numbers, some of them missing: sums and differences of these are exact."""
    elements = WHOLE | st.just(float("nan")) if gaps else WHOLE
    shape = st.tuples(st.integers(1, 3), st.integers(2, 15))
    return shape.flatmap(lambda size: arrays(np.float64, size, elements=elements))


def prepared(context: Floats, normalisation: str, seasons: tuple[int, ...] = (3,)) -> Prepared:
    """Prepare windows given as an array."""
    return prepare(torch.from_numpy(context.copy()), seasons, normalisation)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@given(context=windows(), shift=st.integers(-(10**6), 10**6), power=st.integers(-20, 20))
def test_prepare_gives_the_same_values_for_a_moved_and_stretched_window(
    normalisation: str, context: Floats, shift: int, power: int
) -> None:
    """Units of the user do not reach the network: Celsius or Fahrenheit, pieces or thousands."""
    plain = prepared(context, normalisation)
    moved = prepared((context + shift) * 2.0**power, normalisation)

    torch.testing.assert_close(moved.values, plain.values, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(moved.scale, plain.scale * 2.0**power, rtol=1e-12, atol=0, equal_nan=True)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@given(context=windows())
def test_prepare_can_be_undone(normalisation: str, context: Floats) -> None:
    """Values times scale plus centre are the known values again."""
    window = prepared(context, normalisation)

    back = (window.values * window.scale + window.centre).numpy()

    known = ~np.isnan(context)
    np.testing.assert_allclose(back[known], context[known], rtol=0, atol=1e-5 * 1000)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_prepare_keeps_a_small_season_on_a_huge_level(normalisation: str) -> None:
    """A season of size one on a level of a billion is the same season."""
    season = np.sin(np.arange(24) * np.pi / 6)[None]

    small, large = prepared(season, normalisation), prepared(season + 1e9, normalisation)

    np.testing.assert_allclose(large.values, small.values, rtol=0, atol=1e-6)


def test_prepare_of_spread_has_mean_zero_and_deviation_one_over_what_is_known() -> None:
    """Filled values say nothing about a window's own scale."""
    context = seasonal_windows(4, 30)
    context[:, 5:9] = np.nan

    window = prepared(context, "spread")

    known = np.where(np.isnan(context), np.nan, window.values.numpy())
    np.testing.assert_allclose(np.nanmean(known, 1), 0, atol=1e-6)
    np.testing.assert_allclose(np.nanstd(known, 1), 1, rtol=1e-6)
    np.testing.assert_allclose(window.centre[:, 0], np.nanmean(context, 1), rtol=1e-12)
    np.testing.assert_allclose(window.scale[:, 0], np.nanstd(context, 1), rtol=1e-12)


def test_prepare_of_change_counts_from_the_last_value_in_mean_steps() -> None:
    """The second way to normalise: 0 is the last value, 1 the mean absolute step."""
    context = seasonal_windows(4, 30)

    window = prepared(context, "change")

    assert not window.values[:, -1].any()
    np.testing.assert_allclose(window.centre[:, 0], context[:, -1], rtol=1e-12)
    np.testing.assert_allclose(window.scale[:, 0], np.abs(np.diff(context)).mean(1), rtol=1e-12)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_prepare_marks_what_was_known(normalisation: str) -> None:
    """The mask is 1 at known values and 0 at filled ones."""
    context = np.array([[1.0, np.nan, 3.0, np.nan, 2.0]])

    assert prepared(context, normalisation).observed.tolist() == [[1, 0, 1, 0, 1]]


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_prepare_survives_extreme_sizes(normalisation: str, size: float) -> None:
    """Squares of such values overflow or vanish; the window does not."""
    context = seasonal_windows(3, 20) / 100 * size

    window = prepared(context, normalisation)

    assert torch.isfinite(torch.cat([part.double() for part in window], 1)).all()
    np.testing.assert_allclose(
        window.values, prepared(context / size, normalisation).values, rtol=0, atol=1e-5
    )


@given(context=windows(), season=st.integers(2, 6))
def test_fill_takes_only_values_that_came_before(context: Floats, season: int) -> None:
    """A filled value does not change with anything after it, and is one that was seen before."""
    filled = fill(torch.from_numpy(context), (season,)).numpy()

    for row, done in zip(context, filled, strict=True):
        places = np.flatnonzero(~np.isnan(row))
        for step in np.flatnonzero(np.isnan(row)):
            before = row[:step][~np.isnan(row[:step])]
            wanted = before if len(before) else row[places[:1]]
            assert done[step] in wanted or (not len(places) and np.isnan(done[step]))


@given(context=windows(), season=st.integers(2, 6))
def test_fill_leaves_known_values_alone(context: Floats, season: int) -> None:
    """What the user observed is what the network sees."""
    filled = fill(torch.from_numpy(context), (season,)).numpy()

    known = ~np.isnan(context)
    np.testing.assert_array_equal(filled[known], context[known])


@pytest.mark.parametrize(
    ("context", "wanted"),
    [
        ([1, 2, 3, np.nan, 5, 6], [1, 2, 3, 1, 5, 6]),
        ([1, 2, 3, 4, 5, 6, np.nan, np.nan, 9], [1, 2, 3, 4, 5, 6, 4, 5, 9]),
        ([1, np.nan, 3, 4, np.nan, 6], [1, 1, 3, 4, 4, 6]),
        ([np.nan, np.nan, 3, 4, 5, 6], [3, 3, 3, 4, 5, 6]),
        ([1, 2, 3, *[np.nan] * 6], [1, 2, 3, 1, 2, 3, 1, 2, 3]),
    ],
    ids=["same season", "several", "last known", "first known", "two seasons back"],
)
def test_fill_prefers_the_same_season(context: list[float], wanted: list[float]) -> None:
    """A missing Monday is last Monday; failing that the last value; at the start the first known one."""
    filled = fill(torch.tensor([context], dtype=torch.float64), (3,))

    assert [wanted] == filled.tolist()


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_forecast_of_a_constant_window_is_the_constant(normalisation: str) -> None:
    """A series that never changes is forecast exactly, without an interval."""
    network = rough_network(small_spec(normalisation=normalisation))
    context = np.repeat([[3.7], [0.0], [-1e12]], 24, 1)
    context[0, :10] = np.nan

    quantiles, _ = network.forecast(Inputs.of(context))

    np.testing.assert_array_equal(quantiles, np.broadcast_to(context[:, -1:, None], quantiles.shape))


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_forecast_of_an_unknown_window_is_missing_and_spoils_no_other(normalisation: str) -> None:
    """One dead sensor gives no number, and takes no other series with it."""
    network = rough_network(small_spec(normalisation=normalisation))
    context = seasonal_windows(3, 24)
    alone = network.forecast(Inputs.of(context[[0, 2]]))[0]
    context[1] = np.nan

    quantiles, _ = network.forecast(Inputs.of(context))

    assert np.isnan(quantiles[1]).all()
    np.testing.assert_allclose(quantiles[[0, 2]], alone, rtol=1e-6)
