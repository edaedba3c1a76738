"""Ids that have several parts as one text: ``north,7`` for what store and item name together.

A joined id is one line of CSV: people can read it, and it can be taken apart again whatever the cells hold.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence


def join_id(parts: Sequence[str]) -> str:
    """One text of the parts of an id."""
    if not any(mark in part for part in parts for mark in ',"\r\n'):
        return ",".join(parts)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(parts)
    return line.getvalue()


def in_quotes(parts: Sequence[str]) -> str:
    """Line of CSV that no column has for its name, other than that of ``join_id``."""
    line = io.StringIO()
    csv.writer(line, lineterminator="", quoting=csv.QUOTE_ALL).writerow(parts)
    return line.getvalue()


def split_id(text: str) -> tuple[str, ...]:
    """Inverse of ``join_id``."""
    if '"' not in text:
        return tuple(text.split(","))
    return tuple(next(csv.reader(io.StringIO(text, newline=""))))
