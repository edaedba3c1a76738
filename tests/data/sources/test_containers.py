"""The same table in any container is the same panel, and a hostile one is refused within bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from tests.data.tables import by_id, daily, days, read, write
from tsforecast.data import memory
from tsforecast.data.reading import read_panel
from tsforecast.data.sources import dialect, unpacking
from tsforecast.data.sources.unpacking import _MAGIC, UNPACKERS
from tsforecast.errors import AccessError, DataError

PLAIN = daily(30)
FLATTEN = (
    '. as $o | reduce paths(type != "object" and type != "array") as $p '
    '({}; .[$p | map(tostring) | join(".")] = ($o | getpath($p)))'
)


def zipped(*names: str, content: str = PLAIN) -> bytes:
    """Zip archive with the same table under some names."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return sink.getvalue()


PACKED = {
    "gzip": gzip.compress(PLAIN.encode()),
    "zstd": pa.compress(PLAIN.encode(), codec="zstd", asbytes=True),
    "bz2": bz2.compress(PLAIN.encode()),
    "xz": lzma.compress(PLAIN.encode()),
    "zip": zipped("folder/", "folder/data.csv", "__MACOSX/._data.csv"),
}


def test_every_way_to_unpack_has_a_mark_and_a_test() -> None:
    """A new way to unpack is found by its first bytes."""
    assert set(UNPACKERS) == set(_MAGIC.values()) == set(PACKED)


@pytest.mark.parametrize("kind", UNPACKERS)
def test_packed_table_is_the_table(tmp_path: Path, kind: str) -> None:
    """The name of the file does not matter, its first bytes do."""
    assert by_id(read(tmp_path, PACKED[kind]).panel) == by_id(read(tmp_path, PLAIN).panel)


@pytest.mark.parametrize("kind", UNPACKERS)
def test_cut_archive_is_refused(tmp_path: Path, kind: str) -> None:
    """Half a download is no table."""
    with pytest.raises(DataError, match=r"truncated|damaged"):
        read(tmp_path, PACKED[kind][: len(PACKED[kind]) // 2])


@pytest.mark.parametrize("kind", UNPACKERS)
def test_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """What unpacks to far more than it is gets no more memory than the limit."""
    monkeypatch.setattr(unpacking, "SUSPICIOUS", 1 << 20)
    zeros = bytes(12 << 20)
    packers = {
        "gzip": gzip.compress,
        "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zip": lambda data: zipped("a.csv", content=data.decode()),
    }
    with pytest.raises(DataError, match="more than 100 times"):
        read(tmp_path, packers[kind](zeros))


def test_size_has_a_limit_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data that were packed well are refused past the cap."""
    monkeypatch.setattr(unpacking, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="unpacks to more than"):
        read(tmp_path, PACKED["gzip"])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a.csv", "b.csv"), "2 files: 'a.csv' and 'b.csv'"),
        ((), "no file"),
        (("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
    ],
)
def test_archive_of_something_else_is_told(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    """Nobody picks one of two files by himself."""
    empty = b"PK\x03\x04" + bytes(26) if not names else b""
    with pytest.raises(DataError, match=message if names else "damaged"):
        read(tmp_path, empty or zipped(*names))


@pytest.mark.parametrize("limit", [200, 1000])
def test_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """A gigabyte without a line break is not cut into cells."""
    monkeypatch.setattr(dialect, "LONGEST_LINE", limit)
    with pytest.raises(DataError) as caught:
        read(tmp_path, daily(5) + "2024-01-06," + "1" * 2000 + "\n")

    assert caught.value.line == 7


def test_many_columns_are_read_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header longer than the first look is seen whole; one past the cap is refused."""
    number = 2_000
    names = ",".join(f"warehouse_far_away_in_the_north_{index}" for index in range(number))
    rows = "".join(f"{day},{','.join(['1.5'] * number)}\n" for day in days(3))
    assert len(read(tmp_path, f"ds,{names}\n{rows}").panel) == number

    monkeypatch.setattr(dialect, "MOST_COLUMNS", 1000)
    with pytest.raises(DataError, match="2001 columns"):
        read(tmp_path, f"ds,{names}\n{rows}")


def test_file_larger_than_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system would end the run without a word."""
    monkeypatch.setattr(memory, "free_memory", lambda: 100)
    with pytest.raises(AccessError, match="0 MiB of memory are free"):
        read(tmp_path, PLAIN)


@pytest.mark.parametrize("kind", ["Parquet", "Feather"])
def test_small_file_of_more_rows_than_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What counts is the table: columns that repeat themselves take next to no room in a file."""
    table = pa.table({"ds": pa.nulls(200_000, pa.timestamp("s")), "y": np.ones(200_000)})
    path = tmp_path / "data"
    if kind == "Parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        pyarrow.feather.write_feather(table, str(path), compression="zstd")
    assert path.stat().st_size < 50_000
    monkeypatch.setattr(memory, "free_memory", lambda: 400_000)

    with pytest.raises(AccessError, match="0 MiB of memory are free"):
        read_panel(path)


def lines(**extra: object) -> str:
    """Table of JSON lines."""
    return "".join(
        json.dumps({"ds": day, "y": index + 1, **extra}) + "\n" for index, day in enumerate(days(30))
    )


def test_json_lines_are_the_table(tmp_path: Path) -> None:
    """The same cells give the same panel and the same columns."""
    plain, other = read(tmp_path, PLAIN), read(tmp_path, lines())

    assert by_id(other.panel) == by_id(plain.panel)
    assert other.panel.schema == plain.panel.schema
    assert other.notes == plain.notes


def test_absent_keys_and_nulls_are_empty_cells(tmp_path: Path) -> None:
    """JSON lines often leave out what is not there."""
    text = lines().replace(', "y": 4}', "}").replace('"y": 6}', '"y": null}').replace('"y": 7}', '"y": NaN}')
    result = read(tmp_path, text)

    assert [index for index, value in enumerate(result.panel.values) if value != value] == [3, 5, 6]


def test_keys_that_come_late_are_columns(tmp_path: Path) -> None:
    """The first line need not know them all."""
    text = "".join(
        json.dumps({"ds": day, "y": index, **({"promo": 1} if index > 5 else {})}) + "\n"
        for index, day in enumerate(days(30))
    )

    assert read(tmp_path, text).panel.schema.future == ("promo",)


@pytest.mark.parametrize(
    ("key", "value", "command"),
    [
        ("page", {"a": 1}, f"; jq -c '{FLATTEN}' FILE gives every value its own, such as 'page.a'"),
        ("page", [1, 2], ""),
        ("pa'ge", {"a": 1}, f"; jq -c '{FLATTEN}' FILE gives every value its own, such as 'pa'ge.a'"),
    ],
)
def test_an_object_in_a_key_is_told_with_the_command_that_flattens_it(
    tmp_path: Path, key: str, value: object, command: str
) -> None:
    """Exports nest their numbers; a list has no keys of its own, and no name of the file is put into a shell."""
    with pytest.raises(DataError, match="holds more than one value") as caught:
        read(tmp_path, lines(**{key: value}))

    assert caught.value.hint == f"give every key one plain value{command}"


@pytest.mark.skipif(shutil.which("jq") is None, reason="the command of the hint is one of jq")
def test_the_command_for_objects_in_keys_overwrites_none(tmp_path: Path) -> None:
    """A key inside that is called like one outside stays another one, at all levels and in rows that are flat."""
    rows = [
        {"ds": "a", "y": 1, "in": {"y": 2, "deep": {"y": None, "at": [3, 4]}}},
        {"ds": "b", "y": None, "in.y": 5, "in.deep.y": False},
    ]
    file = write(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "nested.jsonl")
    done = subprocess.run(["jq", "-c", FLATTEN, file], capture_output=True, check=True, text=True)

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"ds": "a", "y": 1, "in.y": 2, "in.deep.y": None, "in.deep.at.0": 3, "in.deep.at.1": 4},
        rows[1],
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (lines() + '{"ds": "2024-02-01", "y"\n', 31, "is not closed"),
        ("[\n" + lines(), 1, "is not closed"),
        (lines() + "[1, 2]\n", 31, "not an object"),
        (lines(more={"a": 1}), 1, "key 'more' holds more than one value"),
        (lines(more=[1, 2]), 1, "key 'more' holds more than one value"),
        (lines() + '{"y": 1, "y": 2}\n', 31, "key 'y' stands twice"),
        (lines().replace('"y": 5}', '"y": "abc"}'), 5, "'abc' is not a number"),
        (lines() + "{" * 5000 + "\n", 31, "is not closed"),
    ],
)
def test_broken_json_names_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """The place is that of the editor."""
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text, target="y")

    assert caught.value.line == line


def test_arrow_file_is_the_table(tmp_path: Path) -> None:
    """A Feather file reads as its CSV does; a damaged one is refused."""
    table = pa.table({"ds": pa.array(days(30)).cast(pa.date32()), "y": [float(one) for one in range(1, 31)]})
    pyarrow.feather.write_feather(table, tmp_path / "a.feather")
    data = (tmp_path / "a.feather").read_bytes()

    assert by_id(read(tmp_path, data).panel) == by_id(read(tmp_path, PLAIN).panel)
    with pytest.raises(DataError, match="damaged"):
        read(tmp_path, write(tmp_path, data[:300]).read_bytes())
