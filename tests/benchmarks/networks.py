"""Backtests of every network on two sample files, beside the default and seasonal naive."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import commands
from tests.benchmarks.results import store, stored

COMMAND = "python -m tests.benchmarks networks"
FILES = ("monthly_visitors", "weekly_orders")
OWN = ("--network", "recurrent")

NETWORKS: dict[str, tuple[str, ...]] = {
    "default: mixture LSTM": (),
    "`--network recurrent`: LSTM": OWN,
    "`--cell gru`": (*OWN, "--cell", "gru"),
    "`--cell rnn`": (*OWN, "--cell", "rnn"),
    "`--activation tanh`": (*OWN, "--activation", "tanh"),
    "`--hidden 64,32`": (*OWN, "--hidden", "64,32"),
    "`--bidirectional`": (*OWN, "--bidirectional"),
    "`--attention`": (*OWN, "--attention"),
    "`--conv 32x3`": (*OWN, "--conv", "32x3"),
    "`--head recursive`": (*OWN, "--head", "recursive"),
    "`--loss pinball`": (*OWN, "--loss", "pinball"),
    "`--preset stacked`": ("--preset", "stacked"),
    "`--preset classic`": ("--preset", "classic"),
}
"""Options of fit by what the page calls them; the page names the same in its table of parts."""


def measure(steps: int) -> None:
    """Fit every network to every file; what is stored for these steps is not done again."""
    commands.use_one_processor()
    known = stored("networks")
    if known.get("steps") != steps:
        known = {"command": f"{COMMAND} --steps {steps}", "steps": steps, "files": {}}
    for file in FILES:
        runs = known["files"].setdefault(file, {})
        for words, options in NETWORKS.items():
            if words not in runs:
                runs[words] = _run(file, steps, options)
                print(file, words, json.dumps(runs[words]), flush=True)
                store("networks", known)


def _run(file: str, steps: int, options: tuple[str, ...]) -> dict[str, Any]:
    data = commands.ROOT / "sample_data" / f"{file}.csv"
    with tempfile.TemporaryDirectory() as folder:
        made = commands.fit(data, Path(folder) / "m.tsf", "--steps", str(steps), *options)
    values = made["scores"]["values"]
    return {
        "MASE": values["model"]["MASE"],
        "snaive": values["seasonal naive"]["MASE"],
        "members": made["members"],
        "steps": made["steps"],
        "exploded": any("exploded" in one["text"] for one in made["notes"]),
    }
