"""The code of the model card in its four languages: compiled and run on a window of the test vectors."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.commands import run

LIMIT = 1e-4
"""Largest relative difference of what is printed, which C prints with six digits."""


def try_language(name: str, place: Path, environments: Path, headers: Path | None) -> dict[str, Any]:
    """Run the card's code of a language in a bundle.

    Args:
        name: Language, as in ``LANGUAGES``.
        place: The bundle.
        environments: Where tools of other languages are installed.
        headers: Folder with the C header of onnxruntime; looked for if not given.
    """
    vectors, levels = np.load(place / "vectors.npz"), _levels(place)
    card = (place / "README.md").read_text()
    code = card.partition(f"```{name}\n")[2].partition("```")[0]
    filled = _with_values(code, vectors["context"][0].tolist())
    assert filled != code
    try:
        said = LANGUAGES[name](filled, place, environments / "languages", headers)
    except (SystemExit, FileNotFoundError) as error:
        return {"absent": str(error).strip().splitlines()[-1][:200]}
    numbers = np.array([float(one) for one in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", said)])
    wanted = vectors["quantiles"][0, :, levels.index(0.5)]
    right = numbers.shape == wanted.shape and bool(np.allclose(numbers, wanted, rtol=LIMIT))
    return {"right": right, "lines": len(numbers)}


def _levels(place: Path) -> list[float]:
    import onnx

    (file,) = place.glob("*.onnx")
    about = json.loads({one.key: one.value for one in onnx.load(file).metadata_props}["tsforecast"])
    return list(about["quantile_levels"])


def _with_values(code: str, window: list[float]) -> str:
    """Put a window in the place where each language has its empty one."""
    text = ", ".join(map(repr, window))
    for empty, full in (
        (r"np\.full\(\(1, \d+\), np\.nan\)", f"np.array([[{text}]])"),
        (r"(static double context\[\d+\]);", rf"\1 = {{{text}}};"),
        (r"vec!\[f64::NAN; \d+\]", f"vec![{text}]"),
        (r"new Float64Array\(\d+\)\.fill\(NaN\)", f"new Float64Array([{text}])"),
    ):  # fmt: skip
        code = re.sub(empty, full, code)
    return code


def _python(code: str, place: Path, environment: Path, headers: Path | None) -> str:
    return run([sys.executable, "-c", f"import os; os.chdir({str(place)!r})\n{code}"])


def _javascript(code: str, place: Path, environment: Path, headers: Path | None) -> str:
    packages = _packages(environment)
    (place / "snippet.js").write_text(f"process.chdir({json.dumps(str(place))});\n{code}")
    return run(["node", str(place / "snippet.js")], environment={"NODE_PATH": str(packages)})


def _c(code: str, place: Path, environment: Path, headers: Path | None) -> str:
    libraries = _packages(environment) / "onnxruntime-node" / "bin" / "napi-v6" / "linux"
    library = libraries / {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()] / "libonnxruntime.so.1"
    header = headers or _header()
    (place / "snippet.c").write_text(code)
    program = str(place / "snippet")
    run(["gcc", "-Wall", f"-I{header}", str(place / "snippet.c"), str(library), f"-Wl,-rpath,{library.parent}",
         "-o", program])  # fmt: skip
    return run(["sh", "-c", f"cd '{place}' && ./snippet"])


def _rust(code: str, place: Path, environment: Path, headers: Path | None) -> str:
    project = place / "rust"
    (project / "src").mkdir(parents=True, exist_ok=True)
    needs = next(one.partition("// ")[2] for one in code.splitlines() if one.startswith("// ort ="))
    text = '[package]\nname = "snippet"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
    (project / "Cargo.toml").write_text(text + needs.replace(", ", "\n") + "\n")
    (project / "src" / "main.rs").write_text(code)
    if not shutil.which("cargo"):
        raise SystemExit("there is no cargo")
    try:
        run(["cargo", "fetch", "--manifest-path", str(project / "Cargo.toml")], timeout=120)
    except SystemExit as error:
        raise SystemExit("crates.io could not be reached") from error
    return run(["sh", "-c", f"cd '{place}' && cargo run -q --manifest-path rust/Cargo.toml"], timeout=900)


def _packages(environment: Path) -> Path:
    """Folder with onnxruntime-node, which also carries the library of the C interface."""
    packages = environment / "node_modules"
    if not (packages / "onnxruntime-node").exists():
        environment.mkdir(parents=True, exist_ok=True)
        run(
            [
                "npm",
                "install",
                "--silent",
                "--ignore-scripts",
                "--prefix",
                str(environment),
                "onnxruntime-node",
            ]
        )
    return packages


def _header() -> Path:
    """Folder of the C header where Debian's libonnxruntime-dev and most others put it."""
    for place in ("/usr/include", "/usr/local/include"):
        found = [
            *Path(place).glob("onnxruntime_c_api.h"),
            *Path(place).glob("onnxruntime/**/onnxruntime_c_api.h"),
        ]
        if found:
            return found[0].parent
    raise SystemExit("the header onnxruntime_c_api.h is not installed; --headers names its folder")


LANGUAGES: dict[str, Callable[[str, Path, Path, Path | None], str]] = {
    "python": _python,
    "c": _c,
    "rust": _rust,
    "javascript": _javascript,
}
"""What runs the code of a language, in a bundle, and gives what it prints."""
