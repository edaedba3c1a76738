from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.models.building import panel_of, rough_network, seasonal_panel, small_spec
from tsforecast.data.panel import Panel
from tsforecast.training.validation import MOST_WINDOWS, Validation


def validation_of(panel: Panel, cutoffs: list[int]) -> Validation:
    """Every series at every cutoff."""
    spec = small_spec()
    series = np.repeat(np.arange(len(panel)), len(cutoffs))
    return Validation(panel, spec, series, np.tile(np.array(cutoffs, dtype=np.int64), len(panel)), seed=0)


def test_score_is_smaller_for_better_quantiles() -> None:
    """A network that is far off scores worse."""
    validation, network = validation_of(seasonal_panel(), [80, 100]), rough_network(small_spec(), noise=0.01)
    before = validation.score(network)
    with torch.no_grad():
        network.residual_bias.add_(5)

    assert validation.score(network) > 2 * before


def test_score_counts_every_series_alike() -> None:
    """A series in thousands weighs no more than one in units."""
    panel = seasonal_panel(count=2)
    scaled = panel_of([panel.series(0), 1000 * panel.series(1)])
    network = rough_network(small_spec())

    first, second = (validation_of(one, [80, 100]).score(network) for one in (panel, scaled))

    assert first == pytest.approx(second, rel=1e-5)


def test_validation_leaves_out_what_cannot_be_scored() -> None:
    """Constant series, unknown futures and constant contexts give no number."""
    late = np.arange(120.0)
    late[:100] = 3.0
    known = np.sin(np.arange(120.0))
    unknown, unseen = known.copy(), known.copy()
    unknown[80:], unseen[:80] = np.nan, np.nan
    panel = panel_of([np.full(120, 2.0), unknown, unseen, late, known])

    assert len(validation_of(panel, [80])) == 1


def test_validation_looks_at_a_bounded_number_of_windows() -> None:
    """A large panel does not make every check slow, and the choice follows the seed."""
    panel = seasonal_panel(count=MOST_WINDOWS // 2, length=60)
    first, again = (validation_of(panel, [40, 45, 50]) for _ in range(2))

    assert len(first) == MOST_WINDOWS
    np.testing.assert_array_equal(first.inputs.context, again.inputs.context)


def test_score_of_no_window_does_not_fail() -> None:
    """A panel too short to validate on still trains."""
    assert len(validation_of(seasonal_panel(), [])) == 0
