from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import (
    awkward_windows,
    covariate_spec,
    covariate_windows,
    rough_network,
    seasonal_windows,
    small_spec,
)
from tests.models.class_building import CLASS_VARIANTS, class_spec, codes_of, rough_classes
from tests.models.recurrent_building import VARIANTS, recurrent_spec, rough_recurrent
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import ort
from tsforecast.models import NETWORKS, build
from tsforecast.models.class_spec import ClassSpec
from tsforecast.models.preparation import prepare
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.losses import LOSSES
from tsforecast.workflows.parts import network_arrays

Make = Callable[..., NetworkSpec]
MAKES: dict[str, dict[str, Make]] = {
    "mixture": {"target alone": small_spec, "covariates": covariate_spec},
    "recurrent": {variant: partial(recurrent_spec, variant) for variant in VARIANTS},
    "classes": {variant: partial(class_spec, variant) for variant in CLASS_VARIANTS},
}
"""Small networks of every name in the registry, with every part they may have."""

CASES = [(name, label) for name in NETWORKS for label in MAKES[name]]
EVERY = pytest.mark.parametrize(("name", "make"), [(name, MAKES[name][label]) for name, label in CASES],
                                ids=[f"{name} {label}" for name, label in CASES])  # fmt: skip
STACKED = pytest.mark.parametrize(("name", "make"), [("mixture", one) for one in MAKES["mixture"].values()])
"""Networks of several members side by side."""


def rough(spec: NetworkSpec) -> Any:
    """Make a network no part of which is idle."""
    if isinstance(spec, ClassSpec):
        return rough_classes(spec)
    return rough_recurrent(spec) if isinstance(spec, RecurrentSpec) else rough_network(spec)


def windows_of(spec: NetworkSpec, contexts: Floats) -> Inputs:
    """Give windows that a network can read: values, or for classes codes of them."""
    return covariate_windows(spec, codes_of(contexts, spec) if isinstance(spec, ClassSpec) else contexts)


ACTIVATIONS = pytest.mark.parametrize("activation", ["relu", "tanh"])


@ACTIVATIONS
@STACKED
def test_gradient_reaches_every_weight(name: str, activation: str, make: Make) -> None:
    """A weight without a gradient is dead code in the network."""
    spec = make(network=name, activation=activation, members=2)
    network = rough_network(spec).train()
    inputs = covariate_windows(spec, seasonal_windows(32, spec.context_length))
    context = torch.from_numpy(inputs.context)
    quantiles, _ = network(prepare(context, spec.usable_seasons, spec.normalisation), network.read(inputs))

    target = torch.randn(quantiles.shape[:-1], generator=torch.Generator().manual_seed(0))
    LOSSES["pinball"](quantiles, target, torch.tensor(spec.levels)).backward()

    idle = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert idle == []


@STACKED
def test_weights_have_the_member_axis_first(name: str, make: Make) -> None:
    """Members train side by side: every weight is stacked along its first axis."""
    network = build(make(network=name, members=3))

    assert {3} == {weight.shape[0] for weight in network.parameters()}


@EVERY
def test_forecast_keeps_the_contract_of_its_shapes(name: str, make: Make) -> None:
    """Quantiles (B, H, Q) or probabilities (B, H, C), and gate weights (B, K), both float64."""
    spec = make(network=name)
    inputs = windows_of(spec, seasonal_windows(3, spec.context_length))

    forecasts, weights = rough(spec).forecast(inputs)

    width = spec.classes if isinstance(spec, ClassSpec) else len(spec.levels)
    assert (3, spec.horizon, width) == forecasts.shape
    assert (3, len(spec.expert_names)) == weights.shape
    assert {np.dtype(np.float64)} == {forecasts.dtype, weights.dtype}


@EVERY
def test_forecast_follows_the_units_of_the_user(name: str, make: Make) -> None:
    """A series in other units has the same forecast in those units, if each window has its own scale."""
    spec = make(network=name, normalisation="spread", floor=None)
    if spec.sees_more or isinstance(spec, ClassSpec):
        pytest.skip("it asks for covariates, or there is no unit")
    network = rough(spec)
    context = seasonal_windows(3, 24).round()

    plain, scaled = (
        network.forecast(Inputs.of(context))[0],
        network.forecast(Inputs.of(context * 1024 + 4096))[0],
    )

    np.testing.assert_allclose(scaled, plain * 1024 + 4096, rtol=1e-9)


@EVERY
def test_fresh_networks_of_a_seed_are_equal(name: str, make: Make) -> None:
    """Every random number comes from the seed."""
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(torch.cat([one.detach().reshape(-1) for one in build(make(network=name)).parameters()]))

    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@ACTIVATIONS
@EVERY
def test_export_stays_within_its_limit(name: str, activation: str, make: Make) -> None:
    """A network that cannot be exported cannot be used: predict runs the graph."""
    members = {"members": 2} if name == "mixture" else {}
    network = rough(make(network=name, activation=activation, **members))
    weights = network_arrays(network)
    contexts = np.concatenate([seasonal_windows(8, 24), awkward_windows(24)])
    inputs = windows_of(network.spec, contexts)
    for opset in ort.OPSETS:
        graph = ort.export(network.spec, weights, {}, opset)

        assert ort.verify(graph, network.spec, weights, inputs) <= ort.LIMIT
