"""Members of several groups become one network: those that begin from nothing, those tuned from shipped weights.

Where the tuned members are better on validation windows than those that began from nothing, the data are too few for
what they teach: then a third of the members are moved halfway back to the shipped weights, a third stay tuned, and only
a third began from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from tsforecast.models.mixture import MixtureLSTM, select, stack
from tsforecast.training.groups import Group
from tsforecast.training.loop import Outcome
from tsforecast.training.pretrained import move_halfway
from tsforecast.training.split import WINDOWS_WANTED

FEWEST = 3
"""Members that can be shared out among three kinds."""


def leans_on_shipped(groups: Sequence[Group], outcomes: Sequence[Outcome], windows: int) -> bool:
    """Whether tuned members were better on validation than those from nothing.

    Args:
        groups: As they were planned.
        outcomes: What the training of each came to, in the same order; fewer where it was interrupted.
        windows: Validation windows; few say nothing, as those of a single short series.
    """
    if len(outcomes) < 2 or windows < WINDOWS_WANTED or sum(group.members for group in groups) < FEWEST:
        return False
    tuned, fresh = outcomes
    return tuned.score is not None and fresh.score is not None and tuned.score < fresh.score


def share_out(groups: tuple[Group, ...], *, leaning: bool) -> tuple[Group, ...]:
    """Tune two thirds of the members, half of them to be moved back, where the shipped weights are leant on."""
    if not leaning:
        return groups
    tuned, fresh = groups
    total = tuned.members + fresh.members
    third = total // FEWEST
    return replace(tuned, members=2 * third, halfway=third), replace(fresh, members=total - 2 * third)


def join(parts: Sequence[MixtureLSTM], *, leaning: bool) -> MixtureLSTM:
    """One network of all members.

    Args:
        parts: The tuned members and those from nothing, or one kind alone.
        leaning: Whether to move a third of all members halfway back.

    Source:
        Wortsman et al. (2022), Robust fine-tuning of zero-shot models, for weights halfway.
    """
    if not leaning or len(parts) < 2:
        return stack(parts)
    tuned, fresh = parts
    total = tuned.spec.members + fresh.spec.members
    third = total // FEWEST
    halfway = select(tuned, slice(third))
    move_halfway(halfway)
    return stack([halfway, select(tuned, slice(-third, None)), select(fresh, slice(total - 2 * third))])


def go_on(network: MixtureLSTM, earlier: MixtureLSTM) -> None:
    """Let members begin where those of an earlier training ended; where there were fewer, the others stay fresh."""
    known = dict(earlier.named_parameters())
    with torch.no_grad():
        for name, weights in network.named_parameters():
            count = min(len(weights), len(known[name]))
            weights[:count] = known[name][:count]
