from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pytest

from tsforecast.data.arrays import Floats
from tsforecast.data.panel import Panel

MakePanel = Callable[[Sequence[Floats]], Panel]


@pytest.fixture(scope="session")
def make_panel() -> MakePanel:
    """Panels of bare values: evaluation never looks at the grid nor at the schema."""

    def make(series: Sequence[Floats]) -> Panel:
        nothing = cast(Any, None)
        ids = [f"s{index}" for index in range(len(series))]
        return Panel.of(ids, series, np.zeros(len(series), dtype=np.int64), nothing, nothing)

    return make
