"""Large Parquet and Arrow files are read a piece at a time, and nobody can tell by what comes out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.sources.test_large_csv import assert_same, both_ways, held, in_pieces
from tests.data.tables import write
from tsforecast.config import DataSettings
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.data.sources import large, large_arrow
from tsforecast.data.sources.frames import read_arrow, read_parquet

TYPES: dict[str, pa.DataType] = {
    "texts": pa.string(),
    "long": pa.large_string(),
    "view": pa.string_view(),
    "kinds": pa.dictionary(pa.int8(), pa.string()),
    "codes": pa.dictionary(pa.int32(), pa.int64()),
    "small": pa.int8(),
    "whole": pa.uint64(),
    "half": pa.float16(),
    "single": pa.float32(),
    "number": pa.float64(),
    "day": pa.date32(),
    "noon": pa.date64(),
    "moment": pa.timestamp("us", "Europe/Berlin"),
    "clock": pa.time32("s"),
    "truth": pa.bool_(),
    "price": pa.decimal128(9, 2),
    "list": pa.list_(pa.int64()),
    "nothing": pa.null(),
}
CELLS: dict[str, list[Any]] = {
    "texts": ["a", "", "é", "b" * 20],
    "long": ["a", ""],
    "view": ["a", "c" * 30],
    "kinds": ["z", "a", "m"],
    "codes": [5, 3],
    "small": [-1, 7],
    "whole": [0, 2**63],
    "half": [0.5, float("nan")],
    "single": [0.1, float("nan")],
    "number": [0.1, float("nan"), -1e300],
    "day": [0, 19_000],
    "noon": [0, 86_400_000],
    "moment": [0, 1_700_000_000_000_000],
    "clock": [0, 43_200],
    "truth": [True, False],
    "price": ["1.25", "-3.00"],
    "list": [[1, 2], []],
    "nothing": [],
}


def as_parquet(table: pa.Table, rows: int) -> bytes:
    """Row groups of some rows."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, row_group_size=rows)
    return sink.getvalue()


def as_arrow(table: pa.Table, rows: int) -> bytes:
    """Batches of some rows."""
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as file:
        for batch in table.combine_chunks().to_batches(rows):
            file.write_batch(batch)
    return sink.getvalue()


def as_feather(table: pa.Table, rows: int) -> bytes:
    """Packed inside."""
    sink = io.BytesIO()
    pyarrow.feather.write_feather(table.combine_chunks(), sink, chunksize=rows)
    return sink.getvalue()


def as_stream(table: pa.Table, rows: int) -> bytes:
    """Batches of some rows, as they go from one program to another."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        for batch in table.to_batches(rows):
            stream.write_batch(batch)
    return sink.getvalue()


FORMS: dict[str, Callable[[pa.Table, int], bytes]] = {
    "parquet": as_parquet, "arrow": as_arrow, "feather": as_feather, "stream": as_stream,
}  # fmt: skip


def column(name: str, cells: list[Any]) -> pa.Array:
    """Cells of a type of the table above."""
    kind = TYPES[name]
    if pa.types.is_dictionary(kind):
        return pa.array(cells, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(cells, pa.string()).cast(kind) if name == "price" else pa.array(cells, kind)


@st.composite
def columns(draw: st.DrawFn) -> pa.Table:
    """Table of a few columns of any type, with nulls in some of them."""
    names = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=5, unique=True))
    rows = draw(st.integers(1, 40))
    nulls: list[list[Any]] = [[], [None]]
    return pa.table(
        {
            name: column(
                name,
                draw(
                    st.lists(
                        st.sampled_from((CELLS[name] + draw(st.sampled_from(nulls))) or [None]),
                        min_size=rows,
                        max_size=rows,
                    )
                ),
            )
            for name in names
        }
    )


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=columns(), form=st.sampled_from(list(FORMS)), rows=st.integers(1, 41), apart=st.booleans())
def test_every_cell_is_the_same_either_way(
    tmp_path: Path, table: pa.Table, form: str, rows: int, apart: bool
) -> None:
    """Cells, nulls and types, whether batches come as a whole or a column at a time."""
    if form == "parquet":
        table = table.drop([name for name in ("half", "view") if name in table.column_names])
    if not table.column_names:
        return
    data = FORMS[form](table, rows)
    whole = (read_parquet if form == "parquet" else read_arrow)(data, "data")
    with pytest.MonkeyPatch.context() as patch:
        in_pieces(patch)
        patch.setattr(large_arrow, "_ROWS", 7)
        patch.setattr(large_arrow, "_BATCH", 0 if apart else 1 << 30)
        found = large.read_large(held(write(tmp_path, data)), DataSettings())

    assert found is not None
    assert found[0].rows == whole.rows
    assert found[0].names == whole.names
    for name, cells in whole.columns.items():
        pieces = found[0].columns[name]
        assert str(pieces.to_pylist()) == str(cells.to_pylist())
        assert pa.types.is_dictionary(pieces.type) or pieces.type == cells.type
        pieces.validate(full=True)


def panel(days: int = 30) -> pa.Table:
    """Two series, the second one first among the categories."""
    names = pa.array(["north"] * days + ["south"] * days)
    kinds = pa.DictionaryArray.from_arrays(
        pa.array([2] * days + [0] * days, pa.int8()), pa.array(["south", "unused", "north"])
    )
    stamps = np.tile(np.arange(days).astype("datetime64[D]"), 2)
    values = pa.array(np.arange(2 * days) + 0.5)
    return pa.table({"shop": names, "kind": kinds, "day": stamps, "sold": values})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["shop", "kind"])
def test_panels_are_the_same_either_way(tmp_path: Path, form: str, name: str) -> None:
    """Series, values, notes and hash; series stand in the order of their rows, not in that of categories."""
    path = write(tmp_path, FORMS[form](panel().select([name, "day", "sold"]), 11))
    whole, pieces = both_ways(path, DataSettings())

    assert_same(whole, pieces)
    assert isinstance(whole, ReadResult)
    assert whole.panel.series_ids == ("north", "south")


@pytest.mark.parametrize("form", FORMS)
def test_odd_files_are_told_either_way(tmp_path: Path, form: str) -> None:
    """No rows, a file that is cut, text that is none, a name twice."""
    table = panel()
    broken = pa.array([b"n\xff"] * table.num_rows, pa.binary()).view(pa.string())
    twice = pa.table([table["day"], table["sold"], table["sold"]], names=["day", "sold", "sold"])
    files = [
        FORMS[form](table.slice(0, 0), 9),
        FORMS[form](table, 9)[:-40],
        FORMS[form](table.set_column(0, "shop", broken), 9),
        FORMS[form](twice, 9),
    ]
    for data in files:
        whole, pieces = both_ways(write(tmp_path, data), DataSettings())
        assert isinstance(whole, Exception)
        assert_same(whole, pieces)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(["arrow", "stream"]),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
)
def test_damaged_sizes_are_no_accident(tmp_path: Path, form: str, place: float, byte: int) -> None:
    """A size that asks for more room than there is, or for half a number, is a damaged file and nothing worse."""
    data = bytearray(FORMS[form](panel().select(["shop", "day", "sold"]), 11))
    data[8 + int(place * (len(data) - 8))] = byte
    whole, pieces = both_ways(write(tmp_path, bytes(data)), DataSettings())

    assert_same(whole, pieces)


def test_a_stream_comes_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs send each other tables so; small and large."""
    data = as_stream(panel().select(["shop", "day", "sold"]), 11)
    for is_large in (False, True):
        with monkeypatch.context() as patch:
            if is_large:
                in_pieces(patch)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

            assert read_panel("-").panel.series_ids == ("north", "south")
