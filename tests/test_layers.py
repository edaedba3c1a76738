"""The house rules about imports hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

PACKAGE = Path(__file__).resolve().parent.parent / "tsforecast"
MODULES = sorted(set(PACKAGE.rglob("*.py")) - set(PACKAGE.rglob("bundled/*.py")))
TORCH_ROOMS = {"models", "training", "exporters"}
HEAVY = {"onnx", "onnxruntime", "pandas", "pyarrow", "rich", "scipy", "sklearn", "torch"}


def _imported(nodes: Iterator[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything that runs when the module is imported: no function bodies, no ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if typing_only or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        yield from _at_import(node)


def _room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0]


def test_imports_go_one_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lower room never imports from a higher one."""
    monkeypatch.chdir(root)

    assert lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True) == 0


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_imports_stand_inside_functions(module: Path) -> None:
    """Importing a module costs nothing that the command at hand does not need."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    allowed = {"torch"} if _room(module) in TORCH_ROOMS else set()

    assert _imported(_at_import(tree)) & HEAVY <= allowed


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_keep_their_libraries_to_themselves(module: Path) -> None:
    """The terminal belongs to cli, torch to the training side, and nothing is ever pickled."""
    used = _imported(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))

    assert _room(module) == "cli" or not used & {"typer", "click", "rich"}
    assert _room(module) in TORCH_ROOMS or "torch" not in used
    assert not used & {"pickle", "joblib", "shelve", "marshal", "dill"}
