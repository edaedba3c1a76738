"""Which scale suits the windows: every one is tried briefly, the best on validation windows is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tsforecast.config import NORMALISATIONS, FitSettings
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.errors import DataError
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import LOG, SPREAD, NetworkSpec
from tsforecast.training.batches import Batches
from tsforecast.training.loop import Schedule, Trainer
from tsforecast.training.losses import pinball
from tsforecast.training.validation import Validation

TRIAL_STEPS = 60
"""Steps that show where another scale is far better; the best is then trained from the start."""

TRIAL_SHARE = 0.02
"""Part of a time budget that one trial may take. Where that is too little for all of its steps nothing is chosen: after
a dozen steps the order of the scales is chance, and the wrong one cost a third of the accuracy."""

CLEARLY = 0.8
"""Share of the usual scale's loss that another one must stay below. A short trial flatters a scale that starts well: on
hourly data one was ahead by an eighth after a hundred steps and behind in the end."""

FEWEST_WINDOWS = 64
"""Validation windows without which a choice would be chance."""


def check_positive(panel: Panel, settings: FitSettings) -> None:
    """Refuse logarithms where there are none.

    Raises:
        DataError: A target is not above 0.
    """
    if settings.normalisation == LOG and not is_positive(panel):
        raise DataError(
            "--normalisation log needs targets above 0, and some are not",
            hint="leave --normalisation out; it then tries what the data allow",
        )


def is_positive(panel: Panel) -> bool:
    """Whether every known target is above 0."""
    return bool(np.nanmin(panel.values, initial=np.inf) > 0)


def choose_normalisation(
    training: Panel, spec: NetworkSpec, validation: Validation, settings: FitSettings
) -> tuple[NetworkSpec, tuple[Note, ...]]:
    """Try the scales that the data allow, where a choice can be told from chance.

    Args:
        training: The series up to the validation part.
        spec: Shape of the network, on the usual scale.
        validation: Windows to choose on.
        settings: Whether to try, how long, from which seed.

    Returns:
        The shape with its scale, and what to say where it is not the usual one.
    """
    if settings.normalisation != "auto" or spec.sees_more or len(validation) < FEWEST_WINDOWS:
        return spec, ()
    losses: dict[str, float] = {}
    for name in NORMALISATIONS:
        if name == LOG and not is_positive(training):
            continue
        loss = _trial(replace(spec, members=1, normalisation=name), training, validation, settings)
        if loss is None:
            return spec, ()
        losses[name] = loss
    best = min(losses, key=lambda name: losses[name])
    if best == SPREAD or not losses[best] < CLEARLY * losses[SPREAD]:
        return spec, ()
    better = 1 - losses[best] / losses[SPREAD]
    said = f"windows are put on the scale {best!r}: {100 * better:.0f} % better than 'spread' on validation windows"
    return replace(spec, normalisation=best), (Note(said),)


def _trial(spec: NetworkSpec, training: Panel, validation: Validation, settings: FitSettings) -> float | None:
    """Loss after a few steps, in units that do not depend on the scale tried; None where time ended it.

    Raises:
        KeyboardInterrupt: The user stopped it: nothing is trained yet that could be saved.
    """
    batches = Batches(training, spec.context_length, spec.horizon, settings.seed)
    if not len(batches):
        return float("inf")
    torch.manual_seed(settings.seed)
    network = build(spec)
    seconds = None if settings.steps is not None else TRIAL_SHARE * settings.budget
    steps = min(TRIAL_STEPS, settings.steps or TRIAL_STEPS)
    outcome = Trainer(network, batches, Schedule(steps=steps, seconds=seconds)).run()
    if outcome.interrupted:
        raise KeyboardInterrupt
    return loss_in_spreads(network, validation) if outcome.steps == steps else None


def loss_in_spreads(network: MixtureLSTM, validation: Validation) -> float:
    """Mean pinball loss of forecasts in units of each window's own spread."""
    quantiles, _ = network.forecast(validation.inputs)
    unit = validation.units[:, None]
    usable = (validation.units > 0) & np.isfinite(validation.units)
    forecast = torch.from_numpy((quantiles / unit[..., None])[usable])
    target = torch.from_numpy((validation.futures / unit)[usable])
    centre = torch.from_numpy((validation.inputs.context / unit)[usable]).nanmean(1)[:, None]
    levels = torch.tensor(network.spec.levels, dtype=torch.float64)
    return float(pinball(forecast - centre[..., None], target - centre, levels))
