"""The scale of the windows: chosen where a choice can be told from chance."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.building import panel_of, rough_network, seasonal_windows, small_spec
from tsforecast.config import FitSettings
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.errors import DataError
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.loop import Outcome, Trainer
from tsforecast.training.normalising import check_positive, choose_normalisation
from tsforecast.training.validation import Validation


def validation_of(panel: Panel, spec: NetworkSpec) -> Validation:
    """One window before the end of every series."""
    return Validation(panel, spec, np.arange(len(panel)), panel.lengths - spec.horizon, 0)


def growth(count: int) -> Panel:
    """Series that multiply themselves several times over within a context, each at its own steady rate."""
    random = np.random.default_rng(0)
    rates = random.uniform(0.05, 0.15, (count, 1))
    noise = 0.02 * random.normal(size=(count, 80))
    return panel_of(list(np.exp(rates * np.arange(80) + noise)))


def test_steady_growth_is_put_on_a_logarithmic_scale() -> None:
    """Where every window is an exponential, logarithms win the trial, and that is said."""
    panel, spec = growth(80), small_spec(season_lengths=())
    chosen, notes = choose_normalisation(
        panel.head(panel.lengths - 5), spec, validation_of(panel, spec), FitSettings(steps=100)
    )
    assert chosen.normalisation == "log"
    assert "'log'" in notes[0].text


@pytest.mark.parametrize("asked", ["spread", "change"])
def test_what_was_asked_for_is_not_tried(asked: str) -> None:
    """A setting wins over the trial."""
    panel, spec = growth(80), small_spec(normalisation=asked)
    settings = FitSettings(steps=100, normalisation=asked)
    assert choose_normalisation(panel, spec, validation_of(panel, spec), settings) == (spec, ())


def test_few_windows_choose_nothing() -> None:
    """A choice on a handful of windows would be chance."""
    panel, spec = growth(5), small_spec()
    settings = FitSettings(steps=10)
    assert choose_normalisation(panel, spec, validation_of(panel, spec), settings) == (spec, ())


def test_a_trial_that_time_cut_short_chooses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After too few steps the order of the scales is chance, however clear it looks."""
    panel, spec = growth(80), small_spec(season_lengths=())
    known, validation = panel.head(panel.lengths - 5), validation_of(panel, spec)
    monkeypatch.setattr("tsforecast.training.normalising.TRIAL_SHARE", 1e-9)
    assert choose_normalisation(known, spec, validation, FitSettings()) == (spec, ())


def test_a_trial_that_the_user_stops_ends_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is trained yet, so there is nothing to save."""
    stopped = Outcome(steps=3, best_step=0, best_share=0.0, score=None, explosions=0, interrupted=True)
    monkeypatch.setattr(Trainer, "run", lambda _: stopped)
    panel, spec = growth(80), small_spec()
    with pytest.raises(KeyboardInterrupt):
        choose_normalisation(panel, spec, validation_of(panel, spec), FitSettings())


def test_logarithms_of_nothing_are_refused() -> None:
    """Data with a zero cannot be put on a logarithmic scale on request."""
    panel = panel_of([[1.0, 2.0, 0.0, 4.0]])
    with pytest.raises(DataError, match="above 0"):
        check_positive(panel, FitSettings(normalisation="log"))
    check_positive(panel, FitSettings())


def test_a_logarithmic_forecast_is_above_zero_and_scales_with_the_data() -> None:
    """Whatever the network says, its exponential is positive; a thousand times the data is a thousand times as much."""
    network = rough_network(small_spec(normalisation="log"))
    windows = np.abs(seasonal_windows(6, 24)) + 1
    plain, large = (network.forecast(Inputs.of(factor * windows))[0] for factor in (1.0, 1000.0))
    assert (plain > 0).all()
    np.testing.assert_allclose(large, 1000 * plain, rtol=1e-4)


def test_a_zero_among_new_data_is_survived() -> None:
    """Values without a logarithm count as the smallest that has one."""
    network = rough_network(small_spec(normalisation="log"))
    windows = np.abs(seasonal_windows(2, 24)) + 1
    lifted = windows.copy()
    lifted[0, 3] = windows[0].min()
    windows[0, 3] = 0.0
    windows[1] = 0.0
    found = network.forecast(Inputs.of(windows))[0]
    np.testing.assert_allclose(found[0], network.forecast(Inputs.of(lifted))[0][0], rtol=1e-6)
    assert np.isfinite(found).all()
