"""Blocks of a CSV file hold whole rows, whatever its quotes mean."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tsforecast.data.sources.dialect import LONGEST_LINE
from tsforecast.data.sources.row_blocks import even_end, row_blocks, row_end
from tsforecast.data.sources.stream_text import OddError

TEXTS = st.text('a" ,;\n\r', max_size=40)


def rows_of(text: str) -> list[list[str]]:
    """Rows as the csv module reads them, which gives a quote inside of a cell no meaning either."""
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


@given(text=TEXTS)
@example(text='5" pipe,1\n"a\nb",2\n')
@example(text='"a\n""\n",1\nb,"\n')
@example(text='a,"b"" ""\n",\nc\n')
def test_a_cut_is_between_two_rows(text: str) -> None:
    """What is read of both parts is what is read of the whole, and there is a cut where there are two rows."""
    end = row_end(text.encode(), ",")

    assert rows_of(text[:end]) + rows_of(text[end:]) == rows_of(text)
    assert end > 0 or len(rows_of(text)) < 2


CELLS = st.text("a ,;\n\r", max_size=6)


@given(
    rows=st.lists(st.lists(st.tuples(CELLS, st.booleans()), min_size=1, max_size=4), max_size=5),
    cut=st.integers(0, 60),
)
def test_quotes_around_cells_are_told_by_their_number(rows: list[list[tuple[str, bool]]], cut: int) -> None:
    """A cut is where the longer look finds it."""
    lines = (",".join(f'"{cell}"' if inside else "a" for cell, inside in row) for row in rows)
    text = "".join(line + "\n" for line in lines)[:cut].encode()

    assert even_end(text) == row_end(text, ",")


@given(texts=st.lists(TEXTS, max_size=8), size=st.integers(1, 30))
def test_blocks_are_the_text(texts: list[str], size: int) -> None:
    """However it comes, and row by row the same; empty lines at its end do not count."""
    try:
        blocks = list(row_blocks((text.encode() for text in texts), size, lambda text: row_end(text, ",")))
    except OddError:
        assert rows_of("".join(texts) + "\na")[-1] != ["a"]  # it is part of a cell that is open
        return

    assert "".join(texts).rstrip("\r\n") == b"".join(blocks).decode().rstrip("\r\n")
    assert [row for block in blocks for row in rows_of(block.decode())] == rows_of("".join(texts))


def test_a_row_without_end_is_given_up() -> None:
    """A cell of many megabytes is no cell, though its lines are short."""
    part = b'"' + b"line\n" * (LONGEST_LINE // 10)
    with pytest.raises(OddError):
        list(row_blocks(iter([part, *[part[1:]] * 6]), 100, even_end))
