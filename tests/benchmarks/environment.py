"""An environment of its own for other libraries, so that they are no dependency of this one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.benchmarks.commands import run

REQUIREMENTS = Path(__file__).with_name("peers.txt")


def peer_python(folder: Path, requirements: Path = REQUIREMENTS) -> str:
    """Interpreter of an environment with what a file of requirements asks for; made where it is not there."""
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    wanted, installed = requirements.read_text(), folder / requirements.name
    if not installed.exists() or installed.read_text() != wanted:
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(python), "-m", "pip", "install", "-q", "-r", str(requirements)])
        installed.write_text(wanted)
    return str(python)


def peer_versions(python: str, requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """Versions of the required libraries that are installed."""
    names = [line.split("==")[0] for line in requirements.read_text().split()]
    code = "import json, sys, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    return dict(json.loads(run([python, "-c", code, *names])))
