"""The sample files are what their script makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_sample_data_is_made_again_byte_for_byte(sample_data: Path, tmp_path: Path) -> None:
    """Nobody edits a sample file by hand, and every NumPy makes the same one."""
    subprocess.run([sys.executable, sample_data / "make.py", tmp_path], check=True)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.name: path.read_bytes() for path in sample_data.glob("*.csv")} == made


def test_sample_data_readme_names_every_file_and_column(sample_data: Path) -> None:
    """A column without a meaning is of no use to a reader."""
    readme = (sample_data / "README.md").read_text(encoding="utf-8")

    for path in sample_data.glob("*.csv"):
        header = path.read_text(encoding="utf-8").split("\n", 1)[0]
        section = readme.split(f"## {path.name}\n")[1].split("\n## ")[0]
        assert [name for name in header.split(",") if f"`{name}`" not in section] == []
