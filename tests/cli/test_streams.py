"""Data on stdout, talk on stderr, silence where nobody listens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import STUBBED, Run, in_shell, on_terminal, start

PROSE = """
import sys
from types import SimpleNamespace
from tsforecast.cli.voice import Voice
voice = Voice(speaks=True, styled=False)
voice.tell([SimpleNamespace(text=sys.argv[1], warning=False)])
voice.prose(sys.argv[1])
"""
TABLES = """
import sys
from tsforecast.cli.render import TextTable, show_tables
for width in range(1, 30):
    rows = (("x" * width, *["y" * 10] * 5),)
    show_tables([TextTable(tuple("abcdef"), rows)], sys.stdout)
"""
VERBS = [["fit", "d.csv"], ["evaluate", "m"], ["predict", "m"], ["export", "m", "-o", "m.onnx"]]


@pytest.mark.parametrize("words", VERBS)
def test_success_is_silent_where_nobody_listens(words: list[str], run: Run) -> None:
    """Cron must not mail a success."""
    done = run(*words)

    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("words", VERBS)
def test_verbose_speaks_on_stderr_only(words: list[str], run: Run) -> None:
    """Talk must never mix with data."""
    quiet, loud = run(*words), run(*words, "-v")

    assert quiet.out == loud.out
    assert loud.err


def test_fit_summary_says_what_was_done_and_what_is_next(run: Run) -> None:
    """The summary holds the description, split, scores, verdict, gate and commands that can be copied."""
    said = run("fit", "d.csv", "-v").err

    expected = (
        "1 hourly series",
        "99.8% sure: all steps are one.",
        "backtest",
        "seasonal naive",
        "Better.",
        "62 % last day",
        "The network has 70 % of the forecast.",
        "Intervals: of 4 values in the backtest, 75 % in the 80 % interval.",
        "'sales model.tsf'",
    )
    assert [part for part in expected if part not in said] == []
    assert "note: 3 gaps" in said
    assert "warning: \\x1b[31mend\\x1b[0m" in said


def test_fit_prints_nothing_on_stdout(run: Run) -> None:
    """A fit has no data to give, except as JSON."""
    assert run("fit", "d.csv", "-v").out == ""


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (["fit", "d"], "tsforecast.fit/1"),
        (["evaluate", "m"], "tsforecast.evaluate/1"),
        (["export", "m", "-o", "x.onnx"], "tsforecast.export/1"),
    ],
)
def test_json_is_one_object_with_a_schema(words: list[str], schema: str, run: Run) -> None:
    """A program reads one object, whose schema it can check, without NaN in it."""
    done = run(*words, "--json")

    assert "NaN" not in done.out
    assert schema == json.loads(done.out)["schema"]


def test_evaluate_table_is_aligned_and_narrow(run: Run) -> None:
    """The table of scores must be readable in 80 columns."""
    lines = run("evaluate", "m").out.splitlines()

    assert lines[0].split() == ["method", "MASE", "MAE", "coverage"]
    assert lines[1].split() == ["model", "0.5", "12.25", "-"]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ([], "csv"),
        (["--json"], "json"),
        (["--format", "jsonl"], "jsonl"),
        (["-o", "f.json"], "json"),
        (["-o", "f.PARQUET"], "parquet"),
        (["-o", "f.txt"], "csv"),
        (["-o", "f.csv", "--format", "jsonl"], "jsonl"),
        (["-o", "-"], "csv"),
    ],
)
def test_format_follows_flag_then_name_then_csv(
    words: list[str], form: str, run: Run, tmp_path: Path
) -> None:
    """The name of the output says its form, unless a flag says otherwise."""
    done = run("predict", "m", *words)

    written = [path.read_text() for path in tmp_path.glob("f.*")]
    assert [f"{form},0\n"] == (written or [done.out])


def test_summary_and_progress_on_a_terminal_leave_no_bar_behind(tmp_path: Path) -> None:
    """A person sees the summary; the bar is gone when the work is done."""
    shown = on_terminal([str(STUBBED), "fit", "d.csv"], tmp_path).out

    assert "Better." in shown
    assert "\x1b[2K" in shown
    assert "\x1b[31mend" not in shown


def test_sentences_on_a_terminal_break_between_words(tmp_path: Path) -> None:
    """No line that a terminal of 80 columns would cut; elsewhere a sentence stays in one line to search in."""
    long = ("sentence " * 30).rstrip()

    shown = on_terminal(["-c", PROSE, long], tmp_path).out
    piped = start(["-c", PROSE, long], tmp_path).err

    assert max(len(line) for line in shown.splitlines()) <= 80
    assert shown.split() == piped.split() == ["note:", *long.split(), *long.split()]
    assert all(line.startswith(("  sentence", "sentence", "note:")) for line in shown.splitlines())
    assert piped.splitlines() == [f"note: {long}", long]


def test_no_cell_of_a_table_is_cut_on_a_terminal(tmp_path: Path) -> None:
    """A table that does not fit goes on below, whatever its width; no cell ends in dots."""
    shown = on_terminal(["-c", TABLES], tmp_path).out

    assert "…" not in shown
    assert shown.count("y" * 10) == 29 * 5


def test_quiet_silences_a_terminal(tmp_path: Path) -> None:
    """Whoever asks for silence gets it."""
    assert on_terminal([str(STUBBED), "fit", "d.csv", "--quiet"], tmp_path).out == ""


def test_parquet_is_not_thrown_at_a_terminal(tmp_path: Path) -> None:
    """Binary data would garble the screen."""
    done = on_terminal([str(STUBBED), "predict", "m", "--format", "parquet"], tmp_path)

    assert done.code == 2
    assert "-o FILE.parquet" in done.out


def test_reader_that_leaves_ends_the_run_silently(tmp_path: Path) -> None:
    """`head` takes what it needs; nobody wants a traceback for that."""
    done = in_shell("$TSF predict m many | head -1; exit ${PIPESTATUS[0]}", tmp_path)

    assert (done.code, done.out, done.err) == (141, "csv,0\n", "")


@pytest.mark.parametrize("words", ["predict m", "fit d --json", "evaluate m", "--version", "fit --help"])
def test_closed_stdout_is_an_access_error(words: str, tmp_path: Path) -> None:
    """Data that cannot be delivered is exit 4, without a traceback."""
    done = in_shell(f"$TSF {words} >&-", tmp_path)

    assert done.code == 4
    assert "standard output is closed" in done.err
    assert "Traceback" not in done.err


def test_closed_stdout_does_not_matter_to_a_fit(tmp_path: Path) -> None:
    """A command that has nothing to print does not need stdout."""
    assert in_shell("$TSF fit d >&- 2>&-", tmp_path).code == 0


@pytest.mark.parametrize("words", ["predict m", "evaluate m", "fit --help"])
def test_full_disk_behind_stdout_is_an_access_error(words: str, tmp_path: Path) -> None:
    """A forecast that did not reach the disk must not look like a success."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = in_shell(f"$TSF {words} >/dev/full", tmp_path)

    assert done.code == 4
    assert "No space left on device" in done.err
    assert "Traceback" not in done.err
