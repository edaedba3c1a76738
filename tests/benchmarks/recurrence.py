"""Speed of the recurrent layers: beside torch's LSTM and a plain loop, Keras, and in the exported file."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from tests.benchmarks import classic_speed, commands, keras_speed
from tests.benchmarks.environment import peer_python, peer_versions
from tests.benchmarks.results import store
from tests.models.building import seasonal_windows
from tests.models.recurrent_building import rough_recurrent
from tsforecast.config import MINMAX
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.exporters import ort
from tsforecast.models.layers import LSTM
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.runtime.session import open_session

COMMAND = "python -m tests.benchmarks recurrence"
KERAS = Path(__file__).with_name("keras.txt")

SHAPES: tuple[tuple[int, int, int, tuple[int, ...], float], ...] = (
    (100, 10, 1, (50,), 3.5),
    (100, 32, 1, (50,), 2.5),
    (100, 256, 1, (50,), 1.5),
    (168, 256, 8, (128,), 1.5),
    (336, 64, 16, (128,), 1.5),
    (48, 1024, 4, (64,), 1.5),
    (100, 32, 1, (128, 64), 2.5),
)
"""Steps, batch, channels, widths of the layers, and how many times torch's LSTM ours may take."""

LEAST_SECONDS = 0.1
"""Time for which one thing is run again and again in a round."""

WINDOW, WIDTH, HORIZON = 100, 50, 12


class NaiveLSTM(nn.Module):
    """The ReLU LSTM as one writes it down: one step after the other, gradients by torch."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.enter, self.recur = nn.Linear(inputs, 4 * width), nn.Linear(width, 4 * width)
        self.width = width

    def forward(self, inputs: Tensor) -> tuple[Tensor, None]:
        """All hidden states (T, B, E) of inputs (T, B, C)."""
        hidden = cell = inputs.new_zeros(inputs.shape[1], self.width)
        states = []
        for value in inputs.unbind():
            i, f, g, o = (self.enter(value) + self.recur(hidden)).chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.relu()
            hidden = o.sigmoid() * cell.relu()
            states.append(hidden)
        return torch.stack(states), None


class Chain(nn.Module):
    """Layers of several widths, one after the other."""

    def __init__(self, kind: type[nn.Module], inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        before = (inputs, *widths)
        self.parts = nn.ModuleList(kind(one, other) for one, other in zip(before, widths, strict=False))

    def forward(self, inputs: Tensor) -> tuple[Tensor, None]:
        """All hidden states of the last one."""
        for part in self.parts:
            inputs = part(inputs)[0]
        return inputs, None


def measure(environment: Path, rounds: int) -> None:
    """Measure everything in turn on one thread; ratios are medians over the rounds."""
    commands.use_one_processor()
    torch.set_num_threads(1)
    store("recurrence", {"command": COMMAND})
    for make in (_training, _graphs, partial(_keras, environment)):
        found = make(rounds)
        store("recurrence", found)
        print(json.dumps(found), flush=True)


def in_turn(what: dict[str, Callable[[], Any]], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Milliseconds that each call takes in every round, the calls of a round one after the other."""
    taken: dict[str, list[float]] = {name: [] for name in what}
    for call in what.values():
        call()
    for _ in range(rounds):
        for name, call in what.items():
            count, start = 0, time.perf_counter()
            while time.perf_counter() - start < seconds or not count:
                call()
                count += 1
            taken[name].append(1000 * (time.perf_counter() - start) / count)
    return taken


def ratio(taken: dict[str, list[float]], name: str, other: str) -> float:
    """Median of one thing's times divided by another's of the same round."""
    return statistics.median(one / two for one, two in zip(taken[name], taken[other], strict=True))


def _training(rounds: int) -> dict[str, Any]:
    """Forward and backward, from all states to all weights."""
    shapes = []
    for steps, batch, channels, widths, limit in SHAPES:
        torch.manual_seed(0)
        inputs = torch.randn(steps, batch, channels)
        layers = {
            "torch": Chain(nn.LSTM, channels, widths),
            "ours": LSTM(channels, widths),
            "loop": Chain(NaiveLSTM, channels, widths),
        }
        taken = in_turn({name: _pass(layer, inputs) for name, layer in layers.items()}, rounds, LEAST_SECONDS)
        shapes.append({
            "shape": [steps, batch, channels, *widths], "limit": limit,
            "torch_ms": statistics.median(taken["torch"]),
            "ours": ratio(taken, "ours", "torch"), "loop": ratio(taken, "loop", "torch"),
        })  # fmt: skip
    return {"shapes": shapes}


def _pass(layer: nn.Module, inputs: Tensor) -> Callable[[], None]:
    def run() -> None:
        layer.zero_grad()
        layer(inputs)[0].sum().backward()

    return run


def _graphs(rounds: int) -> dict[str, Any]:
    """Time the exported file beside torch's forward pass, and its Loop beside one outside."""
    context = seasonal_windows(64, WINDOW)
    direct, recursive = (_file(head, horizon) for head, horizon in (("direct", 1), ("recursive", HORIZON)))
    single, looped = (open_session(one.model, "model") for one in (direct, recursive))
    layer, window = nn.LSTM(1, WIDTH), torch.randn(WINDOW, 1, 1)

    def forecast(session: Any, known: Floats) -> Floats:
        made: Floats = session.run(None, {"context": known})[0][:, :, direct.spec.levels.index(0.5)]
        return made

    def outside() -> Floats:
        known = context[:1]
        for _ in range(HORIZON):
            known = np.concatenate([known[:, 1:], forecast(single, known)], 1)
        return known[:, -HORIZON:]

    calls = {
        "torch": lambda: layer(window), "graph": lambda: forecast(single, context[:1]),
        "inside": lambda: forecast(looped, context[:1]), "outside": outside,
    }  # fmt: skip
    with torch.no_grad():
        taken = in_turn(calls, rounds, LEAST_SECONDS)
    nodes = [node.op_type for node in onnx.load_model_from_string(direct.model).graph.node]
    apart = np.abs(calls["inside"]() - outside()).max() / context[0].std()
    return {
        "graph": {
            "ratio": ratio(taken, "graph", "torch"), "limit": 0.5, "torch_ms": statistics.median(taken["torch"]),
            "lstm_nodes": nodes.count("LSTM"), "nodes": len(nodes), "difference": direct.difference(context),
        },
        "loop": {
            "ratio": ratio(taken, "inside", "outside"), "limit": 1.0, "steps": HORIZON, "difference": float(apart),
        },
    }  # fmt: skip


@dataclass(frozen=True)
class _File:
    """An exported network with what it was made from."""

    spec: RecurrentSpec
    weights: dict[str, Any]
    model: bytes

    def difference(self, context: Floats) -> float:
        """Largest difference to torch, as every export is checked."""
        return ort.verify(self.model, self.spec, self.weights, Inputs.of(context))


def _file(head: str, horizon: int) -> _File:
    """Export the network of the classic preset with some weights, the same for every head and horizon."""
    spec = RecurrentSpec(
        context_length=WINDOW, horizon=horizon, patch_length=horizon, season_lengths=(), widths=(WIDTH,), head=head,
        normalisation=MINMAX,
    )  # fmt: skip
    network = rough_recurrent(spec, noise=0.01)
    network.adjustments.zero_()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    return _File(spec, weights, ort.export(spec, weights, {}, 17))


def _keras(environment: Path, rounds: int) -> dict[str, Any]:
    """Count steps per second of the classic preset and of Keras, each in a process of its own."""
    python = peer_python(environment, KERAS)
    own, theirs = [sys.executable, "-m", classic_speed.__name__], [python, str(Path(keras_speed.__file__))]
    taken: dict[str, list[float]] = {"ours": [], "torch": [], "jax": []}
    for _ in range(rounds):
        taken["ours"].append(commands.last_number(own))
        for backend in ("torch", "jax"):
            taken[backend].append(commands.last_number(theirs, KERAS_BACKEND=backend))
    return {
        "keras": {
            "versions": peer_versions(python, KERAS),
            "ours": statistics.median(taken["ours"]),
            "backends": {
                name: {"speed": statistics.median(taken[name]), "ratio": ratio(taken, "ours", name)}
                for name in ("torch", "jax")
            },
        }
    }
