"""Stored results as tables between markers of the pages."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.results import DOCS, stored
from tests.benchmarks.tables import TABLES

PAGE = DOCS / "benchmarks.md"
ELSEWHERE = {"networks": DOCS / "networks.md", "predict_only": DOCS / "export.md"}
"""Pages of tables that do not stand on the usual one."""


def render() -> None:
    """Renew every table for which there are results."""
    for name, make in TABLES.items():
        if found := stored(name):
            page = page_of(name)
            page.write_text(fill(page.read_text(), name, make(found)))


def page_of(name: str) -> Path:
    """Page on which a table stands."""
    return ELSEWHERE.get(name, PAGE)


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
