"""What an exported forecaster costs: a cold process, a warm call, a large panel, an int8 file; each as a ratio."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import tsforecast
from tests.benchmarks.environment import peer_python, peer_versions
from tests.benchmarks.results import store
from tests.benchmarks.startup import COMMAND, IMPORTS, SAMPLE, compiled
from tsforecast.artifacts import load_artifact
from tsforecast.config import ExportSettings
from tsforecast.data.inputs import Inputs
from tsforecast.exporters.ort import export
from tsforecast.models.spec import NetworkSpec
from tsforecast.runtime.session import OnnxForecaster, open_session
from tsforecast.threads import usual_threads
from tsforecast.workflows.export import build_export

STARTER = """
import os, sys, time
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)])
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
HERE = Path(__file__).parent
PEERS = {"neuralforecast": ("peers", "peer_load.py"), "darts": ("darts", "darts_load.py")}
"""Other libraries: the name of their requirements and results, and what loads a model and forecasts."""

SERIES, POINTS = 10_000, 400
MANY = 200
ROWS = {
    "cold": ("cold `predict MODEL DATA`, whole process", '`python -c "import numpy, onnxruntime"`', "2"),
    "memory": ("peak memory of it, MB", "", "100"),
    "peers": ("cold `predict MODEL DATA`, whole process", "neuralforecast: load and predict, time", "1"),
    "peers_memory": ("peak memory of it", "neuralforecast: load and predict, memory", "1"),
    "darts": ("cold `predict MODEL DATA`, whole process", "Darts: `run_onnx_prediction` without torch, time", "1"),
    "darts_memory": ("peak memory of it", "Darts: `run_onnx_prediction` without torch, memory", "1"),
    "warm": ("one warm call of the default network", "a session of one LSTM node of its width and steps", "6"),
    "many": (f"{MANY} series in one batch, one thread", "that one call", "15"),
    "many_shared": (f"{MANY} series in one batch, a thread per processor", "that one call", "15"),
    "again": ("one call right after another of its kind", "that one call", ""),
    "panel": (f"`predict` of {SERIES:,} series x {POINTS} points", "pyarrow reading the file", "6"),
    "int8": ("size of an int8 file, %", "the fp32 file", "40"),
}  # fmt: skip
"""What is measured, beside what, and the limit."""


def measure_peer(runs: int, name: str, environment: Path) -> None:
    """Measure a cold predict beside the stored LSTM of another library and beside bare imports, in turn."""
    words, script = PEERS[name]
    requirements = HERE / f"{words}.txt"
    python = peer_python(environment, requirements)
    with tempfile.TemporaryDirectory() as folder:
        model, output, theirs = (str(Path(folder) / file) for file in ("m.tsf", "f.csv", "theirs"))
        tsforecast.fit(SAMPLE, model, steps=40)
        other = [python, str(HERE / script)]
        subprocess.run([*other, "fit", str(SAMPLE), theirs], check=True, capture_output=True)
        command = [*COMMAND, "predict", model, str(SAMPLE), "-o", output]
        installed, usual = compiled(Path(folder)), dict(os.environ)
        rounds = []
        for _ in range(runs + 1):
            mine = _process(command, installed)
            peer = _process([*other, "predict", str(SAMPLE), theirs, output], usual)
            rounds.append((mine, peer, _process(IMPORTS, installed)))
    seconds, memory = ([[each[one] for each in turn] for turn in rounds[1:]] for one in (0, 1))
    _keep({
        words: {
            "value": _middle(seconds, 0, 1),
            "imports": {"tsforecast": _middle(seconds, 0, 2), name: _middle(seconds, 1, 2)},
            "version": peer_versions(python, requirements)[name],
        },
        f"{words}_memory": {"value": _middle(memory, 0, 1)},
    })  # fmt: skip


def _middle(rounds: list[list[float]], one: int, other: int) -> float:
    """Median of the ratios of two processes that ran in the same round."""
    return statistics.median(turn[one] / turn[other] for turn in rounds)


def measure(runs: int) -> None:
    """Measure everything that can be measured here and store it as it comes."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "m.tsf"
        tsforecast.fit(SAMPLE, model, steps=40)
        _keep(_cold(str(model), str(Path(folder) / "f.csv"), runs))
        _keep(_warm(model, runs))
        _keep(_int8(model))
        _keep(_panel(Path(folder), max(1, runs // 5)))


def _keep(found: dict[str, Any]) -> None:
    store("edge", found)
    print(found, flush=True)


def _cold(model: str, output: str, runs: int) -> dict[str, Any]:
    command = [*COMMAND, "predict", model, str(SAMPLE), "-o", output]
    installed = compiled(Path(output).parent)
    pairs = [(_process(command, installed), _process(IMPORTS, installed)) for _ in range(runs + 1)][1:]
    return {
        "cold": {"value": statistics.median(ours[0] / other[0] for ours, other in pairs)},
        "memory": {"value": statistics.median(ours[1] for ours, _ in pairs)},
    }


def _process(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a process, started by a small one: a child begins with the peak of its parent."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", STARTER, *command],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")
    seconds, size = (float(one) for one in done.stdout.split())
    return seconds, size / (1e6 if sys.platform == "darwin" else 1e3)


def _warm(model: Path, runs: int) -> dict[str, Any]:
    artifact = load_artifact(model, "model")
    spec = NetworkSpec.from_json(artifact.description["network"])
    alone, shared = (OnnxForecaster(artifact.part("model"), threads=threads) for threads in (1, None))
    random = np.random.default_rng(0)
    one, many = (Inputs.of(random.normal(size=(count, spec.context_length))) for count in (1, MANY))
    bare, fed = _bare_node(spec)
    found = _in_turn(
        20 * runs,
        bare=lambda: bare.run(None, fed),
        one=lambda: alone.forecast(one),
        many=lambda: alone.forecast(many),
    )
    # Apart, so that the calls above find in the caches what they found without these.
    beside = _in_turn(20 * runs, one=lambda: shared.forecast(one), many=lambda: shared.forecast(many))
    again = _in_turn(200 * runs, one=lambda: alone.forecast(one))
    facts = {"members": spec.members, "steps": spec.context_patches, "width": spec.hidden}
    return {
        "warm": {"value": found["one"] / found["bare"], **facts},
        "many": {"value": found["many"] / found["one"]},
        "many_shared": {"value": beside["many"] / beside["one"], "threads": usual_threads()},
        "again": {"value": again["one"] / found["one"]},
    }


def _in_turn(times: int, **calls: Callable[[], Any]) -> dict[str, float]:
    """Seconds of the fastest tenth of calls that take turns: interruptions by other programs only ever add."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.quantile(found, 0.1)) for name, found in seconds.items()}


def _bare_node(spec: NetworkSpec) -> tuple[Any, dict[str, Any]]:
    """Session of one LSTM node with random weights, and its input."""
    from onnx import TensorProto, helper, numpy_helper

    random, width, channels = np.random.default_rng(0), spec.hidden, 2 * spec.patch_length
    shapes = {"W": (1, 4 * width, channels), "R": (1, 4 * width, width), "B": (1, 8 * width)}
    stored = [
        numpy_helper.from_array(random.normal(scale=0.1, size=size).astype(np.float32), name)
        for name, size in shapes.items()
    ]
    node = helper.make_node(
        "LSTM",
        ["x", *shapes],
        ["", "h"],
        hidden_size=width,
        activations=["Sigmoid", "Relu", "Relu"],
        clip=spec.clip,
    )
    single, steps = TensorProto.FLOAT, spec.context_patches
    given = helper.make_tensor_value_info("x", single, [steps, "B", channels])
    made = helper.make_tensor_value_info("h", single, [1, "B", width])
    graph = helper.make_graph([node], "bare", [given], [made], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    fed = random.normal(size=(steps, 1, channels)).astype(np.float32)
    return open_session(model.SerializeToString(), "bare"), {"x": fed}


def _int8(model: Path) -> dict[str, Any]:
    small = build_export(model, ExportSettings(precision="int8", max_loss=1000))
    whole = export(small.spec, small.artifact.arrays("weights"), {}, small.form.opset)
    return {"int8": {"value": 100 * len(small.content) / len(whole), "loss": small.checks["loss"]}}


def _panel(folder: Path, runs: int) -> dict[str, Any]:
    data, model = folder / "panel.csv", folder / "panel.tsf"
    _write_panel(data, SERIES)
    _write_panel(folder / "few.csv", 20)
    tsforecast.fit(folder / "few.csv", model, horizon=14, steps=20)
    ours = [*COMMAND, "predict", str(model), str(data), "-o", str(folder / "panel.out.csv"), "--quiet"]
    script = "import sys, time; from pyarrow import csv; s = time.perf_counter(); csv.read_csv(sys.argv[1]); "
    other = [sys.executable, "-c", script + "print(time.perf_counter() - s)", str(data)]
    pairs = []
    for _ in range(runs):
        seconds = _process(ours, compiled(folder))[0]
        done = subprocess.run(other, capture_output=True, text=True, check=True)
        pairs.append((seconds, float(done.stdout)))
    rate = SERIES / statistics.median(seconds for seconds, _ in pairs)
    return {"panel": {"value": statistics.median(a / b for a, b in pairs), "series_per_second": rate}}


def _write_panel(file: Path, series: int) -> None:
    """Days of many series: a weekly wave with noise."""
    days = [str(one) for one in np.datetime64("2024-01-01") + np.arange(POINTS)]
    wave = 10 * np.sin(np.arange(POINTS) * 2 * np.pi / 7)
    random = np.random.default_rng(0)
    with file.open("w") as out:
        out.write("id,day,sales\n")
        for number in range(series):
            values = (100 + number % 50 + wave + random.normal(size=POINTS)).round(2).tolist()
            out.write(
                "".join(f"s{number:05},{day},{value}\n" for day, value in zip(days, values, strict=True))
            )
