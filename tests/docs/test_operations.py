"""The recipes of docs/operations.md, run as they stand there: real processes, no home, no terminal, LC_ALL=C."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.workflows.tables import HORIZON, write_daily

if sys.platform == "win32":
    pytest.skip("the recipes are for POSIX shells", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NOON = "1715601600"  # 2024-05-13 12:00 in UTC, the day of the newest row of latest.csv
TABLE = 1 + 2 * HORIZON
"""Lines of a forecast of both shops."""

FAST = {"TSFORECAST_STEPS": "2", "TSFORECAST_MEMBERS": "1", "TSFORECAST_HORIZON": str(HORIZON)}
Done = subprocess.CompletedProcess[str]


def recipes(heading: str, kind: str) -> list[str]:
    """Blocks of a kind under a heading of the page."""
    part = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert part is not None
    return re.findall(rf"^```{kind}\n(.*?)^```$", part[1], re.M | re.S)


def needs(*programs: str) -> None:
    """Skip where the machine lacks a program."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the command, as an environment has it."""
    folder = tmp_path_factory.mktemp("venv") / "bin"
    folder.mkdir()
    command = folder / "tsforecast"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tsforecast "$@"\n')
    command.chmod(0o755)
    return folder


def here(text: str, tools: Path, folder: Path) -> str:
    """Give a recipe for the folders of this test."""
    return text.replace("/srv/tsforecast/.venv/bin", str(tools)).replace("/srv/forecast", str(folder))


def in_shell(script: str, tools: Path, folder: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run a recipe, its output into pipes."""
    path = f"{tools}:{os.environ.get('PATH', os.defpath)}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": path, "LC_ALL": "C", "TZ": "UTC", **FAST, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def cron_lines(tools: Path, folder: Path) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Variables of the crontab, and schedule and command of each line."""
    variables, jobs = {}, []
    for line in here(recipes("cron", "crontab")[0], tools, folder).splitlines():
        if found := re.fullmatch(r"(\w+)=(.*)", line):
            variables[found[1]] = found[2]
        else:
            *when, command = line.split(None, 5)
            jobs.append((" ".join(when), command))
    return variables, jobs


def as_cron(command: str, variables: Mapping[str, str], folder: Path) -> Done:
    """Run a line as cron does: /bin/sh, next to no environment, no terminal."""
    given = {"LOGNAME": "forecast", "SHELL": "/bin/sh", "TSFORECAST_TEST_NOW": NOON, "TZ": "UTC", **FAST}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd="/",
        env={**given, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def station(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with tables, and the model that the first cron line fits."""
    folder = tmp_path_factory.mktemp("forecast")
    write_daily(folder / "sales.csv", 0, 120)
    write_daily(folder / "latest.csv", 0, 134)
    table = pyarrow.csv.read_csv(folder / "latest.csv")
    pyarrow.parquet.write_table(table, folder / "sales.parquet")
    variables, jobs = cron_lines(tools, folder)
    assert as_cron(jobs[0][1], variables, folder).returncode == 0
    return folder


@pytest.fixture
def folder(station: Path, tmp_path: Path) -> Path:
    """Make a copy of the station that a test may change."""
    return Path(shutil.copytree(station, tmp_path / "forecast"))


def rows(file: Path) -> list[dict[str, str]]:
    """Read a table."""
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def test_cron_lines_are_silent_and_logged(tools: Path, folder: Path) -> None:
    """Every line has five fields in their bounds, does its work, and gives cron nothing to mail."""
    bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    variables, jobs = cron_lines(tools, folder)

    for when, command in jobs:
        for field, (low, high) in zip(when.split(), bounds, strict=True):
            assert field == "*" or low <= int(field) <= high
        assert "%" not in command
        done = as_cron(command, variables, folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]
    assert [line["command"] for line in log[-3:]] == ["fit", "predict", "evaluate"]
    assert len(rows(folder / "forecast.csv")) == TABLE - 1
    assert (folder / "report.html").read_text().endswith("</html>\n")


def test_cron_mails_stale_data_and_keeps_the_old_forecast(tools: Path, folder: Path) -> None:
    """Two lines on stderr, exit code 7, one line in the log."""
    variables, jobs = cron_lines(tools, folder)
    (folder / "forecast.csv").write_text("old")

    done = as_cron(jobs[1][1], {**variables, "TSFORECAST_TEST_NOW": str(int(NOON) + 3 * 86400)}, folder)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (7, "", 2)
    assert (folder / "forecast.csv").read_text() == "old"
    failed = in_shell(recipes("The log", "sh")[0], tools, folder) if shutil.which("jq") else None
    assert failed is None or failed.stdout.split("\t")[1:4] == ["predict", "sales.tsf", "7"]


def test_systemd_units_are_valid_and_run(tools: Path, folder: Path, tmp_path: Path) -> None:
    """Systemd takes the units as they are, and the line of the service works without any environment."""
    units = {}
    for text in recipes("systemd", "ini"):
        name = text.splitlines()[0].rpartition("/")[2]
        # systemd-analyze looks at users of this machine, and at binaries of this machine.
        units[name] = here(text, tools, folder).replace("User=forecast\n", "")
        (tmp_path / name.replace("@", "@sales")).write_text(units[name])
    line = re.search(r"^ExecStart=(.*)$", units["forecast@.service"], re.M)
    assert line is not None

    done = subprocess.run(
        shlex.split(line[1].replace("%i", "sales")),
        cwd=folder,
        env={"TSFORECAST_TEST_NOW": NOON, "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(rows(folder / "sales.forecast.csv")) == TABLE - 1

    needs("systemd-analyze")
    files = [str(tmp_path / name.replace("@", "@sales")) for name in units]
    checked = in_shell(f"systemd-analyze verify --man=no {shlex.join(files)}", tools, tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.slow
def test_make_builds_what_changed_and_stops_at_errors(tools: Path, tmp_path: Path) -> None:
    """A second run does nothing, a new table is fitted alone, a bad one leaves its old forecast."""
    needs("make")
    (tmp_path / "Makefile").write_text(recipes("Make", "make")[0])
    (tmp_path / "data").mkdir()
    write_daily(tmp_path / "data" / "a.csv", 0, 60)
    first = in_shell("make", tools, tmp_path)
    again = in_shell("make", tools, tmp_path)
    old = (tmp_path / "forecasts" / "a.csv").read_bytes()
    (tmp_path / "data" / "a.csv").write_text("shop,day,sales\nnorth,2024-01-01,abc\n")
    bad = in_shell("make", tools, tmp_path)

    assert (first.returncode, first.stderr) == (0, "")
    assert "Nothing to be done" in again.stdout
    assert (tmp_path / "models" / "a.tsf" / "model.json").exists()
    assert bad.returncode == 2
    assert bad.stderr.startswith("error: data/a.csv")
    assert (tmp_path / "forecasts" / "a.csv").read_bytes() == old


@pytest.fixture
def models(folder: Path) -> Path:
    """Make a folder with two good models and a broken one."""
    for name in ("a", "b b"):
        shutil.copytree(folder / "sales.tsf", folder / "models" / f"{name}.tsf")
    (folder / "models" / "c.tsf").mkdir()
    return folder


def test_xargs_runs_many_models(tools: Path, models: Path) -> None:
    """Every good model has its forecast, and 123 says that one of them is not good."""
    needs("xargs")
    done = in_shell(recipes("Many models at once", "sh")[0], tools, models)

    assert done.returncode == 123
    assert done.stderr.startswith("error: models/c.tsf")
    written = {file.name: file.read_bytes() for file in (models / "models").glob("*.csv")}
    assert sorted(written) == ["a.tsf.forecast.csv", "b b.tsf.forecast.csv"]
    assert len(set(written.values())) == 1


def test_parallel_keeps_the_exit_code_of_each_model(tools: Path, models: Path) -> None:
    """The seventh column of its log is the exit code that this program documents."""
    needs("parallel")
    done = in_shell(recipes("Many models at once", "sh")[1], tools, models, {"HOME": str(models)})

    assert done.returncode == 1
    log = [line.split("\t") for line in (models / "jobs.tsv").read_text().splitlines()]
    assert sorted(line[6] for line in log[1:]) == ["0", "0", "5"]
    assert len([*(models / "models").glob("*.forecast.csv")]) == 2


def test_web_to_sqlite_adds_every_row_once(tools: Path, folder: Path) -> None:
    """Two runs add what one does; where the download fails the table stays, and the pipe says so."""
    needs("curl", "sqlite3")
    script = recipes("From the web into SQLite", "sh")[0]
    count = (
        "sqlite3 forecasts.db 'select count(*), count(distinct cutoff), min(typeof(forecast)) from forecast'"
    )

    for name in ("sales.csv", "sales.csv", "latest.csv"):
        done = in_shell(script, tools, folder, {"URL": f"file://{folder}/{name}"})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert in_shell(count, tools, folder).stdout == f"{2 * (TABLE - 1)}|2|real\n"

    failed = in_shell(script, tools, folder, {"URL": f"file://{folder}/absent.csv"})
    assert failed.returncode != 0
    assert "is empty" in failed.stderr
    assert in_shell(count, tools, folder).stdout == f"{2 * (TABLE - 1)}|2|real\n"


def test_duckdb_in_and_out(tools: Path, folder: Path) -> None:
    """A query is a table to forecast from, and the forecast is a table to query."""
    needs("duckdb")
    done = in_shell(recipes("DuckDB, in and out", "sh")[0], tools, folder)
    asked = in_shell(
        "duckdb -csv -noheader forecasts.duckdb -c 'select count(*), typeof(min(day)) from forecast'",
        tools,
        folder,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert asked.stdout.split() == [f"{TABLE - 1},DATE"]


def test_end_of_a_file_is_enough(tools: Path, folder: Path) -> None:
    """The rows that are left give the same forecast as the whole file."""
    needs("jq")
    done = in_shell(recipes("The newest rows of a long file", "sh")[0], tools, folder)
    whole = in_shell("tsforecast predict sales.tsf sales.csv", tools, folder)

    shown = {(row["shop"], row["day"], row["forecast"]) for row in map(json.loads, done.stdout.splitlines())}
    wanted = {
        (row["shop"], row["day"], float(row["forecast"]))
        for row in csv.DictReader(whole.stdout.splitlines())
        if float(row["q0.9"]) > 60
    }
    assert (done.returncode, done.stderr) == (0, "")
    assert shown == wanted != set()


@pytest.mark.slow
def test_export_is_checked_on_its_way(tools: Path, folder: Path) -> None:
    """The gate is the exit code, and the same numbers stand in the report."""
    needs("jq")
    done = in_shell(recipes("A model for a device", "sh")[0], tools, folder)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((folder / "export.json").read_text())["path"] == "sales.onnx"
    assert (
        len(in_shell("tsforecast predict sales.onnx sales.csv", tools, folder).stdout.splitlines()) == TABLE
    )


def test_container_file_names_what_is_there(root: Path) -> None:
    """Every instruction is one, every file that is copied exists, and the entry point is the installed command."""
    text = recipes("A container", "dockerfile")[0]
    known = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT"}
    lines = [line.split(" ", 1) for line in text.splitlines()]
    copied = [name for word, rest in lines if word == "COPY" for name in rest.split()[:-1]]

    assert {word for word, _ in lines} == known
    assert lines[0][0] == "FROM"
    assert all((root / name).exists() for name in copied)
    assert {"pyproject.toml", "requirements-predict.txt", "README.md", "LICENSE", "tsforecast"} == {*copied}
    assert json.loads(lines[-1][1]) == ["tsforecast"]

    needs("hadolint")
    done = subprocess.run(
        ["hadolint", "-"], input=text, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
