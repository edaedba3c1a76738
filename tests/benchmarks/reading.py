"""Reading a large CSV beside the bare parser, and what memory it takes."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

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
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=types))

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) << 10

before, start = memory("VmRSS"), time.perf_counter()
result = {call}(sys.argv[1])
seconds = time.perf_counter() - start
print(json.dumps([seconds, memory("VmHWM") - before]))
"""
_CALLS = {"pyarrow.csv.read_csv": "parse", "tsforecast": "read_panel"}


def measure(rows: int, rounds: int) -> None:
    """Write the file, read it in turn in fresh processes, store medians and ratios."""
    use_one_processor()
    path = table(CACHE / f"reading-{rows}.csv", rows)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _CALLS}
    for _ in range(rounds):
        for name, call in _CALLS.items():
            words = [sys.executable, "-c", _PROGRAM.format(call=call), str(path)]
            seconds, grown = json.loads(run(words, environment={"PYTHONPATH": str(ROOT)}))
            found[name].append((seconds, grown))
    bare, ours = found.values()
    results = {
        "command": COMMAND,
        "rows": rows,
        "rounds": rounds,
        "megabytes": round(path.stat().st_size / 1e6),
        "wall": statistics.median(own[0] / other[0] for own, other in zip(ours, bare, strict=True)),
        "memory": {
            name: statistics.median(one[1] for one in runs) / (NUMERIC * rows) for name, runs in found.items()
        },
    }
    store("reading", results)
    print(json.dumps(results))


def table(path: Path, rows: int) -> Path:
    """Hourly series of equal length below each other: id, timestamp, value."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    hours = np.datetime64("2024-01-01T00", "m") + np.arange(PER_SERIES) * np.timedelta64(60, "m")
    stamps = [str(hour).replace("T", " ") for hour in hours]
    temporary = path.with_suffix(".new")
    with temporary.open("w") as file:
        file.write("id,timestamp,value\n")
        for series in range(rows // PER_SERIES):
            values = np.round(100 + 10 * generator.normal(size=PER_SERIES), 2).tolist()
            name = f"s{series:05d}"
            file.write(
                "".join(f"{name},{stamp},{value}\n" for stamp, value in zip(stamps, values, strict=True))
            )
    return temporary.replace(path)
