"""ONNX files written from stored weights, without torch; the parity check is the only place that loads it.

A new runtime is one line in ``targets.TARGETS``; a new network is one file with ``build_model`` and one line in
``GRAPHS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tsforecast.exporters.graph_form import GraphForm
    from tsforecast.models.spec import NetworkSpec

GRAPHS: dict[str, str] = {
    "mixture": "tsforecast.exporters.mixture_graph",
    "recurrent": "tsforecast.exporters.recurrent_graph",
    "classes": "tsforecast.exporters.class_graph",
}


def build_model(
    spec: NetworkSpec,
    weights: Mapping[str, NDArray[Any]],
    opset: int,
    *,
    explain: bool = False,
    form: GraphForm | None = None,
) -> bytes:
    """ONNX file of a network, which says nothing of itself yet.

    Args:
        spec: Shape of the network.
        weights: Its state by name.
        opset: ONNX operator set.
        explain: Add the output ``weights``: what its parts count (B, blocks of steps, K).
        form: Everything about the layout of the graph, instead of the two before.
    """
    module = import_module(GRAPHS[spec.network])
    made: bytes = module.build_model(spec, weights, opset, explain=explain, form=form)
    return made
