"""The four verbs as a user strings them together, with nothing stubbed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from pathlib import Path

import pytest

from tests.cli.conftest import REAL, Finished, start

HORIZON = 24
PROBE = (
    "import sys; from tsforecast.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
)


def hourly_csv(hours: int = 480) -> str:
    """Twenty days of a daily cycle."""
    rows = (
        f"2024-01-{hour // 24 + 1:02d} {hour % 24:02d}:00,{50 + 10 * math.sin(hour * math.pi / 12):.3f}"
        for hour in range(hours)
    )
    return "\n".join(["when,load", *rows]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with data and a model that was trained for a few steps."""
    place = tmp_path_factory.mktemp("workplace")
    (place / "load.csv").write_text(hourly_csv())
    done = run(place, "fit", "load.csv", "--steps", "3", "--members", "1", "--horizon", str(HORIZON))
    assert (done.code, done.out, done.err) == (0, "", "")
    return place


def run(place: Path, *words: str, stdin: bytes = b"") -> Finished:
    """Run the command itself."""
    return start([*REAL, *words], place, stdin=stdin)


def table(text: str) -> list[dict[str, str]]:
    """Rows of a CSV table."""
    return list(csv.DictReader(io.StringIO(text)))


def test_fit_leaves_a_model_named_after_its_data(folder: Path) -> None:
    """Without -o the model lies in the working folder under the data's name."""
    assert (folder / "load.tsf" / "model.json").is_file()


def test_predict_prints_one_row_per_future_step(folder: Path) -> None:
    """The forecast starts after the last row, in the user's own column names and time format."""
    rows = table(run(folder, "predict", "load.tsf").out)

    assert len(rows) == HORIZON
    assert list(rows[0]) == ["when", "forecast", "q0.1", "q0.9"]
    assert rows[0]["when"] == "2024-01-21 00:00"
    assert all(float(row["q0.1"]) <= float(row["forecast"]) <= float(row["q0.9"]) for row in rows)


def test_predict_reads_a_pipe_as_it_reads_a_file(folder: Path) -> None:
    """The same rows give the same bytes, however they come."""
    piped = run(folder, "predict", "load.tsf", "-", stdin=(folder / "load.csv").read_bytes())
    read = run(folder, "predict", "load.tsf", "load.csv")

    assert (piped.code, piped.err) == (0, "")
    assert read.out == piped.out == run(folder, "predict", "load.tsf").out


def test_predict_writes_every_format(folder: Path) -> None:
    """All formats hold the same numbers."""
    import pyarrow.parquet

    rows = table(run(folder, "predict", "load.tsf").out)
    lines = [
        json.loads(line) for line in run(folder, "predict", "load.tsf", "--format", "jsonl").out.splitlines()
    ]
    whole = json.loads(run(folder, "predict", "load.tsf", "--json").out)
    run(folder, "predict", "load.tsf", "-o", "f.parquet")
    columns = pyarrow.parquet.read_table(folder / "f.parquet").to_pydict()

    expected = [float(row["forecast"]) for row in rows]
    assert expected == [line["forecast"] for line in lines] == columns["forecast"]
    assert whole["schema"] == "tsforecast.forecast/1"


def test_predict_loads_no_training_code(folder: Path) -> None:
    """A forecast from cron must not pay for torch, scikit-learn, pandas or colours."""
    (folder / "load.csv.gz").write_bytes(gzip.compress((folder / "load.csv").read_bytes()))
    seen = start(["-c", PROBE, "predict", "load.tsf", "load.csv.gz"], folder).err.split()

    assert set() == {"torch", "sklearn", "pandas", "rich"} & set(seen)


def test_predict_of_a_plain_file_loads_what_it_needs_alone(folder: Path) -> None:
    """Where nothing is odd, nobody waits for the libraries that know what to do with it."""
    seen = start(["-c", PROBE, "predict", "load.tsf", "load.csv"], folder).err.split()

    assert "onnxruntime" in seen
    assert set() == {"pyarrow", "typer", "numpy.ma", "tsforecast.data.reading"} & set(seen)


def test_predict_without_a_model_reads_files_and_pipes(folder: Path) -> None:
    """One word, a table, is enough for a forecast; the same rows give the same bytes."""
    words = ("predict", "--zero-shot", "--horizon", "5", "--quantiles", "0.5")
    read, piped = run(folder, *words, "load.csv"), run(folder, *words, "-", stdin=hourly_csv().encode())

    rows = table(read.out)
    assert (read.code, read.err) == (piped.code, piped.err) == (0, "")
    assert read.out == piped.out
    assert list(rows[0]) == ["when", "forecast", "q0.5"]
    assert [row["when"] for row in rows] == [f"2024-01-21 {hour:02d}:00" for hour in range(5)]


def test_predict_without_a_model_reads_wide_tables(folder: Path) -> None:
    """Every column is a series, as in fit."""
    days = [f"2024-01-{day:02d},{day},{2 * day}\n" for day in range(1, 31)]
    (folder / "wide.csv").write_text("".join(["day,tea,coffee\n", *days]))

    done = run(
        folder, "predict", "--zero-shot", "wide.csv", "--layout", "wide", "--freq", "D", "--horizon", "2"
    )

    assert [(row["series"], row["day"]) for row in table(done.out)] == [
        (name, day) for name in ("tea", "coffee") for day in ("2024-01-31", "2024-02-01")
    ]


def test_several_files_are_one_table(folder: Path) -> None:
    """A file per shop is a series per shop, named one after the other."""
    for name in ("north", "south"):
        (folder / f"{name}.csv").write_bytes((folder / "load.csv").read_bytes())

    done = run(folder, "predict", "--zero-shot", "north.csv", "south.csv", "--horizon", "1")

    assert [row["file"] for row in table(done.out)] == ["north", "south"]


def test_predict_without_a_model_loads_no_training_code(folder: Path) -> None:
    """A first forecast must not wait for torch either."""
    seen = start(["-c", PROBE, "predict", "--zero-shot", "load.csv"], folder).err.split()

    assert "onnxruntime" in seen
    assert set() == {"torch", "sklearn", "pandas", "rich"} & set(seen)


def test_evaluate_compares_with_seasonal_naive(folder: Path) -> None:
    """Every model is compared with the obvious alternative."""
    done = run(folder, "evaluate", "load.tsf", "load.csv", "--forecasts", "backtest.csv")

    assert (done.code, done.err) == (0, "")
    assert "seasonal naive" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "forecast" in table((folder / "backtest.csv").read_text())[0]


def test_evaluate_speaks_json(folder: Path) -> None:
    """Scores for a program are one object."""
    assert json.loads(run(folder, "evaluate", "load.tsf", "--json").out)["schema"] == "tsforecast.evaluate/1"


def test_evaluate_explains_itself(folder: Path) -> None:
    """A table of shares follows the scores, narrow enough for any terminal; programs find it in the JSON."""
    done = run(folder, "evaluate", "load.tsf", "--explain")
    plain = json.loads(run(folder, "evaluate", "load.tsf", "--explain", "--json").out)

    lines = done.out.splitlines()
    start_of_shares = lines.index(
        next(line for line in lines if line.startswith("What the forecasts lean on"))
    )
    shares = [line.rsplit(maxsplit=2)[1] for line in lines[start_of_shares + 2 :]]
    assert lines[start_of_shares + 1].split() == ["part", "share"]
    assert sum(map(float, shares)) == pytest.approx(100, abs=0.5)
    assert all(len(line) <= 80 for line in lines)
    assert [f"{100 * one['share']:.1f}" for one in plain["explanation"]["shares"]] == shares


def test_evaluate_explains_each_series(folder: Path) -> None:
    """With --by series there is one line for each."""
    done = run(folder, "evaluate", "load.tsf", "--explain", "--by", "series")

    assert "The largest share by series" in done.out
    assert "leans most on" in done.out


def test_export_writes_one_file(folder: Path) -> None:
    """The ONNX file is there, and the check against torch is reported."""
    done = run(folder, "export", "load.tsf", "-o", "load.onnx", "--json")

    report = json.loads(done.out)
    assert report["schema"] == "tsforecast.export/1"
    assert (folder / "load.onnx").stat().st_size > 0


def test_a_file_is_a_model_too(folder: Path) -> None:
    """What export writes can be looked into and forecast with, to the same bytes, without torch."""
    run(folder, "export", "load.tsf", "-o", "load.onnx")

    whole, report = run(folder, "inspect", "load.onnx"), run(folder, "inspect", "load.tsf", "--json")
    seen = start(["-c", PROBE, "inspect", "load.onnx"], folder).err.split()

    assert run(folder, "predict", "load.onnx", "load.csv").out == run(folder, "predict", "load.tsf").out
    assert "context double [B, " in whole.out
    assert "load.csv: 480 rows, 1 series" in whole.out
    assert json.loads(report.out)["schema"] == "tsforecast.inspect/1"
    assert set() == {"torch", "sklearn", "pandas", "onnxruntime"} & set(seen)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["inspect", "load.csv"], 5),
        (["inspect", "missing.onnx"], 5),
        (["predict", "missing.onnx", "load.csv"], 5),
        (["fit", "missing.csv"], 4),
        (["fit", "bad.csv", "--steps", "1"], 3),
        (["fit", "load.csv", "--target", "laod"], 2),
        (["fit", "-", "--steps", "1"], 2),
        (["predict", "missing.tsf"], 5),
        (["predict", "load.tsf", "missing.csv"], 4),
        (["predict", "load.tsf", "--horizon", "1000"], 2),
        (["predict", "load.tsf", "--quantiles", "2"], 2),
        (["predict", "load.tsf", "--freq", "h"], 2),
        (["predict", "--zero-shot", "load.tsf", "load.csv"], 2),
        (["predict", "--zero-shot"], 2),
        (["predict", "--zero-shot", "missing.csv"], 4),
        (["predict", "--zero-shot", "bad.csv"], 3),
        (["predict", "--zero-shot", "load.csv", "-o", "load.csv"], 2),
        (["predict", "load.tsf", "-o", "nowhere/f.csv"], 4),
        (["export", "load.tsf", "-o", "x.onnx", "--opset", "3"], 2),
    ],
)
def test_mistake_has_its_own_exit_code(words: list[str], code: int, folder: Path) -> None:
    """A script can tell its own mistake from a broken feed."""
    (folder / "bad.csv").write_text(hourly_csv().replace(",50.000", ",fifty", 1))
    done = run(folder, *words)

    assert (code, "") == (done.code, done.out)
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
