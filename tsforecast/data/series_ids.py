"""Ids that have several parts as one text: ``north,7`` for what store and item name together.

A joined id is one line of CSV: people can read it, and it can be taken apart again whatever the cells hold.
"""

from __future__ import annotations

from collections.abc import Sequence


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


def _written(parts: Sequence[str], *, everywhere: bool = False) -> str:
    import csv
    import io

    line = io.StringIO()
    writer = csv.writer(line, lineterminator="", quoting=csv.QUOTE_ALL if everywhere else csv.QUOTE_MINIMAL)
    writer.writerow(parts)
    return line.getvalue()
