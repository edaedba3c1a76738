from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.evaluation.svg import HEIGHT, WIDTH, Band, Chart, Line, draw, stack, ticks_between

NUMBERS = st.floats(allow_nan=True, allow_infinity=False)


@given(
    title=st.text(),
    values=st.lists(NUMBERS, min_size=1, max_size=8),
    label=st.text(max_size=5),
)
def test_any_names_and_numbers_give_well_formed_pictures(title: str, values: list[float], label: str) -> None:
    """XML of any data can be read back, and no coordinate is missing or outside the picture."""
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    chart = Chart(
        title=title,
        lines=(Line(x=x, y=y, style="history", label=label),),
        bands=(Band(x=x, low=y, high=y),),
        marks=((0.0, title),),
        rule=0.0,
    )

    root = ET.fromstring(stack([chart, chart]))

    texts = [node.attrib.get("d", "") + node.attrib.get("points", "") for node in root.iter()]
    assert "nan" not in " ".join(texts)
    assert "inf" not in " ".join(texts)
    numbers = [
        float(word) for text in texts for word in text.translate(str.maketrans("MLHV,", "     ")).split()
    ]
    assert all(-1 <= number <= max(WIDTH, HEIGHT) + 1 for number in numbers)


def test_a_missing_value_breaks_the_line() -> None:
    """The pen is lifted; nothing is drawn where nothing is known."""
    line = Line(x=np.arange(4.0), y=np.array([1.0, 2.0, np.nan, 3.0]), style="history")
    root = ET.fromstring(draw(Chart(title="gap", lines=(line,))))

    path = next(node for node in root.iter() if node.attrib.get("stroke-width") == "1.6").attrib["d"]
    assert (path.count("M"), path.count("L")) == (2, 1)


@given(low=st.floats(-1e12, 1e12), length=st.floats(1e-3, 1e12))
def test_ticks_are_few_and_between_the_ends(low: float, length: float) -> None:
    """At least one and at most a dozen, ascending."""
    high = low + length
    ticks = ticks_between(low, high)

    assert 1 <= len(ticks) <= 12
    assert ticks == sorted(ticks)
    assert all(low - length / 100 <= tick <= high + length / 100 for tick in ticks)


def test_text_cannot_break_out() -> None:
    """A series may be called anything."""
    drawn = draw(
        Chart(
            title="</text><script>alert(1)</script>",
            lines=(Line(x=np.zeros(1), y=np.ones(1), style="actual"),),
        )
    )

    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn


@pytest.mark.parametrize("values", [[5.0, 5.0], [0.0], [np.nan, np.nan]])
def test_a_flat_line_is_drawn_in_the_middle(values: list[float]) -> None:
    """Constants, a single value and no value at all have an axis too."""
    line = Line(x=np.arange(float(len(values))), y=np.array(values), style="actual")

    ET.fromstring(draw(Chart(title="flat", lines=(line,))))
