"""One fit of a recurrent network: train with validation, find intervals, train again on everything."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np
import torch

from tsforecast.config import MINMAX, FitSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.memory import ALL_BUFFERS, keep_freed_memory
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.data.words import counted
from tsforecast.evaluation.blending import Blend
from tsforecast.evaluation.intervals import conformal_adjustments
from tsforecast.evaluation.residual_intervals import residual_adjustments
from tsforecast.models.recurrent import RecurrentBase, RecurrentNetwork
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.training.checkpoint import Checkpoint
from tsforecast.training.covariate_gains import idle_covariates
from tsforecast.training.epochs import Epochs, Examples, all_examples, between, windows_of
from tsforecast.training.groups import REFIT_SHARE, SEARCH_SHARE, GroupResult
from tsforecast.training.loop import Outcome
from tsforecast.training.recipe import Recipe, choose_recipe
from tsforecast.training.search import Tell, Trained, choose_device
from tsforecast.training.split import Split

N = TypeVar("N", bound=RecurrentBase)

MOST_WINDOWS = 512
"""Validation windows looked at, at most: a recursive forecast of each takes one pass per step."""


def train_and_refit(
    panel: Panel,
    spec: RecurrentSpec,
    split: Split,
    settings: FitSettings,
    tell: Tell,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train on the training part, find intervals on the validation part, train again on everything.

    Arguments are those of ``training.search.train_and_refit``.
    """
    torch.set_num_threads(1)
    keep_freed_memory(ALL_BUFFERS)
    keep = checkpoint or Checkpoint()
    work = Work(spec, choose_recipe(settings), settings, tell, keep, partial(_fresh, spec))
    known = panel.head(split.known)
    tested, first, planned = work.train("training", panel.head(split.training), checks(known, spec, split))
    calibrated = _calibrate(tested, [(known, split.validation)])
    if first.interrupted:
        tested.adjustments.copy_(calibrated)
        return trained(work, panel, tested, tested, [first], [planned])
    newest = _calibrate(tested, [(known, split.validation), (panel, split.backtest)])
    tested.adjustments.copy_(calibrated)
    final, last, again = work.train("refit", panel, None, first.best_step / max(planned, 1))
    span = (tested.high - tested.low) / (final.high - final.low).clamp_min(1e-300)
    final.adjustments.copy_(newest * span)
    return trained(work, panel, tested, final, [first, last], [planned, again])


def _fresh(spec: RecurrentSpec, panel: Panel) -> RecurrentNetwork:
    """Network with fresh weights and the range of a panel."""
    network = RecurrentNetwork(spec)
    values = panel.values[np.isfinite(panel.values)]
    if spec.normalisation == MINMAX and len(values):
        network.low.fill_(float(values.min()))
        network.high.fill_(float(values.max()))
    return network


@dataclass(frozen=True, slots=True)
class Work(Generic[N]):
    """What both trainings of a fit share.

    Attributes:
        spec: Shape of the network.
        recipe: How it is trained.
        settings: How long, on which device, from which seed.
        tell: Told about progress.
        checkpoint: Where to keep how far it is, and to go on from.
        fresh: Makes a network with fresh weights for a panel.
    """

    spec: RecurrentSpec
    recipe: Recipe
    settings: FitSettings
    tell: Tell
    checkpoint: Checkpoint
    fresh: Callable[[Panel], N]

    def train(
        self, stage: str, panel: Panel, check: Examples | None, part: float = 1.0
    ) -> tuple[N, Outcome, int]:
        """Train a fresh network on a panel for a part of the planned steps; also how many were planned."""
        torch.manual_seed(self.settings.seed)
        network = self.fresh(panel).to(choose_device(self.settings.device))
        examples = all_examples(panel, self.spec)
        steps = self.recipe.epochs * math.ceil(len(examples) / self.recipe.batch_size)
        steps = min(steps, self.settings.steps) if self.settings.steps else steps
        watched = None if self.recipe.as_written or check is None or not len(check) else check
        share = SEARCH_SHARE if stage == "training" else SEARCH_SHARE + REFIT_SHARE
        until = self.checkpoint.started + share * self.settings.budget if self.recipe.timed else None
        planned = max(1, round(steps * part)) if len(examples) else 0

        def report(step: int, done: float, loss: float, left: float | None) -> None:
            self.tell(stage, done, step, loss, left)

        place = self.checkpoint.training()
        if (before := place.finished(network)) is not None:
            return network, Outcome(**before), planned
        outcome = Epochs(
            network, examples, self.recipe, planned, until, self.settings.seed, watched, report, place
        ).run()
        if not outcome.interrupted:
            place.finish(network, asdict(outcome))
        return network, outcome, planned


def checks(panel: Panel, spec: RecurrentSpec, split: Split) -> Examples:
    """Windows to choose the best weights on: what one pass gives, over the validation part."""
    if spec.head == "recursive":
        found = between(panel, spec, np.maximum(split.training, 1), panel.lengths - 1)
    else:
        series, cutoffs = split.validation
        found = Examples(windows_of(panel, spec), series, cutoffs)
    rows = _some(len(found))
    return Examples(found.windows, found.series[rows], found.cutoffs[rows])


def _calibrate(network: RecurrentNetwork, parts: list[tuple[Panel, tuple[Ints, Ints]]]) -> torch.Tensor:
    """Amounts that make intervals hold on windows the network was not trained on (H, Q)."""
    spec = network.spec
    network.adjustments.zero_()
    made, came, units = [], [], []
    for panel, (series, cutoffs) in parts:
        rows = _some(len(series))
        windows = Windows(panel, spec.context_length, spec.horizon)
        inputs = windows.inputs(series[rows], cutoffs[rows])
        made.append(network.forecast(inputs)[0])
        came.append(windows.futures(series[rows], cutoffs[rows]))
        units.append(network.prepare(torch.from_numpy(inputs.context)).scale[:, 0].numpy())
    quantiles, actual, unit = np.concatenate(made), np.concatenate(came), np.concatenate(units)
    if spec.quantile_head:
        amounts = conformal_adjustments(quantiles, actual, spec.levels, unit)
    else:
        amounts = residual_adjustments(quantiles[..., 0], actual, spec.levels, unit)
    return torch.from_numpy(np.nan_to_num(amounts)).to(network.adjustments)


def _some(count: int) -> Ints:
    """At most ``MOST_WINDOWS`` rows, evenly chosen."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, MOST_WINDOWS)).astype(np.int64))


def trained(
    work: Work[N],
    panel: Panel,
    tested: N,
    final: N,
    outcomes: list[Outcome],
    planned: list[int],
    gains: dict[str, float] | None = None,
) -> Trained:
    """Put together what a fit found: both networks, how they were trained, and what went unusually."""
    gains = gains or {}
    result = GroupResult(
        pretrained=False, members=1, steps=outcomes[-1].best_step, share=1.0, score=outcomes[0].score
    )
    return Trained(
        spec=final.spec,
        tested=tested,
        final=final,
        groups=(result,),
        notes=(*_notes(work, panel, final, outcomes, planned), *idle_covariates(gains)),
        interrupted=any(one.interrupted for one in outcomes),
        covariate_gains=gains,
        blend=Blend(),
    )


def _notes(
    work: Work[N], panel: Panel, final: N, outcomes: list[Outcome], planned: list[int]
) -> tuple[Note, ...]:
    """Say what went unusually."""
    notes, context = [], work.spec.context_length
    if int(panel.lengths.max()) < context + work.spec.reach:
        notes.append(
            Note(f"no series is longer than the window of {context}: windows are padded", warning=True)
        )
    explosions = sum(one.explosions for one in outcomes)
    if explosions:
        done = (
            "training exploded; nothing was changed, as the preset says"
            if work.recipe.as_written
            else f"training exploded {counted(explosions, 'time')}; the best weights were restored at half the rate"
        )
        notes.append(Note(done, warning=True))
    if not all(torch.isfinite(weight).all() for weight in final.parameters()):
        said = "the weights are no numbers any more, so the model forecasts nothing; give a lower --learning-rate"
        notes.append(Note(said, warning=True))
    if work.recipe.as_written and any(
        one.steps < plan and not one.interrupted for one, plan in zip(outcomes, planned, strict=True)
    ):
        said = f"the budget ended training before its {work.recipe.epochs} epochs; give --epochs or a longer --budget"
        notes.append(Note(said, warning=True))
    return tuple(notes)
