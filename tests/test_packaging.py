"""What a bare clone installs and how it is tested."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

DISTRIBUTIONS = {"sklearn": "scikit-learn", "resvg_py": "resvg-py", "python_calamine": "python-calamine"}
LOADED_BY_NAME = {"tzdata"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    """Return the ``project`` table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def _imports(folder: Path) -> set[str]:
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"tsforecast"}


def test_dependencies_are_what_the_package_imports(root: Path, project: dict[str, Any]) -> None:
    """A bare install gives everything the commands need, extras what one option needs, and nothing is unused."""
    extras = [
        line for name, lines in project["optional-dependencies"].items() if name != "dev" for line in lines
    ]
    declared = {re.split(r"[^\w-]", line, maxsplit=1)[0] for line in [*project["dependencies"], *extras]}

    used = {DISTRIBUTIONS.get(name, name) for name in _imports(root / "tsforecast")}
    assert declared - LOADED_BY_NAME == used


def test_installed_command_starts_what_the_package_provides(project: dict[str, Any]) -> None:
    """The entry point names a function that exists."""
    module, _, function = project["scripts"]["tsforecast"].partition(":")

    assert callable(getattr(importlib.import_module(module), function))


def test_package_version_is_stated_once(project: dict[str, Any]) -> None:
    """The version that a model records is the version that was installed."""
    package = importlib.import_module("tsforecast")

    assert package.__version__ == project["version"]


def test_readme_sets_up_and_tests_as_the_continuous_run_does(root: Path) -> None:
    """What newcomers copy is what every change has passed."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (root / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    commands = (root / ".ci" / "run").read_text(encoding="utf-8").split("\n\n")[1]

    assert [block.count("\n") for block in blocks] == [1, 1]
    assert blocks[1].strip().split(" && ") == commands.strip().split("\n")


@pytest.mark.parametrize("name", [".ci/run", "Makefile", "pyproject.toml"])
def test_build_files_work_in_any_clone(root: Path, name: str) -> None:
    """A clone builds wherever it lies, from whatever index its pip is set up for."""
    text = (root / name).read_text(encoding="utf-8").removeprefix("#!/usr/bin/env bash")

    assert re.findall(r"https?://|--index-url|(?<![\w.*])/(?:home|root|usr|opt|work)\b", text) == []


LEFT_OUT = {"torch", "scikit-learn", "pandas", "holidays"}


def test_predict_only_install_leaves_out_what_only_training_needs(
    root: Path, project: dict[str, Any]
) -> None:
    """The file of requirements has the same bounds as the package, without the heavy ones."""
    lines = (root / "requirements-predict.txt").read_text(encoding="utf-8").splitlines()
    wanted = [
        line for line in project["dependencies"] if re.split(r"[^\w-]", line, maxsplit=1)[0] not in LEFT_OUT
    ]

    assert [line for line in lines if not line.startswith("#")] == wanted
