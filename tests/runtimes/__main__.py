"""``python -m tests.runtimes``: exported files in other runtimes and languages, stored and shown in docs/export.md."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.commands import CACHE
from tests.benchmarks.results import store, stored
from tests.runtimes.cases import Case, make_cases
from tests.runtimes.languages import LANGUAGES, try_language
from tests.runtimes.page import render
from tests.runtimes.runtimes import RUNTIMES, forecast, python_of, version_of

COMMAND = "python -m tests.runtimes"


def main() -> None:
    """Try what was named, everything if nothing was, and renew the page."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join([*RUNTIMES, *LANGUAGES, "render"]))
    parser.add_argument("--env", type=Path, default=CACHE / "runtimes", help="folder of the environments")
    parser.add_argument("--timeout", type=float, default=180, help="most seconds for one file in one runtime")
    parser.add_argument(
        "--budget", type=float, default=3600, help="most seconds for all files in one runtime"
    )
    parser.add_argument("--missing", action="store_true", help="run only the files that no time was left for")
    parser.add_argument("--headers", type=Path, help="folder with onnxruntime_c_api.h")
    given = parser.parse_args()
    names = given.names or [*RUNTIMES, *LANGUAGES]
    if names != ["render"]:
        with tempfile.TemporaryDirectory() as folder:
            _try(names, given, Path(folder))
    render()


def _try(names: list[str], given: argparse.Namespace, folder: Path) -> None:
    cases = make_cases(folder / "models")
    for name in names:
        if name in LANGUAGES:
            found = try_language(name, cases[0].model.parent, given.env, given.headers)
            store("runtimes", {"languages": {**stored("runtimes").get("languages", {}), name: found}})
        else:
            found = _try_runtime(name, cases, given, folder / "work")
            store("runtimes", {"runtimes": {**stored("runtimes").get("runtimes", {}), name: found}})
        print(name, found, flush=True)
    store("runtimes", {"command": COMMAND, "tripwires": {" ".join(one.name): one.tripwire for one in cases}})


def _try_runtime(name: str, cases: list[Case], given: argparse.Namespace, work: Path) -> dict[str, Any]:
    if RUNTIMES[name].absent:
        return {"absent": RUNTIMES[name].absent}
    try:
        python = python_of(name, given.env)
    except SystemExit as error:
        return {"absent": f"it could not be installed: {str(error).splitlines()[-1][:200]}"}
    version = version_of(name, python)
    found = _tried(name, version) if given.missing else {}
    started = time.monotonic()
    for case in sorted(
        cases, key=lambda case: case.name[2] != "one"
    ):  # what most runtimes can is tried first
        label = " ".join(case.name)
        if label in found:
            continue
        if time.monotonic() - started > given.budget:
            found[label] = {"skipped": f"{given.budget:g} s for this runtime were over"}
            continue
        shutil.rmtree(work, ignore_errors=True)
        case.lay_out(work)
        wrong = forecast(name, python, work, given.timeout)
        found[label] = {"error": wrong} if wrong else case.compare(np.load(work / "found.npy"))
        print(name, label, found[label], flush=True)
    return {"version": version, "cases": found}


def _tried(name: str, version: str) -> dict[str, Any]:
    """Take the stored results of a runtime, where it still has the version that they were made with."""
    before = stored("runtimes").get("runtimes", {}).get(name, {})
    cases = before.get("cases", {}) if before.get("version") == version else {}
    return {label: result for label, result in cases.items() if "skipped" not in result}


if __name__ == "__main__":
    main()
