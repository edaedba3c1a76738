"""One fit: train with validation, calibrate, then train again on everything with what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np
import torch

from tsforecast.config import FitSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.memory import ALL_BUFFERS, keep_freed_memory
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError
from tsforecast.evaluation.blending import Blend
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.network import Network
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.batches import Batches
from tsforecast.training.checkpoint import Checkpoint, Place
from tsforecast.training.covariate_gains import covariate_gains, idle_covariates
from tsforecast.training.covariate_scales import covariate_constants
from tsforecast.training.finishing import apply_blend, find_adjustments, find_blend
from tsforecast.training.groups import Clock, Group, GroupResult, choose_groups, ended_too_soon
from tsforecast.training.joining import go_on, join, leans_on_shipped, share_out
from tsforecast.training.loop import Outcome, Schedule, Trainer
from tsforecast.training.normalising import choose_normalisation
from tsforecast.training.split import Split
from tsforecast.training.validation import Validation

Tell = Callable[..., None]
Plan = tuple[Group, int, Callable[[], Schedule]]
"""A group, how many members of it to train, and how long: asked when its turn comes, for time goes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The networks of one fit.

    Attributes:
        spec: Their shape.
        tested: Has not seen the backtest; its scores are printed. It may have fewer members.
        final: Trained on everything; it is saved.
        groups: How each group of members was trained.
        notes: What went unusually, and covariates that do not help.
        covariate_gains: What every covariate is worth on validation windows.
        blend: What share the network has, and how it compared with classical forecasts on validation windows.
        interrupted: True where the user stopped the training.
    """

    spec: NetworkSpec
    tested: Network
    final: Network
    groups: tuple[GroupResult, ...]
    notes: tuple[Note, ...]
    interrupted: bool
    covariate_gains: dict[str, float]
    blend: Blend

    @property
    def steps(self) -> int:
        """Training steps of the group that was trained longest."""
        return max(group.steps for group in self.groups)

    def gate_shares(self, panel: Panel) -> Floats:
        """Mean gate weight of every expert over the newest windows (K,)."""
        spec = self.spec
        windows = Windows(panel, spec.context_length, spec.horizon, timestamps=bool(spec.calendar))
        newest = windows.inputs(np.arange(len(panel))[:1024], panel.lengths[:1024])
        weights = self.final.forecast(newest)[1]
        known = weights[np.isfinite(weights).all(1)]
        return np.asarray(known.mean(0) if len(known) else np.zeros(weights.shape[1]))


def choose_device(name: str) -> torch.device:
    """Device to train on; ``auto`` stays on the processor, which small networks keep busy enough.

    Raises:
        UsageError: The device is not there.
    """
    there: dict[str, Callable[[], bool]] = {
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
    }
    if name in there and not there[name]():
        raise UsageError(
            f"--device {name}: torch finds no such device here", hint="--device cpu works everywhere"
        )
    return torch.device("cpu" if name == "auto" else name)


def train_and_refit(
    panel: Panel,
    spec: NetworkSpec,
    split: Split,
    settings: FitSettings,
    tell: Tell,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train on the training part, calibrate on the validation part, train again on everything.

    Args:
        panel: The series.
        spec: Shape of the network.
        split: Who sees what.
        settings: How long, on which device, from which seed.
        tell: Told about progress.
        checkpoint: Where to keep how far it is, and to go on from; the budget runs from its start.
    """
    torch.set_num_threads(1)
    keep_freed_memory(ALL_BUFFERS)
    checkpoint = checkpoint or Checkpoint()
    clock = Clock(settings, checkpoint.started, covariates=spec.sees_more)
    training = panel.head(split.training)
    constants = covariate_constants(training, spec)
    known = panel.head(split.known)
    validation = Validation(known, spec, *split.validation, settings.seed)
    spec, chosen = _choose_scale(training, spec, validation, settings, checkpoint)
    if chosen:
        validation = Validation(known, spec, *split.validation, settings.seed)
    work = _Work(spec, settings, choose_device(settings.device), tell, constants, checkpoint)
    groups = choose_groups(panel, spec, settings)
    rolling = Validation(known, spec, *split.rolling, settings.seed)
    tested, first, leaning, blend = _train_and_judge(work, training, groups, clock, validation, rolling)
    groups = share_out(groups, leaning=leaning)
    apply_blend(tested, blend)
    tested.adjustments.copy_(find_adjustments(tested, validation))
    gains = covariate_gains(tested, validation)
    if first[-1].interrupted:
        return _trained(tested, tested, groups, first, first, gains, blend, chosen)
    if len(groups) == 1:
        members = checkpoint.recall("members", lambda: clock.more_members(groups[0], first[0]).members)
        groups = (replace(groups[0], members=members),)
    pairs = zip(groups, first, strict=True)
    again = [
        (group, group.members, partial(clock.again, group, found, len(groups))) for group, found in pairs
    ]
    earlier = tested if ended_too_soon(groups, first) else None
    parts, last = work.train("refit", panel, again, None, earlier)
    final = join(parts, leaning=leaning)
    apply_blend(final, blend)
    final.adjustments.copy_(_saved_adjustments(tested, panel, split, settings))
    return _trained(tested, final, groups, first, last, gains, blend, chosen)


def _train_and_judge(
    work: _Work,
    training: Panel,
    groups: tuple[Group, ...],
    clock: Clock,
    validation: Validation,
    rolling: Validation,
) -> tuple[MixtureLSTM, list[Outcome], bool, Blend]:
    """Train on the training part and hold the outcome against classical forecasts.

    Also says whether the shipped weights are leant on.

    A network that is behind only because its time was up gets more, and so the chance to be judged by what it can do:
    the saved one is trained for longer still. To whoever plans that one, both trainings count as one.
    """
    plans = [(group, group.tested, partial(clock.search, group, len(groups))) for group in groups]

    def judge(earlier: MixtureLSTM | None) -> tuple[MixtureLSTM, list[Outcome], bool, Blend]:
        parts, first = work.train("training", training, plans, validation, earlier)
        leaning = leans_on_shipped(groups, first, len(validation))
        tested = join(parts, leaning=leaning)
        return tested, first, leaning, find_blend(tested, rolling, training)

    tested, first, leaning, blend = judge(None)
    timed = work.settings.steps is None and not first[-1].interrupted
    if timed and blend.share and ended_too_soon(groups, first):
        tested, second, leaning, blend = judge(tested)
        first = [before.followed_by(after) for before, after in zip(first, second, strict=True)]
    return tested, first, leaning, blend


def _choose_scale(
    training: Panel, spec: NetworkSpec, validation: Validation, settings: FitSettings, checkpoint: Checkpoint
) -> tuple[NetworkSpec, tuple[Note, ...]]:
    """Shape with the scale that was best before the checkpoint, or is now; remarks where it is not the usual one."""

    def try_scales() -> tuple[str, list[str]]:
        found, notes = choose_normalisation(training, spec, validation, settings)
        return found.normalisation, [note.text for note in notes]

    scale, said = checkpoint.recall("normalisation", try_scales)
    return replace(spec, normalisation=scale), tuple(Note(text) for text in said)


def _saved_adjustments(
    tested: MixtureLSTM, panel: Panel, split: Split, settings: FitSettings
) -> torch.Tensor:
    """Calibrate for the saved model: the mean of what the validation and the backtest windows ask for.

    Each part is one stretch of time, in which all errors go together: it counts as one observation of how wide
    intervals must be, however many windows it has. The tested network's own adjustments stay what they were: the scores
    that are printed come from windows that nothing was fitted to. A backtest of flat windows says nothing.
    """
    before = tested.adjustments.clone()
    newest = Validation(panel, tested.spec, *split.backtest, settings.seed)
    if not len(newest):
        return before
    found = find_adjustments(tested, newest)
    tested.adjustments.copy_(before)
    return (before + found) / 2


@dataclass(frozen=True, slots=True)
class _Work:
    """What both trainings share."""

    spec: NetworkSpec
    settings: FitSettings
    device: torch.device
    tell: Tell
    constants: dict[str, torch.Tensor]
    checkpoint: Checkpoint

    def train(
        self,
        stage: str,
        panel: Panel,
        plans: Sequence[Plan],
        validation: Validation | None,
        earlier: MixtureLSTM | None = None,
    ) -> tuple[list[MixtureLSTM], list[Outcome]]:
        """Train each group as planned, from where an earlier network ended if there is one.

        An interruption ends it with what there is.
        """
        made: list[MixtureLSTM] = []
        outcomes: list[Outcome] = []
        for group, members, schedule in plans:
            network = group.start(replace(self.spec, members=members), self.settings.seed, self.device)
            network.set_constants(self.constants)
            if earlier is not None:
                go_on(network, earlier)
            report = _stage(self.tell, stage, len(made), len(plans))
            place = self.checkpoint.training()
            outcomes.append(_run(network, panel, schedule, self.settings, validation, report, place))
            made.append(network)
            if outcomes[-1].interrupted:
                break
        return made, outcomes


def _trained(
    tested: MixtureLSTM,
    final: MixtureLSTM,
    groups: Sequence[Group],
    first: list[Outcome],
    last: list[Outcome],
    gains: dict[str, float],
    blend: Blend,
    chosen: tuple[Note, ...],
) -> Trained:
    explosions = sum(one.explosions for one in [*first, *last])
    notes = [
        Note(
            f"training exploded {explosions} times; the best weights were restored at half the rate",
            warning=True,
        )
    ]
    return Trained(
        spec=final.spec,
        tested=tested,
        final=final,
        groups=tuple(
            GroupResult(pretrained=group.pretrained, members=group.members, halfway=group.halfway,
                        steps=after.best_step, share=after.best_share, score=before.score)
            for group, before, after in zip(groups, first, last, strict=False)
        ),
        notes=(*chosen, *(notes if explosions else ()), *idle_covariates(gains)),
        interrupted=any(one.interrupted for one in [*first, *last]),
        covariate_gains=gains,
        blend=blend,
    )  # fmt: skip


def _stage(
    tell: Tell, stage: str, place: int, count: int
) -> Callable[[int, float, float, float | None], None]:
    return lambda step, done, loss, left: tell(stage, (place + done) / count, step, loss, left)


def _run(
    network: MixtureLSTM,
    panel: Panel,
    schedule: Callable[[], Schedule],
    settings: FitSettings,
    validation: Validation | None,
    report: Callable[[int, float, float, float | None], None],
    place: Place,
) -> Outcome:
    spec = network.spec
    batches = Batches(panel, spec.context_length, spec.horizon, settings.seed, timestamps=bool(spec.calendar))
    if not len(batches):
        return Outcome(steps=0, best_step=0, best_share=0.0, score=None, explosions=0)
    if (before := place.finished(network)) is not None:
        return Outcome(**before)
    windows = 0 if validation is None else len(validation)
    check = (lambda: validation.score(network)) if validation is not None and windows else None
    planned = Schedule(**place.recall("schedule", lambda: asdict(schedule())))
    outcome = Trainer(network, batches, planned, check, report, windows, place).run()
    if not outcome.interrupted:
        place.finish(network, asdict(outcome))
    return outcome
