"""What one training step of a recurrent network learns from."""

from __future__ import annotations

import pytest
import torch

from tests.models.recurrent_building import recurrent_spec, rough_recurrent
from tsforecast.training import epochs


@pytest.mark.parametrize(("variant", "loss"), [("plain", "mse"), ("gru", "mae"), ("quantiles", "pinball")])
def test_a_large_batch_is_learnt_in_parts(variant: str, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows at a time give the loss and the gradient of all rows, also where targets are missing."""
    torch.manual_seed(0)
    spec = recurrent_spec(variant)
    values, target = torch.randn(11, spec.context_length), torch.randn(11, spec.horizon)
    target[0], target[5, 2:] = torch.nan, torch.nan
    found = []
    for rows in (11, 4):
        monkeypatch.setattr(epochs, "ROWS", rows)
        network = rough_recurrent(spec)
        total = epochs.learn_from(network, loss, (values, target))
        gradient = [one.grad for one in network.parameters() if one.grad is not None]
        found.append([torch.tensor(total), *gradient])

    assert len(found[0]) > 3
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-6)
