from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.building import panel_of
from tsforecast.training.batches import FEWEST_ROWS, LONG, SHORT_SHARE, Batches, cutoff_bounds

LENGTH, HORIZON = 10, 4


def test_draw_never_sees_beyond_the_training_part() -> None:
    """Whatever comes after the training part may change; what is learned from does not."""
    random = np.random.default_rng(0)
    past = [random.normal(size=60), random.normal(size=25)]
    later = [panel_of([np.append(one, random.normal(size=20) * size) for one in past]) for size in (1, 1e6)]

    drawn = [Batches(panel.head(np.array([60, 25])), LENGTH, HORIZON, seed=1).draw(200) for panel in later]

    np.testing.assert_array_equal(drawn[0][0].context, drawn[1][0].context)
    np.testing.assert_array_equal(drawn[0][1], drawn[1][1])


def test_draw_gives_a_context_and_what_followed_it() -> None:
    """The future starts one step after the context ends, in the same series."""
    panel = panel_of([np.arange(50.0), 1000 + np.arange(30.0)])

    inputs, future = Batches(panel, LENGTH, HORIZON, seed=0).draw(100)
    context = inputs.context

    assert context.shape == (100, LENGTH)
    assert future.shape == (100, HORIZON)
    np.testing.assert_array_equal(np.diff(np.hstack([context, future])), 1)
    assert {0, 1000} == set((context[:, 0] // 1000 * 1000).tolist())


def test_draw_follows_its_seed() -> None:
    """The same seed learns from the same windows, another one from others."""
    panel = panel_of([np.arange(50.0)])

    first, again, other = (Batches(panel, LENGTH, HORIZON, seed).draw(50)[0].context for seed in (3, 3, 4))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_draw_gives_every_series_equal_chances() -> None:
    """A long series does not drown a short one."""
    panel = panel_of([np.arange(1000.0), 1e6 + np.arange(20.0)])

    context = Batches(panel, LENGTH, HORIZON, seed=0).draw(1000)[0].context

    share = float((context[:, -1] >= 1e6).mean())
    assert 0.4 < share < 0.6


def test_draw_pads_short_series() -> None:
    """A series shorter than a window still teaches: padded before, cut after, never empty."""
    inputs, future = Batches(panel_of([np.arange(7.0)]), LENGTH, HORIZON, seed=0).draw(50)
    context = inputs.context

    known = (~np.isnan(context)).sum(1)
    assert (known >= FEWEST_ROWS).all()
    assert (known < LENGTH).all()
    assert (~np.isnan(future)).any(1).all()
    np.testing.assert_array_equal(future[:, 0], context[:, -1] + 1)


@pytest.mark.parametrize(
    "series",
    [[5.0] * 40, [np.nan] * 40, [1.0, 2.0, 3.0], []],
    ids=["constant", "unknown", "too short", "empty"],
)
def test_batches_leaves_out_series_that_teach_nothing(series: list[float]) -> None:
    """Nothing can be learned from a line, from nothing, or from three rows."""
    alone, beside = (
        Batches(panel_of(many), LENGTH, HORIZON, 0) for many in ([series], [series, np.arange(40.0).tolist()])
    )

    assert len(alone) == 0
    assert len(beside) > 0
    assert (np.diff(beside.draw(50)[0].context) == 1).all()


@given(
    lengths=st.lists(st.integers(0, 80), min_size=1, max_size=6),
    length=st.integers(1, 40),
    horizon=st.integers(1, 30),
)
def test_cutoff_bounds_leave_rows_on_both_sides(lengths: list[int], length: int, horizon: int) -> None:
    """Every cutoff has rows to see and a row to learn; long series give whole windows, as far as all are long."""
    rows = np.array(lengths)
    low, high = cutoff_bounds(rows, length, horizon)

    usable = high >= low
    assert (low[usable] >= FEWEST_ROWS).all()
    assert (high[usable] < rows[usable]).all()
    long = rows >= max(2 * length, 2 * FEWEST_ROWS) + 2 * horizon
    assert (high[long] == rows[long] - horizon).all()
    usable = rows[rows > horizon]
    mostly_long = len(usable) and np.median(usable) >= LONG * length
    shortest = int(np.quantile(usable, SHORT_SHARE)) if mostly_long else length
    assert (low[long] >= min(length, max(shortest, FEWEST_ROWS))).all()
