from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tsforecast
from tests.data.checks.case import Defect, panel, sales, stamps, table, text
from tests.data.checks.defects import DEFECTS
from tests.data.tables import write
from tsforecast.config import CheckSettings
from tsforecast.data.checks.registry import CHECKS

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "sample_data").glob("*.csv"))


def typed(flags: str) -> dict[str, Any]:
    """Options as they stand on a command line."""
    kinds = {item.name: item.default for item in fields(CheckSettings)}
    found: dict[str, Any] = {}
    for word in shlex.split(flags):
        if word.startswith("--"):
            name = word[2:].replace("-", "_")
            assert name in kinds
            found[name] = True
        elif isinstance(kinds[name], tuple):
            found[name] = tuple(word.split(","))
        else:
            found[name] = int(word) if name in ("horizon", "min_rows") else word
    return found


def with_flags(settings: Mapping[str, Any], flags: str) -> dict[str, Any]:
    """Options of a run with further ones; a column has one role."""
    found = {**settings, **typed(flags)}
    if found.get("past") and found["past"] == found.get("future"):
        del found["future"]
    return found


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.what)
def test_defect_is_found_and_what_is_named_mends_it(tmp_path: Path, defect: Defect) -> None:
    """Each is told with its severity, series and line; the flag, typed as it stands, makes it go away."""
    path = write(tmp_path, defect.content)
    result = tsforecast.check(path, **defect.settings)
    found = next(one for one in result.findings if one.check == defect.check and defect.found in one.found)

    assert (found.severity, found.series, found.line) == (defect.severity, defect.series, defect.line)
    assert found.meaning
    assert found.mend
    assert result.refused == (defect.severity == "error")
    assert defect.flags in found.mend
    if defect.flags:
        mended = tsforecast.check(path, **with_flags(defect.settings, defect.flags))
        assert not mended.refused
        assert not [one for one in mended.findings if one.check == defect.check and one.found == found.found]


@pytest.mark.parametrize("defect", [one for one in DEFECTS if one.fixed], ids=lambda defect: defect.what)
def test_fixed_file_passes(tmp_path: Path, defect: Defect) -> None:
    """A file that was mended is one that fit takes."""
    path = write(tmp_path, defect.content)
    result = tsforecast.check(path, fix=tmp_path / "fixed.csv", **defect.settings)
    kept = {name: value for name, value in defect.settings.items() if name != "no_covariates"}

    assert not tsforecast.check(tmp_path / "fixed.csv", **kept).refused
    assert bool(result.mended or result.done) == result.refused


def test_every_check_has_a_defect() -> None:
    """Nothing is looked for that was never found."""
    assert {one.check for one in DEFECTS} >= {*CHECKS, "reading", "cells", "mixed formats", "off the grid"}


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    """Five troubles of five kinds take one run."""
    rows = table(day=stamps(120), sales=sales())
    rows[8][0], rows[20][0], rows[30][1], rows[31][1] = "soon", "20.01.2022", "closed", "1e999"
    result = tsforecast.check(write(tmp_path, text([*rows[:70], *rows[69:]])))
    errors = [(one.check, one.line) for one in result.findings if one.severity == "error"]

    assert errors == [
        ("cells", 9), ("mixed formats", 21), ("cells", 31), ("cells", 32), ("reading", 71)
    ]  # fmt: skip
    assert result.panel is not None


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_sample_data_is_sound(path: Path) -> None:
    """Nobody is warned of data with which nothing is wrong."""
    target = {"target": "sales"} if path.stem == "daily_sales" else {}
    assert [one for one in tsforecast.check(path, **target).findings if one.severity != "note"] == []


@pytest.mark.parametrize("step", ["h", "D", "W", "M"])
def test_ordinary_series_are_sound(tmp_path: Path, step: str) -> None:
    """Walks, seasons, trends, counts and noise are no defects."""
    random, number = np.random.default_rng(5), 160
    time = np.arange(number)
    kinds = {
        "walk": random.normal(size=number).cumsum(),
        "growth": np.exp(0.03 * random.normal(size=number).cumsum()),
        "season": 10 + 5 * np.sin(time * 2 * np.pi / 12) + random.normal(size=number),
        "pure season": 10 + 5 * np.sin(time * 2 * np.pi / 12),
        "trend": time / 10 + random.normal(size=number),
        "counts": random.poisson(3, number),
        "around 0": random.integers(-20, 20, number),
        "slow": random.normal(size=number).cumsum().cumsum(),
    }
    for name, values in kinds.items():
        found = tsforecast.check(
            write(tmp_path, text(table(time=stamps(number, step, "2001-01-01"), y=values)))
        )
        assert [(one.check, one.found) for one in found.findings if one.severity != "note"] == [], name


def test_panel_of_many_ends_is_no_panel_of_stopped_series(tmp_path: Path) -> None:
    """Where hardly any two series end together, that is told once."""
    series = {f"s{number}": sales(60 + 20 * number, number) for number in range(8)}
    found = [
        one
        for one in tsforecast.check(write(tmp_path, text(panel(series)))).findings
        if one.check == "stopped"
    ]

    assert [(one.severity, one.series) for one in found] == [("note", None)]


def test_a_flag_that_would_leave_nothing_is_not_proposed(tmp_path: Path) -> None:
    """A single short series cannot be left out, so that only fewer steps or more rows help."""
    rows = table(day=stamps(15), sales=sales(15))
    found = tsforecast.check(write(tmp_path, text(rows)), horizon=7).findings

    assert [one.mend for one in found if one.check == "short"] == ["--horizon 5"]
