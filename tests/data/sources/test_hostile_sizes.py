"""What is too large is refused early, and within bounded memory."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import tsforecast
from tests.data.dialects import PACKERS
from tests.data.tables import daily, read
from tsforecast.config import DataSettings, from_keywords
from tsforecast.data.reading import read_panel
from tsforecast.data.sources import streams
from tsforecast.data.sources.csv_table import read_csv
from tsforecast.data.sources.empty_rows import without_empty_rows
from tsforecast.data.sources.intake import with_short_lines
from tsforecast.data.sources.streams import LARGE
from tsforecast.errors import DataError

PROBE = """
import resource, sys
from tsforecast.data.reading import read_panel
from tsforecast.errors import ForecastError
import pyarrow.csv, pyarrow.compute
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_panel(sys.argv[1])
except ForecastError as error:
    print(error.exit_code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before >> 10, error)
"""


def refusal(source: str | Path, stdin: Iterator[bytes] | None = None) -> tuple[int, int, str]:
    """Exit code, growth of the memory (MiB) and message of a fresh process that reads something."""
    with subprocess.Popen(
        [sys.executable, "-c", PROBE, str(source)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # it had seen enough
            for part in stdin or ():
                process.stdin.write(part)
        process.stdin.close()
        code, grown, message = process.stdout.read().decode().split(" ", 2)
    return int(code), int(grown), message


def test_line_ends_between_pieces_are_seen() -> None:
    """A line is as long as it is, however the file comes in."""
    parts = [b"a" * 60, b"b" * 30 + b"\n" + b"c" * 70, b"d" * 20 + b"\r\n", b"e" * 95]
    assert b"".join(with_short_lines(parts, "t.csv", 95)) == b"".join(parts)

    with pytest.raises(DataError, match="a line is longer") as caught:
        list(with_short_lines(parts, "t.csv", 89))
    assert caught.value.line == 1
    with pytest.raises(DataError) as caught:
        list(with_short_lines(parts, "t.csv", 92))
    assert caught.value.line == 3


def test_packed_line_without_end_is_refused(tmp_path: Path) -> None:
    """A few kilobytes that unpack to one line are stopped long before the limit of all data."""
    with pytest.raises(DataError, match="a line is longer than 8 MiB"):
        read(tmp_path, gzip.compress(b"ds,y\n" + b"1" * (20 << 20)))


@pytest.mark.slow
@pytest.mark.parametrize("size", [100, 1024])
def test_line_without_end_is_refused_within_bounded_memory(size: int) -> None:
    """A pipe that writes one line of a gigabyte is left after a few megabytes."""
    parts = (b"1" * (1 << 20) for _ in range(size))
    code, grown, message = refusal("-", parts)

    assert (code, "a line is longer than 8 MiB" in message) == (3, True)
    assert grown < 64


@pytest.mark.parametrize("lines", [(LARGE >> 3) + 1, 6 << 20])
@pytest.mark.parametrize("settings", [{}, {"on_short_row": "skip"}])
def test_quote_that_is_never_closed_is_refused(tmp_path: Path, lines: int, settings: dict[str, str]) -> None:
    """It makes one cell of all that follows, which nobody may have to wait for, whether the file is large or not."""
    path = tmp_path / "data.csv"
    path.write_bytes(b'ds,y\n2024-01-01,1\n2024-01-02,"2\n' + b"1,2,3,4\n" * lines)
    with pytest.raises(DataError, match=r"a (row|cell) is longer than (16|8) MiB") as caught:
        read_panel(path, from_keywords(DataSettings, settings))

    assert caught.value.line == 3
    assert "opened and never closed" in caught.value.hint
    if not settings:
        found = tsforecast.check(path).findings
        assert [one.line for one in found] == [3]


def test_a_long_text_in_the_first_row_is_a_cell(tmp_path: Path) -> None:
    """A report of many lines beside the first number is longer than what shows the dialect, and no reason to refuse."""
    note = "a line of text\n" * 9000
    table = "ds,y,note\n" + f'2024-01-01,1,"{note}"\n' + "2024-01-02,2,\n2024-01-03,3,\n2024-01-04,4,\n"

    assert read(tmp_path, table, target="y").panel.values.tolist() == [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("header", ["c{}", "{}"])
def test_a_million_columns_are_refused(tmp_path: Path, header: str) -> None:
    """The first row is counted, whether it is a header or not; no column is made of it."""
    path = tmp_path / "wide.csv"
    with path.open("w") as file:
        for text in (header, "{}", "{}"):
            file.write(",".join(text.format(number) for number in range(1_000_000)) + "\n")
    code, grown, message = refusal(path)

    assert (code, "1000000 columns, at most 100000" in message) == (3, True)
    assert grown < 600


@pytest.mark.slow
def test_bomb_is_stopped_within_bounded_memory(tmp_path: Path) -> None:
    """A megabyte that unpacks to a gigabyte of short lines is stopped at the stated limit."""
    sink = io.BytesIO()
    with gzip.GzipFile(fileobj=sink, mode="wb", mtime=0) as packed:
        for _ in range(1024):
            packed.write(b"0,0\n" * (1 << 18))
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(sink.getvalue())
    code, grown, message = refusal(path)

    assert (code, "more than 100 times" in message) == (3, True)
    assert grown < 64


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zstd", "zip"])
def test_millions_of_duplicates_in_a_small_archive_are_refused_within_bounded_memory(
    tmp_path: Path, kind: str
) -> None:
    """They stay below the limit of what is unpacked, and need three times their numbers: 16 bytes a row."""
    rows = 6 << 20
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[kind](b"date,sales\n" + b"2024-01-01,0\n" * rows))
    code, grown, message = refusal(path)

    assert (code, f"{rows - 1} duplicate timestamps" in message) == (3, True)
    assert grown < 3 * 16 * rows >> 20


def test_a_small_archive_of_a_large_table_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is the size of the table, from a file and from a pipe."""
    data = gzip.compress(b"x" * 99 + b"\n" + (b"y" * 99 + b"\n") * (streams.PIPED // 100))
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    assert len(data) < streams.PACKED
    assert isinstance(streams.hold(path), streams.Stream)
    assert isinstance(streams.hold("-"), streams.Stream)


def test_of_a_table_of_empty_rows_one_is_left_to_be_told(tmp_path: Path) -> None:
    """Millions of them need no more room than one."""
    table = read_csv(b"ds,y\n" + b",\n" * 1000, "data.csv")

    assert without_empty_rows(table).rows == 1
    with pytest.raises(DataError):
        read(tmp_path, "ds,y\n" + ",\n" * 1000)


def test_lines_of_a_table_are_no_trouble(tmp_path: Path) -> None:
    """What people have is far from the limits."""
    assert len(read(tmp_path, daily(3000)).panel.values) == 3000
