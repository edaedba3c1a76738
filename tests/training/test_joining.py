from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.models.building import SHAPES
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM, select
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.groups import Group
from tsforecast.training.joining import go_on, join, leans_on_shipped, share_out
from tsforecast.training.loop import Outcome
from tsforecast.training.pretrained import load_pretrained

TUNED = Group(pretrained=True, members=3, tested=3)
FRESH = Group(pretrained=False, members=3, tested=3)


def made(members: int, *, pretrained: bool, seed: int = 0) -> MixtureLSTM:
    """Network whose weights differ from those it would start with."""
    torch.manual_seed(seed)
    network = build(replace(NetworkSpec(**SHAPES[0]), members=members))
    if pretrained:
        load_pretrained(network)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(torch.randn_like(weights) * 0.1)
    return network


def outcome(score: float | None) -> Outcome:
    """Training with a validation score."""
    return Outcome(steps=10, best_step=10, best_share=1.0, score=score, explosions=0)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((0.9, 1.0), True), ((1.0, 1.0), False), ((1.1, 1.0), False), ((None, 1.0), False), ((0.9,), False)],
)
def test_shipped_weights_are_leant_on_where_validation_says_so(
    scores: tuple[float | None, ...], expected: bool
) -> None:
    """Tuned members must have been better on many windows; without scores or both kinds nothing changes."""
    assert leans_on_shipped((TUNED, FRESH), [outcome(one) for one in scores], 64) is expected
    assert not leans_on_shipped((TUNED, FRESH), [outcome(one) for one in scores], 63)


def test_two_members_are_too_few_to_share_out() -> None:
    """There would be none of each kind."""
    pair = (replace(TUNED, members=1), replace(FRESH, members=1))

    assert not leans_on_shipped(pair, [outcome(0.9), outcome(1.0)], 64)


@pytest.mark.parametrize("each", [1, 2, 3, 4])
def test_sharing_out_keeps_the_number_of_members(each: int) -> None:
    """What is saved has as many members whichever way they begin, and joining finds them all."""
    groups = (replace(TUNED, members=each + 1), replace(FRESH, members=each))
    shared = share_out(groups, leaning=True)
    parts = [made(one.members, pretrained=one.pretrained) for one in shared]

    total = sum(one.members for one in groups)
    assert sum(one.members for one in shared) == total
    assert join(parts, leaning=True).spec.members == total
    assert share_out(groups, leaning=False) == groups


def test_joining_moves_a_third_halfway_back() -> None:
    """Two members halfway between shipped and tuned, two tuned ones, two from nothing."""
    tuned, fresh = made(3, pretrained=True), made(3, pretrained=False, seed=1)
    shipped = build(replace(NetworkSpec(**SHAPES[0]), members=3))
    load_pretrained(shipped)

    joined = join([tuned, fresh], leaning=True).gate_weight

    torch.testing.assert_close(joined[:2], (tuned.gate_weight[:2] + shipped.gate_weight[:2]) / 2)
    torch.testing.assert_close(joined[2:4], tuned.gate_weight[1:])
    torch.testing.assert_close(joined[4:], fresh.gate_weight[:2])


def test_joining_an_interrupted_training_takes_what_there_is() -> None:
    """Only the first group was trained."""
    tuned = made(3, pretrained=True)

    assert torch.equal(join([tuned], leaning=True).gate_weight, tuned.gate_weight)


def test_selected_members_keep_all_they_had() -> None:
    """Weights of members 1 and 2, and what belongs to none of them, such as the adjustments of intervals."""
    network = made(3, pretrained=True)
    network.adjustments.fill_(0.25)

    chosen = select(network, slice(1, 3))

    for name, weights in network.named_parameters():
        assert torch.equal(chosen.get_parameter(name), weights[1:])
    assert torch.equal(chosen.adjustments, network.adjustments)


def test_going_on_starts_where_the_earlier_training_ended() -> None:
    """Members beyond those of the earlier training keep their own start."""
    earlier, network = made(2, pretrained=False, seed=1), made(3, pretrained=False, seed=2)
    own = network.gate_weight[2].clone()

    go_on(network, earlier)

    assert torch.equal(network.gate_weight[:2], earlier.gate_weight)
    assert torch.equal(network.gate_weight[2], own)
