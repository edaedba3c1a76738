"""Training speed of Keras' LSTM(50, relu), Dense(1): prints steps per second; run by the python that has it.

KERAS_BACKEND=torch python keras_speed.py
"""

from __future__ import annotations

import time
from typing import Any

WINDOW, WIDTH, BATCH = 100, 50, 10
FIRST, LAST = 20, 120
"""Steps between which the time is taken: what comes before is start-up and compiling."""


def main() -> None:
    """Train with ``fit`` on random windows and time the steps between two marks."""
    import keras
    import numpy as np

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    marks = {}

    class Marks(keras.callbacks.Callback):  # type: ignore[misc]  # not installed where types are checked
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            marks[batch + 1] = time.perf_counter()

    layers = [keras.Input((WINDOW, 1)), keras.layers.LSTM(WIDTH, activation="relu"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss="mse")
    random = np.random.default_rng(0)
    windows = random.uniform(size=(LAST * BATCH, WINDOW, 1)).astype(np.float32)
    model.fit(windows, windows[:, -1], batch_size=BATCH, epochs=1, verbose=0, callbacks=[Marks()])
    print((LAST - FIRST) / (marks[LAST] - marks[FIRST]))


if __name__ == "__main__":
    main()
