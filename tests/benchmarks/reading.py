"""Reading large tables beside the bare parsers, and what memory it takes."""

from __future__ import annotations

import gzip
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from tests.benchmarks.commands import CACHE, ROOT, run, use_one_processor
from tests.benchmarks.results import store, stored

COMMAND = "python -m tests.benchmarks reading"
PER_SERIES = 10_000
NUMERIC = 16
"""Bytes of a row that are numbers: a timestamp and a value."""

_PROGRAM = """
import json, sys, time
import numpy, pyarrow, pyarrow.compute, pyarrow.csv, pyarrow.feather, pyarrow.json, pyarrow.parquet
from tsforecast.data.reading import read_panel

types = {{"id": pyarrow.string(), "timestamp": pyarrow.timestamp("s"), "value": pyarrow.float64()}}

def csv(path):
    return pyarrow.csv.read_csv(
        sys.stdin.buffer if path == "-" else path,
        parse_options=pyarrow.csv.ParseOptions(delimiter="{delimiter}"),
        convert_options=pyarrow.csv.ConvertOptions(column_types=types, decimal_point="{decimal}"),
    )

def jsonl(path):
    options = pyarrow.json.ParseOptions(explicit_schema=pyarrow.schema(list(types.items())))
    return pyarrow.json.read_json(sys.stdin.buffer if path == "-" else path, parse_options=options)

def parquet(path):
    return pyarrow.parquet.read_table(path)

def arrow(path):
    return pyarrow.feather.read_table(path, memory_map=False)

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) << 10

before, start = memory("VmRSS"), time.perf_counter()
result = {call}(sys.argv[1])
seconds = time.perf_counter() - start
print(json.dumps([seconds, memory("VmHWM") - before]))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to write and to give the same table.

    Attributes:
        delimiter: Between cells of CSV.
        decimal: Decimal mark of CSV.
        quoted: Whether every cell of CSV stands in quotes.
        packed: Whether it is compressed: text as .gz, Arrow inside of the file.
        piped: Whether it comes through standard input.
        form: csv, jsonl, parquet or arrow.
    """

    delimiter: str = ","
    decimal: str = "."
    quoted: bool = False
    packed: bool = False
    piped: bool = False
    form: str = "csv"

    def path(self, rows: int) -> Path:
        """Name its file."""
        marks = f"{'-semicolons' * (self.delimiter == ';')}{'-quoted' * self.quoted}"
        inside = self.packed and self.form == "arrow"
        return (
            CACHE / f"reading-{rows}{marks}{'-packed' * inside}.{self.form}{'.gz' * (self.packed > inside)}"
        )


CASES = {
    "plain file": Case(),
    "`.gz`": Case(packed=True),
    "every cell quoted": Case(quoted=True),
    "semicolons and decimal commas": Case(delimiter=";", decimal=","),
    "standard input": Case(piped=True),
    "JSON lines": Case(form="jsonl"),
    "JSON lines, `.gz`": Case(form="jsonl", packed=True),
    "JSON lines, standard input": Case(form="jsonl", piped=True),
    "Parquet": Case(form="parquet"),
    "Arrow": Case(form="arrow"),
    "Arrow, packed as Feather is": Case(form="arrow", packed=True),
}


def measure(rows: int, rounds: int, names: list[str]) -> None:
    """Write the files, read each in turn in fresh processes, store medians and ratios."""
    use_one_processor()
    cases = dict(stored("reading").get("cases", {}))
    for name in names or CASES:
        case = CASES[name]
        path = table(case, rows)
        cases[name] = {"megabytes": round(path.stat().st_size / 1e6), **_compared(case, path, rows, rounds)}
        print(json.dumps({name: cases[name]}))
    store("reading", {"command": COMMAND, "rows": rows, "rounds": rounds, "cases": cases})


def _compared(case: Case, path: Path, rows: int, rounds: int) -> dict[str, Any]:
    calls = {"pyarrow": case.form, "tsforecast": "read_panel"}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
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
    temporary = path.with_suffix(".new")
    if case.form in ("parquet", "arrow"):
        _write_columns(case, rows, temporary)
    else:
        with gzip.open(temporary, "wt", compresslevel=1) if case.packed else temporary.open("w") as file:
            (_write_objects if case.form == "jsonl" else _write_cells)(case, rows, file)
    return temporary.replace(path)


def _series(rows: int) -> Iterator[tuple[str, list[float]]]:
    generator = np.random.default_rng(0)
    for series in range(rows // PER_SERIES):
        yield f"s{series:05d}", np.round(100 + 10 * generator.normal(size=PER_SERIES), 2).tolist()


def _hours() -> Any:
    return np.datetime64("2024-01-01T00", "m") + np.arange(PER_SERIES) * np.timedelta64(60, "m")


def _stamps() -> list[str]:
    return [str(hour).replace("T", " ") for hour in _hours()]


def _write_cells(case: Case, rows: int, file: IO[str]) -> None:
    between = f'"{case.delimiter}"' if case.quoted else case.delimiter
    edge, stamps = '"' * case.quoted, _stamps()
    file.write(edge + between.join(("id", "timestamp", "value")) + edge + "\n")
    for name, values in _series(rows):
        start = f"{edge}{name}{between}"
        texts = (str(value).replace(".", case.decimal) for value in values)
        file.write(
            "".join(
                f"{start}{stamp}{between}{text}{edge}\n" for stamp, text in zip(stamps, texts, strict=True)
            )
        )


def _write_objects(_: Case, rows: int, file: IO[str]) -> None:
    stamps = _stamps()
    for name, values in _series(rows):
        start = f'{{"id":"{name}","timestamp":"'
        file.write(
            "".join(
                f'{start}{stamp}","value":{value}}}\n' for stamp, value in zip(stamps, values, strict=True)
            )
        )


def _write_columns(case: Case, rows: int, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import feather, parquet

    hours = pa.array(_hours().astype("datetime64[s]"))
    parts = [
        pa.table({"id": [name] * PER_SERIES, "timestamp": hours, "value": values})
        for name, values in _series(rows)
    ]
    whole = pa.concat_tables(parts).combine_chunks()
    if case.form == "parquet":
        parquet.write_table(whole, path)
    elif case.packed:
        feather.write_feather(whole, str(path))
    else:
        with pa.ipc.new_file(str(path), whole.schema) as file:
            file.write_table(whole)
