from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.building import arrays_of, awkward_windows, rough_network, seasonal_windows, small_spec
from tsforecast.config import QUANTILE_LEVELS
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.mixture import median
from tsforecast.models.positions import position_features
from tsforecast.models.preparation import Prepared, prepare
from tsforecast.models.spec import NetworkSpec


def prepared_for(spec: NetworkSpec, count: int) -> Prepared:
    """Plain windows, the same for every member."""
    context = torch.from_numpy(seasonal_windows(count, spec.context_length)).repeat(spec.members, 1)
    return prepare(context, spec.usable_seasons, spec.normalisation)


def test_forecast_quantiles_are_sorted() -> None:
    """No quantile lies below a lower one, whatever the weights and the window."""
    quantiles, _ = rough_network(small_spec(members=3)).forecast(Inputs.of(awkward_windows(24)))

    steps = np.diff(quantiles, axis=-1)
    assert (steps[~np.isnan(steps)] >= 0).all()


def test_forecast_weights_are_shares() -> None:
    """The gate's weights explain the forecast: none is negative, together they are one."""
    spec = small_spec(members=3)
    _, weights = rough_network(spec).forecast(Inputs.of(seasonal_windows(5, 24)))

    assert weights.shape == (5, len(spec.expert_names))
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-6)


def test_forecast_does_not_depend_on_the_other_windows() -> None:
    """A series is forecast alike alone and beside others."""
    network = rough_network(small_spec(members=2))
    context = seasonal_windows(6, 24)

    together = network.forecast(Inputs.of(context))[0]

    alone = np.concatenate([network.forecast(Inputs.of(row[None]))[0] for row in context])
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_forecast_is_the_same_twice() -> None:
    """Dropout is for training only."""
    network = rough_network(small_spec(dropout=0.5)).train()
    context = seasonal_windows(3, 24)

    np.testing.assert_array_equal(
        network.forecast(Inputs.of(context))[0], network.forecast(Inputs.of(context))[0]
    )


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_members_do_not_see_each_other(activation: str) -> None:
    """Member k of a stack gives what a single network with its weights gives."""
    spec = small_spec(members=3, activation=activation)
    stack = rough_network(spec)
    window = prepared_for(spec, 4)
    together, gates = stack(window)
    alone = build(replace(spec, members=1)).eval()
    state = stack.state_dict()

    for member in range(3):
        own = {
            name: value if name == "adjustments" else value[member : member + 1]
            for name, value in state.items()
        }
        alone.load_state_dict(own)
        quantiles, gate = alone(Prepared(*(part[:4] for part in window)))
        torch.testing.assert_close(together[member], quantiles[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(gates[member], gate[0], rtol=1e-5, atol=1e-6)


def test_forecast_is_the_median_of_the_members() -> None:
    """One member that went astray does not move the forecast of three."""
    network = rough_network(small_spec(members=3))
    context = seasonal_windows(4, 24)
    before = network.forecast(Inputs.of(context))[0]
    with torch.no_grad():
        network.residual_bias[2] += 1e6

    after = network.forecast(Inputs.of(context))[0]

    width = np.ptp(context, axis=1)[:, None, None]
    assert (np.abs(after - before) < 10 * width).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_median_is_that_of_numpy(count: int) -> None:
    """Also for an even number of members, where torch's own takes the lower one."""
    values = torch.randn(count, 3, 4, generator=torch.Generator().manual_seed(count))

    np.testing.assert_allclose(median(values), np.median(values.numpy(), axis=0), rtol=1e-6)


def test_load_arrays_gives_the_network_back() -> None:
    """Weights that were stored forecast what the network forecast."""
    spec = small_spec(members=2)
    network, other = rough_network(spec), build(spec)
    context = seasonal_windows(3, 24)

    other.load_arrays(arrays_of(network))

    np.testing.assert_array_equal(
        other.forecast(Inputs.of(context))[0], network.forecast(Inputs.of(context))[0]
    )


def test_adjustments_move_the_quantiles_of_their_step_only() -> None:
    """Calibration shifts one step's quantiles in units of the window."""
    network = rough_network(small_spec())
    context = seasonal_windows(3, 24)
    before = network.forecast(Inputs.of(context))[0]
    with torch.no_grad():
        network.adjustments[2] += 1.5

    moved = network.forecast(Inputs.of(context))[0] - before

    np.testing.assert_allclose(moved[:, 2], 1.5 * np.repeat(context.std(1)[:, None], 13, 1), rtol=1e-5)
    assert not np.delete(moved, 2, axis=1).any()


def test_position_features_do_not_depend_on_the_number_of_patches() -> None:
    """Positions are functions of the patch number, so one set of weights serves every horizon."""
    np.testing.assert_array_equal(position_features(20)[:, :7], position_features(7))


def test_fresh_network_leans_on_the_last_season() -> None:
    """Training starts from seasonal naive and can only get better."""
    torch.manual_seed(0)
    spec = small_spec()

    weights = build(spec).forecast(Inputs.of(seasonal_windows(4, 24)))[1].mean(0)

    assert spec.expert_names[int(weights.argmax())] == "last season (4)"


def test_spec_survives_json() -> None:
    """What model.json says of a network builds the same network again."""
    spec = small_spec(members=3, activation="tanh", normalisation="change")

    assert spec == NetworkSpec.from_json(json.loads(json.dumps(spec.to_json())))


@pytest.mark.parametrize(
    ("length", "patch", "horizon"), [(24, 4, 5), (23, 4, 4), (3, 5, 1), (7, 1, 9), (10, 3, 7)]
)
def test_forecast_has_one_row_per_step(length: int, patch: int, horizon: int) -> None:
    """Patches that do not fill the context or the horizon are padded and cut."""
    spec = small_spec(context_length=length, patch_length=patch, horizon=horizon)

    quantiles, _ = rough_network(spec).forecast(Inputs.of(seasonal_windows(2, length)))

    assert quantiles.shape == (2, horizon, len(QUANTILE_LEVELS))
    assert np.isfinite(quantiles).all()
