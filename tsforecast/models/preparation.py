"""From raw values to what a network sees: missing values filled, every window on its own scale.

All of it is done in float64, so that a series around 1e9 whose season is of size one keeps its season; only
the normalised values go to float32. ``exporters/`` writes the same steps into the graph.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tsforecast.models.spec import CHANGE, LARGEST_LOG, LOG, SEASONS_BACK


class Prepared(NamedTuple):
    """A batch of windows on their own scale.

    Attributes:
        values: Normalised and filled, float32 (B, T).
        observed: 1 where the value was known, 0 where it was filled (B, T).
        centre: What stands for 0, in the user's units, float64 (B, 1).
        scale: What stands for 1, in the user's units, float64; 0 where a window never changes (B, 1).
    """

    values: Tensor
    observed: Tensor
    centre: Tensor
    scale: Tensor


def prepare(context: Tensor, season_lengths: tuple[int, ...], normalisation: str) -> Prepared:
    """Fill and normalise raw windows, float64 (B, T), NaN where nothing is known.

    A window without one known value has a centre of NaN, and so has its forecast. With ``log`` centre and scale are
    those of the logarithms; ``to_scale`` and ``from_scale`` lead there and back.
    """
    if normalisation == LOG:
        context = positive(context).log()
    missing = torch.isnan(context)
    filled = fill(context, season_lengths) if bool(missing.any()) else context
    observed = (~missing).to(torch.float64)
    last = filled[:, -1:]
    offset = filled - last  # exact, and keeps squares small where the level is huge
    peak = offset.abs().amax(1, keepdim=True)
    shape = offset / torch.where(peak > 0, peak, torch.ones_like(peak))
    count = observed.sum(1, keepdim=True).clamp_min(1)
    if normalisation != CHANGE:
        middle = (shape * observed).sum(1, keepdim=True) / count
        spread = (((shape - middle) ** 2 * observed).sum(1, keepdim=True) / count).sqrt()
    else:
        middle = torch.zeros_like(peak)
        spread = (shape[:, 1:] - shape[:, :-1]).abs().sum(1, keepdim=True) / (count - 1).clamp_min(1)
    unit = torch.where(spread > 0, spread, torch.ones_like(spread))
    values = ((shape - middle) / unit).to(torch.float32)
    return Prepared(values, observed.to(torch.float32), last + peak * middle, peak * spread)


def positive(context: Tensor) -> Tensor:
    """Lift values that have no logarithm to the smallest of their window that has one, 1 where none has."""
    known = torch.where(context > 0, context, torch.inf).amin(1, keepdim=True)
    lowest = torch.where(torch.isfinite(known), known, torch.ones_like(known))
    return torch.where(context <= 0, lowest, context)


def to_scale(values: Tensor, normalisation: str) -> Tensor:
    """Take targets to where centre and scale apply; NaN where they have no logarithm but need one."""
    if normalisation != LOG:
        return values
    return torch.where(values > 0, values, torch.nan).log()


def from_scale(values: Tensor, normalisation: str) -> Tensor:
    """Inverse of ``to_scale``, within what a float64 can hold."""
    return values.clamp_max(LARGEST_LOG).exp() if normalisation == LOG else values


def fill(context: Tensor, season_lengths: tuple[int, ...]) -> Tensor:
    """Replace missing values by the same season before, else the last known, at the start the first known."""
    length = context.shape[1]
    filled = context
    for season in season_lengths[:1] * SEASONS_BACK:
        if season < length:
            earlier = torch.cat([filled[:, :season], filled[:, :-season]], 1)
            filled = torch.where(torch.isnan(filled), earlier, filled)
    return filled.gather(1, nearest_known(filled))


def nearest_known(values: Tensor) -> Tensor:
    """Position of the last known value up to each step, of the first known one before that (B, T).

    The k-th known value is at ``table[k]``; a running count says which k each step is at.
    """
    known = ~torch.isnan(values)
    count = known.cumsum(1)
    place = torch.arange(values.shape[1], device=values.device).expand_as(count)
    table = torch.zeros(len(values), values.shape[1] + 1, dtype=torch.int64, device=values.device)
    table.scatter_(1, torch.where(known, count, 0), place)
    return table.gather(1, count.clamp_min(1))
