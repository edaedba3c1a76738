"""``tsforecast inspect``: what a model holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.streams import open_stdout, printable, to_json, write_stdout
from tsforecast.cli.switches import Switches
from tsforecast.config import InspectSettings

if TYPE_CHECKING:
    from tsforecast.workflows.inspect import GraphValue, Inspection

OPERATORS_SHOWN = 5
REPAIRS = ("on_short_row", "duplicates", "resample", "aggregate", "outliers", "fill", "min_rows")
METRICS_SHOWN = ("MASE", "MAE", "coverage", "log loss", "accuracy", "F1")


def run(request: Request[InspectSettings, Switches]) -> None:
    """Look into a model; what is found goes to stdout."""
    from tsforecast.workflows.inspect import inspect

    open_stdout()
    request.record.model = request.word("model")
    found = inspect(request.word("model"))
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.inspect/1", **found.to_json()}))
    else:
        rows = [*_graph_rows(found), *_model_rows(found.about)]
        width = max(len(label) for label, _ in rows) + 2
        write_stdout("".join(f"{label:<{width}}{printable(text)}\n" for label, text in rows))


def _graph_rows(found: Inspection) -> Iterator[tuple[str, str]]:
    about = found.about
    yield found.kind, f"{found.path}, written by tsforecast {about['version']}"
    written = "".join(f", {about[name]}" for name in ("precision", "form") if name in about)
    opset = f", opset {about['opset']}" if "opset" in about else ""
    yield "graph", f"{found.size / 1024:.0f} KiB, {found.parameters} numbers{opset}{written}"
    for kind, values in (("input", found.inputs), ("output", found.outputs)):
        yield from ((kind, _value(value)) for value in values)
    most = [f"{count} {name}" for name, count in found.nodes.items()][:OPERATORS_SHOWN]
    yield "nodes", f"{sum(found.nodes.values())}: {', '.join(most)} ..."
    if parity := about.get("parity"):
        other = "the graph of its model folder" if parity.get("against") == "graph" else "torch"
        difference = "not finite" if parity["difference"] is None else f"{parity['difference']:.1e}"
        yield "difference", f"{difference} from {other} on {parity['windows']} windows"


def _value(value: GraphValue) -> str:
    return f"{value.name} {value.type} [{', '.join(map(str, value.shape))}]"


def _model_rows(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    columns, network, data = about["columns"], about["network"], about["data"]
    yield "columns", ", ".join(_columns(columns))
    for kind in ("past", "future", "static"):
        if columns.get(kind):
            yield kind, ", ".join(columns[kind])
    if about["calendar"]:
        years = about["holidays"]["years"]
        table = f" ({about['holidays']['country']} {years[0]} to {years[-1]})" if years else ""
        yield "calendar", ", ".join(about["calendar"]) + table
    yield "frequency", about["frequency"]
    yield "horizon", f"{about['horizon']} steps, from a context of {about['context_length']}"
    if classes := columns.get("classes"):
        yield "classes", ", ".join(classes)
    else:
        yield "levels", " ".join(f"{one:g}" for one in about["quantile_levels"])
    widths = network.get("widths") or [network["hidden"]]
    head = {True: ", sigmoid", False: ", softmax"}.get(network.get("sigmoid"), "")
    cells = f"{network.get('cell', 'lstm').upper()}({', '.join(map(str, widths))}, {network['activation']})"
    yield "network", f"{network['network']}, {network['members']} x {cells}{head}"
    if network.get("classical_share"):
        yield (
            "blend",
            f"{100 * network['classical_share']:.0f} % {network['classical']}, the rest the network",
        )
    yield "data", f"{data['source']}: {data['rows']} rows, {data['series']} series, up to {about['cutoff']}"
    yield from _repairs(about)
    yield from _scores(about["scores"])
    yield "verdict", about["verdict"]


def _columns(columns: dict[str, Any]) -> Iterator[str]:
    yield f"time {columns['time']}"
    if columns["id"]:
        yield f"id {columns['id']}"
    if columns["target"]:
        yield f"target {columns['target']}"
    elif columns["id"]:
        yield f"targets {', '.join(columns['series_columns'])}"
    else:
        yield f"{len(columns['series_columns'])} series"


def _repairs(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Tell which flags asked for repairs, and what was mended."""
    from tsforecast.config import DataSettings
    from tsforecast.data.rows.repair import repairs_in_words

    asked = about.get("reading", {}).get("settings", {})
    flags = [f"--{name.replace('_', '-')} {asked[name]}" for name in REPAIRS if name in asked]
    flags += ["--drop-short"] * bool(asked.get("drop_short"))
    counts = about["data"].get("repairs", {})
    done = ", ".join(repairs_in_words(counts, {**asdict(DataSettings()), **asked}))
    if flags or done:
        yield "repairs", ": ".join([" ".join(flags)] * bool(flags) + [done or "nothing was to be mended"])


def _scores(scores: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for method in scores["methods"]:
        values = scores["values"][method]
        known = [name for name in METRICS_SHOWN if values.get(name) is not None]
        if known:
            yield "score", f"{method}: " + ", ".join(f"{name} {values[name]:.4g}" for name in known)


COMMAND = Command(
    name="inspect",
    purpose=PURPOSES["inspect"],
    arguments=(Argument("model", "Model folder or exported .onnx."),),
    settings=InspectSettings,
    switches=Switches,
    examples=("tsforecast inspect sales.onnx", "tsforecast inspect sales.tsf --json"),
    run=run,
)
