"""``tsforecast bench``: how fast a forecaster answers here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsforecast.cli.command import Argument, Command, Request
from tsforecast.cli.registry import PURPOSES
from tsforecast.cli.render import TextTable, show_tables
from tsforecast.cli.streams import open_stdout, to_json, write_stdout
from tsforecast.cli.switches import Switches
from tsforecast.config import BenchSettings

if TYPE_CHECKING:
    from tsforecast.workflows.bench import Bench


def run(request: Request[BenchSettings, Switches]) -> None:
    """Time a model; the table goes to stdout."""
    from tsforecast.workflows.bench import bench

    open_stdout()
    request.record.model = request.word("model")
    result = bench(request.word("model"), settings=request.settings)
    if request.switches.json:
        write_stdout(to_json({"schema": "tsforecast.bench/1", **result.to_json()}))
    else:
        show_tables([_table(result), _fresh(result)], open_stdout())


def _table(result: Bench) -> TextTable:
    names = tuple(f"p{name} ms" for name in result.latencies[0].percentiles)
    rows = tuple(
        (str(one.batch), *(f"{value:.3f}" for value in one.percentiles.values()), f"{one.throughput:.0f}")
        for one in result.latencies
    )
    return TextTable(("batch", *names, "windows/s"), rows)


def _fresh(result: Bench) -> TextTable:
    held = "-" if result.memory is None else f"{result.memory / 2**20:.0f}"
    row = (f"{1000 * result.cold:.0f}", held, f"{result.size / 1024:.0f}")
    return TextTable(("fresh process ms", "peak memory MiB", "file KiB"), (row,))


COMMAND = Command(
    name="bench",
    purpose=PURPOSES["bench"],
    arguments=(Argument("model", "Model folder or exported .onnx."),),
    settings=BenchSettings,
    switches=Switches,
    examples=("tsforecast bench sales.onnx", "tsforecast bench sales.tsf --batch 64 --json"),
    run=run,
)
