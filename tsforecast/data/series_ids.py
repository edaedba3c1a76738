"""Ids that have several parts as one text: ``north,7`` for what store and item name together.

A joined id is one line of CSV: people can read it, and it can be taken apart again whatever the cells hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from tsforecast.data.notes import Note
from tsforecast.data.words import counted, quoted


def join_id(parts: Sequence[str]) -> str:
    """One text of the parts of an id."""
    if not any(mark in part for part in parts for mark in ',"\r\n'):
        return ",".join(parts)
    return _written(parts)


def in_quotes(parts: Sequence[str]) -> str:
    """Line of CSV that no column has for its name, other than that of ``join_id``."""
    return _written(parts, everywhere=True)


def split_id(text: str) -> tuple[str, ...]:
    """Inverse of ``join_id``."""
    if '"' not in text:
        return tuple(text.split(","))
    import csv
    import io

    return tuple(next(csv.reader(io.StringIO(text, newline=""))))


def twin_notes(names: Sequence[str]) -> tuple[Note, ...]:
    """Warn of series whose names differ by spaces and capitals only, as those of one series typed twice do."""
    first: dict[str, str] = {}
    twins = [
        (first[plain], name)
        for name in names
        if first.setdefault(plain := " ".join(name.split()).casefold(), name) != name
    ]
    if not twins:
        return ()
    pairs = ", ".join(f"{quoted(other)} beside {quoted(one)}" for one, other in twins[:3])
    text = f"{counted(len(twins), 'series')} called like another but for spaces or capitals: {pairs}"
    more = ", ..." if len(twins) > 3 else ""
    return (Note(f"{text}{more}; write their ids alike if they are one", warning=True),)


def _written(parts: Sequence[str], *, everywhere: bool = False) -> str:
    import csv
    import io

    line = io.StringIO()
    writer = csv.writer(line, lineterminator="", quoting=csv.QUOTE_ALL if everywhere else csv.QUOTE_MINIMAL)
    writer.writerow(parts)
    return line.getvalue()
