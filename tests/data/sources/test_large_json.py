"""Large JSON lines are read a piece at a time, and nobody can tell by what comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.dialects import PACKERS
from tests.data.sources.test_large_csv import assert_same, both_ways, held, in_pieces
from tests.data.tables import days, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import ReadResult
from tsforecast.data.sources import json_table, large, large_json
from tsforecast.data.sources.json_table import read_json_lines
from tsforecast.data.sources.streams import Stream
from tsforecast.data.table import Table
from tsforecast.errors import DataError

Row = dict[str, Any]

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4),
    st.sampled_from(["1.5", "NA", "1,234.5", "{", "}", "2024-01-01", "-0", "", " 7 "]),
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c\n", "", "é"]), CELLS), min_size=1, max_size=30)
LINES = st.sampled_from(
    ["", "  ", "null", '{"a": 1}{"a": 2}', '{"a": -0}', '{"a": -NaN}', '{"a": Inf}', '{"a": 1e400}', '{"a": 01}',
     "\x0c", '{"a": "\\ud800"}', '{"a": "x", "a": null}', '{"a": [1]}', '{"a": {"b": 1}}', "[1]", '{"a":', "3}",
     "\ufeff", "\0", '{"a": 1}null{"a": 2}', '  {"a": 1}\r', '{"new": 5}', '{"a": 12345678901234567890}',
     '{"a": "\\u00e9"}', "\x1a"]
)  # fmt: skip
"""Lines that pyarrow takes for something else than Python does, or none of them takes."""


def lines_of(rows: list[Row]) -> list[str]:
    """One object per line."""
    return [json.dumps(row) for row in rows]


def counting(number: int, **more: Any) -> list[Row]:
    """Two series of days."""
    return [
        {"shop": shop, "day": day, "sold": row + 0.5, **more}
        for shop in ("north", "south")
        for row, day in enumerate(days(number))
    ]


def text_of(rows: list[Row]) -> str:
    """Rows as a file."""
    return "".join(line + "\n" for line in lines_of(rows))


def tables(folder: Path, data: bytes) -> tuple[Table | DataError, Table | DataError | None]:
    """Read a file as a small one, and piece by piece with all columns as text."""
    stream = held(write(folder, data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "read_large_json", as_text(large_json.read_large_json))
        return answer(lambda: read_json_lines(data, stream.name)), answer(lambda: in_text(stream))


def as_text(read: Callable[..., Any]) -> Callable[..., Any]:
    """Reader that takes no column for floats."""
    return lambda text, settings, like, *, floats: read(text, settings, like, floats=False)


def in_text(stream: Stream) -> Table | None:
    """Table of a stream, None where it has to be read as a whole."""
    found = large.read_large(stream, DataSettings())
    return None if found is None else found[0]


def answer(act: Callable[[], Any]) -> Any:
    """Give what is answered, or our own error."""
    try:
        return act()
    except DataError as error:
        return error


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    odd=st.lists(st.tuples(st.integers(0, 30), LINES), max_size=2),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_cell_is_the_same_either_way(
    tmp_path: Path, rows: list[Row], odd: list[tuple[int, str]], end: str
) -> None:
    """Names and cells as they are written, their lines, and errors with their line and column."""
    lines = lines_of(rows)
    for place, line in odd:
        lines.insert(place + 1, line)
    data = end.join(lines).encode()
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch)
        whole, pieces = tables(tmp_path, data + b"\n")
    if pieces is None:
        return  # read as a whole
    if isinstance(whole, DataError) or isinstance(pieces, DataError):
        assert str(whole) == str(pieces)
        return
    assert whole.names == pieces.names
    assert whole.rows == pieces.rows
    assert whole.notes == pieces.notes
    for name, column in whole.columns.items():
        assert column.to_pylist() == pieces.columns[name].to_pylist()
    assert [whole.line_of(row) for row in range(whole.rows)] == [
        pieces.line_of(row) for row in range(pieces.rows)
    ]


VALUES = st.one_of(
    st.floats(-1e300, 1e300), st.integers(-(2**70), 2**70), st.none(), st.floats(-1e300, 1e300).map(repr)
)
PANELS = st.lists(st.lists(VALUES, min_size=12, max_size=40), min_size=1, max_size=4)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(panel=PANELS, lacking=st.booleans(), packed=st.sampled_from(list(PACKERS)))
def test_panels_are_the_same_either_way(
    tmp_path: Path, panel: list[list[Any]], lacking: bool, packed: str
) -> None:
    """Numbers of any size, as numbers or as text, nulls and keys that are lacking, in every compression."""
    rows = [
        {"shop": f"s{number}", "day": day, "sold": value}
        for number, values in enumerate(panel)
        for day, value in zip(days(len(values)), values, strict=True)
    ]
    rows = [{key: cell for key, cell in row.items() if not lacking or cell is not None} for row in rows]
    path = write(tmp_path, PACKERS[packed](text_of(rows).encode()))

    assert_same(*both_ways(path, DataSettings(time="day", target="sold", freq="D", fill="zero")))


LATE: dict[str, str] = {
    "a key that nobody had": '{"shop": "south", "day": "2030-01-01", "sold": 3, "late": 1}',
    "a key that is lacking": '{"shop": "south", "day": "2023-12-31"}',
    "null": '{"shop": "south", "day": "2023-12-31", "sold": null}',
    "NaN": '{"shop": "south", "day": "2023-12-31", "sold": NaN}',
    "infinity": '{"shop": "south", "day": "2023-12-31", "sold": -Infinity}',
    "a number as text": '{"shop": "south", "day": "2023-12-31", "sold": "12.25"}',
    "a word for missing": '{"shop": "south", "day": "2023-12-31", "sold": "NA"}',
    "a word": '{"shop": "south", "day": "2023-12-31", "sold": "abc"}',
    "thousands": '{"shop": "south", "day": "2023-12-31", "sold": "1,234.5"}',
    "a truth": '{"shop": "south", "day": "2023-12-31", "sold": true}',
    "a number for a name": '{"shop": 7, "day": "2023-12-31", "sold": 3.5}',
    "a number beyond 2^53": '{"shop": "south", "day": "2023-12-31", "sold": 9007199254740993}',
    "a number out of range": '{"shop": "south", "day": "2023-12-31", "sold": 1e305}',
    "an object in it": '{"shop": "south", "day": "2023-12-31", "sold": {"net": 1.5}}',
    "a list in it": '{"shop": "south", "day": "2023-12-31", "sold": [1.5]}',
    "a key twice": '{"shop": "south", "day": "2023-12-31", "sold": 1.5, "sold": 1.5}',
    "two objects": '{"shop": "south", "day": "2023-12-31", "sold": 1.5}{"shop": "south"}',
    "a bare null": "null",
    "a list": "[1]",
    "a line that is cut": '{"shop": "south", "day": "2023-1',
    "a zero byte": '{"shop": "sou\0th", "day": "2023-12-31", "sold": 1.5}',
    "braces in a text": '{"shop": "{south}", "day": "2023-12-31", "sold": 1.5}',
    "blanks around it": '  {"shop": "south", "day": "2023-12-31", "sold": 1.5} \t',
    "nothing": "",
}


@pytest.mark.parametrize("what", LATE)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_comes_late_is_seen(tmp_path: Path, what: str, end: str) -> None:
    """The first rows decide how a file is read, and none of the others is read wrongly for that."""
    lines = lines_of(counting(60))
    data = end.join(["\ufeff" + lines[0], *lines[1:110], LATE[what], *lines[110:]]).encode()

    assert_same(*both_ways(write(tmp_path, data), DataSettings(id="shop", target="sold", time="day")))


def test_a_file_of_one_array_is_told(tmp_path: Path) -> None:
    """With the command that makes lines of it."""
    data = json.dumps(counting(60)).encode()

    whole, pieces = both_ways(write(tmp_path, data), DataSettings())
    assert_same(whole, pieces)
    assert "jq -c" in getattr(pieces, "hint", "")


def test_text_that_is_no_utf8_is_told_before_a_line_that_is_no_object(tmp_path: Path) -> None:
    """As it is in a small file, wherever the two stand."""
    lines = [line.encode() for line in lines_of(counting(60))]
    data = b"\n".join([*lines[:50], b"null", *lines[50:100], b'{"shop": "\xfc"}', "ü".encode()])

    assert_same(*both_ways(write(tmp_path, data), DataSettings()))


@pytest.mark.parametrize("odd", ["NA", '"NA"', "{}"])
def test_plain_pieces_are_parsed_by_arrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    """Only a piece with something odd in it takes the slow way, and the columns need little memory."""
    in_pieces(monkeypatch)
    slow: list[int] = []

    class Recording(json_table.JsonRows):
        def add(self, text: bytes, above: int = 0) -> None:
            slow.append(above)
            super().add(text, above)

    monkeypatch.setattr(large_json, "JsonRows", Recording)
    rows = counting(100, note=odd)
    rows[150]["sold"] = "NA"
    found = large.read_large(held(write(tmp_path, text_of(rows))), DataSettings())

    assert found is not None
    kinds = {name: str(column.type) for name, column in found[0].columns.items()}
    assert kinds["sold"] == "double"
    assert kinds["shop"].startswith("dictionary")
    assert len(slow) > 5 if odd == "{}" else len(slow) == 1  # the piece of row 150


def test_numbers_that_mean_missing_are_the_same_either_way(tmp_path: Path) -> None:
    """--na with words and with numbers."""
    rows = counting(60)
    rows[7]["sold"], rows[100]["sold"] = "closed", -999

    whole, pieces = both_ways(write(tmp_path, text_of(rows)), DataSettings(na=("closed", "-999")))
    assert_same(whole, pieces)
    assert isinstance(pieces, ReadResult)
    assert np.flatnonzero(np.isnan(pieces.panel.values)).tolist() == [7, 100]


def test_half_a_letter_is_told(tmp_path: Path) -> None:
    r"""A \u escape without its other half is no text, in a key or in a cell."""
    for line in ('{"ds": "2024-01-01", "y": "\\ud83d"}', '{"\\ud83d": 1}'):
        with pytest.raises(DataError, match="half a letter") as caught:
            read_json_lines(b'{"ds": 1}\n' + line.encode(), "data.json")
        assert caught.value.line == 2
    whole = read_json_lines(b'{"ds": "\\ud83d\\ude00"}', "data.json")
    assert whole.columns["ds"].to_pylist() == ["😀"]
