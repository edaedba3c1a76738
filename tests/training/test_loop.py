from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.models.building import seasonal_panel, small_spec
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.training import loop
from tsforecast.training.batches import Batches
from tsforecast.training.loop import Schedule, Trainer

SPEC = small_spec(context_length=8, horizon=2, season_lengths=(4,), patch_length=2, hidden=4, members=2)


def fresh(seed: int = 0) -> tuple[MixtureLSTM, Batches]:
    """Network and windows of one seed."""
    torch.manual_seed(seed)
    return build(SPEC), Batches(seasonal_panel(length=60), SPEC.context_length, SPEC.horizon, seed)


def weights_of(network: MixtureLSTM) -> Tensor:
    """All weights in one vector."""
    return torch.cat([one.detach().reshape(-1) for one in network.parameters()])


def schedule(steps: int = 40, **changes: Any) -> Schedule:
    """Few steps on few windows."""
    return Schedule(**{"steps": steps, "batch": 8} | changes)


def train(schedule: Schedule, seed: int = 0, **arguments: Any) -> tuple[Tensor, loop.Outcome]:
    """Weights and outcome of one training."""
    network, batches = fresh(seed)
    outcome = Trainer(network, batches, schedule, **arguments).run()
    return weights_of(network), outcome


def test_run_follows_its_seed() -> None:
    """The same seed and steps give the same bytes, another seed others."""
    first, again, other = (train(schedule(), seed)[0] for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_run_makes_the_loss_smaller() -> None:
    """Training learns: the loss on windows like those seen falls."""
    network, batches = fresh()
    levels = torch.tensor(SPEC.levels)
    probe = batches.draw(256)
    before = float(loop.batch_loss(network.eval(), *probe, levels).detach())

    Trainer(network, batches, schedule(150, rate=1e-2)).run()

    assert float(loop.batch_loss(network.eval(), *probe, levels).detach()) < 0.9 * before


@pytest.mark.parametrize(("scores", "best"), [([3, 1, 2, 5], 20), ([1, 2, 3, 4], 10), ([4, 3, 2, 1], 40)])
def test_run_keeps_the_weights_that_validated_best(scores: list[float], best: int) -> None:
    """What is kept is not the last state but the best one."""
    network, batches = fresh()
    given, seen = iter(scores), []

    def validate() -> float:
        seen.append(weights_of(network).clone())
        return next(given)

    outcome = Trainer(network, batches, schedule(), validate).run()

    assert (40, best, min(scores)) == (outcome.steps, outcome.best_step, outcome.score)
    assert torch.equal(seen[scores.index(min(scores))], weights_of(network))


def test_run_stops_when_validation_no_longer_improves() -> None:
    """Steps that help nobody are not taken."""
    scores = iter([1.0])

    _, outcome = train(schedule(2000, patience=0.1, batch=2), validate=lambda: next(scores, 2.0))

    assert outcome.best_step == 10
    assert loop.FEWEST_WAITED < outcome.steps < 2 * loop.FEWEST_WAITED


def test_run_stops_where_the_schedule_says_without_shortening_the_cosine() -> None:
    """A refit takes as many steps as helped before, at the same rates."""
    long, first = train(schedule(100, share=0.3))
    short, _ = train(schedule(30))

    assert (first.steps, first.best_step, first.best_share) == (30, 30, 0.3)
    assert not torch.equal(long, short)


@pytest.mark.parametrize("factor", [1e9, float("nan"), float("inf")])
def test_run_goes_back_to_the_best_weights_after_an_explosion(
    factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absurd loss undoes its own step."""
    wanted, _ = train(schedule(100, share=0.2))
    plain, calls = loop.batch_loss, iter(range(100))

    def explode(*given: Any) -> Tensor:
        return plain(*given) * (factor if next(calls) == 20 else 1.0)

    monkeypatch.setattr(loop, "batch_loss", explode)
    found, outcome = train(schedule(100, share=0.21))

    assert outcome.explosions == 1
    assert torch.equal(wanted, found)


def test_run_is_calm_without_an_explosion() -> None:
    """A usual run restores nothing."""
    assert train(schedule(60))[1].explosions == 0


@pytest.mark.parametrize("validated", [True, False])
def test_run_survives_an_interruption_with_its_best_weights(validated: bool) -> None:
    """Ctrl-C gives what was reached, and says so."""

    def interrupt(step: int, *_: object) -> None:
        if step >= 25:
            raise KeyboardInterrupt

    scores = iter([1.0])
    validate = (lambda: next(scores, 2.0)) if validated else None
    found, outcome = train(schedule(100), report=interrupt, validate=validate)
    wanted, _ = train(schedule(100, share=0.1 if validated else 0.25))

    assert outcome.interrupted
    assert (25, 10 if validated else 25) == (outcome.steps, outcome.best_step)
    assert torch.equal(wanted, found)


Draw = Callable[[int], tuple[Inputs, Floats]]


class Clock:
    """A clock that moves only when windows are drawn."""

    def __init__(self, pace: Callable[[int], float]) -> None:
        self.now, self.steps, self._pace = 0.0, 0, pace

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return self.now

    def wrap(self, draw: Draw) -> Draw:
        """Make every draw take time."""

        def slow(count: int) -> tuple[Inputs, Floats]:
            self.now += self._pace(self.steps)
            self.steps += 1
            return draw(count)

        return slow


Timed = Callable[[Callable[[int], float]], tuple[Clock, loop.Outcome]]


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Timed:
    """Train for twenty seconds of a clock that follows a pace."""

    def run(pace: Callable[[int], float]) -> tuple[Clock, loop.Outcome]:
        clock = Clock(pace)
        network, batches = fresh()
        monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=clock.monotonic))
        monkeypatch.setattr(batches, "draw", clock.wrap(batches.draw))
        return clock, Trainer(network, batches, schedule(400, batch=2, seconds=20.0)).run()

    return run


def test_run_ends_its_cosine_when_its_time_is_over(timed: Timed) -> None:
    """A budget allows what it allows, and is used."""
    clock, outcome = timed(lambda _: 0.1)

    assert outcome.steps < 400
    assert outcome.best_share >= 1
    assert 19.9 < clock.now < 20.2


def test_run_uses_its_time_after_a_slow_start(timed: Timed) -> None:
    """First steps pay for what is loaded once; they do not shorten the rest."""
    clock, outcome = timed(lambda step: 5.0 if step == 0 else 0.1)

    assert outcome.steps > 140
    assert clock.now < 20.2


def test_run_ends_in_time_when_it_becomes_slower(timed: Timed) -> None:
    """The time allowed holds to within one step."""
    clock, outcome = timed(lambda step: 0.1 if step < 60 else 2.0)

    assert outcome.steps < 80
    assert clock.now <= 20 + 2.0


def test_run_takes_all_steps_where_they_fit(timed: Timed) -> None:
    """Spare time is not spent."""
    clock, outcome = timed(lambda _: 0.001)

    assert outcome.steps == 400
    assert clock.now < 2


def test_run_reports_its_way() -> None:
    """Whoever watches sees the share done rise to one, with a loss."""
    told: list[tuple[int, float, float, float | None]] = []
    train(schedule(40), report=lambda *given: told.append(given))

    shares = [share for _, share, _, _ in told]
    assert [step for step, _, _, _ in told] == list(range(5, 41, 5))
    assert sorted(shares) == shares
    assert shares[-1] == 1
    assert all(loss > 0 for _, _, loss, _ in told)


def test_batch_loss_ignores_windows_that_say_nothing() -> None:
    """A constant window, an unknown one and an unknown future change neither loss nor gradient."""
    network, batches = fresh()
    network.eval()
    inputs, future = batches.draw(8)
    levels = torch.tensor(SPEC.levels)
    plain = loop.batch_loss(network, inputs, future, levels)
    doubled_context, doubled_future = (one.repeat(2, axis=0) for one in (inputs.context, future))
    doubled_context[1::4], doubled_context[3::4] = 5.0, float("nan")

    found = loop.batch_loss(network, Inputs.of(doubled_context), doubled_future, levels)

    torch.testing.assert_close(found, plain)
    gradients = [torch.autograd.grad(loss, [*network.parameters()]) for loss in (found, plain)]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_members_learn_as_if_they_were_alone() -> None:
    """The gradient of a member does not depend on how many there are."""
    network, batches = fresh()
    network.eval()
    inputs, future = batches.draw(8)
    levels = torch.tensor(SPEC.levels)
    loss = loop.batch_loss(network, inputs, future, levels)
    together = torch.autograd.grad(loss, network.gate_weight)[0]
    torch.manual_seed(0)
    alone = build(small_spec(**{**SPEC.to_json(), "season_lengths": (4,), "members": 1})).eval()
    with torch.no_grad():
        for own, both in zip(alone.parameters(), network.parameters(), strict=True):
            own.copy_(both[:1])

    loss = loop.batch_loss(alone, inputs.take(slice(4)), future[:4], levels)
    single = torch.autograd.grad(loss, alone.gate_weight)[0]

    torch.testing.assert_close(together[:1], single, rtol=1e-4, atol=1e-6)
