from __future__ import annotations

import json
from pathlib import Path

import pytest

import tsforecast
from tests.models.building import arrays_of, covariate_spec, rough_network
from tsforecast.config import BenchSettings
from tsforecast.errors import ArtifactError
from tsforecast.exporters.mixture_graph import build_model
from tsforecast.runtime.session import OnnxForecaster
from tsforecast.workflows.bench import LEAST_RUNS, _windows, bench

QUICK = BenchSettings(batch=7, seconds=0.01)


def test_bench_times_one_window_and_many(model: Path) -> None:
    """Both batches are timed, percentiles ascend, and a fresh process tells its time and memory."""
    result = bench(model, settings=QUICK)

    assert [one.batch for one in result.latencies] == [1, 7]
    for one in result.latencies:
        assert one.runs >= LEAST_RUNS
        assert 0 < one.percentiles[50] <= one.percentiles[90] <= one.percentiles[99]
        assert one.throughput == pytest.approx(1000 * one.batch / one.percentiles[50])
    assert result.cold > 0
    assert result.memory is not None
    assert result.memory > 2**20
    assert json.loads(json.dumps(result.to_json()))["latencies"][0]["batch"] == 1


def test_bench_takes_a_file_of_one_batch_size(model: Path, tmp_path: Path) -> None:
    """What cannot be called with another number of windows is timed with its own."""
    file = tsforecast.export(model, tmp_path / "m.onnx", batch="3", no_check=True).path

    result = bench(file, settings=QUICK)

    assert [one.batch for one in result.latencies] == [3]
    assert result.size == file.stat().st_size


def test_bench_feeds_every_input() -> None:
    """A graph with covariates and calendar gets all that it asks for."""
    network = rough_network(covariate_spec())
    forecaster = OnnxForecaster(build_model(network.spec, arrays_of(network), 17))

    assert forecaster.forecast(_windows(forecaster, 2)).shape == (2, 5, 13)


def test_bench_refuses_what_is_no_model(tmp_path: Path) -> None:
    """The message is that of every other command."""
    with pytest.raises(ArtifactError, match="no model"):
        bench(tmp_path / "gone.tsf", settings=QUICK)
