"""Pictures of what was read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.cli.conftest import REAL, start
from tests.data.tables import days, write
from tsforecast.data.panel import Panel
from tsforecast.data.reading import read_panel
from tsforecast.workflows.table_plot import (
    MOST_POINTS,
    chart_of_series,
    table_in_terminal,
    table_page,
    table_svg,
)

VALUES = [round(50 + 5 * float(np.sin(row)), 2) for row in range(60)]
EVIL = "<script>alert(1)</script>"


def table(values: list[float | str], name: str = "a") -> str:
    """Long table of one series."""
    return "id,ds,y\n" + "".join(f"{name},{d},{v}\n" for d, v in zip(days(len(values)), values, strict=True))


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """Series with a gap of two steps and two outliers beside each other."""
    values: list[float | str] = [*VALUES]
    values[20], values[21], values[40], values[41] = "", "", 900, 901
    return read_panel(write(tmp_path, table(values))).panel


def test_gaps_are_shaded_and_outliers_are_dots(panel: Panel) -> None:
    """What a person should look at is marked where it is."""
    chart = chart_of_series(panel, 0)

    assert chart.title == "a: 60 steps, 2 missing, 2 far outside"
    assert [band.x.tolist() for band in chart.bands] == [[19.5, 21.5]]
    dots = chart.lines[1]
    assert dots.x[np.isfinite(dots.y)].tolist() == [40, 41]
    assert np.isnan(dots.y[1::2]).all()
    assert [words for _, words in chart.marks] == ["2024-01-01", "2024-01-30", "2024-02-29"]


def test_long_series_keep_their_extremes(tmp_path: Path) -> None:
    """A picture of a million steps is no file of a million points, and no peak is lost."""
    values = np.zeros(40_000)
    values[[7, 31_234]] = 5, -9
    panel = read_panel(
        write(tmp_path, "t,y\n" + "".join(f"{row},{v}\n" for row, v in enumerate(values)))
    ).panel
    line = chart_of_series(panel, 0).lines[0]

    assert len(line.y) <= MOST_POINTS
    assert dict(zip(line.x.tolist(), line.y.tolist(), strict=True)) | {7: 5, 31_234: -9} == dict(
        zip(line.x.tolist(), line.y.tolist(), strict=True)
    )


def test_hostile_names_cannot_break_out(tmp_path: Path) -> None:
    """A series may be called anything."""
    panel = read_panel(write(tmp_path, table([*VALUES], EVIL + "\x1b"))).panel

    ET.fromstring(table_svg(panel))
    assert EVIL not in table_page(panel, EVIL)
    assert "\x1b" not in table_in_terminal(panel)


def test_check_draws_beside_its_findings(tmp_path: Path) -> None:
    """The findings stay on stdout; the picture is a file or stderr, also where fit would refuse the table."""
    write(tmp_path, table([*VALUES]) + f"a,{days(3)[2]},7\n")
    page = start([*REAL, "check", "data.csv", "--plot", "out.html"], tmp_path)
    shown = start([*REAL, "check", "data.csv", "--plot", "-"], tmp_path)
    refused = start([*REAL, "check", "data.csv", "--plot", "data.csv"], tmp_path)

    assert (page.code, shown.code, refused.code) == (3, 3, 2)
    assert page.out == shown.out
    assert "2024-01-01 to 2024-02-29" in shown.err
    assert (tmp_path / "out.html").read_text().endswith("</html>\n")
