from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.data.output.appending import append_table
from tsforecast.data.output.writing import ForecastTable
from tsforecast.data.panel import Schema
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.errors import AccessError, DataError

DAY = 86_400_000_000


def table_of(
    rows: list[tuple[str, int, int]], *, value: float = 1.5, column: str = "forecast"
) -> ForecastTable:
    """Rows of series, day and cutoff."""
    schema = Schema(layout="long", time="day", time_format=TimeFormat(), id="shop", target="sales")
    return ForecastTable(
        schema=schema,
        series_ids=[name for name, _, _ in rows],
        ticks=np.array([day * DAY for _, day, _ in rows], dtype=np.int64),
        columns={column: np.full(len(rows), value)},
        cutoffs=np.array([cutoff * DAY for _, _, cutoff in rows], dtype=np.int64),
    )


ROWS = [("north, upper", 1, 0), ("a\nb", 1, 0), ('say "x"', 2, 0)]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rows_are_added_once(tmp_path: Path, form: str) -> None:
    """The second time nothing is new, and what was written first stays, whatever the second forecast says."""
    file = tmp_path / f"all.{form}"

    first = append_table(table_of(ROWS), file, form)
    whole = file.read_bytes()
    again = append_table(table_of(ROWS, value=9.0), file, form)

    assert (first, again) == (3, 0)
    assert file.read_bytes() == whole


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(
        st.lists(
            st.tuples(
                st.text(st.sampled_from('a,"\n ü'), min_size=1, max_size=3),
                st.integers(0, 3),
                st.integers(0, 2),
            ),
            max_size=5,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_order_of_runs_gives_every_row_once(
    tmp_path_factory: pytest.TempPathFactory, form: str, parts: list[list[tuple[str, int, int]]]
) -> None:
    """Keys decide, not bytes: commas, quotes and line breaks in names included."""
    file = tmp_path_factory.mktemp("appended") / f"all.{form}"
    expected: list[tuple[str, int, int]] = []
    added = 0
    for part in parts:
        unique = list(dict.fromkeys(part))
        added += append_table(table_of(unique), file, form)
        expected += [row for row in unique if row not in expected]

    assert added == len(expected)
    if expected:
        assert append_table(table_of(expected), file, form) == 0


def test_a_last_line_without_its_end_is_ended_first(tmp_path: Path) -> None:
    """An editor that dropped the last line break does not cost a row."""
    file = tmp_path / "all.csv"
    append_table(table_of(ROWS[:1]), file, "csv")
    file.write_bytes(file.read_bytes().rstrip(b"\n"))

    append_table(table_of(ROWS), file, "csv")

    assert append_table(table_of(ROWS), file, "csv") == 0
    assert len(file.read_text().splitlines()) == 1 + 1 + 2 + 1


def test_other_columns_are_refused(tmp_path: Path) -> None:
    """A file of other quantiles, or of something else altogether, is untouched."""
    file = tmp_path / "all.csv"
    append_table(table_of(ROWS), file, "csv")
    before = file.read_bytes()

    for rows in (ROWS, [("new", 1, 0)]):
        with pytest.raises(DataError, match="other columns"):
            append_table(table_of(rows, column="median"), file, "csv")
    with pytest.raises(DataError, match="no row of such a forecast"):
        append_table(table_of(ROWS), file, "jsonl")

    assert file.read_bytes() == before


def test_a_row_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    """Half a row, which somebody else left, does not pass for a forecast that is there."""
    file = tmp_path / "all.csv"
    append_table(table_of(ROWS), file, "csv")
    torn = file.read_bytes().rstrip(b"\n").rpartition(b",")[0]
    file.write_bytes(torn)

    with pytest.raises(DataError, match="the header") as caught:
        append_table(table_of(ROWS), file, "csv")

    assert caught.value.line == len(torn.splitlines())
    assert file.read_bytes() == torn


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_only_a_regular_file_is_appended_to(tmp_path: Path, kind: str) -> None:
    """Reading /dev/full would never end, and a pipe would wait for ever: both are refused before they are opened."""
    target = Path("/dev/full") if kind == "device" else tmp_path / "target"
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "folder":
        target.mkdir()

    with pytest.raises(AccessError, match="so no rows can be added to it"):
        append_table(table_of(ROWS), target, "csv")

    assert [one for one in tmp_path.iterdir() if one != target] == []


def test_a_link_to_a_file_is_appended_to(tmp_path: Path) -> None:
    """A link to a regular file is one."""
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "all.csv")
    append_table(table_of(ROWS[:1]), link, "csv")

    assert append_table(table_of(ROWS), link, "csv") == 2
    assert link.is_symlink()
