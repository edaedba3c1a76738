"""A small writer of ONNX graphs: nodes by operator, constants by value, names by count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.exporters.onnx_bytes import KINDS, Graph, Node, Port, model_bytes

Value = str
"""Name of a value in the graph."""


class GraphWriter:
    """Collects nodes in order; the same calls give the same bytes.

    Args:
        opset: ONNX operator set of the model.
        prefix: Beginning of all names of values, which in a loop's body must differ from those around it.
    """

    def __init__(self, opset: int, prefix: str = "") -> None:
        self._opset, self._prefix = opset, prefix
        self._nodes: list[Node] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Value] = {}
        self._arrays: dict[Value, NDArray[Any]] = {}
        self._asked: list[Port] = []
        self._offered: list[Port] = []

    def add(self, operator: str, *inputs: Value, outputs: int = 1, unused: int = 0, **attributes: Any) -> Any:
        """Append a node; the name of its output, or a tuple of names where it has several.

        The first ``unused`` of several have no name, so that no runtime makes them.
        """
        count = len(self._nodes)
        stem = f"{self._prefix}{operator.lower()}_{count}"
        names = [stem + (f"_{index}" if index else "") for index in range(outputs)]
        names[:unused] = [""] * unused
        self._nodes.append(Node(operator, list(inputs), names, attributes))
        return names[0] if outputs == 1 else tuple(names)

    def constant(self, value: Any, dtype: Any) -> Value:
        """Name of a constant; equal ones are stored once."""
        array: NDArray[Any] = np.ascontiguousarray(value, dtype=dtype).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = name
            self._arrays[name] = array
        return self._constants[key]

    def ints(self, *values: int) -> Value:
        """Constant vector of int64: shapes, axes, positions."""
        return self.constant(list(values), np.int64)

    def double(self, value: float) -> Value:
        """Constant scalar of float64."""
        return self.constant(value, np.float64)

    def single(self, value: float) -> Value:
        """Constant scalar of float32."""
        return self.constant(value, np.float32)

    def to(self, value: Value, dtype: str) -> Value:
        """Cast to an ONNX type such as ``FLOAT``."""
        return str(self.add("Cast", value, to=KINDS[dtype]))

    def known(self, value: Value) -> Value:
        """Whether numbers of float64 are no NaN, without IsNaN, which not every runtime has for float64.

        Other comparisons that NaN should fail would do by the letter, but some runtimes turn them round.
        """
        return str(self.add("LessOrEqual", self.add("Abs", value), self.double(float("inf"))))

    def reduce(self, operator: str, value: Value, *axes: int, keep: bool = True) -> Value:
        """Reduce over axes: an attribute before operator set 18, an input since; of ReduceSum since 13."""
        if operator == "ReduceSum" or self._opset >= 18:
            return str(self.add(operator, value, self.ints(*axes), keepdims=int(keep)))
        return str(self.add(operator, value, axes=list(axes), keepdims=int(keep)))

    def rename(self, value: Value, name: str) -> None:
        """Give a value the name that users see."""
        for node in self._nodes:
            node.outputs = [name if one == value else one for one in node.outputs]
            node.inputs = [name if one == value else one for one in node.inputs]

    def ask(self, value: Port) -> None:
        """Take an input beside those that ``model`` is told of."""
        self._asked.append(value)

    def offer(self, value: Port) -> None:
        """Give an output beside those that ``model`` is told of."""
        self._offered.append(value)

    def body(self) -> GraphWriter:
        """Writer of a loop's body, which shares the constants of this graph."""
        inner = GraphWriter(self._opset, f"{self._prefix}body_")
        inner._constants, inner._arrays = self._constants, self._arrays
        return inner

    def close(self, name: str, inputs: list[Port], outputs: list[Port]) -> Graph:
        """Finish the body of a loop."""
        return Graph(name, self._nodes, inputs, outputs, {})

    def model(self, inputs: list[Port], outputs: list[Port], batch: int | None = None) -> bytes:
        """Finish the ONNX file.

        Args:
            inputs: What users give.
            outputs: What they get.
            batch: Windows of one call; None for any number.
        """
        used = set(_given(self._nodes))
        constants = {name: array for name, array in self._arrays.items() if name in used}
        given, made = (
            [_of_batch(one, batch) for one in ports]
            for ports in ([*inputs, *self._asked], [*outputs, *self._offered])
        )
        graph = Graph("tsforecast", self._nodes, given, made, constants)
        return model_bytes(graph, self._opset, 8 if self._opset <= 18 else 10)


def _of_batch(port: Port, batch: int | None) -> Port:
    """Fix the number of windows of one call."""
    if batch is None or not port.shape or isinstance(port.shape[0], int):
        return port
    return Port(port.name, port.kind, [batch, *port.shape[1:]])


def _given(nodes: Iterable[Node]) -> Iterator[str]:
    """Names that nodes take, those in the bodies of loops among them."""
    for node in nodes:
        yield from node.inputs
        for one in node.attributes.values():
            if isinstance(one, Graph):
                yield from _given(one.nodes)
