"""What every network can do once it is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray
from torch import Tensor

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.models.spec import NetworkSpec


class Network(Protocol):
    """A network as the workflows see it; torch's modules have half of it."""

    adjustments: Tensor
    """Added to the normalised quantiles so that intervals hold (H, Q)."""

    @property
    def spec(self) -> NetworkSpec:
        """Its shape."""

    def forecast(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Sorted quantiles in the user's units ``(B, H, Q)`` and what its parts count ``(B, K)`` or ``(K,)``."""

    def load_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over stored weights by name."""

    def state_dict(self) -> dict[str, Any]:
        """Weights and stored constants by name."""

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """All constants by name."""
