"""Training speed of neuralforecast's LSTM: prints windows per second; run by the python that has it.

python peer_speed.py TRAIN LAYERS
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

CONTEXT, HORIZON, HIDDEN, BATCH = 336, 48, 64, 64
SEASONS = (24, 168)
FIRST, LAST = 20, 120
"""Steps between which the time is taken: what comes before is start-up."""


def main(train: str, layers: int) -> None:
    """Train and time the steps between two marks."""
    import pandas as pd
    import torch
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM
    from pytorch_lightning import Callback

    marks = {}

    class Marks(Callback):  # type: ignore[misc]  # not installed where types are checked
        def on_train_batch_end(self, trainer: Any, *_: object) -> None:
            marks[trainer.global_step] = time.perf_counter()

    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    table = pd.read_csv(train, dtype={"unique_id": str})[["unique_id", "y"]]
    table["ds"] = table.groupby("unique_id", sort=False).cumcount()
    network = LSTM(
        h=HORIZON,
        input_size=CONTEXT,
        encoder_hidden_size=HIDDEN,
        decoder_hidden_size=HIDDEN,
        encoder_n_layers=layers,
        windows_batch_size=BATCH,
        max_steps=LAST,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        callbacks=[Marks()],
    )
    NeuralForecast([network], freq=1).fit(table)
    print(BATCH * (LAST - FIRST) / (marks[LAST] - marks[FIRST]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
