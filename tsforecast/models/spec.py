"""What a network looks like, as plain numbers: enough to build it, load its weights and write its graph."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from tsforecast.config import QUANTILE_LEVELS

SEASON_SLOTS = 3
"""Seasons the network has room for."""

EXPERTS_WITHOUT_SEASON: tuple[str, ...] = ("last value", "mean", "drift")
EXPERTS_PER_SEASON: tuple[str, ...] = ("last season", "mean season", "mean season at the last level")
POSITION_FEATURES = 8

SEASONS_AVERAGED = 4
"""Seasons behind a mean profile: enough to average noise away, few enough to follow a change."""

FAINT = 1e-6
"""Weight of a filled value: nothing beside an observed one, yet a fallback where no season was observed."""

SEASONS_BACK = 2
"""How many seasons back a missing value is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """Shape of a forecasting network.

    Attributes:
        network: Name in the registry.
        context_length: Past steps (T).
        horizon: Future steps (H).
        season_lengths: Ascending, at most ``SEASON_SLOTS`` (steps).
        patch_length: Steps that make one step of the recurrence.
        hidden: Width of the recurrence.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the gate pre-activations; ONNX calls it ``clip``.
        members: Networks whose median is the forecast (M).
        levels: Quantile levels, ascending (Q).
        normalisation: ``spread`` (mean and standard deviation) or ``change`` (last value and mean step).
        dropout: Share of decoder outputs dropped while training.
        floor: Nothing is forecast below it (user's units); None where anything may come.
    """

    network: str = "mixture"
    context_length: int
    horizon: int
    season_lengths: tuple[int, ...] = ()
    patch_length: int
    hidden: int = 64
    activation: str = "relu"
    clip: float = 2.0
    members: int = 1
    levels: tuple[float, ...] = QUANTILE_LEVELS
    normalisation: str = "spread"
    dropout: float = 0.0
    floor: float | None = None

    @property
    def context_patches(self) -> int:
        """Patches that cover the context; the first may be padded."""
        return math.ceil(self.context_length / self.patch_length)

    @property
    def future_patches(self) -> int:
        """Patches that cover the horizon; the last may be cut."""
        return math.ceil(self.horizon / self.patch_length)

    @property
    def usable_seasons(self) -> tuple[int, ...]:
        """Seasons of which the context holds at least one."""
        return tuple(season for season in self.season_lengths if season <= self.context_length)[:SEASON_SLOTS]

    @property
    def expert_names(self) -> tuple[str, ...]:
        """Experts in the order of the gate's weights (K)."""
        seasonal = tuple(
            f"{name} ({season})" for season in self.usable_seasons for name in EXPERTS_PER_SEASON
        )
        return EXPERTS_WITHOUT_SEASON + seasonal

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``model.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> NetworkSpec:
        """Inverse of ``to_json``."""
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**plain)
