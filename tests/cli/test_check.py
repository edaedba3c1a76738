from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import REAL, Run, on_terminal
from tests.data.tables import daily, days

BROKEN = daily(60) + f"{days(5)[4]},7\n"


def test_findings_go_to_stdout_and_decide_the_exit_code(run_real: Run, tmp_path: Path) -> None:
    """A script asks the exit code, a person reads the place and the flag."""
    (tmp_path / "sound.csv").write_text(daily(60))
    (tmp_path / "broken.csv").write_text(BROKEN)
    sound, broken = run_real("check", "sound.csv"), run_real("check", "broken.csv")

    assert (sound.code, sound.err) == (0, "")
    assert "nothing to complain about" in sound.out
    assert broken.code == 3
    assert "error: broken.csv:62: 1 duplicate timestamp" in broken.out
    assert "--duplicates" in broken.out
    assert broken.err.startswith("error: fit would refuse broken.csv: one finding")


def test_json_has_every_finding(run_real: Run, tmp_path: Path) -> None:
    """What a person reads, a program gets."""
    (tmp_path / "broken.csv").write_text(BROKEN)
    done = run_real("check", "broken.csv", "--json")
    found = json.loads(done.out)

    assert done.code == 3
    assert found["schema"] == "tsforecast.check/1"
    assert found["refused"]
    assert (found["findings"][0]["severity"], found["findings"][0]["line"]) == ("error", 62)


def test_the_frequency_comes_with_how_sure_it_is_and_why(run_real: Run, tmp_path: Path) -> None:
    """For people and for programs, also where there is no doubt."""
    rows = [f"{day},{number}" for number, day in enumerate(days(60)) if number != 30]
    (tmp_path / "data.csv").write_text("ds,y\n" + "\n".join(rows) + "\n")
    told, found = run_real("check", "data.csv"), json.loads(run_real("check", "data.csv", "--json").out)

    reason = "98.2% of the timestamps follow the one before by one step"
    assert f"\nfrequency: daily (D), 99.3% sure: {reason}\n" in told.out
    assert (found["frequency"], found["frequency_confidence"], found["frequency_reason"]) == (
        "D",
        0.993,
        reason,
    )


def test_standard_input_is_checked_and_mended(run_real: Run, tmp_path: Path) -> None:
    """A pipe is read once, however often it has to be looked at."""
    done = run_real("check", "-", "--fix", "mended.csv", "-v", stdin=BROKEN.encode())

    assert done.code == 0
    assert "mended with --duplicates first: mended.csv" in done.err
    assert (tmp_path / "mended.csv").read_text().startswith("ds,y\n2024-01-01,1\n")


def test_findings_are_as_wide_as_the_terminal(tmp_path: Path) -> None:
    """No word is cut at the edge of a terminal of 80 columns; what mends is left to the terminal to wrap."""
    (tmp_path / "a_table_with_quite_a_long_name.csv").write_text(BROKEN + f"{days(5)[3]},7\n{days(5)[2]},7\n")
    done = on_terminal([*REAL, "check", "a_table_with_quite_a_long_name.csv"], tmp_path)
    findings = done.out[: done.out.index("fit would refuse")]

    lines = findings.splitlines()
    assert max(len(line) for line in lines if not line.startswith("  mend: ")) <= 80
    assert "  means: fit refuses the table" in findings
    assert any(line.startswith("  mend: if a column") and line.endswith("one row of them") for line in lines)


def test_a_proposed_command_can_be_pasted(run_real: Run, tmp_path: Path) -> None:
    """Names with blanks stay as they are between their quotes, in a pipe and on a terminal."""
    names = ["Netzbezug in  kWh am Zähler", "Einspeisung in kWh am Zähler", "Erzeugung der PV Dach"]
    rows = [f"{day},{number},{number * 7 % 5},{number * 3 % 7}" for number, day in enumerate(days(30))]
    (tmp_path / "data.csv").write_text("\n".join([",".join(["Datum", *names]), *rows, ""]))
    command = f"--target '{','.join(names)}' to forecast them all"
    piped = run_real("check", "data.csv", "--layout", "long")
    shown = on_terminal([*REAL, "check", "data.csv", "--layout", "long"], tmp_path)

    assert command in piped.out
    assert command in shown.out


def test_findings_in_a_pipe_have_a_line_for_each_thing(run_real: Run, tmp_path: Path) -> None:
    """What is searched line by line is not wrapped, however long it is."""
    (tmp_path / "broken.csv").write_text(BROKEN)
    lines = run_real("check", "broken.csv").out.splitlines()

    starts = ("broken.csv: ", "frequency: ", "error: ", "warning: ", "note: ", "  means: ", "  mend: ")
    assert all(line.startswith(starts) for line in lines if line)
    assert max(map(len, lines)) > 100


def test_the_line_of_what_cannot_be_mended_is_told(run_real: Run, tmp_path: Path) -> None:
    """Whoever asks for a mended table needs the place as much as whoever does not."""
    (tmp_path / "nested.jsonl").write_text('{"ds": "2024-01-01", "y": {"a": 1}}\n')
    done = run_real("check", "nested.jsonl", "--fix", "mended.csv")

    assert done.code == 3
    assert done.err.startswith("error: nested.jsonl:1: key 'y' holds more than one value\n")


def test_a_mended_table_lands_under_no_wrong_name(run_real: Run, tmp_path: Path) -> None:
    """It is CSV, and never the table that was read; the hint names the option that was typed."""
    (tmp_path / "broken.csv").write_text(BROKEN)
    other, same = (run_real("check", "broken.csv", "--fix", name) for name in ("out.parquet", "broken.csv"))

    assert (other.code, same.code) == (2, 2)
    assert other.err == "error: --fix writes CSV, not .parquet\nhint: give --fix a name that ends in .csv\n"
    assert same.err.endswith("hint: choose another name for --fix\n")
    assert [file.name for file in tmp_path.iterdir()] == ["broken.csv"]


def test_what_was_mended_is_said_to_nobody_too(run_real: Run, tmp_path: Path) -> None:
    """A mended file without a word is a trap in a script; --quiet is asked for."""
    rows = [f"{day},{number}" for number, day in enumerate(days(60)) if number not in (30, 31)]
    (tmp_path / "data.csv").write_text("\n".join(["ds,y", *rows, rows[3], rows[4]]) + "\n")
    words = ("check", "data.csv", "--fill", "linear", "--fix", "mended.csv")

    done, quiet = run_real(*words), run_real(*words, "-q")
    refused = run_real(*words, "--duplicates", "error")

    assert done.err == "mended: 2 duplicate rows merged (first)\nmended: 2 missing values filled (linear)\n"
    assert quiet.err == ""
    assert json.loads(run_real(*words, "--json").out)["repairs"] == {"merged": 2, "filled": 2}
    assert refused.code == 3
    assert refused.err.startswith("error: data.csv:60: 2 duplicate timestamps")
    assert "--duplicates error says not to mend it\nhint: leave --duplicates out" in refused.err
