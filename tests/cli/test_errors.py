"""Two lines or one object, the right exit code, and never a traceback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import REAL, STUBBED, Run, environment, in_shell, on_terminal, start


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["fit", "data-error"], 3, "error: sales.csv:31:2: 'abc' is not a number\nhint: --na abc\n"),
        (["predict", "model-error"], 5, "error: no model\n"),
        (["predict", "m", "full"], 4, "error: out.csv: No space left on device\n"),
        (["predict", "m", "forbidden"], 4, "error: out.csv: Permission denied\n"),
        (["fit"], 2, "error: missing argument DATA\n"),
        (["export", "m"], 2, "error: tsforecast export needs -o/--output\n"),
        (["export", "m", "-o", "-"], 2, "error: export writes a file, not standard output\n"),
        (
            ["fit", "d", "--hroizon", "3"],
            2,
            "error: unknown option '--hroizon'\nhint: did you mean --horizon?\n",
        ),
        (["ft"], 2, "error: unknown command 'ft'\nhint: did you mean fit?\n"),
        (["fit", "d", "--steps", "many"], 2, "error: --steps must be a whole number, got 'many'\n"),
        (["fit", "d", "--steps", "0"], 2, "error: --steps must be at least 1, got 0\n"),
        (["fit", "d", "--budget", "soon"], 2, "error: --budget"),
        (["fit", "d", "--device", "abacus"], 2, "error: --device must be one of"),
        (["predict", "m", "--quantiles", "0.1,,0.9"], 2, "error: --quantiles must be a number, got ''\n"),
        (["predict", "m", "--quantiles", "nan"], 2, "error: --quantiles must be a number, got 'nan'\n"),
        (["predict", "m", "-o", "m"], 2, "error: output 'm' is also the input\n"),
        (["inspect", "a", "b"], 2, "error: got unexpected extra argument"),
        (["fit", "d", "-v", "-q"], 2, "error: --verbose and --quiet contradict each other\n"),
        (["--nonsense"], 2, "error: unknown option '--nonsense'\n"),
    ],
)
def test_error_is_two_lines_and_its_own_code(words: list[str], code: int, said: str, run: Run) -> None:
    """What is wrong, what to try, and nothing else."""
    done = run(*words)

    assert (code, "") == (done.code, done.out)
    assert done.err.startswith(said)
    assert done.err.count("\n") <= 2


def test_error_as_json_carries_the_place(run: Run) -> None:
    """A program reads the same error as one object."""
    done = run("fit", "data-error", "--json")

    expected = {
        "code": "data",
        "exit": 3,
        "message": "'abc' is not a number",
        "hint": "--na abc",
        "file": "sales.csv",
        "line": 31,
        "column": 2,
    }
    assert ("", {"error": expected}) == (done.out, json.loads(done.err))


@pytest.mark.parametrize(
    "words", [["fit", "--json", "--nonsense"], ["nothing", "--json"], ["predict", "--json"]]
)
def test_usage_error_obeys_json_too(words: list[str], run: Run) -> None:
    """Also what the parser refuses is an object where an object was asked for."""
    error = json.loads(run(*words).err)["error"]

    assert (error["code"], error["exit"]) == ("usage", 2)


def test_usage_error_obeys_the_variable(run: Run) -> None:
    """A program that asks for objects once, in the environment, gets no text for a mistyped option."""
    env = {"TSFORECAST_JSON": "1"}

    assert json.loads(run("fit", "--nonsense", env=env).err)["error"]["code"] == "usage"
    assert run("fit", "--nonsense", "--no-json", env=env).err.startswith("error: ")


@pytest.mark.parametrize(
    ("data", "said"), [("no-room", "not enough memory"), ("no-module", "unexpected ImportError")]
)
def test_library_that_finds_no_room_is_no_bug(data: str, said: str, run: Run, tmp_path: Path) -> None:
    """Under a limit of memory torch cannot be loaded; that is for who runs the machine, other failures are for us."""
    done = run("fit", data, env={"TMPDIR": str(tmp_path)})

    assert done.err.startswith(f"error: {said}")
    assert done.code == (4 if data == "no-room" else 1)


def test_bug_leaves_its_traceback_in_a_file(run: Run, tmp_path: Path) -> None:
    """A bug is one line for the user and a traceback in a file for us."""
    done = run("fit", "boom", env={"TMPDIR": str(tmp_path)})
    (report,) = tmp_path.glob("tsforecast-*")

    assert done.code == 1
    assert done.err.startswith("error: unexpected RuntimeError: wires\\x1b[2J crossed\n")
    assert str(report) in done.err
    assert "Traceback" in report.read_text()


def test_control_characters_are_escaped(run: Run) -> None:
    """A name from a hostile table must not command the terminal."""
    assert "\x1b" not in run("fit", "d", "--\x1b[2Jx").err


def test_undecodable_name_is_reported_and_not_fatal(tmp_path: Path) -> None:
    """A file name is bytes; the message about it is still UTF-8."""
    done = in_shell("$TSF fit d --$'\\xff\\xfe'", tmp_path)

    assert done.code == 2
    assert done.err.startswith("error: unknown option")


def test_error_label_is_coloured_only_on_a_terminal(tmp_path: Path, run: Run) -> None:
    """Colours help a person and disturb a log."""
    shown = on_terminal([*REAL, "fit", "--nonsense"], tmp_path)

    assert "\x1b[1;31merror:\x1b[0m" in shown.out
    assert "\x1b" not in run("fit", "--nonsense").err


@pytest.mark.parametrize("words", [["fit", "d.csv", "-o"], ["predict", "m", "d.csv", "-o"]])
@pytest.mark.parametrize("output", ["d.csv", "./d.csv", "link.csv"])
def test_output_on_its_own_input_is_refused(words: list[str], output: str, run: Run, tmp_path: Path) -> None:
    """Nobody means to destroy the data they read, under whatever name."""
    (tmp_path / "d.csv").write_text("precious")
    (tmp_path / "link.csv").symlink_to("d.csv")
    done = run(*words, output)

    assert done.code == 2
    assert (tmp_path / "d.csv").read_text() == "precious"


@pytest.mark.parametrize("data", ["wait", "wait-converting", "wait-loading"])
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, 129, "the term")],
)
def test_signal_cleans_up_and_has_its_own_code(
    data: str, number: signal.Signals, code: int, word: str, tmp_path: Path
) -> None:
    """A stopped run tidies up after itself and says so in one line."""
    process = subprocess.Popen(
        [sys.executable, str(STUBBED), "fit", data],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "running").exists():
        assert process.poll() is None
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert (code, "") == (process.returncode, out)
    assert err.startswith(f"error: {word or 'terminated'}")
    assert not (tmp_path / "running").exists()


EARLY = """
import runpy, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[-1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
runpy.run_module("tsforecast", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["tsforecast.cli", "tsforecast.cli.launch"])
def test_interrupt_while_the_program_loads_is_no_traceback(module: str, tmp_path: Path) -> None:
    """Ctrl-C before anything has begun, or before the part that reports it is there, ends silently with its code."""
    done = start(["-c", EARLY, "predict", module], tmp_path)

    assert (done.code, done.out, done.err) == (130, "", "")


LATE = """
import atexit, os, signal, sys
atexit.register(lambda: os.kill(os.getpid(), getattr(signal, sys.argv.pop())))
from tsforecast.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_after_the_run_is_no_traceback(name: str, tmp_path: Path) -> None:
    """Who presses Ctrl-C once more while Python ends sees nothing of its inside."""
    done = start(["-c", LATE, "nonsense", name], tmp_path)

    assert done.code == -getattr(signal, name)
    assert done.err.startswith("error: unknown command 'nonsense'")
    assert done.err.count("\n") == 2


TELLING = """
import os, sys
class Telling:
    def find_spec(self, name, path=None, target=None):
        if name == "tsforecast.cli.launch":
            os.write(1, b".")
sys.meta_path.insert(0, Telling())
from tsforecast.cli import main
sys.exit(main(["predict", "--zero-shot", "d.csv", "--horizon", "2", "-o", "out.csv"]))
"""


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3])
def test_interrupt_at_any_moment_is_no_traceback(delay: float, tmp_path: Path) -> None:
    """From the first import on: code 130 and at most one line, or the work was done before."""
    (tmp_path / "d.csv").write_text(
        "ds,y\n" + "".join(f"2024-01-{day:02d},{day % 7}.5\n" for day in range(1, 29))
    )
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"."
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert out == b""
    assert (process.returncode, err) in [(130, b""), (130, b"error: interrupted\n"), (0, b"")]
    assert (tmp_path / "out.csv").exists() == (process.returncode == 0)


def test_names_of_series_do_not_command_the_terminal(tmp_path: Path) -> None:
    """What a pipe carries as it is, a terminal gets escaped: ESC, and the one byte that means the same."""
    name = "\x1b[2J\x9b2Jevil"
    rows = "".join(f"{name},2024-01-{day:02d},{day % 7}.5\n" for day in range(1, 29))
    (tmp_path / "d.csv").write_text(f"{name}id,ds,y\n{rows}", encoding="utf-8")
    words = [*REAL, "predict", "--zero-shot", "d.csv", "--horizon", "2"]
    shown = [on_terminal([*words, "--format", form], tmp_path).out for form in ("csv", "json", "jsonl")]
    shown += [
        on_terminal([*REAL, "check", "d.csv", *flags], tmp_path).out
        for flags in (["--plot", "-"], ["--json"])
    ]

    assert all("evil" in text for text in shown)
    assert not any(mark in text for text in shown for mark in ("\x1b[2J", "\x9b"))
    assert json.JSONDecoder().raw_decode(shown[1])[0]["rows"]
