"""``tsforecast evaluate``: a rolling-origin backtest against baselines."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.paths import check_page, refuse_overwriting, table_format
from tsforecast.cli.progress import progress
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.render import (
    confusion_table,
    explanation_tables,
    score_tables,
    show_tables,
    worst_table,
)
from tsforecast.cli.streams import open_stdout, to_json, write_stdout
from tsforecast.cli.switches import EvaluateSwitches
from tsforecast.cli.tables import save_table
from tsforecast.config import EvaluateSettings

if TYPE_CHECKING:
    from tsforecast.workflows.evaluate import Evaluation


def run(request: Request[EvaluateSettings, EvaluateSwitches]) -> None:
    """Backtest a model; the table of scores goes to stdout."""
    from tsforecast.workflows.evaluate import evaluate, require_skill

    model, data, forecasts = request.word("model"), request.table("data"), request.switches.forecasts
    request.record.model, request.record.data = model, request.told("data")
    inputs = [model, *request.arguments["data"]]
    refuse_overwriting(forecasts, inputs, "--forecasts")
    check_page(request.switches.report, "--report", (".html", ".htm"))
    refuse_overwriting(request.switches.report, [*inputs, forecasts], "--report")
    open_stdout()
    watched = request.settings.refit == "each"
    with progress(request.voice) if watched else nullcontext() as listener:
        result = evaluate(model, data, settings=request.settings, progress=listener)
    if forecasts:
        table = replace(result.forecasts, spreadsheet_safe=request.switches.spreadsheet_safe)
        save_table(table, forecasts, table_format(None, forecasts))
    request.record.note(result.notes)
    if request.switches.report:
        save_report(result, request.switches.report)
    _show(result, as_json=request.switches.json)
    request.voice.say(result.verdict)
    request.voice.tell(result.notes)
    require_skill(result, request.settings.require_skill)


def save_report(result: Evaluation, file: str) -> None:
    """Write the page of a backtest."""
    from tsforecast.data.files import write_atomically
    from tsforecast.workflows.report import render_report

    write_atomically(file, render_report(result).encode("utf-8", "backslashreplace"))


def _show(result: Evaluation, *, as_json: bool) -> None:
    if as_json:
        write_stdout(to_json({"schema": "tsforecast.evaluate/1", **result.to_json()}))
    else:
        title = "Backtest that fit made; nothing newer was given" if result.stored else ""
        tables = score_tables(result.scores, title)
        if result.confusion is not None:
            tables.append(confusion_table(result.confusion))
        if result.worst:
            tables.append(worst_table(result.worst))
        if result.explanation is not None:
            tables += explanation_tables(result.explanation)
        show_tables(tables, open_stdout())


COMMAND = Command(
    name="evaluate",
    purpose=PURPOSES["evaluate"],
    arguments=(
        Argument("model", "Model folder made by fit."),
        Argument(
            "data",
            "Table to test on, or several files of it; - is standard input. The model's own windows if not given.",
            required=False,
            many=True,
        ),
    ),
    settings=EvaluateSettings,
    switches=EvaluateSwitches,
    examples=(
        "tsforecast evaluate sales.tsf",
        "tsforecast evaluate sales.tsf sales.csv --origins 10 --by step",
        "tsforecast evaluate sales.tsf --explain --by series",
        "tsforecast evaluate sales.tsf sales.csv --worst 10 --require-skill 0.05 && echo good enough",
        "tsforecast evaluate sales.tsf sales.csv --origins 6 --refit each",
        "tsforecast evaluate sales.tsf sales.csv --json --forecasts backtest.parquet",
        "tsforecast evaluate sales.tsf sales.csv --report report.html",
    ),
    run=run,
)
