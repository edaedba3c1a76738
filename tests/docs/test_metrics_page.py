"""The page of metrics is a table of what the code says about itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tsforecast.evaluation.kinds import AnyMetric
from tsforecast.evaluation.metrics import METRICS

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def line_of(name: str, metric: AnyMetric[Any]) -> str:
    """Line of the table."""
    unit = f" ({metric.unit})" if metric.unit else ""
    cells = (name, metric.about + unit, f"`{metric.formula}`", metric.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@pytest.mark.parametrize("name", METRICS)
def test_page_has_every_metric_as_it_is_defined(name: str) -> None:
    """Meaning, definition and source are those of the registry, and none is forgotten."""
    assert line_of(name, METRICS[name]) in PAGE.read_text(encoding="utf-8").splitlines()
