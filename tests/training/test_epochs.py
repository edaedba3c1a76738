"""What one training step of a recurrent network learns from."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.models.building import panel_of, seasonal_windows
from tests.models.recurrent_building import recurrent_spec, rough_recurrent
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.training import epochs
from tsforecast.training.epochs import Epochs, all_examples
from tsforecast.training.loop import WARM_UP, Outcome
from tsforecast.training.recipe import Recipe
from tsforecast.training.rules import FlatOptimiser


@pytest.mark.parametrize(("variant", "loss"), [("plain", "mse"), ("gru", "mae"), ("quantiles", "pinball")])
def test_a_large_batch_is_learnt_in_parts(variant: str, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows at a time give the loss and the gradient of all rows, also where targets are missing."""
    torch.manual_seed(0)
    spec = recurrent_spec(variant)
    values, target = torch.randn(11, spec.context_length), torch.randn(11, spec.horizon)
    target[0], target[5, 2:] = torch.nan, torch.nan
    found = []
    for rows in (11, 4):
        monkeypatch.setattr(epochs, "ROWS", rows)
        network = rough_recurrent(spec)
        total = epochs.learn_from(network, loss, (values, target))
        gradient = [one.grad for one in network.parameters() if one.grad is not None]
        found.append([torch.tensor(total), *gradient])

    assert len(found[0]) > 3
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-6)


def train(recipe: Recipe, steps: int, *, checked: bool) -> tuple[RecurrentNetwork, Outcome]:
    """Train a small network on a seasonal series."""
    spec = recurrent_spec("plain")
    network = rough_recurrent(spec)
    examples = all_examples(panel_of(list(seasonal_windows(2, 60))), spec)
    check = examples if checked else None
    return network, Epochs(network, examples, recipe, steps, None, 0, check, lambda *_: None).run()


def test_training_ends_where_nothing_gets_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks without a better score are enough, and the weights of the best look are kept."""
    monkeypatch.setattr(epochs, "PATIENCE", 2)
    scores = iter([3.0, 1.0, 2.0, 2.0, 0.5])
    looked: list[torch.Tensor] = []

    def score(network: RecurrentNetwork, *_: object) -> float:
        looked.append(network.dense.weight.detach().clone())
        return next(scores)

    monkeypatch.setattr(epochs, "score_of", score)
    network, outcome = train(Recipe(), 1000, checked=True)

    every = epochs.CHECKED_EVERY[0]
    assert (outcome.steps, outcome.best_step, outcome.score) == (4 * every, 2 * every, 1.0)
    assert torch.equal(network.dense.weight, looked[1])
    assert not torch.equal(looked[1], looked[3])


@pytest.mark.parametrize("as_written", [False, True], ids=["guarded", "classic"])
def test_an_explosion_goes_back_to_the_best_weights_at_half_the_rate(
    as_written: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finite but absurd losses count too; training as the textbooks do goes on as if nothing were."""
    rates: list[float] = []
    norms: list[float] = []
    usual, moved = epochs.learn_from, FlatOptimiser.step

    def learn(*given: Any) -> float:
        return usual(*given) * (1e9 if len(rates) == 2 * WARM_UP else 1.0)

    def step(optimiser: FlatOptimiser, rate: float) -> None:
        rates.append(rate)
        moved(optimiser, rate)
        if len(rates) == 2 * WARM_UP + 1:
            optimiser.weights.fill_(1e9)
        norms.append(float(optimiser.weights.norm()))

    monkeypatch.setattr(epochs, "learn_from", learn)
    monkeypatch.setattr(FlatOptimiser, "step", step)
    _, outcome = train(Recipe(as_written=as_written), 2 * WARM_UP + 3, checked=False)

    assert outcome.explosions >= 1
    assert rates[: 2 * WARM_UP + 1] == [1e-3] * (2 * WARM_UP + 1)
    assert rates[-1] == (1e-3 if as_written else 5e-4)
    assert (norms[-1] < 1e6) != as_written
