from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.models.building import arrays_of, rough_network, seasonal_windows, small_spec
from tsforecast.data.inputs import Floats, Inputs
from tsforecast.errors import ArtifactError
from tsforecast.exporters.mixture_graph import build_model
from tsforecast.runtime.session import WINDOWS_AT_ONCE, OnnxForecaster


@pytest.fixture(scope="module")
def graph() -> bytes:
    """Give a small forecaster as the model folder keeps it."""
    network = rough_network(small_spec())
    return build_model(network.spec, arrays_of(network), 17)


def test_forecaster_knows_its_lengths(graph: bytes) -> None:
    """Context and horizon stand in the file, not beside it."""
    forecaster = OnnxForecaster(graph)

    assert (forecaster.context_length, forecaster.horizon) == (24, 5)


@pytest.mark.parametrize("count", [0, 1, WINDOWS_AT_ONCE, WINDOWS_AT_ONCE + 1])
def test_forecast_takes_any_number_of_windows(graph: bytes, count: int) -> None:
    """Large panels go through in chunks, in their order; none gives none."""
    forecaster = OnnxForecaster(graph)
    contexts = seasonal_windows(WINDOWS_AT_ONCE + 1, 24)[:count]

    quantiles = forecaster.forecast(Inputs.of(contexts))

    assert (count, 5, 13) == quantiles.shape
    np.testing.assert_allclose(quantiles[-1:], forecaster.forecast(Inputs.of(contexts[-1:])), rtol=1e-6)


@pytest.mark.parametrize("count", [WINDOWS_AT_ONCE + 1, 2 * WINDOWS_AT_ONCE, 3 * WINDOWS_AT_ONCE + 7])
def test_threads_do_not_change_a_byte(graph: bytes, count: int) -> None:
    """A machine with other processors, or fewer of them free, gives the same forecast."""
    inputs = Inputs.of(seasonal_windows(count, 24))
    alone, shared = (OnnxForecaster(graph, threads=threads).forecast(inputs) for threads in (1, 3))

    assert alone.tobytes() == shared.tobytes()


def test_no_window_of_many_is_run_alone(graph: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows are cut evenly: a last one on its own would be forecast by other products than the rest."""
    forecaster = OnnxForecaster(graph, threads=1)
    whole, sizes = forecaster._run, []

    def count(inputs: Inputs, output: str) -> Floats:
        sizes.append(len(inputs))
        return whole(inputs, output)

    monkeypatch.setattr(forecaster, "_run", count)
    forecaster.forecast(Inputs.of(seasonal_windows(2 * WINDOWS_AT_ONCE + 1, 24)))

    assert sum(sizes) == 2 * WINDOWS_AT_ONCE + 1
    assert max(sizes) <= WINDOWS_AT_ONCE
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "torn"])
def test_open_session_refuses_what_is_no_graph(graph: bytes, damage: str) -> None:
    """A file that onnxruntime does not take is damage with a hint, never a traceback."""
    files = {"empty": b"", "text": b"not a graph", "cut": graph[: len(graph) // 2], "torn": graph[100:]}

    with pytest.raises(ArtifactError, match=r"old\.onnx is not a graph") as caught:
        OnnxForecaster(files[damage], "old.onnx")

    assert "again" in caught.value.hint
    assert "\n" not in caught.value.message


def test_forecasting_loads_no_training_code(graph: bytes, tmp_path: Path) -> None:
    """The runtime needs NumPy and onnxruntime, nothing that trains, and for one window no threads."""
    file = tmp_path / "model.onnx"
    file.write_bytes(graph)
    program = (
        "import sys, pathlib, numpy\n"
        "from tsforecast.data.inputs import Inputs\n"
        "from tsforecast.runtime.session import OnnxForecaster\n"
        f"forecaster = OnnxForecaster(pathlib.Path({str(file)!r}).read_bytes())\n"
        "forecaster.forecast(Inputs.of(numpy.ones((1, 24))))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "onnxruntime" in done.stdout.split()
    assert set() == {"torch", "sklearn", "pandas", "onnx", "pyarrow", "threading"} & set(done.stdout.split())
