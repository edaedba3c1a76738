"""Write ``keras_layers.npz``: what Keras' LSTM, GRU and SimpleRNN give for ReLU, outputs and all gradients.

Run once in an environment of its own, which the tests do not need:

    python -m venv keras-env && keras-env/bin/pip install keras torch
    KERAS_BACKEND=torch keras-env/bin/python tests/models/reference/keras_layers.py

All numbers are float64. The loss is the sum of outputs times stored weights. ``training`` holds the weights of
``LSTM(4, relu)``, ``Dense(1)`` before and after steps of RMSprop (1e-3, rho 0.9, epsilon 1e-7) on the squared error.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

STEPS, BATCH, CHANNELS, WIDTH = 7, 3, 2, 4
TRAINING_STEPS = 5
KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn": "SimpleRNN"}


def layer_arrays(keras: Any, torch: Any, kind: str, random: np.random.Generator) -> dict[str, Any]:
    """Input, weights, output and gradients of one layer with random weights."""
    layer = getattr(keras.layers, KINDS[kind])(WIDTH, activation="relu", return_sequences=True)
    layer.build((BATCH, STEPS, CHANNELS))
    weights = [random.normal(0, 0.4, one.shape) for one in layer.trainable_weights]
    layer.set_weights(weights)
    inputs = torch.tensor(random.normal(size=(BATCH, STEPS, CHANNELS)), requires_grad=True)
    loss_weights = random.normal(size=(BATCH, STEPS, WIDTH))
    output = layer(inputs)
    (output * torch.tensor(loss_weights)).sum().backward()
    names = [one.name for one in layer.trainable_weights]
    values = dict(zip(names, weights, strict=True))
    gradients = {one.name: one.value.grad.numpy() for one in layer.trainable_weights}
    return {
        f"{kind}/inputs": inputs.detach().numpy(),
        f"{kind}/loss_weights": loss_weights,
        f"{kind}/output": output.detach().numpy(),
        f"{kind}/input_gradient": inputs.grad.numpy(),
        **{f"{kind}/weight/{name}": value for name, value in values.items()},
        **{f"{kind}/gradient/{name}": value for name, value in gradients.items()},
    }


def training_arrays(keras: Any, random: np.random.Generator) -> dict[str, Any]:
    """Weights before and after a few steps of the classic recipe."""
    model = keras.Sequential(
        [keras.Input((STEPS, 1)), keras.layers.LSTM(WIDTH, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(optimizer=keras.optimizers.RMSprop(1e-3, rho=0.9, epsilon=1e-7), loss="mse")
    model.set_weights([random.normal(0, 0.4, one.shape) for one in model.trainable_weights])
    before = model.get_weights()
    inputs = random.normal(size=(TRAINING_STEPS, BATCH, STEPS, 1))
    targets = random.normal(size=(TRAINING_STEPS, BATCH, 1))
    for one, target in zip(inputs, targets, strict=True):
        model.train_on_batch(one, target)
    arrays = {f"training/before/{place}": value for place, value in enumerate(before)}
    after = {f"training/after/{place}": value for place, value in enumerate(model.get_weights())}
    return {"training/inputs": inputs, "training/targets": targets, **arrays, **after}


def main() -> None:
    """Compute all of it and write the file beside this script."""
    import keras
    import torch

    keras.config.set_floatx("float64")
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for kind in KINDS:
        arrays |= layer_arrays(keras, torch, kind, random)
    arrays |= training_arrays(keras, random)
    versions = f"keras {keras.__version__}, torch {torch.__version__}, python {sys.version.split()[0]}"
    np.savez_compressed(Path(__file__).with_suffix(".npz"), versions=np.array(versions), **arrays)


if __name__ == "__main__":
    main()
