"""The networks and recurrent layers. Importing this package loads no torch before one of them is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from tsforecast.models.spec import NetworkSpec

if TYPE_CHECKING:
    from tsforecast.models.layers import GRU as GRU
    from tsforecast.models.layers import LSTM as LSTM
    from tsforecast.models.layers import RNN as RNN
    from tsforecast.models.mixture import MixtureLSTM

__all__ = ["GRU", "LSTM", "NETWORKS", "RNN", "build"]

NETWORKS: dict[str, str] = {
    "mixture": "tsforecast.models.mixture:MixtureLSTM",
    "recurrent": "tsforecast.models.recurrent:RecurrentNetwork",
    "classes": "tsforecast.models.class_network:ClassNetwork",
}


def build(spec: NetworkSpec) -> MixtureLSTM:
    """Make the network that a spec describes, with fresh weights."""
    module, name = NETWORKS[spec.network].split(":")
    return cast("MixtureLSTM", getattr(import_module(module), name)(spec))


def __getattr__(name: str) -> Any:
    if name in ("GRU", "LSTM", "RNN"):
        return getattr(import_module("tsforecast.models.layers"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
