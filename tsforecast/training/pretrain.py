"""Make the weights that ship with the package: ``python -m tsforecast.training.pretrain --output FILE``.

Every batch has another shape: a frequency, a typical length and a horizon are drawn, and context and patches
chosen for them as ``fit`` would. The universal weights are folded into a network of that shape and learn
from made-up series; no real series takes part.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

from tsforecast.config import QUANTILE_LEVELS
from tsforecast.data.arrays import Floats
from tsforecast.data.files import write_atomically
from tsforecast.data.inputs import Inputs
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import SEASON_SLOTS, NetworkSpec
from tsforecast.models.universal import FACTS, PATCH, fold
from tsforecast.training.geometry import FEWEST_CONTEXT, SHORT_SEASON, choose_context, choose_patch
from tsforecast.training.loop import batch_loss
from tsforecast.training.optimiser import FlatAdam
from tsforecast.training.synthetic import VERSION, draw_series

MEMBERS = 3
BATCH = 64
"""Windows per step and member."""

RATE = 2e-3
WARM_UP = 200
POOL = 8
"""Batches made of one shape at a time; they are then shuffled among those of other shapes."""

SHUFFLED = 160
"""Batches to choose the next one from."""

TIGHT = 0.25
"""Share of the shapes whose context is cut to what short series hold."""

UNLIMITED = 1_000_000

AVERAGE = 0.998
"""Share of the past in the average of the weights that is kept."""


@dataclass(frozen=True, slots=True)
class Family:
    """Series of one frequency.

    Attributes:
        share: How often it is drawn.
        seasons: Alternatives of season lengths, drawn with equal chances.
        lengths: Fewest and most rows of a typical series.
        horizons: Smallest and largest horizon.
    """

    share: float
    seasons: tuple[tuple[int, ...], ...]
    lengths: tuple[int, int]
    horizons: tuple[int, int]


FAMILIES: tuple[Family, ...] = (
    Family(0.30, ((12,),), (20, 200), (6, 24)),
    Family(0.16, ((4,),), (10, 110), (3, 12)),
    Family(0.17, ((),), (8, 60), (2, 10)),
    Family(0.09, ((52,), (52,), (52,), ()), (40, 400), (4, 52)),
    Family(0.11, ((7,),), (30, 400), (7, 42)),
    Family(0.01, ((7, 365),), (800, 1200), (14, 60)),
    Family(0.07, ((24,), (24, 168)), (100, 900), (12, 96)),
    Family(0.02, ((48,), (48, 336), (96,)), (300, 1500), (24, 192)),
    Family(0.03, ((5,), ()), (60, 500), (5, 42)),
    Family(0.04, ((2,), (3,), (6,), (8,), (10,), (13,), (20,), (26,), (30,)), (15, 300), (3, 40)),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows and the network they are for.

    Shape:
        context ``(M * B, T)``, future ``(M * B, H)``.
    """

    lesson: Lesson
    context: Floats
    future: Floats


class Lesson(nn.Module):
    """Loss of one network on a batch, as a module, so that its weights can be replaced by folded ones."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.network: MixtureLSTM = build(spec).train()

    def forward(self, context: Floats, future: Floats, levels: Tensor) -> Tensor:
        """Loss summed over members."""
        return batch_loss(self.network, Inputs.of(context), future, levels)


def main(arguments: list[str] | None = None) -> None:
    """Train and write the weights and where they come from."""
    options = _options(arguments)
    torch.set_num_threads(1)
    started = time.monotonic()
    weights = pretrain(options.seed, options.steps)
    seconds = round(time.monotonic() - started)
    _write(options.output, weights, options.seed, options.steps, seconds)


def pretrain(seed: int, steps: int) -> dict[str, Tensor]:
    """Average of the universal weights over the last steps of training."""
    torch.manual_seed(seed)
    universal = fresh_weights(MEMBERS)
    optimiser = FlatAdam(universal)
    average = optimiser.weights.clone()
    levels = torch.tensor(QUANTILE_LEVELS)
    for step, batch in zip(range(steps), shuffled_batches(np.random.default_rng(seed)), strict=False):
        optimiser.clear()
        folded = fold(dict(universal.items()), batch.lesson.network.spec, torch.from_numpy)
        named = {f"network.{name}": value for name, value in folded.items()}
        loss = torch.func.functional_call(batch.lesson, named, (batch.context, batch.future, levels))
        loss.backward()
        optimiser.step(learning_rate(step, steps))
        average.lerp_(optimiser.weights, max(1 - AVERAGE, 1 / (step + 1)))
        _tell(step, steps, float(loss.detach()) / MEMBERS)
    optimiser.restore(average)
    return {name: value.detach().clone() for name, value in universal.items()}


def learning_rate(step: int, steps: int) -> float:
    """Warm-up, then a cosine to zero."""
    return RATE * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def fresh_weights(members: int) -> nn.ParameterDict:
    """Universal weights before training; the columns for the facts start at zero."""
    slots = tuple(range(2, 2 + SEASON_SLOTS))
    spec = NetworkSpec(
        context_length=PATCH, horizon=PATCH, season_lengths=slots, patch_length=PATCH, members=members
    )
    state = dict(build(spec).named_parameters())
    for name in ("encoder_bias", "decoder_bias", "decoder_input", "gate_bias", "residual_bias"):
        base = state[name].detach()[..., None]
        wide = torch.cat([base, torch.zeros(*base.shape[:-1], FACTS)], -1)
        state[name] = nn.Parameter(wide.flatten(2))
    return nn.ParameterDict(state)


def shuffled_batches(random: Generator) -> Iterator[Batch]:
    """Endless batches, neighbours of different shapes."""
    waiting: list[Batch] = []
    while True:
        while len(waiting) < SHUFFLED:
            waiting += draw_batches(random, MEMBERS * BATCH)
        index = int(random.integers(len(waiting)))
        waiting[index], waiting[-1] = waiting[-1], waiting[index]
        yield waiting.pop()


def draw_batches(random: Generator, windows: int) -> list[Batch]:
    """Batches of one random shape."""
    spec = draw_spec(random)
    span = spec.context_length + spec.horizon
    count = POOL if span < 400 else POOL // 2
    lead = int(random.integers(0, spec.context_length + 1))
    series = draw_series(random, count * windows, lead + span, _seasons_of(random, spec))[:, lead:]
    context, future = np.split(series, [spec.context_length], 1)
    context = with_gaps(random, context)
    lesson = Lesson(spec)
    return [Batch(lesson, context[index::count], future[index::count]) for index in range(count)]


def draw_spec(random: Generator) -> NetworkSpec:
    """Shape that ``fit`` would choose for a random panel."""
    family = FAMILIES[random.choice(len(FAMILIES), p=[one.share for one in FAMILIES])]
    seasons = family.seasons[random.integers(len(family.seasons))]
    horizon = int(np.exp(random.uniform(*np.log(family.horizons))).round())
    length = int(np.exp(random.uniform(*np.log(family.lengths))))
    length = max(length, horizon + FEWEST_CONTEXT)
    context_length, patch_length = draw_window(random, seasons, length, horizon)
    return NetworkSpec(
        context_length=context_length,
        horizon=horizon,
        season_lengths=seasons,
        patch_length=patch_length,
        members=MEMBERS,
        dropout=0.0,
    )


def draw_window(random: Generator, seasons: tuple[int, ...], length: int, horizon: int) -> tuple[int, int]:
    """Context and patch: mostly as for long series, padded where they are short, else as for these series."""
    if not seasons or random.random() < TIGHT:
        context_length = choose_context(np.array([length]), seasons, horizon)
        return context_length, choose_patch(context_length, seasons)
    context_length = choose_context(np.array([UNLIMITED]), seasons, horizon)
    if len(seasons) == 1 and seasons[0] <= SHORT_SEASON:
        return seasons[0] * int(random.integers(3, 9)), seasons[0]
    return context_length, choose_patch(context_length, seasons)


def _seasons_of(random: Generator, spec: NetworkSpec) -> tuple[int, ...]:
    """Seasons in the data: at times one the network does not know, as where a context is too short."""
    if not spec.season_lengths and random.random() < 0.1:
        return (int(random.integers(2, 13)),)
    return spec.season_lengths


def with_gaps(random: Generator, context: Floats) -> Floats:
    """Contexts of which some begin late, and some lack values, as in real panels."""
    count, length = context.shape
    result = context.copy()
    rows = np.arange(length)
    if random.random() < 0.6:
        late = random.random((count, 1)) < random.uniform(0, 1)
        result[late & (rows < random.integers(0, max(length - 3, 1), (count, 1)))] = np.nan
    if random.random() < 0.2:
        holed = random.random((count, 1)) < 0.5
        result[holed & (random.random((count, length)) < random.uniform(0, 0.3, (count, 1)))] = np.nan
    return result


def _tell(step: int, steps: int, loss: float) -> None:
    if step % 500 == 0:
        sys.stderr.write(f"step {step} of {steps}, loss {loss:.4f}\n")
        sys.stderr.flush()


def _write(output: Path, weights: dict[str, Tensor], seed: int, steps: int, seconds: int) -> None:
    from safetensors.torch import save

    write_atomically(output, save({name: value.to(torch.float16) for name, value in weights.items()}))
    origin = {
        "command": f"python -m tsforecast.training.pretrain --seed {seed} --steps {steps} --output {output.name}",
        "data": "made-up series only (tsforecast.training.synthetic)",
        "generator_version": VERSION,
        "seconds": seconds,
        "members": MEMBERS,
        "weights": sum(value.numel() for value in weights.values()),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
    write_atomically(output.with_suffix(".json"), (json.dumps(origin, indent=2) + "\n").encode())


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Learn the shipped weights from made-up series.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
