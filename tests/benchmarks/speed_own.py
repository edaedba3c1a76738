"""Training speed of this library in a fresh process: prints windows per second."""

from __future__ import annotations

import sys
import time

import torch

from tests.benchmarks.peer_speed import BATCH, CONTEXT, FIRST, HIDDEN, HORIZON, LAST, SEASONS
from tsforecast.config import FitSettings
from tsforecast.data.memory import ALL_BUFFERS, keep_freed_memory
from tsforecast.data.reading import read_panel
from tsforecast.models import build
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.batches import Batches
from tsforecast.training.geometry import choose_patch
from tsforecast.training.loop import Schedule, Trainer


def main(train: str) -> None:
    """Train as fit does, one member, and time the steps between two marks."""
    torch.set_num_threads(1)
    keep_freed_memory(ALL_BUFFERS)
    torch.manual_seed(0)
    panel = read_panel(train, FitSettings()).panel
    spec = NetworkSpec(
        context_length=CONTEXT,
        horizon=HORIZON,
        season_lengths=SEASONS,
        patch_length=choose_patch(CONTEXT, SEASONS),
        hidden=HIDDEN,
    )
    marks = {}

    def report(step: int, *_: object) -> None:
        marks[step] = time.perf_counter()

    batches = Batches(panel, CONTEXT, HORIZON, 0)
    Trainer(build(spec), batches, Schedule(steps=LAST, batch=BATCH), report=report).run()
    print(BATCH * (LAST - FIRST) / (marks[LAST] - marks[FIRST]))


if __name__ == "__main__":
    main(sys.argv[1])
