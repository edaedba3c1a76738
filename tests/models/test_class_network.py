"""The network for classes gives probabilities, and what is no class counts as missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from tests.models.building import covariate_windows, seasonal_windows
from tests.models.class_building import CLASS_VARIANTS, class_spec, codes_of, rough_classes
from tsforecast.models.class_spec import LARGEST_LOGIT
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.class_loss import cross_entropy

EVERY = pytest.mark.parametrize("variant", CLASS_VARIANTS)


@EVERY
def test_probabilities_add_up_and_rule_nothing_out(variant: str) -> None:
    """Each lies between 0 and 1, they add up to one, and no class has none, however sure the network is."""
    spec = class_spec(variant, clip=2.0)
    network = rough_classes(spec, noise=30.0)

    probability, _ = network.forecast(covariate_windows(spec, codes_of(seasonal_windows(20, 24), spec)))

    np.testing.assert_allclose(probability.sum(-1), 1, rtol=1e-12)
    assert probability.min() >= np.exp(-2 * LARGEST_LOGIT) / spec.classes


@EVERY
def test_what_is_no_class_counts_as_missing(variant: str) -> None:
    """Codes that nobody gave, and values as they come; a window of nothing else has no forecast."""
    spec = class_spec(variant)
    network, codes = rough_classes(spec), codes_of(seasonal_windows(8, 24), spec) % spec.classes
    usual = covariate_windows(spec, codes)
    holed, strange = codes.copy(), codes.copy()
    holed[:, ::3] = np.nan
    strange[:, ::3] = np.array([-1.0, -0.5, spec.classes, 1e300, -1e300, np.inf, np.nan, -np.inf])[:, None]

    missing, other = (network.forecast(replace(usual, context=one))[0] for one in (holed, strange))
    nothing = network.forecast(replace(usual, context=np.full_like(codes, spec.classes + 0.0)))[0]

    np.testing.assert_array_equal(missing, other)
    assert not np.array_equal(missing, network.forecast(usual)[0])
    assert np.isnan(nothing).all()


@EVERY
def test_gradient_reaches_every_weight(variant: str) -> None:
    """A weight without a gradient is dead code in the network."""
    spec = class_spec(variant, clip=0.0, activation="tanh")
    network = rough_classes(spec).train()
    codes = codes_of(seasonal_windows(64, 24), spec)
    futures = np.random.default_rng(0).integers(0, spec.classes, (64, spec.horizon)).astype(np.float64)

    *given, target = network.lesson(covariate_windows(spec, codes), futures)
    cross_entropy(network(*given)[0], target).backward()

    idle = [key for key, one in network.named_parameters() if one.grad is None or not one.grad.any()]
    assert [key for key in idle if "bias_hh" not in key] == []


@pytest.mark.parametrize("variant", ["covariates", "known ahead"])
def test_a_step_may_depend_on_all_that_is_known_before_it(variant: str) -> None:
    """What is known of the second step changes the second and later ones, and no earlier one."""
    spec = class_spec(variant)
    network = rough_classes(spec, noise=1.0)
    inputs = covariate_windows(spec, codes_of(seasonal_windows(30, 24), spec))
    changed = inputs.future_covariates.copy()
    place = spec.future_covariates.index("event")
    changed[:, 24 + 1, place] = np.where(changed[:, 24 + 1, place] == 1, 2, 1)

    before = network.forecast(inputs)[0]
    after = network.forecast(replace(inputs, future_covariates=changed))[0]

    moved = (before != after).any((0, 2))
    assert moved.tolist() == [False, True, True, True, True]


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_cross_entropy_is_the_log_loss(classes: int) -> None:
    """Mean over what is known, with a softmax over all classes or a sigmoid for the second of two."""
    random = np.random.default_rng(classes)
    logits = random.normal(0, 2, (40, 3, 1 if classes == 2 else classes))
    target = random.integers(0, classes, (40, 3)).astype(np.float64)
    target[random.random(target.shape) < 0.3] = np.nan
    known = np.isfinite(target)
    both = np.concatenate([np.zeros_like(logits), logits], -1) if classes == 2 else logits
    probability = np.exp(both) / np.exp(both).sum(-1, keepdims=True)

    found = cross_entropy(torch.from_numpy(logits), torch.from_numpy(target))

    assert float(found) == pytest.approx(
        log_loss(target[known].astype(int), probability[known], labels=range(classes))
    )


def test_spec_is_stored_and_read_again() -> None:
    """A model folder names its network by plain values."""
    spec = class_spec("covariates")

    assert NetworkSpec.from_json(spec.to_json()) == spec
