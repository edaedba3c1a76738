"""The quotes that stand around cells of a text table."""

from __future__ import annotations

import re

from tsforecast.data.notes import Note

DOUBLE, SINGLE = '"', "'"
QUOTE_WORDS = {DOUBLE: "double", SINGLE: "single"}

_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])'(?:[^']|'')*'(?=[,;\t|]|$)")
_LINES = 20


def quote_of(head: str, *, whole: bool) -> str:
    """Find the quote of a table: the single one where most rows have a cell in it, and no double one is there.

    Args:
        head: Beginning of the decoded file.
        whole: Whether that is all of it.
    """
    if SINGLE not in head or DOUBLE in head:
        return DOUBLE
    lines = [line for line in head.splitlines() if line.strip()]
    rows = (lines if whole else lines[:-1])[1 : _LINES + 1]  # a header may stand without quotes
    quoted = sum(_SINGLE_QUOTED.search(row) is not None for row in rows)
    return SINGLE if 2 * quoted > len(rows) else DOUBLE


def quote_notes(quote: str, source: str) -> tuple[Note, ...]:
    """Say so where a file has other quotes than most."""
    if quote == DOUBLE:
        return ()
    return (Note(f"cells of {source} stand in {QUOTE_WORDS[quote]} quotes, which were taken off"),)


def without_quoted(text: str, quote: str) -> str:
    """Take all quoted cells out of a text, also one that is not closed."""
    return re.sub(f"{quote}[^{quote}]*(?:{quote}|$)", "", text)
