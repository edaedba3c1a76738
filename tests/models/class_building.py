"""Small networks for classes, for the tests of everything that trains or exports."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.models.recurrent_building import TINY
from tsforecast.data.arrays import Floats
from tsforecast.models.class_network import ClassNetwork
from tsforecast.models.class_spec import ClassSpec

BESIDE: dict[str, Any] = {
    "past_covariates": ("wind", "state"),
    "future_covariates": ("price", "event"),
    "static_covariates": ("size", "region"),
    "categories": (("event", 4), ("region", 2), ("state", 3)),
    "calendar": ("weekday", "day-of-year"),
}
CLASS_VARIANTS: dict[str, dict[str, Any]] = {
    "sigmoid": {"sigmoid": True},
    "softmax": {"classes": 3},
    "two layers": {"classes": 3, "widths": (6, 4)},
    "all parts": {
        "classes": 5,
        "bidirectional": True,
        "attention": True,
        "filters": 3,
        "kernel": 2,
        "clip": 0.5,
        "cell": "gru",
    },
    "covariates": {"classes": 3, **BESIDE},
    "known ahead": {
        "sigmoid": True,
        "cell": "rnn",
        "future_covariates": ("event",),
        "categories": (("event", 2),),
    },
    "facts": {
        "classes": 4,
        "static_covariates": ("region",),
        "categories": (("region", 3),),
        "filters": 2,
        "kernel": 2,
    },
}
"""Every part of the network at least once."""


def class_spec(variant: str, **changes: Any) -> ClassSpec:
    """Shape of a network that trains in milliseconds."""
    return ClassSpec(**TINY | {"classes": 2} | CLASS_VARIANTS[variant] | changes)


def rough_classes(spec: ClassSpec, seed: int = 0, noise: float = 0.3) -> ClassNetwork:
    """Make a network whose every weight is off its start, so that no part of it is idle."""
    torch.manual_seed(seed)
    network = ClassNetwork(spec)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(noise * torch.randn_like(weight))
    return network.eval()


def codes_of(values: Floats, spec: ClassSpec) -> Floats:
    """Turn values into codes, most of them those of classes, and keep what is missing."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(
            np.where(np.abs(values) < 1e6, np.abs(values).round() % (spec.classes + 1) - 0.0, values)
        )
