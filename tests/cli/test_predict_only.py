"""An install without torch, scikit-learn, pandas, holidays and extras does everything but train and draw pixels."""

from __future__ import annotations

from pathlib import Path

import pytest

import tsforecast
from tests.cli.conftest import REAL, Finished, start
from tests.workflows.tables import write_daily
from tsforecast.runtime.exported import load_exported

LACKING = """
import sys
class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "sklearn", "pandas", "holidays", "resvg_py"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Lacking())
from tsforecast.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with data and a model."""
    place = tmp_path_factory.mktemp("lacking")
    write_daily(place / "daily.csv", 0, 120)
    tsforecast.fit(place / "daily.csv", place / "daily.tsf", steps=2, members=1, horizon=6)
    return place


def lacking(place: Path, *words: str) -> Finished:
    """Run the command where the training packages are not installed."""
    return start(["-c", LACKING, *words], place)


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "daily.tsf"],
        ["predict", "--zero-shot", "daily.csv"],
        ["evaluate", "daily.tsf"],
        ["inspect", "daily.tsf"],
        ["export", "daily.tsf", "-o", "daily.onnx", "--no-check"],
        ["export", "daily.tsf", "--bundle", "edge", "--no-check", "--precision", "int8"],
    ],
)
def test_everything_but_training_works(words: list[str], folder: Path) -> None:
    """The same bytes as from a whole install, and no complaint."""
    done = lacking(folder, *words)

    assert (done.code, done.err) == (0, "")
    assert done.out == start([*REAL, *words], folder).out


def test_bench_works(folder: Path) -> None:
    """Times differ, so only its success is compared."""
    assert lacking(folder, "bench", "daily.tsf", "--seconds", "0.01").code == 0


@pytest.mark.parametrize("words", [["-o", "checked.onnx"], ["-o", "checked.onnx", "--target", "tract"]])
def test_an_export_is_compared_with_what_is_at_hand(words: list[str], folder: Path) -> None:
    """Without torch that is the graph of the model folder; it is said, and stands in the file."""
    done = lacking(folder, "export", "daily.tsf", "-v", *words)

    assert (done.code, done.out) == (0, "")
    assert "compared with the graph of the model folder, not with the network" in done.err
    parity = load_exported(folder / "checked.onnx").about["parity"]
    assert (parity["against"], parity["windows"] > 6) == ("graph", True)
    assert parity["difference"] <= parity["limit"]
    assert "from the graph of its model folder" in lacking(folder, "inspect", "checked.onnx").out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["fit", "daily.csv"], "hint: pip install torch scikit-learn pandas holidays\n"),
        (
            ["predict", "daily.tsf", "-o", "x.csv", "--plot", "x.png"],
            "hint: pip install resvg-py, or give a name that ends in .svg\n",
        ),
    ],
)
def test_what_is_missing_is_said_with_how_to_get_it(words: list[str], hint: str, folder: Path) -> None:
    """One line to copy, and exit code 10."""
    done = lacking(folder, *words)

    assert (done.code, done.out) == (10, "")
    assert done.err.startswith("error: ")
    assert done.err.endswith(hint)
    assert not [*folder.glob("x.*")]
