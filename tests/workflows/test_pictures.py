from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import tsforecast
from tests.cli.conftest import REAL, start
from tests.workflows.tables import HORIZON, write_daily
from tsforecast.evaluation.backtest import Backtest
from tsforecast.evaluation.dots import LINES
from tsforecast.workflows.plot import in_terminal, plot_page, plot_svg
from tsforecast.workflows.report import calibration, render_report

EVIL = "<img src=x onerror=alert(1)>"
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page consists of; checks that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and what it would load."""
        self.tags.append(tag)
        self.links += [
            value or "" for name, value in attrs if name in ("src", "href", "data") or name.startswith("on")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("data", [True, False])
def test_report_is_one_page_that_needs_nothing(model: Path, longer_csv: Path, data: bool) -> None:
    """No script, nothing to load, every element closed; verdict, pictures, tables and provenance are there."""
    text = render_report(tsforecast.evaluate(model, longer_csv if data else None))
    page = Page(text)

    assert page.open == []
    assert page.links == []
    assert "script" not in page.tags
    assert "url(" not in text
    assert page.tags.count("figure") == 4
    assert page.tags.count("svg") == 7
    for words in (
        "Best series",
        "Worst series",
        "Error by step",
        "Calibration",
        "seasonal naive",
        "CRPS",
        "SHA-256",
    ):
        assert words in text
    assert "default-src 'none'" in text


def test_report_escapes_every_name(tmp_path: Path) -> None:
    """A series that is called like an attack is shown, not obeyed."""
    data = write_daily(tmp_path / "evil.csv", 0, 120, names=(EVIL, "south"))
    model = tsforecast.fit(data, tmp_path / "m", steps=1, members=1, horizon=HORIZON).path

    report = render_report(tsforecast.evaluate(model))
    forecast = tsforecast.predict(model)

    for text in (report, plot_page(forecast)):
        assert "<img" not in text
        assert "&lt;img src=x" in text
    ET.fromstring(plot_svg(forecast))


def test_calibration_of_right_quantiles_lies_on_the_diagonal(model: Path, longer_csv: Path) -> None:
    """Each quantile against the share of values below it, whatever the forecast is."""
    backtest = tsforecast.evaluate(model, longer_csv).backtest
    assert isinstance(backtest, Backtest)
    line = calibration(backtest).lines[1]

    place = list(backtest.levels).index(0.5)
    known = ~np.isnan(backtest.actual)
    share = (backtest.actual[known] <= backtest.quantiles[..., place][known]).mean()
    assert line.y[place] == pytest.approx(share)
    assert line.x.tolist() == list(backtest.levels)


def test_plot_in_the_terminal_fits_it(model: Path) -> None:
    """A block of dots per series, at most 80 columns wide, ends and dates beside it."""
    drawn = in_terminal(tsforecast.predict(model))

    assert max(map(len, drawn.splitlines())) <= 90
    assert drawn.count("|") == 2 * LINES
    assert "2024-04-29, forecast to 2024-05-05" in drawn
    assert re.search("[\u2801-\u28ff]", drawn)


def test_plot_goes_beside_the_table(model: Path, tmp_path: Path) -> None:
    """The table stays on stdout; the picture is a file, or stderr."""
    drawn = start([*REAL, "predict", str(model), "--plot", "f.svg"], tmp_path)
    shown = start([*REAL, "predict", str(model), "--plot", "-"], tmp_path)
    refused = start([*REAL, "predict", str(model), "--plot", "f.bmp"], tmp_path)
    report = start([*REAL, "evaluate", str(model), "--report", "r.html"], tmp_path)
    pixels = start([*REAL, "predict", str(model), "--plot", "f.png"], tmp_path)

    assert (drawn.code, shown.code, refused.code, report.code, pixels.code) == (0, 0, 2, 0, 0)
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert drawn.out == shown.out
    assert "\u28ff" not in shown.out
    ET.parse(tmp_path / "f.svg")
    assert (tmp_path / "r.html").read_text().endswith("</html>\n")
