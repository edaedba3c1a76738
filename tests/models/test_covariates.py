from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.building import (
    arrays_of,
    covariate_spec,
    covariate_windows,
    rough_network,
    seasonal_windows,
)
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.covariates import standardised
from tsforecast.models.mixture import stack
from tsforecast.models.preparation import Prepared, prepare
from tsforecast.models.spec import KINDS, Columns, NetworkSpec, embedding_size
from tsforecast.training.pretrained import load_pretrained

NUMBERS = {
    "calendar": (), "holidays": "", "holiday_years": (), "categories": (),
}  # fmt: skip


def windows(spec: NetworkSpec, count: int = 4, seed: int = 0) -> Inputs:
    """Plain targets with covariates of every kind."""
    return covariate_windows(spec, seasonal_windows(count, spec.context_length, seed), seed)


def test_standardised_numbers_and_codes() -> None:
    """Missing is the mean, far away is five deviations; a code that is no label is unknown."""
    columns = Columns(kind="past", labels=(0, 3))
    values = torch.tensor(
        [[2.0, 1], [np.nan, 3], [1e300, 4], [-np.inf, -1], [4.0, np.nan]], dtype=torch.float64
    )
    centre, scale = torch.tensor([[2.0, 0.0], [4.0, 1.0]], dtype=torch.float64)

    found = standardised(values, columns, centre, scale)

    assert found.tolist() == [[0, 1], [0, 3], [5, 0], [-5, 0], [0.5, 0]]


def test_spec_with_covariates_survives_json() -> None:
    """What model.json says builds the same network; a model from before covariates is one without."""
    spec = covariate_spec()

    assert spec == NetworkSpec.from_json(json.loads(json.dumps(spec.to_json())))
    assert not NetworkSpec.from_json({"context_length": 8, "horizon": 2, "patch_length": 2}).sees_more


@pytest.mark.parametrize(("labels", "size"), [(1, 2), (2, 2), (3, 3), (12, 7), (1000, 8)])
def test_embedding_size_grows_with_the_labels_and_stays_small(labels: int, size: int) -> None:
    """A few numbers for a few labels, eight at most."""
    assert embedding_size(labels) == size


@pytest.mark.parametrize("kind", KINDS)
def test_every_covariate_reaches_the_forecast(kind: str) -> None:
    """Each column moves it: numbers and categories, past, future and static."""
    spec = covariate_spec()
    network, inputs = rough_network(spec), windows(spec)
    before = network.forecast(inputs)[0]
    name = f"{kind}_covariates"
    for place in range(len(getattr(spec, name))):
        values = getattr(inputs, name).copy()
        values[..., place] = np.where(values[..., place] == 1, 2, 1)

        after = network.forecast(replace(inputs, **{name: values}))[0]

        assert not np.allclose(after, before, rtol=1e-6), place


def test_a_step_sees_what_is_known_ahead_of_it() -> None:
    """A covariate of one future step moves that step most: a promotion lifts its own day."""
    spec = covariate_spec(**NUMBERS, past_covariates=(), static_covariates=(), patch_length=1)
    network, inputs = rough_network(spec), windows(spec)
    values = np.zeros_like(inputs.future_covariates)
    plain = network.forecast(replace(inputs, future_covariates=values))[0]
    values[:, spec.context_length + 2] = 20.0

    moved = np.abs(network.forecast(replace(inputs, future_covariates=values))[0] - plain).max((0, 2))

    assert moved[2] > 0
    assert not np.delete(moved, 2).any()


def test_members_do_not_see_each_others_covariates() -> None:
    """Member k of a stack gives what a single network with its weights gives."""
    spec = covariate_spec(members=1)
    networks = [rough_network(spec, seed) for seed in range(3)]
    for network in networks[1:]:
        network.load_state_dict({**networks[0].state_dict(), **dict(network.named_parameters())})
    inputs = windows(spec)
    context = torch.from_numpy(inputs.context)
    window, read = prepare(context, spec.usable_seasons, "spread"), networks[0].read(inputs)
    assert read is not None

    many = Prepared(*(part.repeat(3, 1) for part in window))
    together, _ = stack(networks).eval()(many, read.repeated(3, torch.device("cpu")))

    for member, network in enumerate(networks):
        torch.testing.assert_close(together[member], network(window, read)[0][0], rtol=1e-4, atol=1e-5)


def test_forecast_does_not_depend_on_the_other_windows() -> None:
    """A series is forecast alike alone and beside others, covariates included."""
    spec = covariate_spec(members=2)
    network, inputs = rough_network(spec), windows(spec, 5)

    together = network.forecast(inputs)[0]

    alone = np.concatenate([network.forecast(inputs.take(slice(row, row + 1)))[0] for row in range(5)])
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_load_arrays_gives_the_network_back() -> None:
    """Embeddings, scales and holidays are stored with the weights."""
    spec = covariate_spec(members=2)
    network, other, inputs = rough_network(spec), build(spec), windows(spec)

    other.load_arrays(arrays_of(network))

    np.testing.assert_array_equal(other.forecast(inputs)[0], network.forecast(inputs)[0])


def test_pretrained_members_start_as_without_covariates() -> None:
    """Where nothing is known of the covariates, shipped weights forecast what they forecast without them."""
    shape = NetworkSpec(context_length=60, horizon=18, season_lengths=(12,), patch_length=12, members=2)
    plain = build(shape)
    spec = replace(shape, past_covariates=("a",), future_covariates=("b",), static_covariates=("c",))
    wider = build(spec)
    for network in (plain, wider):
        load_pretrained(network)
    context = seasonal_windows(4, 60, season=12)
    missing: dict[str, Any] = {
        name: np.full_like(values, np.nan)
        for name, values in covariate_windows(spec, context).arrays()
        if name.endswith("covariates")
    }

    found = wider.forecast(replace(Inputs.of(context), **missing))[0]

    np.testing.assert_allclose(found, plain.forecast(Inputs.of(context))[0], rtol=1e-6)


def test_training_forgets_some_codes_so_that_unknown_means_something() -> None:
    """Code 0 gets a gradient although no window has an unknown label."""
    spec = covariate_spec(calendar=(), holidays="", holiday_years=())
    network, count = rough_network(spec).train(), 200
    inputs = windows(spec, count)
    known = np.ones_like(inputs.future_covariates)
    read = network.read(replace(inputs, future_covariates=known))
    assert network.covariates is not None

    network.covariates(read).quantiles.sum().backward()

    table = network.covariates.get_parameter("future_embedding_2").grad
    assert table is not None
    assert table[:, 0].any()
    assert not table[:, 2:].any()
