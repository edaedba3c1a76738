from __future__ import annotations

import numpy as np
import pytest

from tsforecast.exporters.graph import GraphWriter
from tsforecast.exporters.median_graph import MOST_COMPARED, write_median
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.runtime.session import open_session


@pytest.mark.parametrize("count", range(1, MOST_COMPARED + 3))
def test_median_is_that_of_numpy(count: int) -> None:
    """For every number of members, whatever their order; ties and NaN too."""
    graph, kind = GraphWriter(17), "FLOAT"
    graph.rename(write_median(graph, "x", count), "y")
    model = graph.model(
        [Port("x", kind, [count, "B", 3])],
        [Port("y", kind, ["B", 3])],
    )
    values = np.random.default_rng(count).integers(0, 6, size=(count, 500, 3)).astype(np.float32)
    values[:, :2] = np.nan

    found = open_session(model, "graph").run(["y"], {"x": values})[0]

    np.testing.assert_array_equal(found, np.median(values, axis=0))
