"""The pages agree with each other and with the code."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from pathlib import Path

import pytest

from tsforecast import errors

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "sample_data").glob("*.md")]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link inside the repository names a file and a heading that exist."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), target


def test_every_page_is_linked_from_the_readme() -> None:
    """A page that nothing leads to is not read."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in readme] == []


def test_exit_codes_of_the_code_are_documented() -> None:
    """A script may rely on every code that the program can give."""
    page = (ROOT / "docs" / "exit_codes.md").read_text(encoding="utf-8")
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ForecastError)
    }

    assert raised <= {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.M)}


def test_numbers_of_the_design_page_are_those_of_the_code() -> None:
    """Every constant that the page names is in its table, and the table has its value."""
    page = (ROOT / "docs" / "forecasting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| `(\S+)\.py` \| (.+) \|$", page, re.M)

    for name, path, shown in rows:
        owner, _, setting = name.partition(".")
        value = getattr(importlib.import_module(path.replace("/", ".")), owner)
        if setting:
            value = {field.name: field.default for field in fields(value)}[setting]
        assert shown == (", ".join(map(str, value)) if isinstance(value, tuple) else str(value)), name
    named = set(re.findall(r"`([A-Z][A-Z_]+|(?:NetworkSpec|Schedule)\.\w+)`", page))
    assert named - {"CODE"} == {name for name, _, _ in rows}
