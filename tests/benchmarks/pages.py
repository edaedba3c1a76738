"""Stored results as tables between markers of docs/benchmarks.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "benchmarks.md"
RESULTS = DOCS / "benchmarks"


def store(name: str, results: dict[str, Any]) -> None:
    """Merge results into the stored ones."""
    file = RESULTS / f"{name}.json"
    RESULTS.mkdir(exist_ok=True)
    file.write_text(json.dumps({**stored(name), **results}, indent=1, sort_keys=True) + "\n")


def stored(name: str) -> dict[str, Any]:
    """Results of earlier runs, empty where there are none."""
    file = RESULTS / f"{name}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def render() -> None:
    """Renew every table of the page."""
    text = PAGE.read_text()
    for name, make in (("accuracy", _accuracy), ("startup", _startup), ("zero_shot", _zero_shot)):
        found = stored(name)
        if found:
            table = f"<!-- {name} -->\n{make(found)}\n<!-- end {name} -->"
            text = re.sub(
                rf"<!-- {name} -->.*?<!-- end {name} -->", lambda _, table=table: table, text, flags=re.S
            )
    PAGE.write_text(text)


def _accuracy(results: dict[str, Any]) -> str:
    head = [
        "set",
        "horizon",
        "steps",
        "MASE",
        "seasonal naive",
        "Theta",
        "OWA",
        "WQL",
        "80 % interval covers",
        "fit, s",
    ]
    rows = [
        [
            name, str(one["horizon"]), f"{one['members']} x {one['steps']}", _bold(one["MASE"], one["snaive"]),
            _number(one["snaive"]), _number(one.get("theta")), _number(one.get("OWA")), _number(one.get("WQL")),
            _number(one.get("cov80")), f"{one['seconds']:.0f}",
        ]
        for name, one in sorted(results.items())
    ]  # fmt: skip
    better = sum(one["MASE"] < one["snaive"] for one in results.values())
    return f"{_table(head, rows)}\n\nBetter than seasonal naive in MASE on {better} of {len(rows)} sets."


def _startup(results: dict[str, Any]) -> str:
    rows = [
        [one["what"], one["beside"], f"{one['ratio']:.2f}", f"{one['limit']:g}"] for one in results.values()
    ]
    return _table(["command", "beside", "ratio (median)", "limit"], rows)


def _zero_shot(results: dict[str, Any]) -> str:
    head = [
        "set",
        "horizon",
        "MASE",
        "fitted",
        "seasonal naive",
        "Theta",
        "OWA",
        "WQL",
        "80 % interval covers",
        "s",
    ]
    rows = []
    for name, one in sorted(results.items()):
        beside = stored("accuracy").get(name, {})
        rivals = [_number(beside.get(key)) for key in ("MASE", "snaive", "theta")]
        scores = [_number(one.get(key)) for key in ("OWA", "WQL", "cov80")]
        error = _bold(one["MASE"], beside.get("snaive", 0.0))
        rows.append([name, str(one["horizon"]), error, *rivals, *scores, f"{one['seconds']:.1f}"])
    return _table(head, rows)


def _bold(value: float, other: float) -> str:
    return f"**{value:.3f}**" if value < other else f"{value:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if abs(value) < 0.1 else f"{value:.3f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
