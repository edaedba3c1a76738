"""``tsforecast predict``: a forecast as a table."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.paths import STANDARD, refuse_overwriting, table_format
from tsforecast.cli.pictures import check_picture, save_picture
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.streams import is_terminal, open_stdout, write_stderr
from tsforecast.cli.switches import PredictSwitches
from tsforecast.cli.tables import add_to_table, print_table, report_skipped, save_table
from tsforecast.config import PredictSettings
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    from tsforecast.data.output.writing import ForecastTable
    from tsforecast.workflows.predict import Forecast

APPENDABLE = ("csv", "jsonl")
"""Forms of a file that rows can be added to."""


def run(request: Request[PredictSettings, PredictSwitches]) -> None:
    """Forecast; the table goes to stdout or to a file."""
    from tsforecast.workflows.predict import predict

    model, data = _words(request)
    inputs = [*([] if model is None else [model]), *data]
    request.record.model, request.record.data = model, " ".join(data) or None
    output, added = _output(request.switches), request.switches.append
    refuse_overwriting(output or added, inputs, "-o" if output else "--append")
    form = _form(request.switches, output or added)
    check_picture(request.switches.plot, "--plot")
    refuse_overwriting(request.switches.plot, [*inputs, output, added], "--plot")
    if output is None and added is None:
        _check_stdout(form)
    table = list(data) if len(data) > 1 else next(iter(data), None)
    forecast = predict(model, table, settings=_settings(request), now=read_now())
    request.record.cutoff = forecast.cutoff
    request.record.note(forecast.notes)
    written = replace(forecast.table, spreadsheet_safe=request.switches.spreadsheet_safe)
    request.record.rows = _write(written, output, added, form)
    if added is not None:
        request.voice.say(f"{added}: {request.record.rows} rows added, {len(forecast.table.ticks)} forecast")
    if request.switches.plot is not None:
        _draw(forecast, request.switches.plot)
    request.voice.tell(forecast.notes)
    report_skipped(forecast.skipped)


def _draw(forecast: Forecast, place: str) -> None:
    """Draw to a file, or on the terminal; there the table has standard output for itself."""
    from tsforecast.workflows.plot import in_terminal, plot_page, plot_svg

    if place == STANDARD:
        write_stderr(in_terminal(forecast))
        return
    save_picture(place, plot_svg(forecast), plot_page(forecast))


def _output(switches: PredictSwitches) -> str | None:
    """Name the file that is written anew, None for standard output or a file that is added to."""
    if switches.append is None:
        return None if switches.output == STANDARD else switches.output
    if switches.output is not None or switches.append == STANDARD:
        raise UsageError(
            "--append adds to a file, so it goes neither with -o nor with standard output",
            hint="give --append FILE alone",
        )
    return None


def _settings(request: Request[PredictSettings, PredictSwitches]) -> PredictSettings:
    """Take the settings; rows that are added to others need their cutoff."""
    settings = request.settings
    return settings if request.switches.append is None else replace(settings, with_cutoff=True)


def _write(table: ForecastTable, output: str | None, added: str | None, form: str) -> int:
    """Write the table where it belongs and count the rows."""
    if added is not None:
        return add_to_table(table, added, form)
    if output is None:
        print_table(table, form)
    else:
        save_table(table, output, form)
    return len(table.ticks)


def read_now() -> float | None:
    """Read the time that tests pretend it is, from ``TSFORECAST_TEST_NOW`` (seconds since 1970 in UTC)."""
    text = os.environ.get("TSFORECAST_TEST_NOW")
    return float(text) if text else None


def _words(request: Request[PredictSettings, PredictSwitches]) -> tuple[str | None, tuple[str, ...]]:
    """Model folder and files of the table; the first word is a file of the table where there is no model."""
    first, others = request.word("model"), request.arguments["data"]
    if not request.settings.zero_shot:
        return first, others
    if others and Path(first).is_dir():
        raise UsageError(
            f"--zero-shot takes a table and no model, got {first!r} and {others[0]!r}", hint="leave one out"
        )
    return None, (first, *others)


def _form(switches: PredictSwitches, output: str | None) -> str:
    if switches.json and switches.format not in (None, "json"):
        raise UsageError(
            f"--json and --format {switches.format} contradict each other", hint="give one of them"
        )
    form = table_format("json" if switches.json else switches.format, output)
    if switches.append is not None and form not in APPENDABLE:
        raise UsageError(
            f"--append adds to {' or '.join(APPENDABLE)}, not to {form}", hint="name a file that ends in .csv"
        )
    return form


def _check_stdout(form: str) -> None:
    """Find out before the work whether its result can be written."""
    if form == "parquet" and is_terminal(open_stdout()):
        raise UsageError(
            "a Parquet table cannot be shown on a terminal", hint="write it with -o FILE.parquet"
        )


COMMAND = Command(
    name="predict",
    purpose=PURPOSES["predict"],
    arguments=(
        Argument("model", "Model folder or exported .onnx; with --zero-shot the table."),
        Argument(
            "data",
            "Newest rows, or all, in one file or several; - is standard input. The model's own history if not given.",
            required=False,
            many=True,
        ),
    ),
    settings=PredictSettings,
    switches=PredictSwitches,
    examples=(
        "tsforecast predict sales.tsf",
        "tsforecast predict sales.tsf new.csv --quantiles 0.05,0.5,0.95 -o forecast.parquet",
        "zcat load.csv.gz | tsforecast predict load.tsf - --format jsonl",
        "tsforecast predict --zero-shot sales.csv --horizon 14",
        "tsforecast predict sales.tsf -o forecast.csv --plot forecast.png",
        "tsforecast predict sales.tsf sales.csv --max-lag 26h --append forecasts.csv --log runs.jsonl",
    ),
    run=run,
)
