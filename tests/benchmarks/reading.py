"""Reading a large CSV beside the bare parser, and what memory it takes."""

from __future__ import annotations

import gzip
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.commands import CACHE, ROOT, run, use_one_processor
from tests.benchmarks.results import store

COMMAND = "python -m tests.benchmarks reading"
PER_SERIES = 10_000
NUMERIC = 16
"""Bytes of a row that are numbers: a timestamp and a value."""

_PROGRAM = """
import json, sys, time
import numpy, pyarrow, pyarrow.compute, pyarrow.csv
from tsforecast.data.reading import read_panel

def parse(path):
    types = {{"id": pyarrow.string(), "timestamp": pyarrow.timestamp("s"), "value": pyarrow.float64()}}
    return pyarrow.csv.read_csv(
        sys.stdin.buffer if path == "-" else path,
        parse_options=pyarrow.csv.ParseOptions(delimiter="{delimiter}"),
        convert_options=pyarrow.csv.ConvertOptions(column_types=types, decimal_point="{decimal}"),
    )

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) << 10

before, start = memory("VmRSS"), time.perf_counter()
result = {call}(sys.argv[1])
seconds = time.perf_counter() - start
print(json.dumps([seconds, memory("VmHWM") - before]))
"""
_CALLS = {"pyarrow.csv.read_csv": "parse", "tsforecast": "read_panel"}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to write and to give the same table.

    Attributes:
        delimiter: Between cells.
        decimal: Decimal mark.
        quoted: Whether every cell stands in quotes.
        packed: Whether it is compressed as .gz.
        piped: Whether it comes through standard input.
    """

    delimiter: str = ","
    decimal: str = "."
    quoted: bool = False
    packed: bool = False
    piped: bool = False

    def path(self, rows: int) -> Path:
        """Name its file."""
        marks = f"{'-semicolons' * (self.delimiter == ';')}{'-quoted' * self.quoted}"
        return CACHE / f"reading-{rows}{marks}.csv{'.gz' * self.packed}"


CASES = {
    "plain file": Case(),
    "`.gz`": Case(packed=True),
    "every cell quoted": Case(quoted=True),
    "semicolons and decimal commas": Case(delimiter=";", decimal=","),
    "standard input": Case(piped=True),
}


def measure(rows: int, rounds: int) -> None:
    """Write the files, read each in turn in fresh processes, store medians and ratios."""
    use_one_processor()
    cases = {}
    for name, case in CASES.items():
        path = table(case, rows)
        cases[name] = {"megabytes": round(path.stat().st_size / 1e6), **_compared(case, path, rows, rounds)}
    results = {"command": COMMAND, "rows": rows, "rounds": rounds, "cases": cases}
    store("reading", results)
    print(json.dumps(results))


def _compared(case: Case, path: Path, rows: int, rounds: int) -> dict[str, Any]:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _CALLS}
    for _ in range(rounds):
        for name, call in _CALLS.items():
            program = _PROGRAM.format(call=call, delimiter=case.delimiter, decimal=case.decimal)
            words = [sys.executable, "-c", program, "-" if case.piped else str(path)]
            if case.piped:
                words = ["sh", "-c", 'cat "$0" | "$@"', str(path), *words]
            seconds, grown = json.loads(run(words, environment={"PYTHONPATH": str(ROOT)}))
            found[name].append((seconds, grown))
    bare, ours = found.values()
    return {
        "wall": statistics.median(own[0] / other[0] for own, other in zip(ours, bare, strict=True)),
        "memory": {
            name: statistics.median(one[1] for one in runs) / (NUMERIC * rows) for name, runs in found.items()
        },
    }


def table(case: Case, rows: int) -> Path:
    """Hourly series of equal length below each other: id, timestamp, value."""
    path = case.path(rows)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    hours = np.datetime64("2024-01-01T00", "m") + np.arange(PER_SERIES) * np.timedelta64(60, "m")
    stamps = [str(hour).replace("T", " ") for hour in hours]
    between = f'"{case.delimiter}"' if case.quoted else case.delimiter
    edge = '"' * case.quoted
    temporary = path.with_suffix(".new")
    with gzip.open(temporary, "wt", compresslevel=1) if case.packed else temporary.open("w") as file:
        file.write(edge + between.join(("id", "timestamp", "value")) + edge + "\n")
        for series in range(rows // PER_SERIES):
            values = np.round(100 + 10 * generator.normal(size=PER_SERIES), 2).tolist()
            start = f"{edge}s{series:05d}{between}"
            texts = (str(value).replace(".", case.decimal) for value in values)
            file.write(
                "".join(
                    f"{start}{stamp}{between}{text}{edge}\n"
                    for stamp, text in zip(stamps, texts, strict=True)
                )
            )
    return temporary.replace(path)
