"""A small writer of ONNX graphs: nodes by operator, constants by value, names by count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        self._nodes: list[Any] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Value] = {}
        self._initialisers: list[Any] = []
        self._asked: list[Any] = []
        self._offered: list[Any] = []

    def add(self, operator: str, *inputs: Value, outputs: int = 1, unused: int = 0, **attributes: Any) -> Any:
        """Append a node; the name of its output, or a tuple of names where it has several.

        The first ``unused`` of several have no name, so that no runtime makes them.
        """
        from onnx import helper

        count = len(self._nodes)
        stem = f"{self._prefix}{operator.lower()}_{count}"
        names = [stem + (f"_{index}" if index else "") for index in range(outputs)]
        names[:unused] = [""] * unused
        self._nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else tuple(names)

    def constant(self, value: Any, dtype: Any) -> Value:
        """Name of a constant; equal ones are stored once."""
        from onnx import numpy_helper

        array: NDArray[Any] = np.ascontiguousarray(value, dtype=dtype).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = name
            self._initialisers.append(numpy_helper.from_array(array, name))
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
        from onnx import TensorProto

        return str(self.add("Cast", value, to=getattr(TensorProto, dtype)))

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
            for index, output in enumerate(node.output):
                if output == value:
                    node.output[index] = name
            for index, given in enumerate(node.input):
                if given == value:
                    node.input[index] = name

    def ask(self, value: Any) -> None:
        """Take an input beside those that ``model`` is told of."""
        self._asked.append(value)

    def offer(self, value: Any) -> None:
        """Give an output beside those that ``model`` is told of."""
        self._offered.append(value)

    def body(self) -> GraphWriter:
        """Writer of a loop's body, which shares the constants of this graph."""
        inner = GraphWriter(self._opset, f"{self._prefix}body_")
        inner._constants, inner._initialisers = self._constants, self._initialisers
        return inner

    def close(self, name: str, inputs: list[Any], outputs: list[Any]) -> Any:
        """Finish the body of a loop."""
        from onnx import helper

        return helper.make_graph(self._nodes, name, inputs, outputs)

    def model(self, inputs: list[Any], outputs: list[Any]) -> Any:
        """Finish the ONNX model."""
        from onnx import helper

        used = set(_given(self._nodes))
        constants = [one for one in self._initialisers if one.name in used]
        given, made = [*inputs, *self._asked], [*outputs, *self._offered]
        graph = helper.make_graph(self._nodes, "tsforecast", given, made, constants)
        return helper.make_model(
            graph,
            producer_name="tsforecast",
            ir_version=8 if self._opset <= 18 else 10,
            opset_imports=[helper.make_opsetid("", self._opset)],
        )


def _given(nodes: Iterable[Any]) -> Iterator[str]:
    """Names that nodes take, those in the bodies of loops among them."""
    for node in nodes:
        yield from node.input
        for one in node.attribute:
            yield from _given(one.g.node)
