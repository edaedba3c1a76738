"""Counts of what was done to the program on purpose, stored and shown in docs/reliability.md.

``python -m tests.reliability TABLE...`` measures what checkpoints cost; the other counts have commands of their own.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.changes import put
from tests.benchmarks.pages import fill
from tests.benchmarks.results import DOCS, store, stored
from tests.benchmarks.tables import table
from tsforecast import fit
from tsforecast.training.checkpoint import Checkpoint

PAGE = DOCS / "reliability.md"
NAME = "reliability"
KILLED = {
    "saving": "saving models",
    "fitting": "`fit`",
    "resuming": "`fit --resume`",
    "writing": "`predict -o`",
    "appending": "`predict --append`",
}


def keep(name: str, found: dict[str, Any]) -> None:
    """Store the counts of one command and renew the page."""
    store(NAME, {name: {**found, "system": f"{platform.system()}, Python {platform.python_version()}"}})
    render()


def render() -> None:
    """Write the table from the stored counts."""
    PAGE.write_text(fill(PAGE.read_text(), NAME, rows_of(stored(NAME))))


def rows_of(found: dict[str, Any]) -> str:
    """Give the table of what was counted."""
    makers = {"kills": _kills, "overlaps": _overlaps, "mutations": _mutations, "checkpoints": _checkpoints}
    return table(["done", "times", "came out"], [makers[name](one) for name, one in sorted(found.items())])


def _kills(one: dict[str, Any]) -> list[str]:
    parts = ", ".join(f"{count} in {KILLED[name]}" for name, count in one["kills"].items())
    after = f"{one['temporaries_after']} temporary files after the next runs ({one['temporaries']} before)"
    return [
        f"killed at a random moment: {parts}",
        str(sum(one["kills"].values())),
        f"{one['damaged']} damaged files, {one['lost']} times lost rows, {after}",
    ]


def _overlaps(one: dict[str, Any]) -> list[str]:
    codes = ", ".join(f"{count} with {code}" for code, count in sorted(one["codes"].items()))
    return [
        f"`fit` and `predict` on one model folder, {one['at_once']} at a time",
        str(one["runs"]),
        f"exit codes: {codes}; {one['damaged']} damaged files",
    ]


def _mutations(one: dict[str, Any]) -> list[str]:
    files = ", ".join(f"`{name}`" for name in sorted(one["files"]))
    return [
        f"changed, cut or lengthened at random: {files}",
        str(one["runs"]),
        f"{one['refused']} with exit code 5, {one['same']} with the right forecast, {one['wrong']} wrong, "
        f"{one['crashed']} crashes, {one['slow']} longer than 10 s, {one['foreign']} runs of foreign code",
    ]


def _checkpoints(one: dict[str, Any]) -> list[str]:
    return [
        f"fits of {one['shortest']:.0f} to {one['longest']:.0f} s that keep a checkpoint",
        str(one["runs"]),
        f"{100 * one['share']:.1f} % of the time, at most, goes into writing it",
    ]


def cost(tables: list[str]) -> None:
    """Fit tables and count what part of the time went into checkpoints."""
    shares, seconds = [], []
    write = Checkpoint.write

    def timed(self: Checkpoint) -> None:
        begun = time.perf_counter()
        write(self)
        spent.append(time.perf_counter() - begun)

    with tempfile.TemporaryDirectory() as folder, put(Checkpoint, "write", timed):
        for name in tables:
            spent: list[float] = []
            begun = time.perf_counter()
            fit(name, Path(folder) / "m.tsf")
            seconds.append(time.perf_counter() - begun)
            shares.append(sum(spent) / seconds[-1])
    found = {"runs": len(tables), "share": max(shares), "shortest": min(seconds), "longest": max(seconds)}
    keep("checkpoints", found)


if __name__ == "__main__":
    cost(sys.argv[1:])
