"""Stored results as tables between markers of docs/benchmarks.md."""

from __future__ import annotations

import re

from tests.benchmarks.results import DOCS, stored
from tests.benchmarks.tables import TABLES

PAGE = DOCS / "benchmarks.md"


def render() -> None:
    """Renew every table of the page for which there are results."""
    text = PAGE.read_text()
    for name, make in TABLES.items():
        if found := stored(name):
            text = fill(text, name, make(found))
    PAGE.write_text(text)


def fill(text: str, name: str, table: str) -> str:
    """Put a table between its two markers.

    Raises:
        ValueError: The text does not have them once each, in order.
    """
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    replaced, count = re.subn(pattern, lambda _: f"{begin}\n{table}\n{end}", text, flags=re.S)
    if count != 1:
        raise ValueError(f"the page has {count} places for {name!r}, not one")
    return replaced
