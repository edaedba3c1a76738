"""Help, versions and what a start loads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import REAL, STUBBED, Run, in_shell, on_terminal, start
from tsforecast.cli.registry import PURPOSES, load

PROBE = (
    "import sys; from tsforecast.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
)


def loaded_by(words: list[str], folder: Path) -> set[str]:
    """Top-level packages that one run loads."""
    return {name.partition(".")[0] for name in start(["-c", PROBE, *words], folder).err.split()}


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in PURPOSES), ["--version"]])
def test_help_in_a_pipe_loads_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    """Help down a pipe must not pay for typer, rich, or any number cruncher."""
    heavy = {"typer", "rich", "numpy", "pandas", "pyarrow", "torch", "sklearn", "onnxruntime", "pydantic"}

    assert set() == heavy & loaded_by(words, tmp_path)


def test_predict_loads_no_rich_in_a_pipe(tmp_path: Path) -> None:
    """A forecast from cron must not pay for colours, nor for a parser where its words are plain."""
    probe = (
        f"import runpy, sys; sys.argv = ['x', 'predict', 'm']; sys.path.insert(0, {str(STUBBED.parent)!r})\n"
    )
    probe += "import stubbed; stubbed.install()\nfrom tsforecast.cli import main\nmain(['predict', 'm'])\n"
    probe += "print('rich' in sys.modules, 'typer' in sys.modules, file=sys.stderr)"

    assert start(["-c", probe], tmp_path).err == "False False\n"


@pytest.mark.parametrize(
    "words",
    [["nowhere.csv"], ["bad.csv", "--time", "when"], ["bad.csv", "--target-type", "binary"], ["short.csv"]],
)
def test_fit_tells_what_is_wrong_with_a_table_before_torch_is_loaded(
    words: list[str], tmp_path: Path
) -> None:
    """A mistyped name must not cost the seconds that torch takes."""
    (tmp_path / "bad.csv").write_text("ds,y\n2024-01-01,soon\n2024-01-02,2\n2024-01-03,later\n2024-01-04,5\n")
    (tmp_path / "short.csv").write_text("ds,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n")
    probe = f"import sys; from tsforecast.cli import main; code = main(['fit', *{words!r}]); "
    done = start(["-c", probe + "print(code, 'torch' in sys.modules)"], tmp_path)

    assert done.out.split()[1:] == ["False"]
    assert done.out.split()[0] in ("2", "3", "4")


@pytest.mark.parametrize("name", PURPOSES)
def test_help_shows_every_setting(name: str, run_real: Run) -> None:
    """A setting that the help does not show does not exist for the user."""
    shown = run_real(name, "--help").out

    assert [option.flag for option in load(name).options if f"{option.flag}" not in shown] == []


@pytest.mark.parametrize("name", PURPOSES)
def test_help_fits_eighty_columns_and_leads_with_purpose(name: str, run_real: Run) -> None:
    """Help must be readable in the smallest terminal; only examples keep their one line."""
    lines = run_real(name, "-h").out.splitlines()
    examples = {f"  {line}" for line in load(name).examples}

    assert " ".join(PURPOSES[name].split()) in " ".join(lines[2:4])
    assert [line for line in lines if len(line) > 80 and line not in examples] == []
    assert examples <= set(lines)


@pytest.mark.parametrize("words", [["fit", "x", "--nonsense", "-h"], ["-h", "fit"], ["fit", "-vh"]])
def test_help_works_anywhere(words: list[str], run_real: Run) -> None:
    """Whoever asks for help in the middle of a broken line gets it."""
    done = run_real(*words)

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: tsforecast fit DATA")


def test_no_words_give_short_help_on_stderr(run_real: Run) -> None:
    """The bare command explains itself and fails, so that a broken script notices."""
    done = run_real()

    assert (done.code, done.out) == (2, "")
    assert all(name in done.err for name in PURPOSES)


def test_version_names_the_parts(run_real: Run) -> None:
    """A bug report needs the versions of what makes the numbers."""
    lines = run_real("--version").out.splitlines()

    assert [line.split()[0] for line in lines] == ["tsforecast", "python", "numpy", "onnxruntime", "torch"]
    assert f"python {sys.version.split()[0]}" == lines[1]


def test_help_on_a_terminal_is_styled(tmp_path: Path) -> None:
    """A person gets boxes and colours."""
    shown = on_terminal([*REAL, "fit", "--help"], tmp_path).out

    assert "\x1b[" in shown
    assert "╭" in shown
    assert "--horizon" in shown


@pytest.mark.parametrize("extra", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_is_honoured_on_a_terminal(extra: dict[str, str], tmp_path: Path) -> None:
    """Whoever refuses colours gets none, in help as in errors."""
    assert "\x1b" not in on_terminal([*REAL, "fit", "--help"], tmp_path, extra).out
    assert "\x1b" not in on_terminal([*REAL, "fit", "--nonsense"], tmp_path, extra).out


@pytest.mark.parametrize("extra", [{"LANG": "C", "LC_ALL": "C"}, {"LC_ALL": "tr_TR"}])
def test_locale_changes_no_byte(extra: dict[str, str], run_real: Run) -> None:
    """Output is UTF-8 whatever the locale says."""
    assert run_real("fit", "--ünbekannt", env=extra).err == run_real("fit", "--ünbekannt").err


def test_help_needs_no_home_and_no_working_folder(tmp_path: Path) -> None:
    """Cron has no home, and a working folder may vanish."""
    script = "mkdir gone; cd gone; rmdir ../gone; unset HOME; $TSF predict m"
    done = in_shell(script, tmp_path)

    assert (done.code, done.out, done.err) == (0, "csv,0\n", "")
