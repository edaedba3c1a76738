"""``tsforecast export``: the forecaster as one ONNX file."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from tsforecast.workflows.export import export

    model, output = request.word("model"), request.switches.output or ""
    if output == STANDARD:
        raise UsageError("export writes a file, not standard output", hint="give it a name: -o model.onnx")
    request.record.model = model
    refuse_overwriting(output, [model])
    if request.switches.json:
        open_stdout()
    result = export(model, output, settings=request.settings)
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.export/1", **result.to_json()}))
    else:
        summarise(result, request.voice)
    request.voice.tell(result.notes)


def summarise(result: ExportResult, voice: Voice) -> None:
    """Say what was written and how exactly it agrees with the network it was made from."""
    voice.say(
        f"{result.path}: {result.size / 1024:.0f} KiB, opset {result.opset}, in {result.seconds:.2f} s\n"
        f"Largest difference from torch {result.difference:.1e} (limit {result.limit:.0e})."
    )


COMMAND = Command(
    name="export",
    purpose=PURPOSES["export"],
    arguments=(Argument("model", "Model folder made by fit."),),
    settings=ExportSettings,
    switches=ExportSwitches,
    examples=(
        "tsforecast export sales.tsf -o sales.onnx",
        "tsforecast export sales.tsf -o sales.onnx --opset 21 --json",
    ),
    required=("output",),
    run=run,
)
