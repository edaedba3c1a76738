"""The training loop: draw, learn, check, keep the best."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.preparation import prepare, to_scale
from tsforecast.training.batches import Batches
from tsforecast.training.checkpoint import Place, State
from tsforecast.training.losses import LOSSES
from tsforecast.training.optimiser import FlatAdam

WARM_UP = 20
FEWEST_WAITED = 300
"""Steps without a better check before training may be called stale."""

CHECK_SHARE = 0.15
"""Work of a check, as a share of the learning before the next one. Counted in windows, not in seconds: where time is
not short, a fit comes to the same on a slow and on a busy machine."""

LEARNING = 3
"""Forecasts of a window that learning from it takes as long as: there, back, and the move of the weights."""

HOVERING = 0.03
"""A validation score this little above its best may still fall below it when the rate goes to zero."""

EXPLODED = 20.0
"""A loss this many times its best running mean is an explosion: ReLU fails with finite, absurd numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run is, for whoever watches."""

    stage: str
    done: float
    step: int = 0
    loss: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how fast to learn.

    Attributes:
        steps: Most training steps; the cosine ends there.
        share: Part of the cosine after which to stop; 1 runs all of it.
        seconds: Time allowed for that part, None where only steps count. The cosine follows whichever of the
            two is further on, so it ends in time however busy the machine is.
        batch: Windows per step and member.
        rate: Peak learning rate.
        patience: Part of the cosine without a better check after which to stop.
        from_start: Whether the weights before the first step may be the best: true of weights learnt beforehand.
        tolerance: Share by which later weights may score worse than the best and still be kept.
    """

    steps: int
    share: float = 1.0
    seconds: float | None = None
    batch: int = 64
    rate: float = 5e-3
    patience: float = 0.2
    from_start: bool = False
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What training came to.

    Attributes:
        steps: Steps taken.
        best_step: Step whose weights were kept, 0 where training made nothing better.
        best_share: Part of the cosine at that step.
        score: Validation score of the kept weights, None without validation.
        explosions: Times the best weights had to be restored.
        seconds: Time it took.
        interrupted: True where the user stopped the run.
    """

    steps: int
    best_step: int
    best_share: float
    score: float | None
    explosions: int
    seconds: float = 0.0
    interrupted: bool = False

    def followed_by(self, later: Outcome) -> Outcome:
        """Count this training and one that went on from its kept weights as a single one."""
        planned = later.best_step / later.best_share if later.best_step else later.steps
        best = self.best_step + later.best_step
        return replace(
            later,
            steps=self.steps + later.steps,
            best_step=best,
            best_share=best / (self.best_step + planned),
            explosions=self.explosions + later.explosions,
            seconds=self.seconds + later.seconds,
        )


class Trainer:
    """Trains one network on random windows.

    Args:
        network: To be trained in place; it holds the best weights afterwards.
        batches: Where windows come from.
        schedule: How long.
        validate: Score of the network as it is, smaller is better; None keeps the last weights.
        report: Called now and then with the step, the share done, the loss and the seconds left.
        windows: How many windows a score looks at.
        place: Where to keep how far it is, and to go on from.
    """

    _NUMBERS = (
        "_best_step", "_best_share", "_score", "_best_score", "_explosions", "_scale", "_mean_loss", "_best_loss"
    )  # fmt: skip

    def __init__(
        self,
        network: MixtureLSTM,
        batches: Batches,
        schedule: Schedule,
        validate: Callable[[], float] | None = None,
        report: Callable[[int, float, float, float | None], None] | None = None,
        windows: int = 0,
        place: Place | None = None,
    ) -> None:
        self.network, self.batches, self.schedule = network, batches, schedule
        self._place = place or Place()
        self._validate, self._windows, self._report = validate, windows, report
        self._optimiser = FlatAdam(network)
        self._levels = torch.tensor(network.spec.levels, device=network.gate_bias.device)
        self._best = self._optimiser.weights.clone()
        self._best_step, self._best_share = 0, 0.0
        self._score, self._best_score = -math.inf, math.inf
        self._explosions, self._scale = 0, 1.0
        self._mean_loss, self._best_loss = math.nan, math.inf

    def run(self) -> Outcome:
        """Train until the schedule ends, the validation stops improving, or the user stops it."""
        start, step, share, next_check, interrupted = time.monotonic(), 0, 0.0, 10, False
        if (before := self._place.state()) is not None:
            self._restore(before)
            step, share, next_check = (before.numbers[name] for name in ("steps", "share", "next_check"))
            start -= before.numbers["seconds"]
        elif self.schedule.from_start:
            self._check(step, share)
        try:
            while share < self.schedule.share and not self._stale(step, share):
                self._learn(step, share)
                step += 1
                share = self._progress(step, time.monotonic() - start)
                ended = share >= self.schedule.share
                if ended or step >= next_check:
                    self._check(step, share)
                    next_check = step + self._steps_to_check(step)
                self._tell(step, share, time.monotonic() - start)
                if self._place.is_due():
                    self._place.keep(self._state(step, share, next_check, time.monotonic() - start))
        except KeyboardInterrupt:
            interrupted = True
        if self._validate is None or not math.isfinite(self._best_score):
            self._keep(step, share)
        self._optimiser.restore(self._best)
        return Outcome(
            steps=step,
            best_step=self._best_step,
            best_share=self._best_share,
            score=self._best_score if math.isfinite(self._best_score) else None,
            explosions=self._explosions,
            seconds=time.monotonic() - start,
            interrupted=interrupted,
        )

    def _state(self, step: int, share: float, next_check: int, seconds: float) -> State:
        return State(
            tensors={**self._optimiser.tensors, "best": self._best},
            numbers={
                **{name: getattr(self, name) for name in self._NUMBERS},
                "steps": step,
                "share": share,
                "next_check": next_check,
                "seconds": seconds,
                "moves": self._optimiser.count,
                "averaged": self._optimiser.steps,
            },
            random=dict(self.batches.random.bit_generator.state),
        )

    def _restore(self, state: State) -> None:
        for name, tensor in {**self._optimiser.tensors, "best": self._best}.items():
            tensor.copy_(state.tensors[name])
        for name in self._NUMBERS:
            setattr(self, name, state.numbers[name])
        self._optimiser.count, self._optimiser.steps = state.numbers["moves"], state.numbers["averaged"]
        self.batches.random.bit_generator.state = state.random

    def _progress(self, step: int, elapsed: float) -> float:
        """Part of the cosine that is over, by steps or by time."""
        by_steps = step / self.schedule.steps
        seconds = self.schedule.seconds
        return by_steps if seconds is None else max(by_steps, self.schedule.share * elapsed / seconds)

    def _learn(self, step: int, share: float) -> None:
        spec = self.network.spec
        inputs, future = self.batches.draw(spec.members * self.schedule.batch)
        self.network.train()
        self._optimiser.clear()
        loss = batch_loss(self.network, inputs, future, self._levels)
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
        self._optimiser.step(self._rate(step, share))
        self._guard(float(loss.detach()) / spec.members)

    def _rate(self, step: int, share: float) -> float:
        warm = min(1.0, (step + 1) / WARM_UP)
        return self._scale * self.schedule.rate * warm * 0.5 * (1 + math.cos(math.pi * share))

    def _guard(self, loss: float) -> None:
        usual = self._mean_loss
        if not math.isfinite(loss) or loss > EXPLODED * self._best_loss:
            self._optimiser.restore(self._best)
            self._scale *= 0.5
            self._explosions += 1
            return
        self._mean_loss = loss if math.isnan(usual) else 0.98 * usual + 0.02 * loss
        self._best_loss = min(self._best_loss, self._mean_loss)

    def _steps_to_check(self, step: int) -> int:
        """Learn for so many steps until the next check: more of them later, and enough to make up for its work."""
        rest = self._windows / (LEARNING * self.schedule.batch * CHECK_SHARE)
        return max(10, min(step // 8, 100), math.ceil(rest))

    def _check(self, step: int, share: float) -> None:
        if self._validate is None:
            self._keep(step, share)
            return
        self._optimiser.swap()
        score = self._validate()
        self._optimiser.swap()
        self._score = score
        if score < (1 + self.schedule.tolerance) * self._best_score:
            self._keep(step, share)
        self._best_score = min(score, self._best_score)

    def _keep(self, step: int, share: float) -> None:
        self._best, self._best_step, self._best_share = self._optimiser.average.clone(), step, share

    def _stale(self, step: int, share: float) -> bool:
        waited = step - self._best_step > FEWEST_WAITED and share - self._best_share > self.schedule.patience
        return waited and self._score > (1 + HOVERING) * self._best_score

    def _tell(self, step: int, share: float, elapsed: float) -> None:
        if self._report is not None and step % 5 == 0:
            done = min(share / self.schedule.share, 1.0)
            self._report(step, done, self._mean_loss, elapsed * (1 / done - 1))


def batch_loss(network: MixtureLSTM, inputs: Inputs, future: Floats, levels: Tensor) -> Tensor:
    """Loss of a batch, summed over members so that each learns as if it were alone."""
    spec, device = network.spec, levels.device
    context = torch.from_numpy(np.ascontiguousarray(inputs.context))
    window = prepare(context, spec.usable_seasons, spec.normalisation)
    usable = (window.scale > 0) & torch.isfinite(window.centre)
    target = (
        to_scale(torch.from_numpy(np.ascontiguousarray(future)), spec.normalisation) - window.centre
    ) / window.scale
    target = torch.where(usable, target, torch.nan).to(torch.float32).to(device)
    known = window.values.nan_to_num()  # a window of gaps has no target, but NaN times nothing is NaN
    on_device = window._replace(values=known.to(device), observed=window.observed.to(device))
    read = network.read(inputs)
    quantiles, _ = network(on_device, None if read is None else read.on(device))
    wanted = target.reshape(spec.members, -1, spec.horizon)
    return LOSSES["pinball"](quantiles, wanted, levels) * spec.members
