"""Run the checks of the repository: ``python -m tests [NAME ...]``, all of the fast ones without a name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# Two workers: more would each import torch and fight for the cores of a small machine.
PYTEST = [PYTHON, "-m", "pytest", "-n", "2"]
CHECKS: dict[str, list[str]] = {
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [PYTHON, "-m", "mypy", "--strict"],
    "layers": [str(Path(PYTHON).parent / "lint-imports"), "--no-logo"],
    "tests": PYTEST,
    "slow": [*PYTEST, "-m", "slow"],
}
STATIC = ("lint", "format", "types", "layers")
FAST = (*STATIC, "tests")


def main(names: list[str]) -> int:
    """Run the named checks, every one of them even where an earlier one fails."""
    if unknown := set(names) - {*CHECKS, "static"}:
        sys.exit(f"no such check: {', '.join(sorted(unknown))}; there are static, {', '.join(CHECKS)}")
    chosen = [check for name in names or FAST for check in (STATIC if name == "static" else [name])]
    failed = []
    for name in chosen:
        sys.stderr.write(f"== {name}\n")
        if subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode:
            failed.append(name)
    sys.stderr.write(f"failed: {', '.join(failed)}\n" if failed else "all checks passed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
