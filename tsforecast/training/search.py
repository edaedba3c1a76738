"""One fit: train with validation, calibrate, then train again on everything with what was found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from tsforecast.config import FitSettings
from tsforecast.data.panel import Floats, Note, Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError
from tsforecast.evaluation.intervals import conformal_adjustments
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.batches import Batches
from tsforecast.training.loop import Outcome, Schedule, Trainer
from tsforecast.training.split import Split
from tsforecast.training.validation import Validation

Tell = Callable[..., None]

MOST_STEPS = 4000
"""Steps after which more training gave nothing in any set measured."""

SEARCH_SHARE, REFIT_SHARE = 0.42, 0.46
"""Parts of a time budget for the two trainings; the rest is for imports, the backtest and saving."""

LEAST_SHARE = 0.1
"""Part of a time budget that the second training gets even where the first took more than its own."""

UNTESTED_STEPS = 50
"""Steps where no window is left to find out how many help: a light touch, since long training over-fits."""

SECONDS_PER_MEMBER = 20.0
"""Budget that one more member needs to be worth its time on a large panel."""

MOST_MEMBERS = 5
FEW_ROWS = 20_000
"""Rows up to which training ends so early that all members fit any budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The networks of one fit.

    Attributes:
        spec: Their shape.
        tested: Has not seen the backtest; its scores are printed.
        final: Trained on everything; it is saved.
        steps: Training steps of the final network.
        share: Part of the learning schedule that they ran through.
        score: Validation score of the tested network, None without validation windows.
        notes: What went unusually.
        interrupted: True where the user stopped the training.
    """

    spec: NetworkSpec
    tested: MixtureLSTM
    final: MixtureLSTM
    steps: int
    share: float
    score: float | None
    notes: tuple[Note, ...]
    interrupted: bool

    def gate_shares(self, panel: Panel) -> Floats:
        """Mean gate weight of every expert over the newest windows (K,)."""
        windows = Windows(panel, self.spec.context_length, self.spec.horizon)
        newest = windows.contexts(np.arange(len(panel))[:1024], panel.lengths[:1024])
        weights = self.final.forecast(newest)[1]
        known = weights[np.isfinite(weights).all(1)]
        return np.asarray(known.mean(0) if len(known) else np.zeros(weights.shape[1]))


def choose_members(panel: Panel, settings: FitSettings) -> int:
    """Networks to train side by side: as many as the time allows."""
    if settings.members is not None:
        return settings.members
    if len(panel.values) < FEW_ROWS and settings.steps is None:
        return MOST_MEMBERS
    if settings.steps is not None:
        return 1
    return int(np.clip(settings.budget // SECONDS_PER_MEMBER, 1, MOST_MEMBERS))


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
    panel: Panel, spec: NetworkSpec, split: Split, settings: FitSettings, tell: Tell
) -> Trained:
    """Train on the training part, calibrate on the validation part, train again on everything."""
    started = time.monotonic()
    torch.set_num_threads(1)
    device = choose_device(settings.device)
    validation = Validation(panel.head(split.known), spec, *split.validation, settings.seed)
    tested = _fresh(spec, settings.seed, device)
    schedule = _schedule(settings, SEARCH_SHARE)
    first = _run(tested, panel.head(split.training), schedule, settings, validation, _stage(tell, "training"))
    _calibrate(tested, validation)
    if first.interrupted:
        return _trained(tested, tested, first, first)
    again = _again(settings, first, time.monotonic() - started)
    final = _fresh(spec, settings.seed, device)
    second = _run(final, panel, again, settings, None, _stage(tell, "refit"))
    final.adjustments.copy_(tested.adjustments)
    return _trained(tested, final, first, second)


def _trained(tested: MixtureLSTM, final: MixtureLSTM, first: Outcome, last: Outcome) -> Trained:
    explosions = first.explosions + last.explosions
    notes = [
        Note(
            f"training exploded {explosions} times; the best weights were restored at half the rate",
            warning=True,
        )
    ]
    return Trained(
        spec=tested.spec,
        tested=tested.cpu(),
        final=final.cpu(),
        steps=last.best_step,
        share=last.best_share,
        score=first.score,
        notes=tuple(notes if explosions else ()),
        interrupted=first.interrupted or last.interrupted,
    )


def _fresh(spec: NetworkSpec, seed: int, device: torch.device) -> MixtureLSTM:
    torch.manual_seed(seed)
    return build(spec).to(device)


def _schedule(settings: FitSettings, share: float) -> Schedule:
    if settings.steps is not None:
        return Schedule(steps=settings.steps)
    return Schedule(steps=MOST_STEPS, seconds=settings.budget * share)


def _again(settings: FitSettings, first: Outcome, elapsed: float) -> Schedule:
    """Keep the same schedule up to the step that was best, in the time that is left."""
    left = max((SEARCH_SHARE + REFIT_SHARE) * settings.budget - elapsed, LEAST_SHARE * settings.budget)
    seconds = left if settings.steps is None else None
    if not first.best_step:
        return Schedule(steps=min(UNTESTED_STEPS, settings.steps or UNTESTED_STEPS), seconds=seconds)
    steps = settings.steps or round(first.best_step / first.best_share)
    return Schedule(steps=steps, share=first.best_share, seconds=seconds)


def _stage(tell: Tell, stage: str) -> Callable[[int, float, float, float | None], None]:
    return lambda step, done, loss, left: tell(stage, done, step, loss, left)


def _run(
    network: MixtureLSTM,
    panel: Panel,
    schedule: Schedule,
    settings: FitSettings,
    validation: Validation | None,
    report: Callable[[int, float, float, float | None], None],
) -> Outcome:
    spec = network.spec
    batches = Batches(panel, spec.context_length, spec.horizon, settings.seed)
    if not len(batches):
        return Outcome(steps=0, best_step=0, best_share=1.0, score=None, explosions=0)
    check = (lambda: validation.score(network)) if validation is not None and len(validation) else None
    return Trainer(network, batches, schedule, check, report).run()


def _calibrate(network: MixtureLSTM, validation: Validation) -> None:
    """Adjust the quantiles so that intervals hold on the validation windows."""
    if not len(validation):
        return
    quantiles, _ = network.forecast(validation.contexts)
    amounts = conformal_adjustments(quantiles, validation.futures, network.spec.levels, validation.units)
    network.adjustments.copy_(torch.from_numpy(np.nan_to_num(amounts)))
