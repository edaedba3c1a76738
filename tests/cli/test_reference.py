"""The reference page."""

from __future__ import annotations

from pathlib import Path

from tsforecast.cli.reference import render

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference.md"


def test_reference_page_is_what_the_code_says() -> None:
    """An option that is not on the page does not exist for users; ``make docs`` renews it."""
    assert render().strip() == PAGE.read_text(encoding="utf-8").strip()
