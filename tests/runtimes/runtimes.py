"""Runtimes that are tried: what to install for each, and those that cannot be had."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.commands import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A runtime and where it comes from.

    Attributes:
        title: Name of the runtime and of the way to it.
        packages: What pip installs for it; empty where it does not come from there.
        alone: Those of them whose own requirements are not wanted: the converter of ncnn asks for all of torch.
        version: Package whose version is told.
        absent: Why it cannot be tried.
    """

    title: str
    packages: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    version: str = ""
    absent: str = ""


RUNTIMES: dict[str, Runtime] = {
    "onnxruntime": Runtime(title="onnxruntime", packages=("onnxruntime",)),
    "openvino": Runtime(title="OpenVINO", packages=("openvino",)),
    "tract": Runtime(title="tract", packages=("tract",)),
    "ncnn": Runtime(title="ncnn, converted by pnnx", packages=("ncnn",), alone=("pnnx",)),
    "mnn": Runtime(title="MNN", packages=("MNN",), version="mnn"),
    "litert": Runtime(
        title="LiteRT, converted by onnx2tf",
        packages=("onnx2tf", "ai-edge-litert", "tensorflow-cpu", "tf_keras", "onnx_graphsurgeon", "sng4onnx", "psutil"),
        version="ai-edge-litert",
    ),
    "opencv": Runtime(title="OpenCV", packages=("opencv-python-headless",), version="opencv-python-headless"),
    "tvm": Runtime(title="TVM", packages=("apache-tvm", "onnx"), version="apache-tvm"),
    "iree": Runtime(
        title="IREE", packages=("iree-base-compiler[onnx]", "iree-base-runtime"), version="iree-base-runtime"
    ),
    "rten": Runtime(title="rten", absent="it is on crates.io only, which could not be reached"),
}  # fmt: skip
"""Runtimes by name; each that can be installed has a loader of the same name in ``worker.py``."""


def python_of(name: str, environments: Path) -> Path:
    """Interpreter of the environment of a runtime; made where it is not there."""
    runtime, folder = RUNTIMES[name], environments / name
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    stamp, wanted = folder / "packages.json", json.dumps([runtime.packages, runtime.alone])
    if not stamp.exists() or stamp.read_text() != wanted:
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(python), "-m", "pip", "install", "-q", "numpy", *runtime.packages])
        if runtime.alone:
            run([str(python), "-m", "pip", "install", "-q", "--no-deps", *runtime.alone])
        stamp.write_text(wanted)
    return python


def version_of(name: str, python: Path) -> str:
    """Version of a runtime in its environment."""
    code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
    return run([str(python), "-c", code, RUNTIMES[name].version or name]).strip()


def without_folders(text: str) -> str:
    """Leave only the names of files: where they lie differs from machine to machine."""
    return re.sub(r"(?<!\w)/(?:[\w.+-]+/)+", "", text)


def forecast(name: str, python: Path, folder: Path, seconds: float) -> str:
    """Run the file of a folder there; why nothing came out, empty where something did."""
    command = [str(python), str(Path(__file__).with_name("worker.py")), name, str(folder)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:g} s"
    if (folder / "found.npy").exists():
        return ""
    if (folder / "error.txt").exists():
        return without_folders((folder / "error.txt").read_text())[:300]
    return f"the process ended with {done.returncode}"
