"""A large file is read in another way, and nobody can tell by what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.data.dialects import FORMS, SERIES, Form, encode
from tests.data.odd.case import Odd
from tests.data.odd.registry import ODD
from tests.data.tables import daily, days, write
from tests.fuzz.reading import answer_of
from tsforecast.config import DataSettings
from tsforecast.data import large_csv
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.errors import ForecastError

PLAIN = [odd for files in ODD.values() for odd in files]


def both_ways(
    path: Path, given: DataSettings
) -> tuple[ReadResult | ForecastError, ReadResult | ForecastError]:
    """Read a file as a small one, and piece by piece."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_csv, "LARGE", 1 << 60)
        whole = answer_of(lambda: read_panel(path, given))
        patch.setattr(large_csv, "LARGE", 0)
        patch.setattr(large_csv, "_PIECE", 256)
        patch.setattr(large_csv, "_HEAD", 512)
        return whole, answer_of(lambda: read_panel(path, given))


def assert_same(one: ReadResult | ForecastError, other: ReadResult | ForecastError) -> None:
    """Panel, schema, notes and hash, or the same error at the same place."""
    if isinstance(one, ForecastError) or isinstance(other, ForecastError):
        assert (type(one), str(one)) == (type(other), str(other))
        return
    assert (one.panel.schema, one.panel.series_ids, one.panel.frequency) == (
        other.panel.schema, other.panel.series_ids, other.panel.frequency,
    )  # fmt: skip
    np.testing.assert_array_equal(one.panel.values, other.panel.values)
    np.testing.assert_array_equal(one.panel.first, other.panel.first)
    assert (one.notes, one.description, one.sha256, one.rows) == (
        other.notes, other.description, other.sha256, other.rows,
    )  # fmt: skip


@pytest.mark.parametrize("odd", PLAIN, ids=lambda odd: f"{odd.kind}: {odd.what}")
def test_odd_files_are_the_same_either_way(tmp_path: Path, odd: Odd) -> None:
    """Whatever is odd is told as always."""
    if len(odd.content) < 20_000:
        assert_same(*both_ways(write(tmp_path, odd.content), DataSettings(**odd.settings)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(series=SERIES, form=FORMS)
def test_panels_are_the_same_either_way(tmp_path: Path, series: dict[str, list[float]], form: Form) -> None:
    """Also where nothing is odd."""
    if form.layout == "wide":
        series = {name: values[:12] for name, values in series.items()}
    assert_same(*both_ways(write(tmp_path, encode(series, form)), DataSettings(**form.settings)))


@pytest.mark.parametrize("text", ["abc", "inf", "1e305", "5,6", '"7"', "\0", "NA", "", " 8 ", "9%"])
def test_what_comes_late_is_seen(tmp_path: Path, text: str) -> None:
    """The first rows decide how a file is read, and none of the others is read wrongly for that."""
    body = daily(400).replace("\n", ".5\n").replace("ds,y.5", "ds,y").replace(",300.5\n", f",{text}\n")

    assert_same(*both_ways(write(tmp_path, body), DataSettings()))


def test_plain_large_files_take_the_short_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file as most are is not read twice; its columns need little memory."""
    monkeypatch.setattr(large_csv, "LARGE", 0)
    rows = "".join(f"{name},{day},{row}.5\n" for name in "abc" for row, day in enumerate(days(40)))
    found = large_csv.read_large(write(tmp_path, "shop,day,sales\n" + rows), DataSettings())

    assert found is not None
    kinds = {name: str(column.type) for name, column in found[0].columns.items()}
    assert kinds["sales"] == "double"
    assert kinds["shop"].startswith("dictionary")


def test_numbers_that_mean_missing_are_the_same_either_way(tmp_path: Path) -> None:
    """--na with numbers needs no look at the text, and keeps the file in pieces."""
    rows = "".join(f"{day},{-999 if place == 7 else place + 0.5}\n" for place, day in enumerate(days(60)))
    path, given = write(tmp_path, "ds,y\n" + rows), DataSettings(na=("-999",))

    whole, pieces = both_ways(path, given)

    assert_same(whole, pieces)
    assert isinstance(pieces, ReadResult)
    assert np.flatnonzero(np.isnan(pieces.panel.values)).tolist() == [7]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_csv, "LARGE", 0)
        assert large_csv.read_large(path, given) is not None
        assert large_csv.read_large(path, DataSettings(na=("absent",))) is None
