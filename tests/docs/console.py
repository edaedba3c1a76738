"""Run the examples of README and docs: ``python -m tests.docs.console [--write] [--steps N] [FILE ...]``.

Every file has one working folder with the sample data in it; its blocks run there in order. Commands run on a
terminal of 80 columns, so what is compared is what a person sees. With ``--write`` the outputs in the files
are replaced; read the difference before you commit it.
"""

from __future__ import annotations

import argparse
import difflib
import fcntl
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.blocks import Step, masked, steps
from tests.docs.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FEW_STEPS = 30
ROWS, COLUMNS = 50, 80
# The installed command does the same; this one is the code of the checkout, installed or not.
_COMMAND = """#!{python}
import sys
sys.argv[0] = "tsforecast"
from tsforecast.cli import main
sys.exit(main())
"""


@contextmanager
def workplace(training_steps: int | None) -> Iterator[tuple[Path, dict[str, str]]]:
    """Make a folder with the sample data, and an environment that finds ``tsforecast`` and ``python``."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        folder, tools, home = base / "demo", base / "bin", base / "home"
        shutil.copytree(ROOT / "sample_data", folder / "sample_data")
        tools.mkdir()
        home.mkdir()
        (tools / "tsforecast").write_text(_COMMAND.format(python=sys.executable), encoding="utf-8")
        (tools / "tsforecast").chmod(0o755)
        (tools / "python").symlink_to(sys.executable)
        environment = {
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "TMPDIR": str(base),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        if training_steps is not None:
            environment["TSFORECAST_STEPS"] = str(training_steps)
        yield folder, environment


def run(step: Step, folder: Path, environment: dict[str, str]) -> str:
    """Run one step and return what a person sees."""
    if step.is_python:
        script = [sys.executable, "-W", "error", "-c", step.source]
        with subprocess.Popen(
            script, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            return process.communicate()[0].rstrip()
    return _on_terminal(["/bin/sh", "-c", step.source], folder, environment)


def _on_terminal(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    with subprocess.Popen(
        arguments, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    ):
        os.close(theirs)
        screen = Screen()
        screen.write(b"".join(_chunks(ours)).decode())
    os.close(ours)
    return screen.text()


def _chunks(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:  # Linux reports the far end's departure as an input/output error
            return
        if not chunk:
            return
        yield chunk


def outputs(page: Path, training_steps: int | None) -> list[tuple[Step, str]]:
    """Run every step of a page in order."""
    with workplace(training_steps) as (folder, environment):
        found = steps(page.read_text(encoding="utf-8"))
        return [(step, run(step, folder, environment)) for step in found]


def differences(page: Path, results: list[tuple[Step, str]]) -> str:
    """Say where a page and its run disagree; empty where they agree."""
    report: list[str] = []
    for step, actual in results:
        want, got = masked(step.expected), masked(actual)
        if want != got:
            report.append(f"{page.name}:{step.line}: {step.source}")
            report += difflib.unified_diff(want.split("\n"), got.split("\n"), "page", "run", lineterm="")
            report.append(actual)
    return "\n".join(report)


def rewritten(text: str, results: list[tuple[Step, str]]) -> str:
    """Put what was seen in the place of what stood in the page.

    Raises:
        ValueError: An example failed in a way that nobody means to show, or its output has no place.
    """
    for step, actual in reversed(results):
        if "Traceback (most recent" in actual or "this is a bug in tsforecast" in actual:
            raise ValueError(f"line {step.line}: {step.source}\n{actual}")
        if step.start >= 0:
            text = text[: step.start] + (f"{actual}\n" if actual else "") + text[step.stop :]
        elif actual:
            raise ValueError(f"line {step.line}: this block prints, a text block must follow it:\n{actual}")
    return text


def main() -> int:
    """Compare pages with what their commands print, or rewrite them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, default=PAGES, metavar="FILE")
    parser.add_argument("--write", action="store_true", help="replace the outputs in the files")
    parser.add_argument("--steps", type=int, help="training steps; without it the commands train as users do")
    options = parser.parse_args()
    report = []
    for page in options.pages:
        results = outputs(page, options.steps)
        if options.write:
            page.write_text(rewritten(page.read_text(encoding="utf-8"), results), encoding="utf-8")
        else:
            report.append(differences(page, results))
    sys.stdout.write("\n".join(filter(None, [*report, ""])))
    return 1 if any(report) else 0


if __name__ == "__main__":
    sys.exit(main())
