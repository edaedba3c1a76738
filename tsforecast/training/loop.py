"""The training loop: draw, learn, check, keep the best."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tsforecast.data.panel import Floats
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.preparation import prepare
from tsforecast.training.batches import Batches
from tsforecast.training.losses import LOSSES
from tsforecast.training.optimiser import FlatAdam

WARM_UP = 20
TIMED = 20
"""Steps that are timed to find out how many the budget allows."""

FEWEST_WAITED = 300
"""Steps without a better check before training may be called stale."""

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
        stop: Step after which to stop, within ``steps``; None runs the whole cosine.
        seconds: Time allowed, None where only steps count.
        batch: Windows per step and member.
        rate: Peak learning rate.
        patience: Steps without a better check, as a share of the planned steps, after which to stop.
    """

    steps: int
    stop: int | None = None
    seconds: float | None = None
    batch: int = 64
    rate: float = 2e-3
    patience: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What training came to.

    Attributes:
        steps: Steps taken.
        best_step: Step whose weights were kept.
        planned: Length of the cosine.
        score: Validation score of the kept weights, None without validation.
        explosions: Times the best weights had to be restored.
        interrupted: True where the user stopped the run.
    """

    steps: int
    best_step: int
    planned: int
    score: float | None
    explosions: int
    interrupted: bool = False


class Trainer:
    """Trains one network on random windows.

    Args:
        network: To be trained in place; it holds the best weights afterwards.
        batches: Where windows come from.
        schedule: How long.
        validate: Score of the network as it is, smaller is better; None keeps the last weights.
        report: Called now and then with the step, the share done, the loss and the seconds left.
    """

    def __init__(
        self,
        network: MixtureLSTM,
        batches: Batches,
        schedule: Schedule,
        validate: Callable[[], float] | None = None,
        report: Callable[[int, float, float, float | None], None] | None = None,
    ) -> None:
        self.network, self.batches, self.schedule = network, batches, schedule
        self._validate, self._report = validate, report
        self._optimiser = FlatAdam(network)
        self._levels = torch.tensor(network.spec.levels, device=network.gate_bias.device)
        self._planned = schedule.steps
        self._best = self._optimiser.weights.clone()
        self._best_step, self._best_score = 0, math.inf
        self._explosions, self._scale = 0, 1.0
        self._mean_loss, self._best_loss = math.nan, math.inf

    def run(self) -> Outcome:
        """Train until the schedule ends, the validation stops improving, or the user stops it."""
        start, step, interrupted, next_check = time.monotonic(), 0, False, 10
        try:
            while step < self._last_step():
                self._learn(step)
                step += 1
                self._plan(step, time.monotonic() - start)
                if step >= next_check or step >= self._last_step():
                    self._check(step)
                    next_check = step + max(10, min(step // 8, 100))
                    if self._stale(step):
                        break
                self._tell(step, start)
                if self._late(start):
                    break
        except KeyboardInterrupt:
            interrupted = True
        if self._validate is None or not self._best_step:
            self._best, self._best_step = self._optimiser.average.clone(), step
        self._optimiser.restore(self._best)
        score = self._best_score if math.isfinite(self._best_score) else None
        return Outcome(
            steps=step, best_step=self._best_step, planned=self._planned, score=score,
            explosions=self._explosions, interrupted=interrupted,
        )  # fmt: skip

    def _last_step(self) -> int:
        return min(self._planned, self.schedule.stop or self._planned)

    def _learn(self, step: int) -> None:
        spec = self.network.spec
        context, future = self.batches.draw(spec.members * self.schedule.batch)
        self.network.train()
        self._optimiser.clear()
        loss = batch_loss(self.network, context, future, self._levels)
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
        self._optimiser.step(self._rate(step))
        self._guard(float(loss.detach()) / spec.members)

    def _rate(self, step: int) -> float:
        warm = min(1.0, (step + 1) / WARM_UP)
        return self._scale * self.schedule.rate * warm * 0.5 * (1 + math.cos(math.pi * step / self._planned))

    def _guard(self, loss: float) -> None:
        usual = self._mean_loss
        if not math.isfinite(loss) or loss > EXPLODED * self._best_loss:
            self._optimiser.restore(self._best)
            self._scale *= 0.5
            self._explosions += 1
            return
        self._mean_loss = loss if math.isnan(usual) else 0.98 * usual + 0.02 * loss
        self._best_loss = min(self._best_loss, self._mean_loss)

    def _plan(self, step: int, elapsed: float) -> None:
        """Once the pace is known, fix the number of steps the time allows: the cosine then ends in time."""
        seconds = self.schedule.seconds
        if seconds is not None and step == WARM_UP:
            self._paced_from = elapsed
        if seconds is not None and step == WARM_UP + TIMED:
            pace = (elapsed - self._paced_from) / TIMED
            self._planned = max(
                step + 1, min(self.schedule.steps, step + int(0.9 * (seconds - elapsed) / pace))
            )

    def _check(self, step: int) -> None:
        if self._validate is None:
            self._best = self._optimiser.average.clone()
            return
        self._optimiser.swap()
        score = self._validate()
        if score < self._best_score:
            self._best, self._best_step, self._best_score = self._optimiser.weights.clone(), step, score
        self._optimiser.swap()

    def _stale(self, step: int) -> bool:
        waited = step - self._best_step
        return self._validate is not None and waited > max(FEWEST_WAITED, self.schedule.patience * self._planned)

    def _late(self, start: float) -> bool:
        return self.schedule.seconds is not None and time.monotonic() - start > self.schedule.seconds

    def _tell(self, step: int, start: float) -> None:
        if self._report is not None and step % 5 == 0:
            share = step / self._last_step()
            left = (time.monotonic() - start) * (1 / share - 1)
            self._report(step, share, self._mean_loss, left)


def batch_loss(network: MixtureLSTM, context: Floats, future: Floats, levels: Tensor) -> Tensor:
    """Loss of a batch, summed over members so that each learns as if it were alone."""
    spec, device = network.spec, levels.device
    window = prepare(torch.from_numpy(np.ascontiguousarray(context)), spec.usable_seasons, spec.normalisation)
    usable = (window.scale > 0) & torch.isfinite(window.centre)
    target = (torch.from_numpy(np.ascontiguousarray(future)) - window.centre) / window.scale
    target = torch.where(usable, target, torch.nan).to(torch.float32).to(device)
    known = window.values.nan_to_num()  # a window of gaps has no target, but NaN times nothing is NaN
    on_device = window._replace(values=known.to(device), observed=window.observed.to(device))
    quantiles, _ = network(on_device)
    wanted = target.reshape(spec.members, -1, spec.horizon)
    return LOSSES["pinball"](quantiles, wanted, levels) * spec.members
