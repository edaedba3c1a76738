"""Training by epochs: every window once in random order, and again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tsforecast.data.arrays import Ints
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.models.class_spec import CROSS_ENTROPY
from tsforecast.models.recurrent import RecurrentBase
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.training.batches import FEWEST_ROWS
from tsforecast.training.checkpoint import Place, State
from tsforecast.training.class_loss import cross_entropy
from tsforecast.training.loop import EXPLODED, WARM_UP, Outcome
from tsforecast.training.losses import pinball
from tsforecast.training.point_losses import point_loss
from tsforecast.training.recipe import Recipe
from tsforecast.training.rules import FlatOptimiser

AT_ONCE = 4096
"""Windows prepared together: one by one they would cost more than the step itself."""

CHECKED_EVERY = (20, 200)
"""Fewest and most steps between two looks at the validation windows; an epoch in between."""

PATIENCE = 25
"""Looks without a better score after which training ends."""

ROWS = 64
"""Windows whose gradient is found together: the states of more at all steps leave the processor's cache."""

LARGEST_NORM = 1.0
SMOOTH = 0.05
"""Part of a new loss in its running mean."""


Batch = tuple[Tensor, ...]
"""What a network takes of B windows, and last what followed ``(B, steps)``, NaN where nothing is known."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Windows with what followed them.

    Args:
        windows: Where they come from; their horizon is what one pass of the network gives.
        series: Series of each window (W,).
        cutoffs: Rows known to each window (W,).
    """

    windows: Windows
    series: Ints
    cutoffs: Ints

    def __len__(self) -> int:
        return len(self.series)

    def read(self, network: RecurrentBase, rows: Ints) -> Batch:
        """Read some windows as the network takes them, and what followed."""
        series, cutoffs = self.series[rows], self.cutoffs[rows]
        return network.lesson(self.windows.inputs(series, cutoffs), self.windows.futures(series, cutoffs))


def all_examples(panel: Panel, spec: RecurrentSpec) -> Examples:
    """Every whole window of a panel; of a series too short for one, windows padded at the start."""
    lengths = panel.lengths
    whole = lengths - spec.context_length >= spec.reach
    low = np.where(whole, spec.context_length, np.maximum(lengths // 2, FEWEST_ROWS))
    high = np.where(whole | (lengths - spec.reach >= low), lengths - spec.reach, lengths - 1)
    return between(panel, spec, low, high)


def windows_of(panel: Panel, spec: RecurrentSpec) -> Windows:
    """Windows of what one pass of the network sees and gives."""
    return Windows(panel, spec.context_length, spec.reach, timestamps=bool(spec.calendar))


def between(panel: Panel, spec: RecurrentSpec, low: Ints, high: Ints) -> Examples:
    """Windows of all cutoffs from ``low`` to ``high`` of each series ``(N,)``."""
    count = np.maximum(high - low + 1, 0)
    series = np.repeat(np.arange(len(panel), dtype=np.int64), count)
    place = np.arange(len(series)) - np.repeat(np.cumsum(count) - count, count)
    return Examples(windows_of(panel, spec), series, low[series] + place)


def loss_of(network: RecurrentBase, name: str, batch: Batch) -> Tensor:
    """Loss of one batch."""
    *given, target = batch
    made, _ = network(*given)
    if name == "pinball":
        return pinball(made, target, torch.tensor(network.spec.levels, device=made.device))
    if name == CROSS_ENTROPY:
        return cross_entropy(made, target)
    return point_loss(name, made[..., 0], target)


def learn_from(network: RecurrentBase, name: str, batch: Batch) -> float:
    """Loss of one batch, its gradient added to the weights', a few rows at a time."""
    target = batch[-1]
    if len(target) <= ROWS:
        loss = loss_of(network, name, batch)
        loss.backward()  # type: ignore[no-untyped-call]  # as in torch
        return float(loss.detach())
    known, total = (~torch.isnan(target)).sum().clamp_min(1), 0.0
    for some in zip(*(torch.split(one, ROWS) for one in batch), strict=True):
        part = loss_of(network, name, some) * ((~torch.isnan(some[-1])).sum() / known)
        part.backward()  # type: ignore[no-untyped-call]  # as in torch
        total += float(part.detach())
    return total


@torch.no_grad()
def score_of(network: RecurrentBase, name: str, examples: Examples) -> float:
    """Loss over all examples, the network as it forecasts."""
    network.eval()
    device = network.dense.weight.device
    batch = tuple(one.to(device) for one in examples.read(network, np.arange(len(examples))))
    found = float(loss_of(network, name, batch))
    network.train()
    return found


class Epochs:
    """Trains one network.

    Args:
        network: Trained in place.
        examples: What to learn from.
        recipe: How.
        steps: Most training steps.
        until: When to stop (``time.monotonic``), None where only steps count.
        seed: Seed of the order.
        check: Windows to choose the best weights on; None keeps the last ones.
        report: Called now and then with the step, the share done, the loss and the seconds left.
        place: Where to keep how far it is, and to go on from.
    """

    _NUMBERS = ("_best_step", "_best_score", "_mean", "_least", "_rate", "_explosions", "_waited")

    def __init__(
        self,
        network: RecurrentBase,
        examples: Examples,
        recipe: Recipe,
        steps: int,
        until: float | None,
        seed: int,
        check: Examples | None,
        report: Callable[[int, float, float, float | None], None],
        place: Place | None = None,
    ) -> None:
        self._place = place or Place()
        self.network, self.examples, self.recipe = network, examples, recipe
        self.steps, self.until, self.check, self.report = steps, until, check, report
        self._random = np.random.default_rng(seed)
        self._optimiser = FlatOptimiser(
            network, recipe.optimizer, None if recipe.as_written else LARGEST_NORM
        )
        self._best, self._best_step, self._best_score = self._optimiser.weights.clone(), 0, math.inf
        self._mean, self._least, self._rate = math.nan, math.inf, recipe.learning_rate
        self._explosions, self._waited = 0, 0

    def run(self) -> Outcome:
        """Train until the steps or the time are over, nothing gets better, or the user stops it."""
        started, step, interrupted = time.monotonic(), 0, False
        if (before := self._place.state()) is not None:
            self._restore(before)
            step, started = before.numbers["steps"], started - before.numbers["seconds"]
        per_epoch = math.ceil(len(self.examples) / self.recipe.batch_size)
        every = min(max(per_epoch, CHECKED_EVERY[0]), CHECKED_EVERY[1])
        self.network.train()
        try:
            for batch in self._batches(step):
                self._learn(batch)
                step += 1
                done = self._done(step, started)
                if self.check is not None and (step % every == 0 or done >= 1):
                    self._look(step)
                if step % 10 == 0 or done >= 1:
                    left = None if self.until is None else max(self.until - time.monotonic(), 0.0)
                    self.report(step, min(done, 1.0), self._mean, left)
                if done >= 1 or self._waited >= PATIENCE:
                    break
                if self._place.is_due():
                    self._place.keep(self._state(step, time.monotonic() - started))
        except KeyboardInterrupt:
            interrupted = True
        if self.check is None or not math.isfinite(self._best_score):
            self._best, self._best_step = self._optimiser.weights.clone(), step
        self._optimiser.restore(self._best)
        return Outcome(
            steps=step,
            best_step=self._best_step,
            best_share=1.0,
            score=self._best_score if math.isfinite(self._best_score) else None,
            explosions=self._explosions,
            seconds=time.monotonic() - started,
            interrupted=interrupted,
        )

    def _state(self, step: int, seconds: float) -> State:
        numbers = {name: getattr(self, name) for name in self._NUMBERS}
        return State(
            tensors={**self._optimiser.tensors, "best": self._best},
            numbers={**numbers, "steps": step, "seconds": seconds, "moves": self._optimiser.count},
        )

    def _restore(self, state: State) -> None:
        for name, tensor in {**self._optimiser.tensors, "best": self._best}.items():
            tensor.copy_(state.tensors[name])
        for name in self._NUMBERS:
            setattr(self, name, state.numbers[name])
        self._optimiser.count = state.numbers["moves"]

    def _batches(self, taken: int) -> Iterator[Batch]:
        """Windows in a new order in every epoch; the last batch of one may be smaller, as in Keras.

        Args:
            taken: Batches that were learnt from before: the orders are drawn again, those are passed over.
        """
        size, device = self.recipe.batch_size, self.network.dense.weight.device
        chunk = max(AT_ONCE // size, 1) * size
        while self.steps:
            order = self._random.permutation(len(self.examples))
            begin, taken = min(taken * size, len(order)), max(taken - math.ceil(len(order) / size), 0)
            for start in range(begin, len(order), chunk):
                read = self.examples.read(self.network, order[start : start + chunk])
                yield from zip(*(torch.split(one.to(device), size) for one in read), strict=True)

    def _learn(self, batch: Batch) -> None:
        self._optimiser.clear()
        loss = learn_from(self.network, self.recipe.loss, batch)
        self._optimiser.step(self._rate)
        self._guard(loss)

    def _guard(self, loss: float) -> None:
        """Count an explosion; unless all is to stay as written, go back to the best weights at half the rate."""
        self._mean = loss if math.isnan(self._mean) else (1 - SMOOTH) * self._mean + SMOOTH * loss
        if self._mean < EXPLODED * self._least:
            self._least = min(self._least, self._mean)
            if self.check is None and not self.recipe.as_written and self._mean == self._least:
                self._best.copy_(self._optimiser.weights)
            return
        if self._optimiser.count < WARM_UP:
            return
        self._explosions += 1
        self._mean, self._least = math.nan, math.inf if self.recipe.as_written else self._least
        if not self.recipe.as_written:
            self._optimiser.restore(self._best)
            self._rate /= 2

    def _done(self, step: int, started: float) -> float:
        by_time = 0.0
        if self.until is not None:
            now = time.monotonic()
            by_time = (now - started) / max(self.until - started, 1e-9)
        return max(step / self.steps, by_time)

    def _look(self, step: int) -> None:
        """Keep the weights where the validation windows say they are the best so far."""
        assert self.check is not None
        score = score_of(self.network, self.recipe.loss, self.check)
        if score < self._best_score:
            self._best_score, self._best_step, self._waited = score, step, 0
            self._best.copy_(self._optimiser.weights)
        else:
            self._waited += 1
