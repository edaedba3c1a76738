from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.evaluation.histories import Histories

NAN = np.nan


def test_histories_end_at_their_cutoff(make_panel: Any) -> None:
    """Rows from the cutoff on and rows of other series do not exist."""
    panel = make_panel([np.array([NAN, 1.0, 2.0, 3.0]), np.array([4.0, NAN, 6.0])])
    known = Histories.before(panel, np.array([0, 0, 1]), np.array([1, 3, 2]))
    rows = np.tile([-1, 0, 1, 2, 3], (3, 1))

    np.testing.assert_array_equal(known.last_observed(), [0, 2, 4])
    np.testing.assert_array_equal(known.first_observed(), [0, 1, 4])
    np.testing.assert_array_equal(known.at(rows), [[NAN] * 5, [NAN, NAN, 1, 2, NAN], [NAN, 4, NAN, NAN, NAN]])


def test_interpolated_fills_gaps_in_a_line_and_ends_with_their_neighbour() -> None:
    """Rows past the end are 0, and so is a history without any value."""
    known = Histories.of([np.array([NAN, 2.0, NAN, 4.0, NAN]), np.array([NAN, NAN])])

    np.testing.assert_array_equal(known.interpolated(), [[2, 2, 3, 4, 4], [0, 0, 0, 0, 0]])


def test_blocks_hold_every_history_once_longest_first() -> None:
    """Blocks stay within both limits, whatever the lengths."""
    known = Histories.of([np.zeros(length) for length in (3, 40, 0, 7, 9, 1)])
    blocks = [known.lengths[block].tolist() for block in known.blocks(rows=2, elements=12)]

    assert blocks == [[40], [9], [7], [3, 1], [0]]
