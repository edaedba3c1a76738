"""An exported ONNX file as a model: what it says of itself is read and checked before anything runs it.

The file is read without the onnx package, which takes longer to import than a forecast takes: an ONNX file is a
sequence of numbered fields (protocol buffers), of which only a few matter here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tsforecast.artifacts import digest
from tsforecast.data.panel import Schema
from tsforecast.data.times.frequency import Frequency
from tsforecast.errors import AccessError, ArtifactError

SUFFIX = ".onnx"
KEY = "tsforecast"
"""Metadata key of the description."""

FORMAT = "tsforecast.onnx/1"

_GRAPH, _METADATA = 7, 14  # fields of ModelProto
_NODE, _INITIALISER = 1, 5  # of GraphProto
_ATTRIBUTE, _TENSOR, _SUBGRAPH = 5, 5, 6  # of NodeProto and of AttributeProto
_EXTERNAL = 13  # of TensorProto: where its numbers lie in another file
_MESSAGE = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An exported file that has been opened and checked.

    Attributes:
        path: The file.
        content: Its bytes.
        about: What it says of itself.
    """

    path: Path
    content: bytes
    about: dict[str, Any]

    @property
    def schema(self) -> Schema:
        """Columns of the data the model was made from."""
        return self.read(lambda: Schema.from_json(self.about["columns"]))

    @property
    def frequency(self) -> Frequency:
        """Time grid of the model."""
        return self.read(lambda: Frequency.from_json(self.about["grid"]))

    @property
    def levels(self) -> tuple[float, ...]:
        """Quantile levels of the output, ascending (Q)."""
        return self.read(lambda: tuple(float(one) for one in self.about["quantile_levels"]))

    @property
    def floor(self) -> float | None:
        """Nothing is forecast below it; None where anything may come."""
        floor = self.read(lambda: self.about["network"].get("floor"))
        return None if floor is None else self.read(lambda: float(floor))

    def read(self, get: Callable[[], T]) -> T:
        """Take something out of the description; what does not fit is damage, not a traceback."""
        try:
            return get()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _damaged(self.path, f"its description does not fit together ({error})") from error


def is_exported(model: str | Path) -> bool:
    """Whether a model is named like an exported file; folders never are."""
    path = Path(model)
    return path.suffix.lower() == SUFFIX and not path.is_dir()


def load_exported(path: str | Path) -> Exported:
    """Open an exported file.

    Raises:
        ArtifactError: There is no such file, another program wrote it, it is damaged, or a newer release made it.
        AccessError: It cannot be read.
    """
    from tsforecast.data.files import read_whole

    file = Path(path)
    try:
        content = read_whole(file)
    except FileNotFoundError:
        raise ArtifactError(
            f"there is no model {file}", hint="tsforecast export MODEL -o FILE.onnx"
        ) from None
    except OSError as error:
        raise AccessError(f"{file} cannot be read: {error.strerror}") from error
    if not content:
        raise _damaged(file, "it is empty")
    try:
        metadata, body, external = _parts(content)
    except (ValueError, IndexError, RecursionError):
        raise _damaged(file, "it is cut off, or no ONNX file at all") from None
    if external:
        raise ArtifactError(
            f"{file} keeps weights in other files, which is refused",
            hint="take a file that holds all of its weights, as tsforecast export writes it",
        )
    return Exported(path=file, content=content, about=_checked(file, metadata, body))


def _checked(file: Path, metadata: dict[str, str], body: str) -> dict[str, Any]:
    hint = "tsforecast export MODEL -o FILE.onnx writes one"
    if KEY not in metadata:
        raise ArtifactError(
            f"{file} was not written by tsforecast: nothing in it describes its data", hint=hint
        )
    try:
        about = json.loads(metadata[KEY])
    except (ValueError, RecursionError):
        raise _damaged(file, "its description is not JSON") from None
    name, _, number = str(about.get("schema") if isinstance(about, dict) else "").rpartition("/")
    if name != FORMAT.rpartition("/")[0] or not number.isdecimal():
        raise ArtifactError(f"{file} holds no description of a forecaster", hint=hint)
    if int(number) > int(FORMAT.rpartition("/")[2]):
        raise ArtifactError(
            f"{file} was written by tsforecast {about.get('version')}, format {number}; this release reads up"
            f" to {FORMAT}",
            hint="upgrade tsforecast",
        )
    if about.get("digest") != digest({**about, "body": body}):
        raise _damaged(file, "it is not what was written")
    return dict(about)


def _parts(content: bytes) -> tuple[dict[str, str], str, bool]:
    """Metadata, hash of everything else, and whether any tensor lies outside of the file."""
    view, metadata, external = memoryview(content), {}, False
    body = hashlib.sha256()
    start = 0
    for number, wire, value, stop in _walk(view):
        if number == _METADATA and wire == _MESSAGE:
            key, text = (bytes(one[2]).decode() for one in _walk(value))
            metadata[key] = text
        else:
            body.update(view[start:stop])
        if number == _GRAPH:
            external = external or _is_external(value)
        start = stop
    return metadata, body.hexdigest(), external


def _is_external(graph: memoryview) -> bool:
    for number, _, value, _ in _walk(graph):
        if number == _INITIALISER and _lies_outside(value):
            return True
        if number == _NODE and any(
            (field == _TENSOR and wire == _MESSAGE and _lies_outside(inner))
            or (field == _SUBGRAPH and wire == _MESSAGE and _is_external(inner))
            for place, _, attribute, _ in _walk(value)
            if place == _ATTRIBUTE
            for field, wire, inner, _ in _walk(attribute)
        ):
            return True
    return False


def _lies_outside(tensor: memoryview) -> bool:
    return any(number == _EXTERNAL for number, *_ in _walk(tensor))


def _walk(view: memoryview) -> Iterator[tuple[int, int, memoryview, int]]:
    """Fields of a message: number, wire type, content of those with a length, and where they end.

    Raises:
        ValueError: The bytes are no message.
        IndexError: They end too early.
    """
    place, end = 0, len(view)
    while place < end:
        tag, place = _number(view, place)
        wire, size = tag & 7, 0
        if wire == _MESSAGE:
            size, place = _number(view, place)
        elif wire == 0:
            _, place = _number(view, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(wire)
        if place + size > end or not tag >> 3:
            raise ValueError(place)
        yield tag >> 3, wire, view[place : place + size], place + size
        place += size


def _number(view: memoryview, place: int) -> tuple[int, int]:
    """Read a variable-length number and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = view[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError(place)


def _damaged(file: Path, what: str) -> ArtifactError:
    return ArtifactError(f"{file} is damaged: {what}", hint="export it again, or copy it again")
