from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import tsforecast
from tests.stored_models import rewrite
from tests.workflows.tables import write_daily
from tsforecast.config import ExportSettings
from tsforecast.data.output.writing import to_csv
from tsforecast.errors import AccessError
from tsforecast.runtime.exported import load_exported
from tsforecast.workflows.bundle import Bundle, bundle

BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        known = sys.stdlib_module_names | {"numpy", "onnxruntime", "zoneinfo"}
        # The standard library keeps how Python was built in a module that is named after the platform.
        if name.partition(".")[0] not in known and not name.startswith("_sysconfigdata_"):
            raise ModuleNotFoundError(f"blocked: {name}", name=name)
sys.meta_path.insert(0, Block())
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(place: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a bundle's script in a process that can import numpy and onnxruntime only."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", BLOCKED, str(place / "forecast.py"), *words]
    return subprocess.run(command, input=stdin, capture_output=True, env=clean, timeout=60, check=False)


def expected(place: Path, data: Path, levels: tuple[float, ...]) -> bytes:
    """Give what predict prints."""
    return to_csv(tsforecast.predict(next(place.glob("*.onnx")), data, quantiles=levels).table)


def test_runner_prints_what_predict_prints(bundled: Bundle, longer_csv: Path) -> None:
    """A device with numpy and onnxruntime alone gets the same bytes, from a file and from a pipe, compressed or not."""
    read = run(bundled.folder, str(longer_csv), "--quantiles", "0.05,0.33,0.9")
    piped = run(bundled.folder, "-", stdin=gzip.compress(longer_csv.read_bytes()))

    assert (read.returncode, read.stderr) == (piped.returncode, piped.stderr) == (0, b"")
    assert read.stdout == expected(bundled.folder, longer_csv, (0.05, 0.33, 0.9))
    assert piped.stdout == expected(bundled.folder, longer_csv, (0.1, 0.9))


@pytest.mark.parametrize("how", ["cut", "foreign"])
def test_runner_says_in_one_line_that_a_file_is_no_model(
    bundled: Bundle, longer_csv: Path, tmp_path: Path, how: str
) -> None:
    """Half a file, and a file of another program, end with exit code 1 and no traceback."""
    content = bundled.exported.path.read_bytes()
    if how == "foreign":
        model = onnx.load_model_from_string(content)
        del model.metadata_props[:]
        content = model.SerializeToString()
    (tmp_path / "forecast.py").write_bytes((bundled.folder / "forecast.py").read_bytes())
    (tmp_path / "m.onnx").write_bytes(content[: len(content) // 2] if how == "cut" else content)

    done = run(tmp_path, str(longer_csv))

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there the shell closes no streams")
@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-"])
def test_runner_says_that_a_stream_is_closed(bundled: Bundle, tmp_path: Path, closed: str) -> None:
    """A service without streams is told which it needs; a closed stderr alone is no reason to fail."""
    short = write_daily(tmp_path / "short.csv", 119, 120)
    words = [sys.executable, str(bundled.folder / "forecast.py"), "-" if closed[0] == "0" else str(short)]

    done = subprocess.run(["/bin/sh", "-c", f'"$@" {closed}', "sh", *words], capture_output=True, check=False)

    if closed[0] == "2":
        assert (done.returncode, done.stdout) == (0, expected(bundled.folder, short, (0.1, 0.9)))
    else:
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr == b"error: standard input or output is closed\n"


def test_runner_pads_a_short_series_and_says_so(bundled: Bundle, tmp_path: Path) -> None:
    """One known value is enough; the bytes are those of predict."""
    short = write_daily(tmp_path / "short.csv", 119, 120)

    done = run(bundled.folder, str(short))

    assert done.stderr == b"note: 2 of 2 series are shorter than the context: padded\n"
    assert done.stdout == expected(bundled.folder, short, (0.1, 0.9))


def test_runner_cuts_many_series_as_predict_does(bundled: Bundle, tmp_path: Path) -> None:
    """Last digits depend on how windows are cut into calls: the script must cut as predict does."""
    many = write_daily(tmp_path / "many.csv", 117, 120, tuple(f"s{number:03}" for number in range(513)))

    assert run(bundled.folder, str(many)).stdout == expected(bundled.folder, many, (0.1, 0.9))


def test_runner_refuses_a_context_without_a_value(bundled: Bundle, tmp_path: Path) -> None:
    """A forecast from nothing would be invented, here as in predict."""
    data = write_daily(tmp_path / "empty.csv", 0, 120)
    rows = [row.rpartition(",")[0] + "," if "south" in row else row for row in data.read_text().splitlines()]
    data.write_text("\n".join(rows) + "\n")

    done = run(bundled.folder, str(data))

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: series south has no known value in its context")
    assert done.stderr.count(b"\n") == 1


def monthly(sample_data: Path, place: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Months of one series."""
    data = sample_data / "monthly_visitors.csv"
    return data, data, {"horizon": 5}


def wide(sample_data: Path, place: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Weeks of three series side by side."""
    data = sample_data / "weekly_orders.csv"
    return data, data, {"horizon": 5}


def covariates(sample_data: Path, place: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Days with all that is known ahead, categories and calendar, and rows after the last value."""
    head, *rows = (sample_data / "daily_sales.csv").read_text().splitlines()
    ahead = [row.split(",") for row in rows[-7:]]
    (place / "fit.csv").write_text("\n".join([head, *rows[:-7]]) + "\n")
    later = [
        ",".join([day, "", price, promotion, "", holiday]) for day, _, price, promotion, _, holiday in ahead
    ]
    (place / "new.csv").write_text("\n".join([head, *rows[-400:-7], *later]) + "\n")
    known = {"past": ("temperature",), "future": ("price", "promotion", "holiday"), "calendar": ("auto",)}
    return place / "fit.csv", place / "new.csv", {"target": "sales", "horizon": 7, **known}


def targets(sample_data: Path, place: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Two targets of two shops, one of which never has the second; names with commas."""
    days = [date.fromordinal(738886 + day).isoformat() for day in range(60)]
    rows = [
        f'"{shop}",x,{day},{50 + step % 7 + index},{"" if index else 3 + step % 5}'
        for index, shop in enumerate(("north", "east, lower"))
        for step, day in enumerate(days)
    ]
    data = place / "targets.csv"
    data.write_text('shop,item,day,sales,"price, net"\n' + "\n".join(rows) + "\n")
    return data, data, {"id": "shop,item", "target": 'sales,"price, net"', "horizon": 5}


@pytest.mark.parametrize("make", [monthly, wide, covariates, targets])
def test_runner_reads_every_kind_of_table(
    make: Callable[[Path, Path], tuple[Path, Path, dict[str, Any]]], sample_data: Path, tmp_path: Path
) -> None:
    """Calendar months, wide tables, several targets, gaps, covariates: the same bytes as predict."""
    data, new, settings = make(sample_data, tmp_path)
    tsforecast.fit(data, tmp_path / "m.tsf", steps=2, members=1, **settings)
    place = bundle(tmp_path / "m.tsf", tmp_path / "b", settings=ExportSettings(no_check=True)).folder

    done = run(place, str(new))

    assert done.stderr == b""
    assert done.stdout == expected(place, new, (0.1, 0.9))


def test_runner_of_a_model_of_an_earlier_release_knows_its_months(
    model: Path, longer_csv: Path, tmp_path: Path
) -> None:
    """It stored that months have English names, and not these."""
    old = tmp_path / "old.tsf"
    shutil.copytree(model, old)

    def without_names(description: dict[str, Any]) -> None:
        form = description["data"]["schema"]["time_format"]
        form["pattern"] = "%d-%b-%Y"
        del form["months"], form["weekdays"]

    rewrite(old, without_names)
    made = bundle(old, tmp_path / "edge", settings=ExportSettings())
    data = tmp_path / "data.csv"
    data.write_text(
        re.sub(
            r"\d{4}-\d\d-\d\d", lambda day: f"{date.fromisoformat(day[0]):%d-%b-%Y}", longer_csv.read_text()
        )
    )
    done = run(made.folder, str(data))

    assert done.stdout == expected(made.folder, data, (0.1, 0.9))
    assert b"-May-2024," in done.stdout


@pytest.mark.parametrize("batch", ["2", "dynamic"])
def test_runner_goes_step_by_step(model: Path, longer_csv: Path, batch: str, tmp_path: Path) -> None:
    """A file of one step per call gives the bytes of predict too, and its card tells the loop."""
    place = bundle(
        model, tmp_path / "b", settings=ExportSettings(form="step", batch=batch, no_check=True)
    ).folder

    done = run(place, str(longer_csv))

    assert done.stderr == b""
    assert done.stdout == expected(place, longer_csv, (0.1, 0.9))
    assert "one step of the recurrence per call" in (place / "README.md").read_text()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("sales", "turnover"), "no column sales"),
        (lambda text: text.replace("2024-05-01", "2024-05-02"), "of row 124 stands twice"),
        (lambda text: text.replace("2024-05-01", "May Day"), "May Day"),
        (lambda text: "", "no column"),
        (lambda text: text.partition("\n")[0], "no row of data"),
        (lambda text: text.rpartition(",")[0], "cut short"),
    ],
)
def test_runner_says_what_is_wrong(
    change: Callable[[str], str], said: str, bundled: Bundle, longer_csv: Path
) -> None:
    """Bad data is one line and an exit code, never a forecast."""
    done = run(bundled.folder, "-", stdin=change(longer_csv.read_text()).encode())

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: ")
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_runner_lets_no_name_command_the_terminal(bundled: Bundle, longer_csv: Path) -> None:
    """Control characters of a series' name are shown as question marks."""
    done = run(bundled.folder, "-", stdin=(longer_csv.read_text() + "\x1b[2J\x9b1m,2024-05-01,\n").encode())

    assert (done.returncode, done.stdout) == (1, b"")
    assert "error: series ?[2J?1m has no known value" in done.stderr.decode()


@pytest.mark.parametrize("count", [0, 2])
def test_runner_never_chooses_between_files(
    bundled: Bundle, longer_csv: Path, tmp_path: Path, count: int
) -> None:
    """A bundle copied over another one, as happens on devices, is an error and not a forecast of the old model."""
    (tmp_path / "forecast.py").write_bytes((bundled.folder / "forecast.py").read_bytes())
    for number in range(count):
        (tmp_path / f"{number}.onnx").write_bytes(bundled.exported.path.read_bytes())

    done = run(tmp_path, str(longer_csv))

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"error: {count} ONNX files lie beside this script, it needs exactly one\n"


def test_runner_is_small(bundled: Bundle) -> None:
    """Whoever ships it can read it."""
    assert len((bundled.folder / "forecast.py").read_text().splitlines()) <= 200


def test_checksums_name_every_file(bundled: Bundle) -> None:
    """A copy can be checked with the usual tool."""
    lines = (bundled.folder / "SHA256SUMS").read_text().splitlines()
    stated = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    files = {str(one.relative_to(bundled.folder)) for one in bundled.folder.rglob("*") if one.is_file()}

    assert {*stated, "SHA256SUMS"} == files == set(bundled.files)
    for name, sha256 in stated.items():
        assert hashlib.sha256((bundled.folder / name).read_bytes()).hexdigest() == sha256


def test_vectors_hold_inputs_and_what_onnxruntime_answers(bundled: Bundle) -> None:
    """Another runtime can prove itself on them, as arrays or as text."""
    session = onnxruntime.InferenceSession(bundled.exported.path)
    vectors = np.load(bundled.folder / "vectors.npz")

    (found,) = session.run(["quantiles"], {"context": vectors["context"]})

    np.testing.assert_allclose(found, vectors["quantiles"], rtol=1e-6)
    with (bundled.folder / "vectors" / "quantiles.csv").open() as file:
        text = [[float(cell) for cell in row] for row in csv.reader(file)]
    np.testing.assert_array_equal(text, vectors["quantiles"].reshape(len(text), -1))


def test_vectors_catch_a_runtime_that_ignores_activations(bundled: Bundle) -> None:
    """On some window the answer of such a runtime is far outside of the tolerance."""
    assert np.load(bundled.folder / "vectors.npz")["tripwire"].max() > 1000 * 1e-5


def test_bundle_replaces_a_bundle_and_nothing_else(model: Path, bundled: Bundle, tmp_path: Path) -> None:
    """The same bytes again; a folder with other files is left alone."""
    settings = ExportSettings(no_check=True)
    first, second = (bundle(model, tmp_path / "b", settings=settings) for _ in range(2))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")

    assert first.files == second.files
    assert load_exported(second.exported.path).about["parity"] is None
    json.dumps(second.to_json(), allow_nan=False)
    with pytest.raises(AccessError, match="no bundle"):
        bundle(model, tmp_path / "mine", settings=settings)
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_bundle_runs_where_nothing_else_is_installed(
    bundled: Bundle, longer_csv: Path, tmp_path: Path
) -> None:
    """An environment of its own holds numpy and onnxruntime, and that is all it needs."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    site = next((tmp_path / "env").rglob("site-packages"))
    for package in (Path(np.__file__).parent, Path(onnxruntime.__file__).parent):
        (site / package.name).symlink_to(package)
        for libraries in package.parent.glob(f"{package.name}.libs"):
            (site / libraries.name).symlink_to(libraries)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    done = subprocess.run(
        [tmp_path / "env" / "bin" / "python", bundled.folder / "forecast.py", longer_csv],
        capture_output=True,
        env=clean,
        check=False,
        timeout=60,
    )

    assert done.stderr == b""
    assert done.stdout == expected(bundled.folder, longer_csv, (0.1, 0.9))
