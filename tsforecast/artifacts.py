"""The model folder: parts named by their content, committed by one rename of ``model.json``.

    model.json             description, the hash of every part, and a digest of itself
    weights-*.safetensors  weights of the network
    model-*.onnx           the forecaster that predict runs
    history-*.safetensors  last context of every series
    windows-*.safetensors  backtest windows and what followed

A writer puts new parts beside the old ones, then renames ``model.json`` over the old one; a reader therefore
sees the old model or the new one. Nothing in the folder can run code: JSON, safetensors and an ONNX graph.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.covariates import Covariates
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.frequency import Frequency
from tsforecast.errors import AccessError, ArtifactError

FORMAT = 1
DESCRIPTION = "model.json"
SUFFIXES = {"weights": ".safetensors", "model": ".onnx", "history": ".safetensors", "windows": ".safetensors"}
CHECKPOINT = ".checkpoint"
"""Folder in a model folder where a fit keeps what it has come to so far, in the same format."""

_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".joblib")

LARGEST_DESCRIPTION = 64 * 2**20
"""Bytes of a description that are read at most."""

TRIES = 3
"""Times a reader looks again when a writer replaces the model under its eyes."""

_BESIDE = ("values", "offsets", "static")
"""Arrays of the covariates in the stored history."""

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A model folder that has been opened; parts are read and checked when they are asked for.

    Attributes:
        path: The folder.
        description: Content of ``model.json``.
    """

    path: Path
    description: dict[str, Any]
    _cache: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def schema(self) -> Schema:
        """Columns of the data the model was made from."""
        return self.read(lambda: Schema.from_json(self.description["data"]["schema"]))

    @property
    def frequency(self) -> Frequency:
        """Time grid of the model."""
        return self.read(lambda: Frequency.from_json(self.description["data"]["frequency"]))

    @property
    def season_lengths(self) -> tuple[int, ...]:
        """Season lengths, ascending (steps)."""
        return self.read(lambda: tuple(int(one) for one in self.description["data"]["season_lengths"]))

    def has(self, part: str) -> bool:
        """Whether the folder holds a part."""
        return self.read(lambda: part in self.description["parts"])

    def part(self, name: str) -> bytes:
        """Bytes of a part.

        Raises:
            ArtifactError: The part is missing, or not what was written.
        """
        if name not in self._cache:
            self._cache[name] = self._load(name)
        return self._cache[name]

    def _load(self, name: str) -> bytes:
        from tsforecast.data.files import read_whole

        sha256 = self.read(lambda: str(self.description["parts"][name]["sha256"]))
        file = self.path / part_file(name, sha256)
        try:
            content = read_whole(file)
        except FileNotFoundError:
            raise _damaged(self.path, f"its part {file.name} is missing") from None
        except OSError as error:
            raise AccessError(f"{file} cannot be read: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _damaged(self.path, f"its part {file.name} is not what was written")
        return content

    def arrays(self, name: str) -> Arrays:
        """Arrays of a safetensors part."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            return dict(load(self.part(name)))
        except (SafetensorError, ValueError) as error:
            raise _damaged(self.path, f"its part {name} cannot be read: {error}") from error

    def history(self) -> Panel:
        """Last context of every series.

        Raises:
            ArtifactError: The model was made without history.
        """
        if not self.has("history"):
            raise ArtifactError(
                f"{self.path} keeps no history to forecast from", hint=f"tsforecast predict {self.path} DATA"
            )
        arrays = self.arrays("history")
        return self.read(
            lambda: Panel(
                series_ids=tuple(json.loads(arrays["series_ids"].tobytes())),
                values=arrays["values"],
                offsets=arrays["offsets"],
                first=arrays["first"],
                frequency=self.frequency,
                schema=self.schema,
                covariates=_unpack_covariates(arrays),
            )
        )

    def read(self, get: Callable[[], T]) -> T:
        """Take something out of the description; what does not fit is damage, not a traceback."""
        try:
            return get()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise _damaged(self.path, f"its content does not fit together ({error})") from error


def pack_history(panel: Panel) -> Arrays:
    """Turn a panel into arrays, without its frequency and schema, which the description holds."""
    beside = panel.covariates
    return {
        "series_ids": np.frombuffer(json.dumps(panel.series_ids).encode(), dtype=np.uint8),
        "values": panel.values,
        "offsets": panel.offsets,
        "first": panel.first,
        **({} if beside is None else {f"covariates:{name}": getattr(beside, name) for name in _BESIDE}),
    }


def _unpack_covariates(arrays: Arrays) -> Covariates | None:
    if not any(name.startswith("covariates:") for name in arrays):
        return None
    return Covariates(**{name: arrays[f"covariates:{name}"] for name in _BESIDE})


def pack_arrays(arrays: Arrays) -> bytes:
    """Arrays as the bytes of a safetensors file, in the order of their names."""
    from safetensors.numpy import save

    return bytes(save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)}))


def part_file(name: str, sha256: str) -> str:
    """File name of a part: what it is and the start of its hash."""
    return f"{name}-{sha256[:16]}{SUFFIXES[name]}"


def save_artifact(path: Path, description: dict[str, Any], parts: dict[str, bytes]) -> None:
    """Write a model folder; whoever reads it sees the old model or the new one.

    Raises:
        AccessError: The folder cannot be written; an old model there is untouched.
    """
    from tsforecast.data.files import write_atomically

    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    entries = {name: {"sha256": hashes[name], "bytes": len(parts[name])} for name in sorted(parts)}
    full = {"format": FORMAT, **description, "parts": entries}
    full["digest"] = digest(full)
    fresh = _make_folder(path)
    try:
        for name, content in parts.items():
            write_atomically(path / part_file(name, hashes[name]), content)
        text = json.dumps(full, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(path / DESCRIPTION, text.encode())
    except BaseException:
        _sweep(path, keep=_current_parts(path))
        if fresh:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
    _sweep(path, keep={part_file(name, sha256) for name, sha256 in hashes.items()})


@contextlib.contextmanager
def writing(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Be the only one who writes a model; those who read it need not ask.

    What runs that were killed have left in the folder is removed. A folder that was made for this and got no model is
    removed as well.

    Args:
        path: The model folder; made where there is none.
        wait: How long to wait for another writer (seconds).

    Raises:
        BusyError: Another run still writes it.
        AccessError: The folder cannot be made or written.
    """
    from tsforecast.data.files import sweep_temporaries
    from tsforecast.data.locking import LOCK, locked

    _make_folder(path)
    try:
        with locked(path / LOCK, f"the model {path}", wait):
            sweep_temporaries(path)
            try:
                yield
            finally:
                if not (path / DESCRIPTION).exists():
                    _sweep(path, keep=set())
                    with contextlib.suppress(OSError):
                        (path / LOCK).unlink()
    finally:
        # Only an empty folder goes.
        with contextlib.suppress(OSError):
            path.rmdir()


def check_writable(path: Path) -> None:
    """Find out before the work whether a model can be written here.

    Raises:
        AccessError: It cannot, or something that is no model is in the way.
    """
    from tsforecast.data.files import write_atomically

    if path.exists() and not path.is_dir():
        raise AccessError(f"{path} is a file, a model needs a folder", hint="choose another name with -o")
    if path.is_dir() and _holds_something_else(path):
        raise AccessError(f"{path} holds files that are no model", hint="choose another name with -o")
    existed = path.is_dir()
    trial = (path if existed else path.parent) / f".{path.name}.trial"
    try:
        write_atomically(trial, b"")
        trial.unlink(missing_ok=True)
    except AccessError as error:
        raise AccessError(str(error).replace(str(trial), str(path)), hint=error.hint) from None


def _holds_something_else(path: Path) -> bool:
    """Whether a folder without a model holds more than a run that was killed leaves behind."""
    from tsforecast.data.files import is_temporary
    from tsforecast.data.locking import LOCK

    if (path / DESCRIPTION).exists():
        return False
    own = [f"{name}-*{suffix}" for name, suffix in SUFFIXES.items()]
    return any(
        not (
            file.name in (LOCK, CHECKPOINT)
            or is_temporary(file)
            or any(file.match(pattern) for pattern in own)
        )
        for file in path.iterdir()
    )


def load_artifact(path: str | Path, *parts: str) -> Artifact:
    """Open a model folder and read the named parts that it holds.

    A writer may replace the model between two reads; a part that is gone then means: read the description
    again.

    Raises:
        ArtifactError: There is no model, it is damaged, or a newer release made it.
        AccessError: It cannot be read.
    """
    folder = Path(path)
    for attempt in range(TRIES):
        artifact = Artifact(path=folder, description=_checked(folder, _read_description(folder)))
        try:
            for name in parts:
                if artifact.has(name):
                    artifact.part(name)
        except ArtifactError:
            if attempt == TRIES - 1:
                raise
        else:
            break
    return artifact


def _read_description(folder: Path) -> bytes:
    file = folder / DESCRIPTION
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_DESCRIPTION + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise _no_model(folder) from None
    except OSError as error:
        raise AccessError(f"{file} cannot be read: {error.strerror}") from error


def _checked(folder: Path, content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_DESCRIPTION:
        raise _damaged(folder, f"{DESCRIPTION} is larger than {LARGEST_DESCRIPTION} bytes")
    try:
        description = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(folder, f"{DESCRIPTION} is not JSON: {error}") from error
    if not isinstance(description, dict) or not isinstance(description.get("format"), int):
        raise _damaged(folder, f"{DESCRIPTION} does not describe a model")
    if description["format"] > FORMAT:
        raise ArtifactError(
            f"{folder} was written by tsforecast {description.get('version')},"
            f" format {description['format']}; this release reads up to format {FORMAT}",
            hint="upgrade tsforecast",
        )
    if description.get("digest") != digest(description):
        raise _damaged(folder, f"{DESCRIPTION} is not what was written")
    return description


def digest(description: dict[str, Any]) -> str:
    """SHA-256 of a description without its own digest."""
    rest = {key: value for key, value in description.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _make_folder(path: Path) -> bool:
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise AccessError(
            f"{path} cannot be made: {error.strerror}", hint="choose another place with -o"
        ) from error
    return True


def _current_parts(path: Path) -> set[str]:
    """Files of the model that is in place, if any."""
    try:
        entries = load_artifact(path).description["parts"]
        return {part_file(name, entry["sha256"]) for name, entry in entries.items()}
    except (ArtifactError, AccessError, KeyError, TypeError):
        return set()


def _sweep(path: Path, keep: set[str]) -> None:
    """Remove parts that no description names any more."""
    for name, suffix in SUFFIXES.items():
        for file in path.glob(f"{name}-*{suffix}"):
            if file.name not in keep:
                with contextlib.suppress(OSError):
                    file.unlink()


def _no_model(folder: Path) -> ArtifactError:
    hint = "tsforecast fit DATA -o MODEL makes one"
    if (folder / CHECKPOINT).is_dir():
        hint = "a fit was stopped here; the same command with --resume goes on"
        return ArtifactError(f"{folder} holds no model yet", hint=hint)
    if folder.is_dir():
        return ArtifactError(f"{folder} holds no {DESCRIPTION}: it is not a model folder", hint=hint)
    if folder.exists():
        hint = f"the model comes first, then data; {hint}, predict --zero-shot DATA needs none"
        if folder.suffix in _PICKLES:
            hint = "pickles are never opened, for they run code; tsforecast fit DATA -o MODEL makes a model folder"
        elif folder.suffix.lower() == SUFFIXES["model"]:
            hint = (
                "an exported file only forecasts, it holds no backtest and no weights;"
                " name the model folder that it was made from"
            )
        return ArtifactError(f"{folder} is not a model folder", hint=hint)
    return ArtifactError(f"there is no model {folder}", hint=hint)


def _damaged(folder: Path, what: str) -> ArtifactError:
    return ArtifactError(f"model {folder} is damaged: {what}", hint="fit it again, or take it from a backup")
