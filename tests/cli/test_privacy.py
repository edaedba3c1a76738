"""Nothing is written but what was asked for, and nobody is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.data.tables import daily

ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, *words: str) -> None:
    """Run Python as somebody with an empty home folder does."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    env = {**kept, "HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, *words], cwd=folder, env=env, check=True, capture_output=True, timeout=120
    )


def test_no_run_leaves_a_trace_in_the_home_folder(tmp_path: Path) -> None:
    """Whoever forecasts sees no file but their own; onnxruntime would keep a number of the machine and events there."""
    (tmp_path / "home").mkdir()
    (tmp_path / "sales.csv").write_text(daily(90))
    tool = ["-m", "tsforecast"]
    run(tmp_path, *tool, "fit", "sales.csv", "--steps", "1", "--members", "1", "--horizon", "3")
    run(tmp_path, *tool, "predict", "sales.tsf", "sales.csv")
    run(
        tmp_path, *tool, "export", "sales.tsf", "--bundle", "edge", "--precision", "int8", "--max-loss", "900"
    )
    run(tmp_path, "edge/forecast.py", "sales.csv")

    assert list((tmp_path / "home").rglob("*")) == []
    assert {path.name for path in tmp_path.iterdir()} == {"home", "sales.csv", "sales.tsf", "edge"}
