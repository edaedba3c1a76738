"""Flag over environment over file over default, and no typing error goes unnoticed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Run, in_shell
from tsforecast.cli.options import Option, options_of
from tsforecast.cli.reference import render
from tsforecast.cli.registry import PURPOSES, load
from tsforecast.cli.settings_merge import FILE_NAME, UNSAVED
from tsforecast.config import FitSettings, OutputSettings, from_keywords
from tsforecast.errors import UsageError

FILE = "[fit]\nsteps = 3\nseason-length = [24, 168]\nbudget = '2min'\n[predict]\nquantiles = [0.5]\n"


def option(name: str) -> Option:
    """One option of fit or predict."""
    return next(one for one in options_of(FitSettings) + options_of(OutputSettings) if one.name == name)


@pytest.mark.parametrize(
    ("flags", "variables", "file", "expected"),
    [
        (["--steps", "1"], {"TSFORECAST_STEPS": "2"}, FILE, "steps = 1  # from flag"),
        ([], {"TSFORECAST_STEPS": "2"}, FILE, "steps = 2  # from environment TSFORECAST_STEPS"),
        ([], {}, FILE, "steps = 3  # from file"),
        ([], {"TSFORECAST_STEPS": ""}, FILE, "steps = 3  # from file"),
        ([], {}, "", "# steps is not set  # from default"),
        (["--no-config"], {}, FILE, "# steps is not set  # from default"),
        ([], {}, FILE, "season_length = [24, 168]  # from file"),
        ([], {}, FILE, 'budget = "120s"  # from file'),
        (["--history"], {"TSFORECAST_NO_HISTORY": "yes"}, "", "no_history = false  # from flag"),
        ([], {"TSFORECAST_CONTEXT_LENGTH": "48"}, "", "context_length = 48  # from environment"),
    ],
)
def test_precedence_is_flag_environment_file_default(
    flags: list[str], variables: dict[str, str], file: str, expected: str, run: Run, tmp_path: Path
) -> None:
    """The nearest word wins, and --print-config says whose it was."""
    (tmp_path / "tsforecast.toml").write_text(file)
    done = run("fit", "--print-config", *flags, env=variables)

    assert (done.code, done.err) == (0, "")
    assert expected in done.out


def test_merged_settings_reach_the_work(run: Run, tmp_path: Path) -> None:
    """What --print-config shows is what the workflow gets."""
    (tmp_path / "tsforecast.toml").write_text(FILE)
    said = run("fit", "settings", "--horizon", "7", env={"TSFORECAST_SEED": "5"}).err

    assert all(
        part in said for part in ("steps=3", "season_length=(24, 168)", "budget=120.0", "horizon=7", "seed=5")
    )


def test_printed_config_is_a_config_file(run: Run, tmp_path: Path) -> None:
    """What --print-config writes can be saved and read again, values unchanged."""
    first = run("fit", "--print-config", "--target", 'a"b\\ü😀', "--steps", "4", "--season-length", "7").out
    (tmp_path / "tsforecast.toml").write_text(first, encoding="utf-8")
    second = run("fit", "--print-config").out

    values = [[line.partition("  # from")[0] for line in text.splitlines()] for text in (first, second)]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("[fit]\nhroizon = 3", "[fit] unknown key 'hroizon'\nhint: did you mean horizon?"),
        ("[fti]\nhorizon = 3", "unknown section 'fti'\nhint: did you mean fit?"),
        ("horizon = 3", "key 'horizon' stands outside a section\nhint: put it under [fit]"),
        ("[predict]\nactivation = 'relu'", "[predict] cannot hold 'activation'\nhint: predict takes"),
        ("[fit]\nsteps = 'x'", "[fit] steps must be a whole number, got 'x'"),
        ("[fit]\nsteps = 0", "[fit] steps: --steps must be at least 1, got 0"),
        ("[fit]\nsteps = true", "[fit] steps must be a whole number, got True"),
        ("[fit", "not a TOML file"),
        ("[fit]\noutput = '../../etc/model'", "[fit] output leads out of the folder of the file"),
        ("[evaluate]\nbogus = 1", "[evaluate] unknown key 'bogus'"),
    ],
)
def test_mistake_in_the_file_names_the_place(file: str, said: str, run: Run, tmp_path: Path) -> None:
    """A typing error in a config file must never go unnoticed."""
    (tmp_path / "tsforecast.toml").write_text(file)
    done = run("fit", "d.csv")

    assert done.code == 2
    assert said in done.err
    assert "tsforecast.toml" in done.err


def test_bad_variable_is_named(run: Run) -> None:
    """Whoever set the variable must find it by the message."""
    done = run("fit", "d.csv", env={"TSFORECAST_STEPS": "junk"})

    assert done.code == 2
    assert "TSFORECAST_STEPS must be a whole number, got 'junk'" in done.err


@pytest.mark.parametrize("command", ["fit", "predict"])
def test_variable_of_no_command_is_refused(command: str, run: Run) -> None:
    """A typing error in a crontab must not leave a setting out unseen; an empty one sets nothing."""
    done = run(command, "d.csv", env={"TSFORECAST_HORIZN": "7"})

    assert done.code == 2
    assert "unknown environment variable 'TSFORECAST_HORIZN'" in done.err
    assert "did you mean TSFORECAST_HORIZON?" in done.err
    assert run("fit", "d.csv", env={"TSFORECAST_HORIZN": "", "TSFORECAST_TEST_NOW": "0"}).code == 0


def test_variable_of_another_command_is_ignored(run: Run) -> None:
    """TSFORECAST_STEPS is a matter of fit alone."""
    assert run("predict", "m", env={"TSFORECAST_STEPS": "junk"}).code == 0


def test_variable_without_its_switch_is_left_to_other_commands(run: Run) -> None:
    """TSFORECAST_TARGET is meant for fit, and for predict only where it reads a table of its own."""
    plain, zero_shot = (
        run("predict", "settings", *words, env={"TSFORECAST_TARGET": "sales"}).err
        for words in ([], ["--zero-shot"])
    )

    assert "target=None" in plain
    assert "target='sales'" in zero_shot


def test_file_of_a_parent_folder_counts(run: Run, tmp_path: Path) -> None:
    """A project's settings hold in its subfolders, and the nearest file wins."""
    (tmp_path / "tsforecast.toml").write_text(FILE)
    (tmp_path / "sub").mkdir()
    script = f"cd sub; $TSF predict settings; echo '[predict]' > {FILE_NAME}; $TSF predict settings"
    done = in_shell(script, tmp_path)

    assert [
        line.split("quantiles=")[1][: len(part)]
        for line, part in zip(done.err.splitlines(), ("(0.5,)", "()"), strict=True)
    ] == ["(0.5,)", "()"]


def test_named_file_that_is_missing_is_an_access_error(run: Run) -> None:
    """A file the user named must be there."""
    done = run("fit", "d.csv", "--config", "nowhere.toml")

    assert done.code == 4
    assert done.err.startswith("error: nowhere.toml: No such file or directory\n")


def test_output_of_the_file_is_relative_to_it(run: Run, tmp_path: Path) -> None:
    """The file names a place next to itself, wherever the command runs."""
    (tmp_path / "tsforecast.toml").write_text("[predict]\noutput = 'f.jsonl'\n")
    run("predict", "m")

    assert (tmp_path / "f.jsonl").read_text() == "jsonl,0\n"


@pytest.mark.parametrize("name", PURPOSES)
def test_reference_shows_every_setting(name: str) -> None:
    """The reference page knows every flag, variable and default."""
    page = render().partition(f"## tsforecast {name}\n")[2].partition("\n## ")[0]

    for one in load(name).options:
        assert one.flag in page
        assert one.about in page
        assert one.name in UNSAVED or f"`{one.variable}`" in page


@pytest.mark.parametrize("name", PURPOSES)
def test_default_survives_being_written_and_read(name: str) -> None:
    """What help and reference show as a default means just that value."""
    for one in load(name).options:
        if one.default not in (None, ()):
            assert one.default == one.read(one.show(one.default), one.flag)


@given(st.integers(1, 10**9))
def test_whole_number_survives_text(value: int) -> None:
    """A number typed is the number used."""
    assert value == option("steps").read(str(value), "--steps") == option("steps").read(value, "file")


@given(st.lists(st.text("a,\"' é", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_names_of_any_kind_survive_the_command_line(names: list[str]) -> None:
    """A name with a comma stands in double quotes; all others are what they are."""
    future = next(one for one in options_of(FitSettings) if one.name == "future")
    names = [name for name in names if "," in name or '"' not in name] or ["a"]

    assert future.read(future.show(tuple(names)), "--future") == tuple(names)


@pytest.mark.parametrize("text", ["a,b", "a", '"a"', 'a "b" c,"d"', "a, b ,c", 'x"y,z"', '"a,b'])
def test_lists_without_a_quoted_comma_are_divided_at_each(text: str) -> None:
    """Quotes that hold no comma belong to the name, as they always did."""
    future = next(one for one in options_of(FitSettings) if one.name == "future")

    assert future.read(text, "--future") == tuple(part.strip() for part in text.split(","))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes a reader fail in any other way than with a usage error."""
    for name in ("steps", "budget", "season_length", "quantiles", "no_history", "device", "target", "past"):
        with suppress(UsageError):
            assert option(name).read(text, name) is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--budget", "0"], "--budget must be at least 0.1s, got 0s"),
        (["--budget", "soon"], "--budget must be a duration such as 60s, 2min or 1h, got 'soon'"),
        (["--budget", "-5s"], "--budget must be a duration such as 60s, 2min or 1h, got '-5s'"),
        (["--horizon", "0"], "--horizon must be at least 1, got 0"),
        (["--horizon", "1.5"], "--horizon must be a whole number, got '1.5'"),
        (["--season-length", "24,1"], "--season-length must be at least 2, got 1"),
        (["--activation", "selu"], "--activation must be one of relu, tanh, got 'selu'"),
    ],
)
def test_refused_value_is_named_by_its_flag(words: list[str], message: str, run: Run) -> None:
    """Whoever typed a flag finds it at the start of the message."""
    assert run("fit", "d.csv", *words).err.startswith(f"error: {message}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "non_negative=None"),
        (["--non-negative"], "non_negative=True"),
        (["--no-non-negative"], "non_negative=False"),
    ],
)
def test_switch_that_finds_out_by_itself_has_three_states(words: list[str], said: str, run: Run) -> None:
    """Yes, no, and left to the program."""
    assert said in run("fit", "settings", *words).err


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"horizon": 1.5}, "--horizon must be a whole number, got 1.5"),
        ({"horizon": True}, "--horizon must be a whole number, got True"),
        ({"target": 5}, "--target must be a text, got 5"),
        ({"non_negative": "yes"}, "--non-negative must be true or false, got 'yes'"),
        ({"budget": "soon"}, "--budget must be a duration"),
    ],
)
def test_keyword_of_the_wrong_type_is_refused(values: dict[str, object], message: str) -> None:
    """From Python as from the command line, before any work."""
    with pytest.raises(UsageError) as caught:
        from_keywords(FitSettings, values)

    assert caught.value.message.startswith(message)


def test_keyword_may_be_a_number_of_numpy() -> None:
    """Lengths that come out of a computation count as plain numbers."""
    settings = from_keywords(FitSettings, {"horizon": np.int64(7), "season_length": [np.int32(12)]})

    assert (settings.horizon, settings.season_length) == (7, (12,))
    assert from_keywords(FitSettings, {"season_length": np.int32(12)}).season_length == (12,)
    assert type(settings.horizon) is int


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no device without an end")
def test_a_config_file_without_an_end_is_refused(run: Run) -> None:
    """A device that never ends must not fill the memory; one that is empty is an empty config file."""
    done = run("fit", "d.csv", "--config", "/dev/zero")

    assert done.code == 4
    assert "no regular file" in done.err
    assert run("fit", "--print-config", "--config", "/dev/null").code == 0
