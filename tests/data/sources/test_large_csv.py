"""A large file is read in another way, and nobody can tell by what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.data.dialects import FORMS, PACKERS, SERIES, Form, encode
from tests.data.odd.case import Odd
from tests.data.odd.registry import ODD
from tests.data.tables import daily, days, write
from tests.fuzz.reading import answer_of
from tsforecast.config import DataSettings
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.data.sources import intake, large, large_csv, large_json, streams, unpacking
from tsforecast.data.sources.csv_table import LineFinder
from tsforecast.errors import ForecastError

PLAIN = [odd for files in ODD.values() for odd in files]


def both_ways(
    path: Path, given: DataSettings
) -> tuple[ReadResult | ForecastError, ReadResult | ForecastError]:
    """Read a file as a small one, and piece by piece."""
    with pytest.MonkeyPatch.context() as patch:
        whole = answer_of(lambda: read_panel(path, given))
        in_pieces(patch)
        return whole, answer_of(lambda: read_panel(path, given))


def in_pieces(patch: pytest.MonkeyPatch) -> None:
    """Take every file for a large one, and a few lines for a piece."""
    for name in ("LARGE", "PACKED", "PIPED"):
        patch.setattr(streams, name, 0)
    for module in (intake, unpacking):
        patch.setattr(module, "PIECE", 2000)
    for module in (large_csv, large_json):
        patch.setattr(module, "HEAD", 512)
    patch.setattr(large_csv, "_BLOCK", 300)


def held(path: Path) -> streams.Stream:
    """Hold a file as a large one."""
    found = streams.hold(path)
    assert isinstance(found, streams.Stream)
    return found


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
    in_pieces(monkeypatch)
    rows = "".join(f"{name},{day},{row}.5\n" for name in "abc" for row, day in enumerate(days(40)))
    found = large.read_large(held(write(tmp_path, "shop,day,sales\n" + rows)), DataSettings())

    assert found is not None
    kinds = {name: str(column.type) for name, column in found[0].columns.items()}
    assert kinds["sales"] == "double"
    assert kinds["shop"].startswith("dictionary")


@pytest.mark.parametrize("text", ["abc", "1,234.5", "inf", "€ 5"])
def test_cells_that_come_late_do_not_bring_the_whole_text_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A column that was taken for plain numbers is read again as text, a piece at a time."""
    rows = "".join(f'{day},"{text if row == 300 else row + 0.5}"\n' for row, day in enumerate(days(400)))
    path = write(tmp_path, "ds,y\n" + rows)

    assert_same(*both_ways(path, DataSettings()))
    in_pieces(monkeypatch)
    found = large.read_large(held(path), DataSettings())
    assert found is not None
    assert str(found[0].columns["y"].type).startswith("dictionary")


DIALECTS: dict[str, tuple[bytes, bytes, dict[str, Any]]] = {
    "quoted": (b'"ds","y, z"\n', b'"%s","%d.5"\n', {}),
    "a line break in a cell": (b'"d\ns",y\n', b"%s,%d.5\n", {}),
    "semicolons and decimal commas": (b"ds;y\n", b"%s;%d,5\n", {}),
    "decimal comma by request": (b"ds,y\n", b'%s,"%d,5"\n', {"decimal": ","}),
    "tabs": (b"ds\ty\n", b"%s\t%d.25\n", {}),
    "no header": (b"", b"%s,%d.5\n", {}),
    "comments": (b"# one\n# two\nds,y\n", b"%s,%d.5\n", {}),
    "lines above": (b"sales, of all\n\nds,y\n", b"%s,%d.5\n", {"skip_rows": 2}),
    "thousands": (b"ds,y\n", b'%s,"1,%03d,000.5"\n', {}),
    "percent signs": (b"ds,y\n", b"%s,%d %%\n", {}),
    "carriage returns": (b"ds,y\r\n", b"%s,%d.5\r\n", {}),
    "a word for missing": (b"ds,y\n", b"%s,%d.5\n2023-01-01,absent\n", {"na": ("absent",)}),
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("packed", PACKERS)
def test_dialects_and_containers_are_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, packed: str
) -> None:
    """What Arrow can parse is never held as text."""
    header, row, given = DIALECTS[name]
    body = b"".join(row % (day.encode(), number) for number, day in enumerate(days(60)))
    path = write(tmp_path, PACKERS[packed](header + body))
    settings = DataSettings(duplicates="first", fill="linear", **given)

    assert_same(*both_ways(path, settings))
    in_pieces(monkeypatch)
    assert large.read_large(held(path), settings) is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp1252"])
def test_encodings_with_a_mark_or_a_name_are_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """A piece may end in the middle of a letter."""
    rows = "".join(f"Köln,{day},{number}.5\n" for number, day in enumerate(days(400)))
    path = write(tmp_path, f"stadt,ds,y\n{rows}".encode(encoding))
    given = DataSettings(encoding=encoding if encoding == "cp1252" else None)

    assert_same(*both_ways(path, given))
    in_pieces(monkeypatch)
    assert large.read_large(held(path), given) is not None


@pytest.mark.parametrize("letters", ["ü", "€", "ü€", "\x81", "\x01ü"])
@pytest.mark.parametrize("place", [0, 1, 300, 399])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_text_without_a_mark_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letters: str, place: int, form: str
) -> None:
    """The encoding is that which the whole file shows, wherever its first letter is."""
    names = ["Bonn" if row != place else f"B{letters}nn" for row in range(400)]
    cells = zip(names, days(400), strict=True)
    line = '{"stadt": "%s", "ds": "%s", "y": %d.5}' if form == "json" else "%s,%s,%d.5"
    rows = [line % (name, day, row) for row, (name, day) in enumerate(cells)]
    text = "\n".join([*(["stadt,ds,y"] if form == "csv" else []), *rows, ""])
    path = write(tmp_path, b"".join(_windows(letter) for letter in text))
    given = DataSettings(id="stadt", duplicates="first", drop_short=True)

    assert_same(*both_ways(path, given))
    in_pieces(monkeypatch)
    readable = letters in ("ü", "€", "ü€")
    assert (answer_of(lambda: large.read_large(held(path), given)) is not None) == readable


def _windows(letter: str) -> bytes:
    return letter.encode("latin-1" if letter in "ü\x81\x01" else "cp1252")


@pytest.mark.parametrize("first", ["ü".encode(), b"\xfc"])
def test_text_of_two_encodings_is_told(tmp_path: Path, first: bytes) -> None:
    """Nobody guesses which of the two is right."""
    other = b"\xfc" if first != b"\xfc" else "ü".encode()
    lines = [b"%s,%d.5" % (day.encode(), row) for row, day in enumerate(days(400))]
    data = b"\n".join([b"ds,y", *lines[:20], b"# " + first, *lines[20:300], b"# " + other, *lines[300:]])

    whole, pieces = both_ways(write(tmp_path, data), DataSettings())
    assert_same(whole, pieces)
    assert "UTF-8 elsewhere" in str(pieces)


def test_numbers_that_mean_missing_are_the_same_either_way(tmp_path: Path) -> None:
    """--na with numbers needs no look at the text, and keeps the file in pieces."""
    rows = "".join(f"{day},{-999 if place == 7 else place + 0.5}\n" for place, day in enumerate(days(60)))
    path, given = write(tmp_path, "ds,y\n" + rows), DataSettings(na=("-999",))

    whole, pieces = both_ways(path, given)

    assert_same(whole, pieces)
    assert isinstance(pieces, ReadResult)
    assert np.flatnonzero(np.isnan(pieces.panel.values)).tolist() == [7]
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch)
        assert large.read_large(held(path), given) is not None


@pytest.mark.parametrize("odd", ['5" pipe', '"5"" pipe"', '"a\n5"" b"', '"5"'])
@pytest.mark.parametrize("place", [0, 200])
def test_quotes_inside_of_cells_are_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, place: int
) -> None:
    """A quote that is a letter does not hide where rows end."""
    names = [odd if row == place else '"a\nb"' for row in range(400)]
    rows = (f"{name},{day},{row}.5\n" for row, (name, day) in enumerate(zip(names, days(400), strict=True)))
    path, given = write(tmp_path, "x,ds,y\n" + "".join(rows)), DataSettings(time="ds", target="y", id="x")

    assert_same(*both_ways(path, given))
    in_pieces(monkeypatch)
    if place:  # not among the rows that decide how the file is read
        assert large.read_large(held(path), given) is not None


def test_newest_first_the_upper_row_of_a_day_is_the_last_in_blocks_too(tmp_path: Path) -> None:
    """What several rows of one time mean does not hang on the size of the file."""
    rows = [f"{day},{number}.5" for day in reversed(days(200)) for number in (2, 1)]
    path = write(tmp_path, "\n".join(["ds,y", *rows]) + "\n")

    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch)
        found = read_panel(path, DataSettings(duplicates="last"))

    assert found.panel.values.tolist() == [2.5] * 200


def test_lines_are_found_in_one_look() -> None:
    """Rows in their order cost one pass over the text, and what was found once is known."""
    looks = []

    def lines() -> Iterator[int]:
        looks.append(1)
        return iter(range(2, 1000))

    line_of = LineFinder(lines)

    assert [line_of(row) for row in (3, 7, 500, 7, 3, 500, 2000)] == [5, 9, 502, 9, 5, 502, None]
    assert len(looks) == 1
    assert line_of(4) == 6
    assert len(looks) == 2
