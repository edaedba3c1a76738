"""Training windows per second beside neuralforecast's LSTM of the same width, context and batch, in turn."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from tests.benchmarks import commands, peer_speed
from tests.benchmarks.environment import peer_python, peer_versions
from tests.benchmarks.results import store

COMMAND = "python -m tests.benchmarks throughput --data DIR"
SET = "m4_hourly"
LAYERS = {"one encoder layer, as ours has": 1, "two encoder layers, its default": 2}


def measure(data: Path, environment: Path, rounds: int) -> None:
    """Run the programs in turn, each in a process of its own on one thread; the ratio is the median of the rounds."""
    commands.use_one_processor()
    python = peer_python(environment)
    train = str(data / commands.sets(data, [SET])[SET]["train"])
    peers = {
        name: [python, str(Path(peer_speed.__file__)), train, str(layers)] for name, layers in LAYERS.items()
    }
    taken = [
        {"ours": commands.last_number([sys.executable, "-m", "tests.benchmarks.speed_own", train]),
         **{name: commands.last_number(command) for name, command in peers.items()}}
        for _ in range(rounds)
    ]  # fmt: skip
    found = {
        "command": COMMAND,
        "versions": peer_versions(python),
        "ours": statistics.median(one["ours"] for one in taken),
        "peers": {
            name: {"speed": statistics.median(one[name] for one in taken),
                   "ratio": statistics.median(one["ours"] / one[name] for one in taken)}
            for name in LAYERS
        },
    }  # fmt: skip
    store("throughput", found)
    print(json.dumps(found, indent=1))
