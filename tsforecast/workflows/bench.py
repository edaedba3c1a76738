"""Bench: how fast a forecaster answers on this machine, and what it needs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tsforecast.artifacts import load_artifact
from tsforecast.config import BenchSettings
from tsforecast.data.inputs import Floats, Inputs
from tsforecast.errors import ForecastError
from tsforecast.runtime.exported import is_exported, load_exported
from tsforecast.runtime.session import OnnxForecaster

PERCENTILES = (50, 90, 99)
LEAST_RUNS = 20
"""Calls that are timed at least, however slow one is."""

MOST_RUNS = 5000
COLD_STARTS = 3

_COLD = """
import sys, time
started = time.perf_counter()
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
fed = numpy.load(sys.argv[2])
given = {one.name: fed[one.name] for one in session.get_inputs()}
output = session.get_outputs()[0].name
for step in range(int(sys.argv[3])):
    if "state" in given:
        given["step"][0] = step
        _, given["state"] = session.run([output, "next_state"], given)
    else:
        session.run([output], given)
seconds = time.perf_counter() - started
try:
    import resource
except ImportError:
    print(seconds, 0)
else:
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Times of one call.

    Attributes:
        batch: Windows of the call.
        runs: Calls that were timed.
        percentiles: Milliseconds by percentile.
    """

    batch: int
    runs: int
    percentiles: dict[int, float]

    @property
    def throughput(self) -> float:
        """Windows per second, by the median."""
        return 1000 * self.batch / self.percentiles[50]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        named = {f"p{name}": value for name, value in self.percentiles.items()}
        return {"batch": self.batch, "runs": self.runs, **named, "throughput": self.throughput}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What was measured.

    Attributes:
        path: Model folder or exported file.
        size: Bytes of the graph.
        latencies: At batch 1 and at the batch asked for.
        cold: Time of a fresh process from the first import to the first answer, the best of a few (seconds).
        memory: Most memory that such a process held (bytes); None where the system does not tell.
    """

    path: Path
    size: int
    latencies: tuple[Latency, ...]
    cold: float
    memory: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {
            "path": str(self.path),
            "size": self.size,
            "latencies": [one.to_json() for one in self.latencies],
            "cold": self.cold,
            "memory": self.memory,
        }


def bench(model: str | Path, *, settings: BenchSettings) -> Bench:
    """Time a model as predict calls it: one thread for a window, more for many.

    Args:
        model: Model folder or exported file.
        settings: Batch, threads and time.

    Raises:
        ForecastError: The model cannot be read or run.
    """
    if is_exported(model):
        path, content = Path(model), load_exported(model).content
    else:
        path, content = Path(model), load_artifact(model, "model").part("model")
    forecaster = OnnxForecaster(content, str(path), settings.threads)
    sizes = dict.fromkeys((forecaster.batch,) if forecaster.batch else (1, settings.batch))
    each = settings.seconds / len(sizes)
    latencies = tuple(_time(forecaster, _windows(forecaster, size), each) for size in sizes)
    cold, memory = _cold_start(content, forecaster)
    return Bench(path=path, size=len(content), latencies=latencies, cold=cold, memory=memory)


def _windows(forecaster: OnnxForecaster, count: int) -> Inputs:
    """Noise of the right shapes: what the numbers are does not change the time."""
    random = np.random.default_rng(0)

    def noise(name: str) -> Floats:
        return random.normal(size=(count, *forecaster.shape(name)))

    return Inputs(
        context=noise("context"),
        past_covariates=noise("past_covariates"),
        future_covariates=noise("future_covariates"),
        static_covariates=noise("static_covariates"),
        timestamps=np.zeros((count, *forecaster.shape("timestamps")), dtype=np.int64),
    )


def _time(forecaster: OnnxForecaster, inputs: Inputs, seconds: float) -> Latency:
    forecaster.forecast(inputs)
    times: list[float] = []
    stop = time.perf_counter() + seconds
    while len(times) < LEAST_RUNS or (time.perf_counter() < stop and len(times) < MOST_RUNS):
        started = time.perf_counter()
        forecaster.forecast(inputs)
        times.append(1000 * (time.perf_counter() - started))
    values = np.percentile(times, PERCENTILES).tolist()
    return Latency(
        batch=len(inputs), runs=len(times), percentiles=dict(zip(PERCENTILES, values, strict=True))
    )


def _cold_start(content: bytes, forecaster: OnnxForecaster) -> tuple[float, int | None]:
    """Time and memory of a fresh process that forecasts once, the best of a few."""
    count = forecaster.batch or 1
    more = {"step": np.zeros(1, np.int64), "state": np.zeros((count, *forecaster.shape("state")), np.float32)}
    with tempfile.TemporaryDirectory() as folder:
        model, fed = Path(folder) / "model.onnx", Path(folder) / "inputs.npz"
        model.write_bytes(content)
        given: dict[str, Any] = {**_windows(forecaster, count).used(), **more}
        np.savez(fed, **given)
        found = [_fresh_process(model, fed, forecaster.calls) for _ in range(COLD_STARTS)]
    unit = 1 if sys.platform == "darwin" else 1024
    return min(one for one, _ in found), min(int(size) for _, size in found) * unit or None


def _fresh_process(model: Path, fed: Path, calls: int) -> tuple[float, float]:
    command = [sys.executable, "-c", _COLD, str(model), str(fed), str(calls)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise ForecastError(f"a fresh process could not run {model.name}: {done.stderr.decode()[-200:]}")
    seconds, size = done.stdout.split()
    return float(seconds), float(size)
