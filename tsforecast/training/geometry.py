"""How far to look back and ahead, in which patches: chosen from the frequency, the seasons, the series."""

from __future__ import annotations

import math

import numpy as np

from tsforecast.config import FitSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.panel import Panel
from tsforecast.errors import DataError
from tsforecast.models.spec import SPREAD, NetworkSpec
from tsforecast.training.calendar import choose_covariates

PATCHES = (5, 16)
"""Patches a context should have: a recurrence of so few steps stays stable and trains in seconds."""

SHORT_SEASON = 24
"""Seasons up to this length are seen five times by default, longer ones twice."""

FEWEST_CONTEXT = 3
"""Rows before the horizon without which there is no window at all."""


def choose_spec(
    panel: Panel, season_lengths: tuple[int, ...], settings: FitSettings, members: int
) -> NetworkSpec:
    """Shape of the network for a panel of which ``check_length`` has nothing to say."""
    horizon = settings.horizon or panel.frequency.default_horizon
    context_length = settings.context_length or choose_context(panel.lengths, season_lengths, horizon)
    return NetworkSpec(
        context_length=context_length,
        horizon=horizon,
        season_lengths=season_lengths,
        patch_length=choose_patch(context_length, season_lengths),
        activation=settings.activation,
        members=members,
        normalisation=SPREAD if settings.normalisation == "auto" else settings.normalisation,
        **choose_covariates(panel, settings),
    )


def check_length(panel: Panel, horizon: int) -> None:
    """Refuse a panel of which not one series holds a window."""
    needed, longest = horizon + FEWEST_CONTEXT, int(panel.lengths.max())
    if longest >= needed:
        return
    who = f"the longest of {len(panel)} series" if len(panel) > 1 else "the series"
    fits = longest - FEWEST_CONTEXT
    hint = (
        f"give --horizon {fits} or less, or more rows"
        if fits >= 1
        else f"give at least {FEWEST_CONTEXT + 1} rows, and --horizon 1 with so few; "
        "tsforecast predict --zero-shot forecasts without a fit"
    )
    raise DataError(f"{who} has {longest} rows, one window of horizon {horizon} needs {needed}", hint=hint)


def choose_context(lengths: Ints, season_lengths: tuple[int, ...], horizon: int) -> int:
    """Look back two of the longest season, five of a short one or two horizons, as far as series allow.

    Where the only season is a short one the context is not shrunk for short series, which are padded: patches of
    whole seasons are worth more than a full window.
    """
    shortest, longest = (season_lengths[0], season_lengths[-1]) if season_lengths else (1, 1)
    wanted = max(2 * longest, 5 * shortest if shortest <= SHORT_SEASON else 0, min(2 * horizon, 100), 8)
    typical = int(np.median(lengths[lengths >= horizon + FEWEST_CONTEXT]))
    allowed = max(typical - horizon, FEWEST_CONTEXT, 4)
    if season_lengths and longest <= SHORT_SEASON:
        return wanted
    if wanted <= allowed or not season_lengths:
        return min(wanted, allowed)
    return max(allowed // shortest * shortest, min(shortest, allowed))


def choose_patch(context_length: int, season_lengths: tuple[int, ...]) -> int:
    """Patch length: the shortest season where that gives few enough patches, else a multiple or a part of it.

    A season too long for the context to hold five of it is cut into the fewest equal parts that do.
    """
    fewest, most = PATCHES
    if not season_lengths or season_lengths[0] > context_length:
        return max(1, math.ceil(context_length / 10))
    season = season_lengths[0]
    if context_length > most * season:
        return season * math.ceil(context_length / (most * season))
    parts = [
        part
        for part in range(1, season + 1)
        if season % part == 0 and context_length * part >= fewest * season
    ]
    part = parts[0] if parts else season
    return season // part if context_length * part <= most * season else season
