"""Export: the forecaster as one ONNX file, checked against torch before anyone gets it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.artifacts import load_artifact
from tsforecast.config import ExportSettings
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Note
from tsforecast.errors import GateError, UsageError
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.export_description import describe_export
from tsforecast.workflows.parts import stored_inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """An exported file.

    Attributes:
        path: The file.
        size: Bytes.
        difference: Largest difference from torch, in units of a window's standard deviation.
        limit: Difference above which the export would have failed.
        windows: Windows compared.
        opset: ONNX operator set.
        seconds: Time it took.
        notes: Remarks and warnings.
    """

    path: Path
    size: int
    difference: float
    limit: float
    windows: int
    opset: int
    seconds: float
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "path": str(self.path),
            "notes": [asdict(note) for note in self.notes],
        }


def export(model: str | Path, output: str | Path, *, settings: ExportSettings) -> ExportResult:
    """Write a model as one self-contained ONNX file.

    Args:
        model: Model folder.
        output: The file; an old one is replaced at once.
        settings: How.

    Raises:
        GateError: The file does not forecast what the network forecasts; nothing is written.
        ForecastError: Whatever else the user can do something about.
    """
    from tsforecast.data.files import write_atomically
    from tsforecast.exporters import TARGETS

    started = time.monotonic()
    target = import_module(TARGETS["ort"])
    _check_opset(settings.opset, target.OPSETS)
    artifact = load_artifact(model, "weights", "windows")
    spec = artifact.read(lambda: NetworkSpec.from_json(artifact.description["network"]))
    arrays = artifact.arrays("windows")
    weights, inputs = artifact.arrays("weights"), artifact.read(lambda: _probes(stored_inputs(arrays)))
    graph = target.export(spec, weights, {}, settings.opset)
    difference = target.verify(graph, spec, weights, inputs)
    if not difference <= target.LIMIT:
        raise GateError(
            f"the file differs from the network by {difference:.1e}, more than {target.LIMIT:.0e};"
            " nothing was written",
            hint="try another --opset, and report this: it should not happen",
        )
    parity = {"difference": difference, "limit": target.LIMIT, "windows": len(inputs)}
    content = target.export(spec, weights, describe_export(artifact, spec, parity=parity), settings.opset)
    write_atomically(Path(output), content)
    return ExportResult(
        path=Path(output),
        size=len(content),
        difference=difference,
        limit=target.LIMIT,
        windows=len(inputs),
        opset=settings.opset,
        seconds=time.monotonic() - started,
        notes=(),
    )


def _check_opset(opset: int, tested: tuple[int, int]) -> None:
    if not tested[0] <= opset <= tested[1]:
        raise UsageError(
            f"--opset {opset} is outside {tested[0]} to {tested[1]}", hint=f"--opset {tested[0]}"
        )


def _probes(inputs: Inputs) -> Inputs:
    """Windows for the parity check: those stored, and awkward ones made from the first."""
    first = inputs.context[:1]
    lonely, holed = np.full_like(first, np.nan), first.copy()
    lonely[:, -1] = 1.0
    holed[:, ::3] = np.nan
    strange: dict[str, list[Any]] = {"context": [lonely, np.ones_like(first), first * 1e12, holed]}
    for name in ("past_covariates", "future_covariates", "static_covariates"):
        usual = getattr(inputs, name)[:1]
        strange[name] = [usual, np.full_like(usual, np.nan), usual * 1e12, usual + 0.5]
    strange["timestamps"] = [inputs.timestamps[:1]] * 4
    return Inputs(**{name: np.concatenate([part, *strange[name]]) for name, part in inputs.arrays()})
