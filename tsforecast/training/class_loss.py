"""What networks for classes make small."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean of -ln p over what is known, p the probability that was given to the class that came.

    Shape:
        logits ``(B, H, C)``, or ``(B, H, 1)`` for the log-odds of the second of two classes; target ``(B, H)`` codes,
        NaN where nothing is known.

    Source:
        Bishop (2006), Pattern Recognition and Machine Learning, equations (4.90) and (4.108).
    """
    known = ~torch.isnan(target)
    codes = torch.where(known, target, 0.0)
    if logits.shape[-1] == 1:
        losses = nn.functional.binary_cross_entropy_with_logits(logits[..., 0], codes, reduction="none")
    else:
        losses = nn.functional.cross_entropy(logits.transpose(1, 2), codes.to(torch.int64), reduction="none")
    return torch.where(known, losses, 0.0).sum() / known.sum().clamp_min(1)
