from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.evaluation.frame import axis_range, tick_words, ticks_between
from tsforecast.evaluation.svg import (
    HEIGHT,
    NARROW,
    WIDE,
    WIDTH,
    Band,
    Chart,
    Line,
    Size,
    draw,
    stack,
)

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


def paths_of(chart: Chart, width: str) -> list[str]:
    """Give the paths with a stroke of some width."""
    root = ET.fromstring(draw(chart))
    return [node.attrib["d"] for node in root.iter() if node.attrib.get("stroke-width") == width]


def test_a_missing_value_breaks_the_line() -> None:
    """The pen is lifted, nothing is drawn where nothing is known, and a value alone is a dot."""
    y = np.array([1.0, 2.0, np.nan, 3.0, np.nan, 4.0, 5.0])
    chart = Chart(title="gap", lines=(Line(x=np.arange(7.0), y=y, style="history"),))

    (path,), (dots,) = paths_of(chart, "1.6"), paths_of(chart, "4")
    assert (path.count("M"), path.count("L")) == (2, 2)
    assert dots.count("M") == 1


def test_one_step_is_seen() -> None:
    """A forecast of one step is a dot inside an area that has a width."""
    one = np.ones(1)
    chart = Chart(
        title="one step",
        lines=(
            Line(x=np.arange(-2.0, 1), y=np.arange(3.0), style="history"),
            Line(x=one, y=one, style="forecast"),
        ),
        bands=(Band(x=one, low=one - 1, high=one + 1),),
    )

    band = next(node for node in ET.fromstring(draw(chart)).iter() if node.tag.endswith("polygon"))
    assert len({point.split(",")[0] for point in band.attrib["points"].split()}) == 2
    assert len(paths_of(chart, "4")) == 1


STAMPS = st.sampled_from(["2024-05-29", "2024-05-29T13:00:00+01:00", "7"])


@given(
    low=st.floats(-1e12, 1e12),
    length=st.floats(1e-6, 1e12),
    stamps=st.tuples(STAMPS, STAMPS, STAMPS),
    labels=st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=6),
    place=st.floats(-50.0, 0.0),
    size=st.sampled_from([WIDE, NARROW]),
)
def test_no_words_overlap_or_are_cut(
    low: float, length: float, stamps: tuple[str, str, str], labels: list[str], place: float, size: Size
) -> None:
    """Title, legend, numbers and dates have their room on a wide page and on a phone."""
    x = np.array([-50.0, 5.0])
    lines = tuple(Line(x=x, y=np.array([low, low + length]), style="history", label=one) for one in labels)
    marks = tuple(zip((-50.0, place, 5.0), stamps, strict=True))
    chart = Chart(title="a title " * 20, lines=lines, marks=marks)

    boxes = [
        box_of(node) for node in ET.fromstring(draw(chart, size=size)).iter() if node.tag.endswith("}text")
    ]

    assert all(
        left >= 0 and right <= size.width and bottom <= size.height for left, _, right, bottom in boxes
    )
    for index, (left, top, right, bottom) in enumerate(boxes):
        for a, b, c, d in boxes[index + 1 :]:
            assert right <= a or c <= left or bottom <= b or d <= top


def box_of(text: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a text in a narrow font, 11 pixels high."""
    words = text.text or ""
    x, y, width = float(text.attrib["x"]), float(text.attrib["y"]), 6.5 * len(words)
    left = x - width * {"middle": 0.5, "end": 1.0}.get(text.attrib.get("text-anchor", ""), 0.0)
    return left, y - 9, left + width, y + 2


@given(low=st.floats(-1e12, 1e12), length=st.floats(1e-9, 1e12))
def test_numbers_of_an_axis_are_told_apart(low: float, length: float) -> None:
    """No two ticks read the same, and each reads as what it is."""
    ticks = ticks_between(*axis_range(np.array([low, low + length])))
    words = tick_words(ticks)

    assert len(set(words)) == len(ticks)
    assert all(
        abs(float(word) - tick) <= 1e-6 * abs(tick) + length * 1e-3
        for word, tick in zip(words, ticks, strict=True)
    )


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
