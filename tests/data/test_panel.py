from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timeline import parse_frequency

SCHEMA = Schema(layout="long", time="ds", time_format=TimeFormat(), id="shop", target="y")
SERIES = st.lists(st.lists(st.floats(-1e9, 1e9), max_size=8), min_size=1, max_size=5)


def panel_of(series: list[list[float]]) -> Panel:
    """Panel whose series start at ordinals 0, 10, 20 ..."""
    names = [f"s{index}" for index in range(len(series))]
    first = [10 * index for index in range(len(series))]
    return Panel.of(names, [np.array(one) for one in series], first, parse_frequency("D"), SCHEMA)


def lists(panel: Panel) -> list[list[float]]:
    """Values of every series."""
    return [one.tolist() for one in panel]


@given(SERIES)
def test_panel_gives_back_its_series(series: list[list[float]]) -> None:
    """Joining series end to end loses none, empty ones included."""
    panel = panel_of(series)

    assert lists(panel) == series
    assert panel.lengths.tolist() == [len(one) for one in series]
    assert (panel.last - panel.first + 1).tolist() == panel.lengths.tolist()


def test_series_is_a_view() -> None:
    """Looking at a series copies nothing."""
    panel = panel_of([[1.0, 2.0], [3.0]])

    assert np.shares_memory(panel.series(1), panel.values)


@given(SERIES, st.integers(0, 10))
def test_head_keeps_what_was_known(series: list[list[float]], rows: int) -> None:
    """The first rows, at most those there are, from the same start."""
    head = panel_of(series).head(np.full(len(series), rows))

    assert lists(head) == [one[:rows] for one in series]
    assert head.first.tolist() == [10 * index for index in range(len(series))]


@given(SERIES, st.integers(1, 10))
def test_tail_keeps_the_end(series: list[list[float]], rows: int) -> None:
    """The last rows, at most those there are, up to the same end."""
    panel = panel_of(series)
    tail = panel.tail(rows)

    assert lists(tail) == [one[-rows:] for one in series]
    assert tail.last.tolist() == panel.last.tolist()


def test_schema_names_the_id_column_of_forecasts() -> None:
    """Wide tables call it series, long ones by its own name, a single series has none."""
    wide = Schema(layout="wide", time="ds", time_format=TimeFormat(), series_columns=("a",))

    assert (SCHEMA.id_output, SCHEMA.id_cells("a,b")) == (("shop",), ("a,b",))
    assert (wide.id_output, wide.id_cells("a,b")) == (("series",), ("a,b",))
    assert Schema(layout="long", time="ds", time_format=TimeFormat(), target="y").id_output == ()
