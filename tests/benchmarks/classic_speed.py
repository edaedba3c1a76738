"""Training speed of ``--preset classic`` in a fresh process: prints steps per second."""

from __future__ import annotations

import time

import numpy as np
import torch

from tests.benchmarks.keras_speed import BATCH, FIRST, LAST, WINDOW
from tests.models.building import panel_of
from tsforecast.config import FitSettings, from_keywords
from tsforecast.data.memory import ALL_BUFFERS, keep_freed_memory
from tsforecast.data.panel import Panel
from tsforecast.models.recurrent import RecurrentNetwork
from tsforecast.models.recurrent_spec import RecurrentSpec
from tsforecast.training.epochs import Epochs, all_examples
from tsforecast.training.recipe import choose_recipe


def main(panel: Panel) -> None:
    """Train as fit does and time the steps between two marks."""
    torch.set_num_threads(1)
    keep_freed_memory(ALL_BUFFERS)
    torch.manual_seed(0)
    recipe = choose_recipe(from_keywords(FitSettings, {"preset": "classic"}))
    spec = RecurrentSpec(
        context_length=WINDOW, horizon=1, patch_length=1, season_lengths=(), widths=recipe.hidden,
        head=recipe.head, normalisation=recipe.normalisation, clip=recipe.clip,
    )  # fmt: skip
    marks = {}

    def report(step: int, *_: object) -> None:
        marks[step] = time.perf_counter()

    examples = all_examples(panel, spec)
    Epochs(RecurrentNetwork(spec), examples, recipe, LAST, None, 0, None, report).run()
    print((LAST - FIRST) / (marks[LAST] - marks[FIRST]))


if __name__ == "__main__":
    values = np.random.default_rng(0).uniform(size=LAST * BATCH + WINDOW)
    main(panel_of([values]))
