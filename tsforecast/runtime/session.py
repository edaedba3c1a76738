"""The exported forecaster, run by onnxruntime."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.errors import ArtifactError
from tsforecast.runtime.onnx_runtime import load_onnxruntime
from tsforecast.threads import share, usual_threads

WINDOWS_AT_ONCE = 100
"""Windows per call at most: with more each takes as long, memory grows, and other processors have nothing to do."""


class OnnxForecaster:
    """Forecasts with a graph that follows the contract of the ONNX file.

    Args:
        model: The file's bytes.
        source: What to call it in an error.
        threads: Threads for more windows than one call takes; None for one per processor, within limits.
    """

    def __init__(self, model: bytes, source: str = "model", threads: int | None = None) -> None:
        self._session = open_session(model, source)
        self._threads = threads
        self._names = {one.name for one in self._session.get_inputs()}
        batch, length = self._session.get_inputs()[0].shape
        self._batch = batch if isinstance(batch, int) else None
        self.context_length = int(length)
        self._calls, self._state = 1, 0
        if "state" in self._names:
            self._calls = int(json.loads(self.metadata["tsforecast"])["calls"])
            self._state = self.shape("state")[0]
        first = self._session.get_outputs()[0]
        self.output = str(first.name)
        self.horizon, self._wide = (int(size) for size in first.shape[1:])

    @property
    def timestamps(self) -> bool:
        """Whether the graph asks when the steps of a window are."""
        return "timestamps" in self._names

    @property
    def calls(self) -> int:
        """Runs of the graph that one forecast takes: more than one where a run is one step of the recurrence."""
        return self._calls

    @property
    def batch(self) -> int | None:
        """Windows of one call, None for any number."""
        return self._batch

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of an input without its first axis; ``(0,)`` where the graph has no such input."""
        found = (one.shape[1:] for one in self._session.get_inputs() if one.name == name)
        return tuple(int(size) for size in next(found, [0]))

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself, by key."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def forecast(self, inputs: Inputs) -> Floats:
        """Quantiles in the user's units, or the probabilities of classes.

        Shape:
            inputs of B windows; result ``(B, H, Q)`` or ``(B, H, C)``.
        """
        if not len(inputs):  # onnxruntime's LSTM divides by the batch and takes the process with it
            return np.empty((0, self.horizon, self._wide))
        return self._forecast(inputs, self.output)

    def gate_weights(self, inputs: Inputs) -> Floats:
        """Weights that the gate gave, of a graph that was built to tell them.

        Shape:
            result ``(B, patches, K)``.
        """
        return self._forecast(inputs, "weights")

    def _forecast(self, inputs: Inputs, output: str) -> Floats:
        """Run block by block; a graph of one batch size gets its last window again until the batch is full.

        How windows are cut depends on their number alone, so that any number of threads, and the script of a bundle,
        which cuts the same way, gives the same bytes.
        """
        count, size = len(inputs), self._batch or WINDOWS_AT_ONCE
        calls = -(-count // size)
        if self._batch:
            inputs = inputs.take(np.minimum(np.arange(calls * size), count - 1))
        if calls == 1:
            return self._run(inputs, output)[:count]
        least, more = divmod(len(inputs), calls)
        ends = [call * least + min(call, more) for call in range(calls + 1)]
        parts = share(
            lambda rows: self._run(inputs.take(rows), output),
            [slice(*pair) for pair in pairwise(ends)],
            self._threads or usual_threads(),
        )
        return np.concatenate(parts)[:count]

    def _run(self, inputs: Inputs, output: str) -> Floats:
        fed: dict[str, Any] = {name: values for name, values in inputs.used().items() if name in self._names}
        if not self._state:
            return np.asarray(self._session.run([output], fed)[0])
        found, state = np.empty(0), np.zeros((len(inputs), self._state), np.float32)
        for step in range(self._calls):
            fed |= {"step": np.array([step]), "state": state}
            found, state = self._session.run([output, "next_state"], fed)
        return np.asarray(found)


def open_session(model: bytes, source: str) -> Any:
    """Open a graph silently, every call of which takes one thread: that of the caller.

    Raises:
        ArtifactError: onnxruntime does not take the file.
    """
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own family of bare exceptions
        raise ArtifactError(
            f"{source} is not a graph that onnxruntime can run: {str(error).splitlines()[0]}",
            hint="fit or export the model again",
        ) from error
