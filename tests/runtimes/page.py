"""The stored results as tables in docs/export.md."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.pages import fill
from tests.benchmarks.results import DOCS, stored
from tests.runtimes.cases import BATCHES, FORMS, MODELS
from tests.runtimes.runtimes import RUNTIMES
from tsforecast.exporters.ort import LIMIT

PAGE = DOCS / "export.md"
NEAR = 1e-2
"""Differences up to here are the digits of a runtime without float64; a misread operator is far above."""

CANNOT, LATE, SINGLE, UNTRIED = "cannot run it", "no answer in time", "in float32 only", "not run"
TITLES = {"python": "Python", "c": "C", "rust": "Rust", "javascript": "JavaScript"}


def render() -> None:
    """Renew the tables for which there are results."""
    results = stored("runtimes")
    if results:
        text = fill(PAGE.read_text(), "runtimes", runtimes_table(results["runtimes"]))
        PAGE.write_text(fill(text, "languages", languages_table(results.get("languages", {}))))


def runtimes_table(results: dict[str, Any]) -> str:
    """One row for each runtime, one column for each form."""
    lines = ["| runtime | version | " + " | ".join(f"`{form}`" for form in FORMS) + " |", "|---" * 5 + "|"]
    for name, runtime in RUNTIMES.items():
        found = results.get(name, {"absent": "not tried yet"})
        if "absent" in found:
            cells = ["", f"not run: {found['absent']}", "", ""]
        else:
            cells = [found["version"], *(_cell(found["cases"], form) for form in FORMS)]
        lines.append(f"| {runtime.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(cases: dict[str, Any], form: str) -> str:
    """Say what came out in a form, network by network where they differ."""
    words = {model: _words(cases, model, form) for model in MODELS if f"{model} {form} one" in cases}
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{model}: {said}" for model, said in words.items())


def _words(cases: dict[str, Any], model: str, form: str) -> str:
    many, one = (verdict(cases[f"{model} {form} {batch}"]) for batch in BATCHES)
    if many == UNTRIED:
        return one
    if many == one or one == CANNOT:
        return many
    return f"{one}, one window per call" if many == CANNOT else f"{one} one by one, {many} together"


def verdict(found: dict[str, Any]) -> str:
    """Say in words what came of one file in one runtime."""
    if "skipped" in found:
        return UNTRIED
    if "error" in found:
        return LATE if found["error"].startswith("no answer") else CANNOT
    every, ordinary = found["all"], found["ordinary"]
    if every is not None and every <= LIMIT:
        return "right"
    if ordinary is not None and ordinary <= NEAR:
        return SINGLE
    return "**wrong**"


def languages_table(results: dict[str, Any]) -> str:
    """One row for each language of the model card."""
    lines = ["| code of the card | run by us |", "|---|---|"]
    for name, title in TITLES.items():
        found = results.get(name, {"absent": "not tried yet"})
        said = (
            f"not run: {found['absent']}" if "absent" in found else "right" if found["right"] else "**wrong**"
        )
        lines.append(f"| {title} | {said} |")
    return "\n".join(lines)
