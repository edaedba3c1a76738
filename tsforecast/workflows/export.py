"""Export: the forecaster as one ONNX file, checked against torch before anyone gets it."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Arrays, Artifact, load_artifact
from tsforecast.cells import CELLS
from tsforecast.config import QUANTILE_LEVELS, ExportSettings
from tsforecast.data.inputs import Inputs
from tsforecast.data.notes import Note
from tsforecast.data.words import counted
from tsforecast.errors import GateError, MissingExtraError, UsageError
from tsforecast.models.class_spec import ClassSpec
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.models.spec import NetworkSpec
from tsforecast.runtime.exported import SUFFIX
from tsforecast.workflows.export_description import describe_export
from tsforecast.workflows.parts import stored_inputs

if TYPE_CHECKING:
    from tsforecast.exporters.graph_form import GraphForm

DYNAMIC = "dynamic"
NETWORK, GRAPH = "network", "graph"
"""What a file is compared with: the network in torch, or the graph of the model folder in onnxruntime."""

AWKWARD = 6
"""Windows that ``probes`` adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """An exported file.

    Attributes:
        path: The file.
        size: Bytes.
        difference: Largest difference from what it was compared with, in units of a window's standard deviation; None
            where it was not checked.
        against: ``network`` in torch; ``graph`` of the model folder where torch is not installed; None where it was not
            checked.
        limit: Difference above which the export would have failed; None where the precision is judged by its loss.
        windows: Windows compared.
        opset: ONNX operator set.
        form: ``lstm``, ``unrolled`` or ``step``.
        precision: Numbers that the weights are stored in.
        loss: MASE on the stored backtest windows before and after a smaller precision; None where there was none.
        seconds: Time it took.
        notes: Remarks and warnings.
    """

    path: Path
    size: int
    difference: float | None
    against: str | None
    limit: float | None
    windows: int
    opset: int
    form: str
    precision: str
    loss: dict[str, Any] | None
    seconds: float
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "path": str(self.path),
            "notes": [asdict(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An exported file that is not yet written.

    Attributes:
        content: Its bytes.
        spec: Shape of the network.
        form: Layout of the graph.
        inputs: Stored windows, and awkward ones behind them.
        checks: Parity and loss as its description has them.
        artifact: Where it came from.
        notes: Remarks and warnings.
    """

    content: bytes
    spec: NetworkSpec
    form: GraphForm
    inputs: Inputs
    checks: dict[str, Any]
    artifact: Artifact
    notes: tuple[Note, ...]


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

    started = time.monotonic()
    path = Path(output)
    _check_name(path, settings)
    built = build_export(model, settings)
    write_atomically(path, built.content)
    if settings.ort:
        from tsforecast.exporters.ort_format import to_ort

        write_atomically(path.with_suffix(".ort"), to_ort(built.content))
    return result_of(built, path, settings, time.monotonic() - started)


def _check_name(path: Path, settings: ExportSettings) -> None:
    """Refuse a name by which predict would not know the file."""
    if path.suffix.lower() != SUFFIX:
        more = ", --ort writes the other file beside it" * settings.ort
        better = path.with_suffix(SUFFIX) if path.name.strip(".") else path / f"model{SUFFIX}"
        raise UsageError(f"{path} does not end in {SUFFIX}", hint=f"-o {better}{more}")


def result_of(built: Built, path: Path, settings: ExportSettings, seconds: float) -> ExportResult:
    """Say what was written."""
    parity = built.checks.get("parity") or {}
    return ExportResult(
        path=path,
        size=len(built.content),
        difference=parity.get("difference"),
        against=parity.get("against"),
        limit=parity.get("limit"),
        windows=parity.get("windows", 0),
        opset=built.form.opset,
        form=built.form.recurrence,
        precision=settings.precision,
        loss=built.checks.get("loss"),
        seconds=seconds,
        notes=built.notes,
    )


def build_export(model: str | Path, settings: ExportSettings) -> Built:
    """Make and check a file without writing it.

    Raises:
        GateError: It does not forecast what the network forecasts.
        ForecastError: Whatever else the user can do something about.
    """
    from tsforecast.exporters import ort
    from tsforecast.exporters.precision import STAYS

    form, notes = graph_form(settings)
    artifact = load_artifact(model, "weights", "windows", "model")
    spec = artifact.read(lambda: NetworkSpec.from_json(artifact.description["network"]))
    form, notes = fitting_form(form, notes, spec, settings)
    _check_explained(form, spec)
    if settings.quantiles and not spec.levels:
        raise UsageError(
            "--quantiles is for targets that are numbers, and this model forecasts classes",
            hint="leave it out: the file gives the probability of every class",
        )
    weights = artifact.arrays("weights")
    inputs = artifact.read(lambda: probes(stored_inputs(artifact.arrays("windows"))))
    checks: dict[str, Any] = {"parity": None}
    if not settings.no_check:
        checks, said = _checks(artifact, spec, form, inputs, settings)
        notes += said
    about = describe_export(
        artifact, spec, precision=settings.precision, form=form.recurrence, target=settings.target, **checks
    )
    about["quantile_levels"] = list(form.levels or spec.levels)
    if form.explain:
        about["weights"] = list(spec.expert_names)
    notes += tuple(Note(text) for text in [STAYS[settings.precision]] if text)
    content = ort.export(spec, weights, about, form.opset, form=form, precision=settings.precision)
    return Built(
        content=content, spec=spec, form=form, inputs=inputs, checks=checks, artifact=artifact, notes=notes
    )


def graph_form(settings: ExportSettings) -> tuple[GraphForm, tuple[Note, ...]]:
    """Layout of the graph that the settings ask for, and what to say about it.

    Raises:
        UsageError: They contradict each other, or ask for what is not tested.
    """
    from tsforecast.exporters import ort
    from tsforecast.exporters.graph_form import GraphForm
    from tsforecast.exporters.targets import TARGETS

    target, notes = TARGETS[settings.target], tuple[Note, ...]()
    if not ort.OPSETS[0] <= settings.opset <= ort.OPSETS[1]:
        raise UsageError(
            f"--opset {settings.opset} is outside {ort.OPSETS[0]} to {ort.OPSETS[1]}",
            hint=f"--opset {ort.OPSETS[0]}",
        )
    if settings.form == "lstm" and target.refuses:
        raise UsageError(
            f"--form lstm would be wrong on {settings.target}: {target.reason}", hint="leave --form out"
        )
    recurrence = target.recurrence if settings.form == "auto" else settings.form
    if settings.form == "auto" and target.reason:
        notes = (Note(f"the recurrence is unrolled for {settings.target}: {target.reason}"),)
    form = GraphForm(
        opset=settings.opset,
        recurrence=recurrence,
        levels=_levels(settings.quantiles),
        batch=target.batch if settings.batch is None else _batch(settings.batch),
        explain=settings.explain,
    )
    return form, notes


def fitting_form(
    form: GraphForm, notes: tuple[Note, ...], spec: NetworkSpec, settings: ExportSettings
) -> tuple[GraphForm, tuple[Note, ...]]:
    """Change the form to one that the network has: a textbook network is too long to be unrolled.

    Raises:
        UsageError: The form was asked for by name, or the network has none that the runtime would read rightly.
    """
    from tsforecast.exporters.targets import TARGETS

    target = TARGETS[settings.target]
    if not isinstance(spec, RecurrentSpec) or form.recurrence == "lstm":
        return form, notes
    if settings.form == "unrolled":
        raise UsageError(
            f"--form unrolled would repeat the cell for {counted(spec.calls, 'step')}, which is too many",
            hint="--form step, one step per call, or --form lstm",
        )
    if form.recurrence == "unrolled" and not target.refuses:
        return replace(form, recurrence="lstm"), ()
    if isinstance(spec, ClassSpec):
        raise UsageError(
            f"a network for classes has no form of one step, which --target {settings.target} would need"
            if target.refuses
            else "a network for classes has no form of one step",
            hint="--target ort, and --form lstm",
        )
    if spec.bidirectional:
        raise UsageError(
            "a bidirectional network has no form of one step: its second direction starts at the end of the window",
            hint="--target ort, or fit without --bidirectional",
        )
    if not CELLS[spec.cell].by_step:
        raise UsageError(f"the cell {spec.cell} has no form of one step", hint="--target ort")
    if form.recurrence == "step":
        return form, notes
    said = f"one step per call for {settings.target}: {target.reason}; a forecast takes {counted(spec.calls, 'call')}"
    return replace(form, recurrence="step"), (Note(said),)


def _check_explained(form: GraphForm, spec: NetworkSpec) -> None:
    """Refuse weights that a graph does not have.

    Raises:
        UsageError: They were asked for.
    """
    if form.explain and not spec.expert_names:
        raise UsageError(
            "--explain: this network has no gate and no attention, so there are no weights to give",
            hint="leave it out, or fit with --attention or the default network",
        )
    if form.explain and form.recurrence == "step":
        raise UsageError(
            "--explain: a file of one step per call gives the forecast alone",
            hint="leave it out, or take --target ort",
        )


def _levels(wanted: tuple[float, ...]) -> tuple[float, ...]:
    """Levels of the output, the median always among them; empty for all."""
    for level in wanted:
        if level not in QUANTILE_LEVELS:
            raise UsageError(
                f"quantile level {level:g} was not learned",
                hint="choose from " + ", ".join(f"{one:g}" for one in QUANTILE_LEVELS),
            )
    return tuple(sorted({0.5, *wanted})) if wanted else ()


def _batch(text: str) -> int | None:
    if text == DYNAMIC:
        return None
    if not text.isdecimal() or not 0 < int(text) < 2**31:
        raise UsageError(f"--batch must be a number from 1, or {DYNAMIC}, got {text!r}")
    return int(text)


def _checks(
    artifact: Artifact, spec: NetworkSpec, form: GraphForm, inputs: Inputs, settings: ExportSettings
) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Parity, and the loss of a smaller precision, as the description has them.

    Raises:
        GateError: The file does not forecast what the network forecasts, or loses too much.
    """
    from tsforecast.exporters import ort

    weights = artifact.arrays("weights")
    graph = ort.export(spec, weights, {}, form.opset, form=form, precision=settings.precision)
    difference, against, notes = _compared(artifact, graph, spec, inputs, form.levels)
    parity = {"difference": difference if np.isfinite(difference) else None, "against": against}
    checks: dict[str, Any] = {"parity": {**parity, "limit": None, "windows": len(inputs)}}
    if settings.precision == "fp32":
        _check_difference(difference, ort.LIMIT)
        checks["parity"]["limit"] = ort.LIMIT
    else:
        files = ort.export(spec, weights, {}, form.opset, form=form), graph
        levels = form.levels or spec.levels
        checks["loss"] = _loss(artifact, artifact.arrays("windows"), files, levels, settings)
    return checks, notes


def _compared(
    artifact: Artifact, graph: bytes, spec: NetworkSpec, inputs: Inputs, levels: tuple[float, ...]
) -> tuple[float, str, tuple[Note, ...]]:
    """Largest difference from the network, or from the folder's own graph where torch is not installed."""
    from tsforecast.exporters import ort
    from tsforecast.runtime.session import OnnxForecaster

    weights = artifact.arrays("weights")
    try:
        return ort.verify(graph, spec, weights, inputs, levels), NETWORK, ()
    except MissingExtraError:
        whole = OnnxForecaster(artifact.part("model"), f"the graph of {artifact.path}")
        difference = ort.compare(graph, spec, weights, inputs, whole.forecast(inputs), levels)
        said = "torch is not installed: the file was compared with the graph of the model folder, not with the network"
        return difference, GRAPH, (Note(said, warning=True),)


def _check_difference(difference: float, limit: float) -> None:
    if not difference <= limit:
        raise GateError(
            f"the file differs from the network by {difference:.1e}, more than {limit:.0e}; nothing was written",
            hint="try another --opset, and report this: it should not happen",
        )


def _loss(
    artifact: Artifact,
    windows: Arrays,
    files: tuple[bytes, bytes],
    levels: tuple[float, ...],
    settings: ExportSettings,
) -> dict[str, Any]:
    """Accuracy before and after the smaller precision.

    Raises:
        GateError: More is lost than allowed, or nothing is there to measure it on.
    """
    from tsforecast.workflows.precision_loss import judged_on, measure_loss

    loss = measure_loss(artifact, windows, *files, levels)
    if loss is None:
        raise GateError(
            f"{artifact.path} keeps no backtest window to measure on what --precision {settings.precision} loses;"
            " nothing was written",
            hint="--precision fp32, or --no-check to write it unmeasured",
        )
    if not loss["loss"] <= settings.max_loss:
        raise GateError(
            f"--precision {settings.precision} loses {loss['loss']:.1f} % of accuracy"
            f" ({loss['metric']} {judged_on(loss)} {loss['before']:.4g} before, {loss['after']:.4g} after),"
            f" more than {settings.max_loss:g} %; nothing was written",
            hint="--precision fp16 loses less, --max-loss allows more",
        )
    return {**loss, "limit": settings.max_loss}


def probes(inputs: Inputs) -> Inputs:
    """Windows for the parity check: those stored, and awkward ones made from the first."""
    first = inputs.context[:1]
    lonely, holed = np.full_like(first, np.nan), first.copy()
    lonely[:, -1] = 1.0
    holed[:, ::3] = np.nan
    strange: dict[str, list[Any]] = {
        "context": [lonely, np.ones_like(first), np.zeros_like(first), first * 1e12, first * 1e-12, holed]
    }
    for name in ("past_covariates", "future_covariates", "static_covariates"):
        usual = getattr(inputs, name)[:1]
        strange[name] = [usual, np.full_like(usual, np.nan), usual, usual * 1e12, -usual, usual + 0.5]
    strange["timestamps"] = [inputs.timestamps[:1]] * len(strange["context"])
    return Inputs(**{name: np.concatenate([part, *strange[name]]) for name, part in inputs.arrays()})
