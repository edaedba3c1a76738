"""The textbook network is made of the parts it names."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from tests.models.building import awkward_windows, seasonal_windows
from tests.models.recurrent_building import VARIANTS, recurrent_spec, rough_recurrent
from tsforecast.data.inputs import Inputs
from tsforecast.models import NETWORKS, build
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.models.recurrent_spec import FARTHEST_VALUE
from tsforecast.models.spec import NetworkSpec

EVERY = pytest.mark.parametrize("variant", VARIANTS)


def test_registry_has_it() -> None:
    """It is built by its name as every network is."""
    assert "recurrent" in NETWORKS
    network: object = build(recurrent_spec("plain"))
    assert isinstance(network, RecurrentNetwork)


@EVERY
def test_spec_survives_json(variant: str) -> None:
    """What model.json holds makes the same network again."""
    spec = recurrent_spec(variant)

    assert NetworkSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize("variant", ["attention", "recursive with all"])
def test_attention_adds_up_to_one(variant: str) -> None:
    """Blocks of steps share all of it between them."""
    spec = recurrent_spec(variant)

    _, weights = rough_recurrent(spec).forecast(Inputs.of(seasonal_windows(3, 24)))

    assert weights.shape == (3, len(spec.blocks))
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-6)


@EVERY
def test_gradient_reaches_every_weight(variant: str) -> None:
    """A weight without a gradient is dead code in the network."""
    network = rough_recurrent(recurrent_spec(variant)).train()
    window = network.prepare(torch.from_numpy(seasonal_windows(16, 24)))

    (network(window.values)[0] ** 2).sum().backward()

    idle = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert idle == []


@EVERY
def test_awkward_windows_are_known_or_unknown(variant: str) -> None:
    """A window with one known value has a forecast, one without has none, and none is absurd."""
    quantiles, _ = rough_recurrent(recurrent_spec(variant)).forecast(Inputs.of(awkward_windows(24)))

    assert np.isnan(quantiles[0]).all()
    assert np.isfinite(quantiles[1:]).all()


def test_one_direction_is_the_model_of_the_textbooks() -> None:
    """LSTM and Dense as torch has them, put together by hand, give the same forecast."""
    spec = recurrent_spec("classic", activation="tanh", context_length=9, horizon=3, season_lengths=())
    network = rough_recurrent(spec)
    lstm = nn.LSTM(1, 6, batch_first=True)
    lstm.load_state_dict(network.layers.state_dict())
    context = seasonal_windows(2, 9)

    window = (context - 20) / (90 - 20)
    for _ in range(3):
        state = lstm(torch.from_numpy(window[:, -9:, None]).float())[0][:, -1]
        window = np.concatenate([window, network.dense(state).detach().numpy()], 1)

    network.adjustments.zero_()
    point = network.forecast(Inputs.of(context))[0][..., 6]
    np.testing.assert_allclose(point, window[:, 9:] * 70 + 20, rtol=1e-6)


def test_convolution_sees_no_future() -> None:
    """A later value changes no earlier channel."""
    network = rough_recurrent(recurrent_spec("convolution"))
    assert network.convolution is not None
    values = torch.randn(1, 1, 8)
    later = values.clone()
    later[..., 5:] += 1

    one, other = (network.convolution(nn.functional.pad(part, (2, 0))) for part in (values, later))

    assert one.shape == (1, 4, 8)
    torch.testing.assert_close(one[..., :5], other[..., :5])
    assert not torch.equal(one[..., 5], other[..., 5])


def test_far_values_are_cut() -> None:
    """Beyond ten ranges it does not matter how far a value is."""
    network = rough_recurrent(recurrent_spec("by range"))
    context = seasonal_windows(1, 24)
    far, farther = context.copy(), context.copy()
    far[0, 3], farther[0, 3] = 1e6, 1e9

    one, other = (network.forecast(Inputs.of(part))[0] for part in (far, farther))

    np.testing.assert_array_equal(one, other)
    assert network.prepare(torch.from_numpy(far)).values.max() == FARTHEST_VALUE
