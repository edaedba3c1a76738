"""The networks. Importing this package loads no torch: a network is imported when it is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from tsforecast.models.spec import NetworkSpec

if TYPE_CHECKING:
    from tsforecast.models.mixture import MixtureLSTM

NETWORKS: dict[str, str] = {
    "mixture": "tsforecast.models.mixture:MixtureLSTM",
}


def build(spec: NetworkSpec) -> MixtureLSTM:
    """Make the network that a spec describes, with fresh weights."""
    module, name = NETWORKS[spec.network].split(":")
    return cast("MixtureLSTM", getattr(import_module(module), name)(spec))
