"""Pipes and packed files that are large come a piece at a time, as often as somebody looks, within stated limits."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.data.dialects import FORMS, SERIES, Form, encode
from tests.data.sources.test_large_csv import assert_same, in_pieces
from tests.data.sources.test_workbook import counting, xlsx
from tests.data.tables import daily, write
from tests.fuzz.reading import answer_of
from tsforecast.config import CheckSettings, DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.data.sources import gathering, streams, unpacking
from tsforecast.data.sources.source import RawSource
from tsforecast.errors import DataError
from tsforecast.workflows.check import check

TEXT = daily(500).encode()


def piped(patch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes into standard input."""
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def held(patch: pytest.MonkeyPatch, data: bytes) -> streams.Stream:
    """Hold bytes of standard input as a large table."""
    in_pieces(patch)
    piped(patch, data)
    found = streams.hold("-")
    assert isinstance(found, streams.Stream)
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(series=SERIES, form=FORMS)
def test_a_pipe_gives_the_panel_of_the_file(
    tmp_path: Path, series: dict[str, list[float]], form: Form
) -> None:
    """Whatever the dialect, the compression and the container."""
    if form.layout == "wide":
        series = {name: values[:12] for name, values in series.items()}
    data, said = encode(series, form), DataSettings(**form.settings)
    path = write(tmp_path, data, name="stdin")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        whole = answer_of(lambda: read_panel(path.name, said))
        in_pieces(patch)
        piped(patch, data)
        assert_same(whole, answer_of(lambda: read_panel("-", said)))


def test_a_large_workbook_comes_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is packed as an archive is, of which it is none."""
    in_pieces(monkeypatch)
    piped(monkeypatch, xlsx(Sales=counting(30)))

    assert len(read_panel("-").panel.values) == 30


def test_a_stream_is_read_as_often_as_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readers do not disturb each other."""
    found = held(monkeypatch, TEXT)
    first, second = found.parts(), found.parts()
    begun = [next(first), next(second)]

    assert begun[0] == begun[1]
    assert b"".join([begun[0], *first]) == b"".join([begun[1], *second]) == TEXT


def test_a_small_pipe_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No temporary file for a few rows."""
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    piped(monkeypatch, TEXT)
    found = streams.hold("-")

    assert isinstance(found, RawSource)
    assert found.content == TEXT


def test_where_no_file_can_be_written_the_memory_must_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary files that is full, or is not there, is no reason to fail."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    in_pieces(monkeypatch)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    piped(monkeypatch, TEXT)
    found = streams.hold("-")

    assert isinstance(found, RawSource)
    assert found.content == TEXT


def test_a_disk_that_gets_full_on_the_way_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written before is read back."""

    class Full(io.FileIO):
        def write(self, part: object) -> int:
            if self.tell() > 4000:
                raise OSError(28, "No space left on device")
            return super().write(bytes(part)[:700])  # type: ignore[call-overload]  # as raw files may

    in_pieces(monkeypatch)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full(tmp_path / "spool", "w+"))
    piped(monkeypatch, TEXT)
    found = streams.hold("-")

    assert isinstance(found, RawSource)
    assert found.content == TEXT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``<(zcat sales.csv.gz)`` is."""
    in_pieces(monkeypatch)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(TEXT,))
    writer.start()
    result = read_panel(str(path))
    writer.join()

    assert len(result.panel.values) == 500


def test_a_bomb_in_a_stream_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are those of small files, and nobody unpacks it a second time to see."""
    in_pieces(monkeypatch)
    monkeypatch.setattr(unpacking, "SUSPICIOUS", 1 << 16)
    monkeypatch.setattr(streams.Stream, "load", None)
    path = write(tmp_path, gzip.compress(b"ds,y\n" + b"2024-01-01,1.5\n" * 200_000))

    with pytest.raises(DataError, match="more than 100 times"):
        read_panel(path)


def test_a_stream_that_is_cut_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the lines that came through."""
    in_pieces(monkeypatch)
    packed = gzip.compress(TEXT)

    with pytest.raises(DataError, match=r"truncated after [1-9]\d* lines"):
        read_panel(write(tmp_path, packed[: len(packed) // 2]))


def test_a_pipe_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it fills the disk."""
    in_pieces(monkeypatch)
    monkeypatch.setattr(streams, "MOST_BYTES", 5000)
    piped(monkeypatch, TEXT)

    with pytest.raises(DataError, match="stdin has more than"):
        read_panel("-")


def test_check_tells_the_line_of_a_row_in_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are counted as in a small file, whatever is packed and piped."""
    in_pieces(monkeypatch)
    piped(monkeypatch, gzip.compress(TEXT.replace(b",301\n", b",abc\n").replace(b",311\n", b',"x"\n')))
    result = check("-", settings=CheckSettings())

    told = next(one for one in result.findings if "abc" in one.found)
    assert told.line == 302
    assert "line 312" in told.found


@pytest.mark.parametrize("count", [1, 7, 3000, 9000])
def test_gathered_columns_are_the_pieces_end_to_end(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """However the pieces fall into blocks."""
    import pyarrow as pa

    for name, size in {"_FIRST": 16, "_OWN": 1 << 12, "_BLOCK": 1 << 14}.items():
        monkeypatch.setattr(gathering, name, size)
    numbers, texts = gathering.Numbers(), gathering.Texts()
    values = np.random.default_rng(0).normal(size=count).round(1)
    values[::5] = np.nan
    for start in range(0, count, 333):
        piece = pa.array(values[start : start + 333], from_pandas=True)
        numbers.add(piece)
        texts.add(piece.cast(pa.string()).fill_null("none").dictionary_encode())
    np.testing.assert_array_equal(numbers.column().to_numpy(zero_copy_only=False), values)
    spelt = ["none" if value != value else str(pa.scalar(value).cast(pa.string())) for value in values]
    found = texts.column()
    assert found.to_pylist() == spelt
    assert len(found.dictionary) == len(set(spelt))
