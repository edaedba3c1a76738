"""``tsforecast export``: the forecaster as one ONNX file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.paths import STANDARD, refuse_overwriting
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.streams import open_stdout, to_json, write_stdout
from tsforecast.cli.switches import ExportSwitches
from tsforecast.cli.voice import Voice
from tsforecast.config import ExportSettings
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.workflows.export import ExportResult


def run(request: Request[ExportSettings, ExportSwitches]) -> None:
    """Export a model; the summary goes to stderr, ``--json`` to stdout."""
    model, output, folder = request.word("model"), request.switches.output, request.switches.bundle
    if (output is None) == (folder is None):
        found = "needs -o/--output" if output is None else "takes -o/--output or --bundle, not both"
        raise UsageError(f"tsforecast export {found}", hint="-o FILE.onnx, or --bundle DIR")
    if STANDARD in (output, folder):
        raise UsageError("export writes a file, not standard output", hint="give it a name: -o model.onnx")
    request.record.model = model
    refuse_overwriting(output or folder, [model], "-o" if output else "--bundle")
    if request.switches.json:
        open_stdout()
    result, whole = _exported(model, output, folder, request.settings)
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.export/1", **whole}))
    else:
        summarise(result, request.voice)
    request.voice.tell(result.notes)


def _exported(
    model: str, output: str | None, folder: str | None, settings: ExportSettings
) -> tuple[ExportResult, dict[str, Any]]:
    """Write the file or the bundle; what was written, and the same as plain values."""
    if folder is not None:
        from tsforecast.workflows.bundle import bundle

        written = bundle(model, folder, settings=settings)
        return written.exported, written.to_json()
    from tsforecast.workflows.export import export

    result = export(model, output or "", settings=settings)
    return result, result.to_json()


def summarise(result: ExportResult, voice: Voice) -> None:
    """Say what was written and how exactly it agrees with the network it was made from."""
    kind = "" if result.precision == "fp32" else f", {result.precision}"
    voice.say(
        f"{result.path}: {result.size / 1024:.0f} KiB, opset {result.opset}{kind}, in {result.seconds:.2f} s"
    )
    if result.difference is None:
        voice.say("Not compared with the network.")
    else:
        limit = "" if result.limit is None else f" (limit {result.limit:.0e})"
        other = "torch" if result.against == "network" else "the graph of the model folder"
        voice.say(f"Largest difference from {other} {result.difference:.1e}{limit}.")
    if result.loss is not None:
        from tsforecast.workflows.precision_loss import judged_on

        metric, before, after = (result.loss[name] for name in ("metric", "before", "after"))
        voice.say(
            f"{metric} {judged_on(result.loss)} {before:.4g} before, {after:.4g} after:"
            f" {result.loss['loss']:+.2f} % (limit {result.loss['limit']:g} %)."
        )


COMMAND = Command(
    name="export",
    purpose=PURPOSES["export"],
    arguments=(Argument("model", "Model folder made by fit."),),
    settings=ExportSettings,
    switches=ExportSwitches,
    examples=(
        "tsforecast export sales.tsf -o sales.onnx",
        "tsforecast export sales.tsf --bundle sales-edge",
        "tsforecast export sales.tsf -o sales.onnx --precision int8 --max-loss 2",
        "tsforecast export sales.tsf -o sales.onnx --target tract --quantiles 0.1,0.9",
    ),
    run=run,
)
