"""Bundle: an exported file with all that people need who have never heard of tsforecast."""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsforecast.config import ExportSettings
from tsforecast.errors import AccessError
from tsforecast.workflows.export import AWKWARD, Built, ExportResult, build_export, result_of

SUMS = "SHA256SUMS"
CARD = "README.md"
FILES = {
    "forecast.py": "a forecast of a CSV file; needs Python with numpy and onnxruntime",
    "vectors.npz": "inputs and expected outputs",
    "vectors/": "the same as CSV",
    SUMS: "hashes of all files: `sha256sum -c SHA256SUMS`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A written bundle.

    Attributes:
        folder: Where it is.
        files: Names of its files.
        exported: The ONNX file in it.
    """

    folder: Path
    files: tuple[str, ...]
    exported: ExportResult

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        own = {"folder": str(self.folder), "files": list(self.files)}
        return {**self.exported.to_json(), **own}


def bundle(model: str | Path, folder: str | Path, *, settings: ExportSettings) -> Bundle:
    """Write a folder with the ONNX file, a runner, test vectors, a model card and checksums.

    Args:
        model: Model folder.
        folder: Where to; an old bundle there is replaced.
        settings: How the file is made.

    Raises:
        GateError: The file does not forecast what the network forecasts; nothing is written.
        AccessError: The folder holds something else, or cannot be written.
        ForecastError: Whatever else the user can do something about.
    """
    from tsforecast.exporters.ort_format import to_ort

    started = time.monotonic()
    place = Path(folder)
    _check_place(place)
    built = build_export(model, settings)
    name = f"{built.artifact.path.resolve().stem}.onnx"
    files = {name: built.content, **_contents(built, name)}
    if settings.ort:
        files[Path(name).with_suffix(".ort").name] = to_ort(built.content)
    sums = (f"{hashlib.sha256(files[one]).hexdigest()}  {one}\n" for one in sorted(files))
    files[SUMS] = "".join(sums).encode(errors="surrogateescape")
    _write(place, files)
    result = result_of(built, place / name, settings, time.monotonic() - started)
    return Bundle(folder=place, files=tuple(files), exported=result)


def _contents(built: Built, name: str) -> dict[str, bytes]:
    """Everything beside the ONNX file."""
    from tsforecast import exporters
    from tsforecast.exporters import vectors
    from tsforecast.exporters.model_card import write_card
    from tsforecast.runtime.session import OnnxForecaster

    forecaster = OnnxForecaster(built.content, name)
    inputs = vectors.choose_windows(built.inputs, AWKWARD)
    forecasts = forecaster.forecast(inputs)
    wires = vectors.tripwires(built.spec, built.artifact.arrays("weights"), inputs, forecasts, built.form)
    arrays = {**inputs.used(), forecaster.output: forecasts, "tripwire": wires}
    about = {**json.loads(forecaster.metadata["tsforecast"]), "tripwire": float(wires.max(initial=0.0))}
    runner = Path(exporters.__file__).parent / "bundled" / "forecast.py"
    return {
        "forecast.py": runner.read_bytes(),
        "vectors.npz": vectors.to_npz(arrays),
        **{f"vectors/{one}.csv": vectors.to_csv(array) for one, array in arrays.items()},
        CARD: write_card(name, about, FILES).encode(errors="backslashreplace"),
    }


def _check_place(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise AccessError(
            f"{place} is a file, a bundle needs a folder", hint="choose another name for --bundle"
        )
    if place.is_dir() and any(place.iterdir()) and not (place / SUMS).exists():
        raise AccessError(f"{place} holds files that are no bundle", hint="choose another name for --bundle")


def _write(place: Path, files: dict[str, bytes]) -> None:
    """Write all files or none, and remove those of the bundle before that this one does not have."""
    from tsforecast.data.files import write_together

    stale = [one for one in _listed(place) if one not in files]
    new = [one for one in (place / "vectors", *(place / "vectors").parents) if not one.exists()]
    _make(place / "vectors")
    try:
        write_together({place / one: content for one, content in files.items()})
    except BaseException:
        for one in new:
            with suppress(OSError):
                one.rmdir()
        raise
    for name in stale:
        with suppress(OSError):
            (place / name).unlink()


def _listed(place: Path) -> list[str]:
    """Names of forecasters and vectors in the checksums of an old bundle; what else stands there is not ours."""
    from tsforecast.data.files import read_whole

    try:
        lines = read_whole(place / SUMS).decode(errors="surrogateescape").splitlines()
    except OSError:
        return []
    return [line[66:] for line in lines if re.fullmatch(r"[^/]+\.(onnx|ort)|vectors/[a-z_]+\.csv", line[66:])]


def _make(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AccessError(f"{place} cannot be made: {error.strerror}", hint="choose another place") from error
