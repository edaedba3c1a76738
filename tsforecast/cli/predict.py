"""``tsforecast predict``: a forecast as a table."""

from __future__ import annotations

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.paths import STANDARD, refuse_overwriting, table_format
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.streams import is_terminal, open_stdout
from tsforecast.cli.switches import PredictSwitches
from tsforecast.cli.tables import print_table, save_table
from tsforecast.config import PredictSettings
from tsforecast.errors import UsageError


def run(request: Request[PredictSettings, PredictSwitches]) -> None:
    """Forecast; the table goes to stdout or to a file."""
    from tsforecast.workflows.predict import predict

    model, data = _words(request)
    output = None if request.switches.output == STANDARD else request.switches.output
    refuse_overwriting(output, [model, data])
    form = _form(request.switches, output)
    if output is None:
        _check_stdout(form)
    forecast = predict(model, data, settings=request.settings)
    if output is None:
        print_table(forecast.table, form)
    else:
        save_table(forecast.table, output, form)
    request.voice.tell(forecast.notes)


def _words(request: Request[PredictSettings, PredictSwitches]) -> tuple[str | None, str | None]:
    """Model folder and table; the first word is the table where there is no model."""
    first, second = request.word("model"), request.arguments["data"]
    if not request.settings.zero_shot:
        return first, second
    if second is not None:
        raise UsageError(
            f"--zero-shot takes a table and no model, got {first!r} and {second!r}", hint="leave one out"
        )
    return None, first


def _form(switches: PredictSwitches, output: str | None) -> str:
    if switches.json and switches.format not in (None, "json"):
        raise UsageError(
            f"--json and --format {switches.format} contradict each other", hint="give one of them"
        )
    return table_format("json" if switches.json else switches.format, output)


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
        Argument("model", "Model folder or exported .onnx; with --zero-shot the table, nothing after it."),
        Argument(
            "data",
            "Newest rows, or all; - is standard input. The model's own history if not given.",
            required=False,
        ),
    ),
    settings=PredictSettings,
    switches=PredictSwitches,
    examples=(
        "tsforecast predict sales.tsf",
        "tsforecast predict sales.tsf new.csv --quantiles 0.05,0.5,0.95 -o forecast.parquet",
        "zcat load.csv.gz | tsforecast predict load.tsf - --format jsonl",
        "tsforecast predict --zero-shot sales.csv --horizon 14",
    ),
    run=run,
)
