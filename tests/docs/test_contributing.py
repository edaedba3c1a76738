"""What CONTRIBUTING.md shows can be done as it says."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

import tsforecast
from tests.workflows.tables import write_daily
from tsforecast import cells, models
from tsforecast.errors import UsageError

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"


def blocks() -> tuple[str, str]:
    """Return the file and the line of the section about a new cell."""
    section = PAGE.read_text(encoding="utf-8").partition("## A new recurrent cell")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^    .*\n|^\n)+", section, re.M)
    file, line = (dedent(one) for one in found if one.strip())
    return file.lstrip("\n"), line.strip()


def test_every_command_of_the_repository_is_in_its_table() -> None:
    """What a file of the tests says can be run as a module is in the table, and what is in the table can be run."""
    said = {
        match[1]
        for file in (PAGE.parent / "tests").rglob("*.py")
        if (
            match := re.match(r'""".*?``python -m (tests[.\w]*)', file.read_text(encoding="utf-8"), re.DOTALL)
        )
    }
    table = PAGE.read_text(encoding="utf-8").partition("## Commands")[2]
    listed = set(re.findall(r"`python -m (tests[.\w]*)", table))

    assert said | {"tests"} == listed
    for name in listed:
        found = find_spec(name)
        assert found is not None
        assert found.submodule_search_locations is None or find_spec(f"{name}.__main__") is not None


def test_a_new_cell_is_one_file_and_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the page is written where it says; then every verb takes the new cell."""
    file, line = blocks()
    name, cell = next(iter(eval(f"{{{line}}}", {"Cell": cells.Cell}).items()))
    module = cell.layers.partition(":")[0].rpartition(".")[2]
    (tmp_path / f"{module}.py").write_text(file, encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    monkeypatch.setitem(cells.CELLS, name, cell)
    data = write_daily(tmp_path / "daily.csv", 0, 90, ("north",))

    forecasts = []
    for word in ("gru", name):
        made = tsforecast.fit(
            data,
            tmp_path / "m.tsf",
            network="recurrent",
            cell=word,
            hidden=(6,),
            steps=4,
            horizon=5,
            context_length=14,
        )
        forecasts.append(tsforecast.predict(made.path).table.columns["forecast"])
        exported = tsforecast.export(made.path, tmp_path / "m.onnx")
        assert exported.difference is not None
        assert exported.limit is not None
        assert exported.difference <= exported.limit

    with pytest.raises(UsageError, match="no form of one step"):
        tsforecast.export(made.path, tmp_path / "m.onnx", form="step")
    assert np.isfinite(forecasts[1]).all()
    assert not np.allclose(forecasts[0], forecasts[1], rtol=1e-9)
