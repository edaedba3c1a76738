"""The bytes of an ONNX file, written without the onnx package: to import it takes a quarter of a forecast.

An ONNX file is a sequence of numbered fields (protocol buffers). The numbers are those of onnx.proto, and fields stand
in their order, so that the same graph is the same bytes as the package writes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

KINDS: dict[str, int] = {"FLOAT": 1, "UINT8": 2, "INT64": 7, "BOOL": 9, "DOUBLE": 11}
"""Types of numbers by the name that ONNX gives them."""

_DTYPES = {"float32": "FLOAT", "uint8": "UINT8", "int64": "INT64", "float64": "DOUBLE"}


@dataclass(slots=True)
class Node:
    """An operator with the names of what it takes and makes."""

    operator: str
    inputs: list[str]
    outputs: list[str]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph.

    Attributes:
        name: What users call it.
        kind: Name from ``KINDS``.
        shape: Sizes; a name where any will do.
    """

    name: str
    kind: str
    shape: Sequence[int | str]

    def __bytes__(self) -> bytes:
        sizes = (_part(1, _text(2, one) if isinstance(one, str) else _whole(1, one)) for one in self.shape)
        tensor = _whole(1, KINDS[self.kind]) + _part(2, b"".join(sizes))
        return _text(1, self.name) + _part(2, _part(1, tensor))


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in order, what enters and leaves them, and constants by name."""

    name: str
    nodes: Sequence[Node]
    inputs: Sequence[Port]
    outputs: Sequence[Port]
    constants: Mapping[str, NDArray[Any]]

    def __bytes__(self) -> bytes:
        parts: list[tuple[int, Iterable[bytes]]] = [
            (1, map(_node, self.nodes)),
            (2, [self.name.encode()]),
            (5, (_tensor(name, array) for name, array in self.constants.items())),
            (11, map(bytes, self.inputs)),
            (12, map(bytes, self.outputs)),
        ]
        return b"".join(_part(number, one) for number, many in parts for one in many)


def model_bytes(graph: Graph, opset: int, ir_version: int) -> bytes:
    """ONNX file of a graph."""
    sets = _text(1, "") + _whole(2, opset)
    return _whole(1, ir_version) + _text(2, "tsforecast") + _part(7, bytes(graph)) + _part(8, sets)


def metadata_bytes(key: str, value: str) -> bytes:
    """Entry of the metadata, to be put behind a file."""
    return _part(14, _text(1, key) + _text(2, value))


def _node(node: Node) -> bytes:
    names = [(1, one) for one in node.inputs] + [(2, one) for one in node.outputs] + [(4, node.operator)]
    attributes = (_part(5, _attribute(*one)) for one in sorted(node.attributes.items()))
    return b"".join(_text(number, name) for number, name in names) + b"".join(attributes)


def _attribute(name: str, value: Any) -> bytes:
    """Field of the value, then number of its type."""
    if isinstance(value, float):
        field, kind = _single(2, value), 1
    elif isinstance(value, int):
        field, kind = _whole(3, value), 2
    elif isinstance(value, str):
        field, kind = _text(4, value), 3
    elif isinstance(value, Graph):
        field, kind = _part(6, bytes(value)), 5
    elif isinstance(value[0], str):
        field, kind = b"".join(_text(9, one) for one in value), 8
    else:
        field, kind = b"".join(_whole(8, one) for one in value), 7
    return _text(1, name) + field + _whole(20, kind)


def _tensor(name: str, array: NDArray[Any]) -> bytes:
    kind = KINDS[_DTYPES[array.dtype.name]]
    sizes = b"".join(_whole(1, size) for size in array.shape)
    numbers = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return sizes + _whole(2, kind) + _text(8, name) + _part(9, numbers)


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as its complement in 64 bits."""
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


def _whole(number: int, value: int) -> bytes:
    return _number(number << 3) + _number(value)


def _single(number: int, value: float) -> bytes:
    return _number(number << 3 | 5) + struct.pack("<f", value)


def _part(number: int, content: bytes) -> bytes:
    return _number(number << 3 | 2) + _number(len(content)) + content


def _text(number: int, value: str) -> bytes:
    return _part(number, value.encode())
