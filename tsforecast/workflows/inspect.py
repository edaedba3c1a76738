"""Inspect: what a model folder or an exported file holds, without running it and without torch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsforecast.artifacts import load_artifact
from tsforecast.models.spec import NetworkSpec
from tsforecast.runtime.exported import is_exported, load_exported


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphValue:
    """An input or output of a graph.

    Attributes:
        name: Its name.
        type: Type of its numbers, such as ``double``.
        shape: Sizes; a letter where any size will do.
    """

    name: str
    type: str
    shape: tuple[str | int, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"name": self.name, "type": self.type, "shape": list(self.shape)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What is in a model.

    Attributes:
        path: Model folder or exported file.
        kind: ``folder`` or ``file``.
        size: Size of the graph (bytes).
        inputs: What the graph takes.
        outputs: What it gives.
        nodes: How many nodes of each operator it has, most first.
        parameters: Numbers stored in it.
        about: Its description: columns, frequency, horizon, precision, provenance, scores.
    """

    path: Path
    kind: str
    size: int
    inputs: tuple[GraphValue, ...]
    outputs: tuple[GraphValue, ...]
    nodes: dict[str, int]
    parameters: int
    about: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            "path": str(self.path),
            "kind": self.kind,
            "size": self.size,
            "inputs": [one.to_json() for one in self.inputs],
            "outputs": [one.to_json() for one in self.outputs],
            "nodes": self.nodes,
            "parameters": self.parameters,
            "about": self.about,
        }


def inspect(model: str | Path) -> Inspection:
    """Look into a model.

    Args:
        model: Model folder or exported file.

    Raises:
        ForecastError: It cannot be read, or is no model.
    """
    from tsforecast.workflows.export_description import describe_export

    if is_exported(model):
        exported = load_exported(model)
        return _inspection(exported.path, "file", exported.content, exported.about)
    artifact = load_artifact(model, "model")
    spec = artifact.read(lambda: NetworkSpec.from_json(artifact.description["network"]))
    return _inspection(artifact.path, "folder", artifact.part("model"), describe_export(artifact, spec))


def _inspection(path: Path, kind: str, content: bytes, about: dict[str, Any]) -> Inspection:
    import onnx

    graph = onnx.load_model_from_string(content).graph
    return Inspection(
        path=path,
        kind=kind,
        size=len(content),
        inputs=tuple(_value(one) for one in graph.input),
        outputs=tuple(_value(one) for one in graph.output),
        nodes=dict(
            sorted(Counter(node.op_type for node in graph.node).items(), key=lambda one: (-one[1], one))
        ),
        parameters=sum(_count(one) for one in graph.initializer),
        about=about,
    )


def _value(info: Any) -> GraphValue:
    from onnx import TensorProto

    tensor = info.type.tensor_type
    shape = tuple(one.dim_param or int(one.dim_value) for one in tensor.shape.dim)
    return GraphValue(name=info.name, type=TensorProto.DataType.Name(tensor.elem_type).lower(), shape=shape)


def _count(tensor: Any) -> int:
    count = 1
    for size in tensor.dims:
        count *= int(size)
    return count
