"""Members that start alike: some from nothing, some from weights learnt beforehand on synthetic series.

The forecast is the median over all of them. Where data are scarce the two kinds err differently, and together they
are better than either; where data are plenty the pre-trained ones have nothing to add.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from tsforecast.config import FitSettings
from tsforecast.data.panel import Panel
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import NetworkSpec
from tsforecast.models.universal import suits
from tsforecast.training.loop import Outcome, Schedule
from tsforecast.training.pretrained import load_pretrained

FEW_ROWS = 20_000
"""Rows up to which data count as scarce."""

SHORT_SERIES = 500
"""Rows of a typical series up to which the same holds for a panel of any size."""

MEMBERS_IF_FEW = 6
MOST_MEMBERS = 8

SECONDS_PER_MEMBER = 20.0
"""Budget that one more member needs to be worth its time on a large panel."""

MOST_STEPS = 4000
"""Steps after which more training gave nothing in any set measured."""

FINE_STEPS, FINE_RATE = 100, 1e-3
"""A light touch on pre-trained weights: longer training forgets what they bring."""

LEARN_STEPS, LEARN_RATE = 400, 2e-3
"""The same where covariates enter: what they mean has to be learnt from nothing."""

TOLERANCE = 0.01
"""Validation tells no finer differences. Later weights are kept within it: a median over members gains from members
that were trained longer than each alone should be."""

UNTESTED_STEPS = 50
"""Steps where no window is left to find out how many help."""

SEARCH_SHARE, REFIT_SHARE = 0.27, 0.65
"""Parts of a time budget for the two trainings; the rest is for imports, the backtest and saving."""

STILL_BETTER = 0.95
"""Part of the cosine at which training was still improving: it ended because time did."""

SAFE_SHARE = 0.95
"""Part of the time left that added members may be expected to take."""

FINE_SHARE = 0.3
"""Part of a training's time that a pre-trained group may take from the others."""

LEAST_SHARE = 0.15
"""Part of a time budget that a training gets even where what came before took more than its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Members that are trained together.

    Attributes:
        pretrained: Whether they start from the shipped weights.
        members: How many are saved.
        tested: How many are trained for the backtest: fewer where time is short, since they find the same number of
            steps.
        halfway: How many are moved halfway back to the shipped weights in the end.
    """

    pretrained: bool
    members: int
    tested: int
    halfway: int = 0

    def start(self, spec: NetworkSpec, seed: int, device: torch.device) -> MixtureLSTM:
        """Fresh members."""
        torch.manual_seed(seed)
        network = build(spec)
        if self.pretrained:
            load_pretrained(network)
        return network.to(device)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """How a group was trained.

    Attributes:
        pretrained: Whether it started from the shipped weights.
        members: Its size.
        halfway: How many of them were moved halfway back to the shipped weights in the end.
        steps: Steps behind the saved weights.
        share: Part of the learning schedule that they ran through.
        score: Validation score that chose them, None without validation windows.
    """

    pretrained: bool
    members: int
    halfway: int = 0
    steps: int
    share: float
    score: float | None


class Clock:
    """Gives each training its part of the budget, or its steps.

    Args:
        settings: Budget or steps.
        started: When the budget began to run (``time.monotonic``).
        covariates: Whether anything but the target enters the network.
    """

    def __init__(self, settings: FitSettings, started: float, *, covariates: bool = False) -> None:
        self._settings, self._started = settings, started
        self._fine = (LEARN_STEPS, LEARN_RATE) if covariates else (FINE_STEPS, FINE_RATE)

    def search(self, group: Group, count: int) -> Schedule:
        """Schedule of the training that validation watches, one of ``count`` groups."""
        steps = self._settings.steps or MOST_STEPS
        seconds = self._left(SEARCH_SHARE, group, count)
        if group.pretrained:
            most, rate = self._fine
            return Schedule(steps=min(steps, most), rate=rate, seconds=seconds, from_start=True)
        return Schedule(steps=steps, seconds=seconds, tolerance=TOLERANCE)

    def again(self, group: Group, first: Outcome, count: int) -> Schedule:
        """Take the same schedule up to the step that was best, the time that is left where more were still better."""
        before = self.search(group, count)
        seconds = self._left(SEARCH_SHARE + REFIT_SHARE, group, count)
        if first.score is None:
            return Schedule(steps=min(UNTESTED_STEPS, before.steps), rate=before.rate, seconds=seconds)
        if seconds is not None and first.best_share > STILL_BETTER and not group.pretrained:
            return Schedule(steps=MOST_STEPS, rate=before.rate, seconds=seconds)
        timed = seconds is not None and first.best_step > 0
        steps = round(first.best_step / first.best_share) if timed else before.steps
        return Schedule(steps=steps, share=first.best_share, rate=before.rate, seconds=seconds)

    def more_members(self, group: Group, first: Outcome) -> Group:
        """Add members for which there is time after all, since few steps were best.

        Args:
            group: As it was planned.
            first: What its first training came to.
        """
        if self._settings.steps is not None or self._settings.members is not None or not first.best_step:
            return group
        if first.best_share > STILL_BETTER:
            return group
        each = first.seconds / first.steps / group.tested * first.best_step
        room = self._left(SEARCH_SHARE + REFIT_SHARE, group, 1) or 0.0
        return replace(group, members=int(np.clip(SAFE_SHARE * room / each, group.members, MOST_MEMBERS)))

    def _left(self, until: float, group: Group, count: int) -> float | None:
        """Seconds until a part of the budget is over, None where only steps count."""
        if self._settings.steps is not None:
            return None
        budget = self._settings.budget
        left = max(until * budget - (time.monotonic() - self._started), LEAST_SHARE * budget)
        return left * FINE_SHARE if group.pretrained and count > 1 else left


def choose_members(panel: Panel, settings: FitSettings) -> int:
    """Networks whose median is the forecast: as many as the time allows."""
    if settings.members is not None:
        return settings.members
    if is_scarce(panel):
        return MEMBERS_IF_FEW
    if settings.steps is not None:
        return 1
    return int(np.clip(settings.budget // SECONDS_PER_MEMBER, 1, MOST_MEMBERS // 2))


def is_scarce(panel: Panel) -> bool:
    """Whether the data alone are too few to learn much from: few rows, or many series that are all short."""
    return len(panel.values) < FEW_ROWS or float(np.median(panel.lengths)) < SHORT_SERIES


def ended_too_soon(groups: Sequence[Group], first: Sequence[Outcome]) -> bool:
    """Whether the only group was still improving when its training ended: then the next one goes on from there."""
    return len(groups) == 1 and first[0].score is not None and first[0].best_share > STILL_BETTER


def choose_groups(panel: Panel, spec: NetworkSpec, settings: FitSettings) -> tuple[Group, ...]:
    """Who starts how: half of the members pre-trained where data are scarce, else none."""
    members = spec.members
    if is_scarce(panel) and suits(spec) and members > 1:
        half = members // 2
        return (
            Group(pretrained=True, members=half, tested=half),
            Group(pretrained=False, members=members - half, tested=members - half),
        )
    tested = members if settings.members is not None or is_scarce(panel) else (members + 1) // 2
    return (Group(pretrained=False, members=members, tested=tested),)
