"""``tsforecast fit``: train, test, keep."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.paths import refuse_overwriting
from tsforecast.cli.progress import progress
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.render import confusion_table, score_tables, show_tables
from tsforecast.cli.streams import open_stdout, to_json, write_stdout
from tsforecast.cli.switches import FitSwitches
from tsforecast.cli.tables import report_skipped
from tsforecast.cli.voice import Voice
from tsforecast.config import FitSettings
from tsforecast.data.words import percent
from tsforecast.errors import Interrupted

if TYPE_CHECKING:
    from tsforecast.workflows.fit import FitResult


def run(request: Request[FitSettings, FitSwitches]) -> None:
    """Fit a model; the summary goes to stderr, ``--json`` to stdout."""
    from tsforecast.workflows.fit import fit

    data, output = request.table("data"), request.switches.output
    refuse_overwriting(output, request.arguments["data"])
    request.record.data, request.record.model = request.told("data"), output
    if request.switches.json:
        open_stdout()
    with progress(request.voice) as listener:
        result = fit(data, output, settings=request.settings, progress=listener)
    request.record.model, request.record.cutoff = str(result.path), result.cutoff
    request.record.note(result.notes)
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.fit/1", **result.to_json()}))
        request.voice.tell(result.notes)
    elif result.unchanged:
        request.voice.say(f"nothing to do: {result.path} was made from the same data, settings and version")
    else:
        needed = request.arguments["data"] if request.settings.no_history else ()
        needed = ("DATA",) if result.needs_rows else needed
        summarise(result, request.voice, needed, detailed=request.switches.verbose)
    report_skipped(result.skipped)
    if result.interrupted:
        raise Interrupted(f"interrupted; the best weights so far were kept in {result.path}")


def summarise(result: FitResult, voice: Voice, data: Sequence[str] = (), *, detailed: bool = False) -> None:
    """Say what was found, how good the model is and what to do next.

    Args:
        result: The finished fit.
        voice: Where to say it.
        data: Files that predict needs besides the model, none where the model knows all it needs.
        detailed: Say why the frequency is what it is.
    """
    from tsforecast.evaluation.intervals import coverage_in_words

    if not voice.speaks:
        return
    voice.prose(result.description)
    voice.tell(result.notes)
    voice.prose(result.split)
    if detailed:
        sure = f"{percent(result.frequency_confidence)} sure: {result.frequency_reason}"
        voice.prose(f"Frequency {result.frequency}, {sure}.")
    voice.prose(_work(result) + "\n")
    tables = score_tables(result.scores)
    if result.confusion is not None:
        tables.append(confusion_table(result.confusion))
    show_tables(tables, sys.stderr)
    voice.say("\n" + result.verdict)
    voice.prose(coverage_in_words(result.coverage))
    if result.blend_words:
        voice.prose(result.blend_words)
    if result.weights_words:
        voice.prose(f"The forecast leans on: {result.weights_words}")
    voice.say("\n".join(["", f"model: {result.path}", "next:", *_next(result.path, data)]))


def _work(result: FitResult) -> str:
    seasons = ", ".join(map(str, result.season_lengths)) or "none"
    return (
        f"Frequency {result.frequency}, season lengths {seasons}, context length {result.context_length},"
        f" horizon {result.horizon}; {result.members} x {result.steps} steps in {result.seconds:.1f} s."
    )


def _next(path: Path, data: Sequence[str]) -> list[str]:
    model = shlex.quote(str(path))
    onnx = shlex.quote(path.stem + ".onnx")
    return [
        f"  tsforecast predict {' '.join([model, *map(shlex.quote, data)])}",
        f"  tsforecast export {model} -o {onnx}",
    ]


COMMAND = Command(
    name="fit",
    purpose=PURPOSES["fit"],
    arguments=(
        Argument(
            "data",
            "Table to learn from: CSV or JSON lines (also compressed), Parquet or Arrow; "
            "several files, or a quoted pattern, are one table; - is standard input.",
            many=True,
        ),
    ),
    settings=FitSettings,
    switches=FitSwitches,
    examples=(
        "tsforecast fit sales.csv",
        "tsforecast fit sales.csv -o sales.tsf --horizon 14 --target units",
        "tsforecast fit north.csv south.csv -o shops.tsf",
        "zcat load.csv.gz | tsforecast fit - -o load.tsf --steps 200 --json",
    ),
    run=run,
)
