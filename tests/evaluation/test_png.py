"""PNG pictures: real pixels, words included, or one line that says what is missing."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pytest
import resvg_py

from tsforecast.errors import MissingExtraError
from tsforecast.evaluation.png import ZOOM, svg_to_png
from tsforecast.evaluation.svg import HEIGHT, WIDTH, Chart, Line, stack

LINE = Line(x=np.arange(4.0), y=np.array([1.0, 2.0, 0.0, 3.0]), style="history", label="history")


def picture(title: str) -> bytes:
    """Draw two charts with a title."""
    return svg_to_png(stack([Chart(title=title, lines=(LINE,))] * 2))


def test_png_has_the_size_of_the_charts() -> None:
    """Width and height of the header are those of the SVG, enlarged."""
    drawn = picture("north")

    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    size = int.from_bytes(drawn[16:20], "big"), int.from_bytes(drawn[20:24], "big")
    assert size == (WIDTH * ZOOM, 2 * HEIGHT * ZOOM)


def test_png_shows_the_words() -> None:
    """Another title is another picture, whatever it is made of."""
    titles = ("north", "south", "<b>&\x00", "東京", "\udcff")

    assert len({picture(title) for title in titles}) == len(titles)


def test_png_without_the_renderer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is the line that installs it, and another way."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)

    with pytest.raises(MissingExtraError) as caught:
        picture("north")
    assert caught.value.hint.startswith("pip install resvg-py, or ")


def test_png_without_a_font_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture without words would look finished and say nothing."""
    monkeypatch.setattr(resvg_py, "svg_to_bytes", partial(resvg_py.svg_to_bytes, skip_system_fonts=True))

    with pytest.raises(MissingExtraError, match="no font"):
        picture("north")
