"""What a cron line relies on: logs, limits, locks, and that nothing is done twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import REAL, STUBBED, Finished, Run, environment, start
from tests.workflows.tables import write_daily
from tsforecast.data.locking import LOCK, locked

FIT = ("fit", "daily.csv", "--steps", "2", "--members", "1", "--horizon", "6")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with data and a model that was trained for a few steps."""
    place = tmp_path_factory.mktemp("unattended")
    write_daily(place / "daily.csv", 0, 120)
    assert run(place, *FIT).code == 0
    return place


def run(place: Path, *words: str, **env: str) -> Finished:
    """Run the command itself."""
    return start([*REAL, *words], place, env=env)


def log_of(file: Path) -> list[dict[str, Any]]:
    """Lines of a log of runs."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_log_gets_one_line_per_run(run: Run, tmp_path: Path) -> None:
    """Good runs and bad ones, with what a person would ask first; nothing on stderr for a good one."""
    good = run("predict", "m", "--log", "runs.jsonl")
    bad = run("predict", "m", "data-error", "--log", "runs.jsonl")
    lines = log_of(tmp_path / "runs.jsonl")

    assert (good.code, good.err, bad.code) == (0, "", 3)
    assert [line["exit"] for line in lines] == [0, 3]
    assert (lines[0]["rows"], lines[0]["cutoff"], lines[0]["model"]) == (1, "2024-01-31", "m")
    assert lines[0]["warnings"] == ["\x1b[31mend\x1b[0m"]
    assert "'abc' is not a number" in lines[1]["error"]
    assert lines[0]["start"] <= lines[0]["end"] <= lines[1]["end"]
    assert all(line["schema"] == "tsforecast.log/1" for line in lines)


def test_log_that_cannot_be_written_stops_the_run_before_its_work(run: Run, tmp_path: Path) -> None:
    """Exit code 4, and the model was not even opened."""
    done, as_json = (
        run("predict", "settings", "--log", "absent/runs.jsonl", *more) for more in ((), ("--json",))
    )

    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: the log absent/runs.jsonl cannot be written")
    assert done.err.count("error: ") == 1
    assert json.loads(as_json.err)["error"]["exit"] == 4


@pytest.mark.parametrize("what", ["wait", "wait-converting"])
def test_timeout_ends_with_124(what: str, run: Run, tmp_path: Path) -> None:
    """Whatever the interruption became on its way up; clean-up has run and the log tells it."""
    done = run("fit", what, "--timeout", "0.3s", "--log", "runs.jsonl")

    assert (done.code, done.out) == (124, "")
    assert done.err.startswith("error: stopped after --timeout 0.3s")
    assert not (tmp_path / "running").exists()
    assert log_of(tmp_path / "runs.jsonl")[0]["exit"] == 124


def test_a_run_within_its_time_is_not_disturbed(run: Run) -> None:
    """A timeout that does not pass leaves no trace."""
    assert run("predict", "m", "--timeout", "60s").code == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_signals_end_cleanly_and_are_logged(number: int, code: int, tmp_path: Path) -> None:
    """The code of the signal, and the same code in the log."""
    process = subprocess.Popen(
        [sys.executable, str(STUBBED), "fit", "wait", "--log", "runs.jsonl"],
        cwd=tmp_path, env=environment(), stderr=subprocess.PIPE,
    )  # fmt: skip
    while not (tmp_path / "running").exists():
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == code
    assert log_of(tmp_path / "runs.jsonl")[0]["exit"] == code
    assert not (tmp_path / "running").exists()


def test_a_second_fit_of_the_same_model_ends_with_8(folder: Path) -> None:
    """At once, without a change; a reader is not held up, and the model is whole."""
    with locked(folder / "daily.tsf" / LOCK, "it"):
        busy = run(folder, *FIT)
        read = run(folder, "predict", "daily.tsf")

    assert (busy.code, read.code) == (8, 0)
    assert "another run is writing" in busy.err
    assert run(folder, *FIT, "--wait", "30s").code == 0


def test_fit_if_changed_does_nothing_twice(folder: Path) -> None:
    """Same data, settings and version: not a byte is written, and that is said to who listens."""
    model = folder / "daily.tsf" / "model.json"
    before = model.stat().st_mtime_ns, model.read_bytes()

    same = run(folder, *FIT, "--if-changed", "-v")
    plain = run(folder, *FIT, "--if-changed", "--json")

    assert (same.code, same.out) == (0, "")
    assert "nothing to do" in same.err
    assert json.loads(plain.out)["unchanged"] is True
    assert (model.stat().st_mtime_ns, model.read_bytes()) == before


def test_fit_if_changed_fits_what_has_changed(folder: Path, tmp_path: Path) -> None:
    """Another seed, another row or a damaged part is a reason to fit."""
    write_daily(tmp_path / "daily.csv", 0, 120)
    assert json.loads(run(tmp_path, *FIT, "--json").out)["unchanged"] is False

    seed = run(tmp_path, *FIT, "--seed", "1", "--if-changed", "--json")
    write_daily(tmp_path / "daily.csv", 0, 121)
    rows = run(tmp_path, *FIT, "--seed", "1", "--if-changed", "--json")
    next((tmp_path / "daily.tsf").glob("weights-*")).write_bytes(b"damage")
    damaged = run(tmp_path, *FIT, "--seed", "1", "--if-changed", "--json")

    for done in (seed, rows, damaged):
        assert json.loads(done.out)["unchanged"] is False


def test_predict_appends_what_is_new(folder: Path, tmp_path: Path) -> None:
    """The same forecast twice is written once; a forecast of another day is added below."""
    words = ("predict", "daily.tsf", "--append", str(tmp_path / "all.csv"))
    counts = []
    for more in ((), (), ("--cutoff", "2024-04-01")):
        assert run(folder, *words, *more).code == 0
        counts.append(len((tmp_path / "all.csv").read_text().splitlines()))

    assert counts == [13, 13, 25]


@pytest.mark.parametrize(
    "words", [("-o", "x.csv", "--append", "y.csv"), ("--append", "-"), ("--append", "y.parquet")]
)
def test_append_that_makes_no_sense_is_refused(words: tuple[str, ...], run: Run) -> None:
    """Two places for one table, or a place that cannot be added to."""
    assert run("predict", "m", *words).code == 2


def test_stale_data_are_exit_7(folder: Path, tmp_path: Path) -> None:
    """The clock is set by the test; nothing is printed that could pass for a forecast, the log has what is newest."""
    noon = "1714392000"  # 2024-04-29 12:00 in UTC, the day of the newest row
    later = str(int(noon) + 48 * 3600)

    fresh = run(folder, "predict", "daily.tsf", "--max-lag", "26h", TSFORECAST_TEST_NOW=noon, TZ="UTC")
    words = ("predict", "daily.tsf", "--max-lag", "26h", "--log", str(tmp_path / "runs.jsonl"))
    stale = run(folder, *words, TSFORECAST_TEST_NOW=later, TZ="UTC")

    assert (fresh.code, stale.code, stale.out) == (0, 7, "")
    assert "60.0 h" in stale.err or "2.5 days" in stale.err
    assert log_of(tmp_path / "runs.jsonl")[0]["cutoff"] == "2024-04-29"


def test_a_model_that_is_not_good_enough_is_exit_6(folder: Path) -> None:
    """The table is printed all the same."""
    done = run(folder, "evaluate", "daily.tsf", "--require-skill", "1")

    assert done.code == 6
    assert done.out.splitlines()[1].startswith("method")
