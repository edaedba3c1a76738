"""Models of classes beside the best that anybody can do."""

from __future__ import annotations

import pytest

from tests.benchmarks.events import CHAINS, Chain, compare


@pytest.mark.slow
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.words)
def test_log_loss_comes_within_five_percent_of_the_best_possible(chain: Chain) -> None:
    """Chains whose probabilities are known: what the model says is nearly what is true."""
    assert compare(chain, steps=1000, seed=1)["ratio"] < 1.05
