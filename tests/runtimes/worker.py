"""Run one file in one runtime: started by the interpreter of the environment that has it, with nothing else of ours.

python worker.py RUNTIME FOLDER

FOLDER holds ``model.onnx``, ``inputs.npz`` and ``case.json``: names of the outputs, windows of one call, and calls of
one forecast. What comes out is written there as ``found.npy``, or why nothing did as ``error.txt``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, Any]
Run = Callable[[Arrays], list[Any]]
"""Arrays by input name, in the order of the file's inputs, to arrays in the order of its outputs."""


def onnxruntime(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Open a file in the runtime that every test uses, installed on its own."""
    import onnxruntime as ort

    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda fed: list(session.run(None, fed))


def openvino(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """OpenVINO on the processor, asked for full precision."""
    import openvino as ov

    core = ov.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda fed: [compiled(fed)[one] for one in compiled.outputs]


def tract(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Build a tract plan for fixed shapes."""
    import tract as library

    model = library.onnx().load(path)
    kinds = {"float64": "f64", "float32": "f32", "int64": "i64"}
    for place, array in enumerate(shapes.values()):
        model.set_input_fact(place, ",".join([*map(str, array.shape), kinds[str(array.dtype)]]))
    plan = model.into_model().into_runnable()
    return lambda fed: [one.to_numpy() for one in plan.run(list(fed.values()))]


def ncnn(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Convert with pnnx, then run with ncnn, which has float32 only."""
    import ncnn as library

    folder = Path(tempfile.mkdtemp())
    copy = folder / "model.onnx"
    copy.write_bytes(Path(path).read_bytes())
    kinds = {"float64": "f64", "float32": "f32", "int64": "i64"}
    sizes = ",".join(f"[{','.join(map(str, one.shape))}]{kinds[str(one.dtype)]}" for one in shapes.values())
    command = [str(Path(sys.executable).with_name("pnnx")), str(copy), f"inputshape={sizes}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    param = folder / "model.ncnn.param"
    if not param.exists():
        raise RuntimeError(f"pnnx ended with {done.returncode}: {_last(done.stdout + done.stderr)}")
    net = library.Net()
    if net.load_param(str(param)) or net.load_model(str(param.with_suffix(".bin"))):
        raise RuntimeError("ncnn does not load what pnnx made: it keeps operators that ncnn has not")

    def run(fed: Arrays) -> list[Any]:
        extractor = net.create_extractor()
        for place, array in enumerate(fed.values()):
            extractor.input(f"in{place}", library.Mat(np.squeeze(array.astype(np.float32), 0)).clone())
        return [np.array(extractor.extract(name)[1])[None] for name in net.output_names()]

    return run


def mnn(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Convert with MNN's converter, then run with MNN."""
    from MNN import expr, nn

    target = str(Path(tempfile.mkdtemp()) / "model.mnn")
    command = [
        str(Path(sys.executable).with_name("mnnconvert")),
        "-f",
        "ONNX",
        "--modelFile",
        path,
        "--MNNModel",
        target,
    ]
    done = subprocess.run([*command, "--bizCode", "x"], capture_output=True, text=True, check=False)
    if not Path(target).exists():
        raise RuntimeError(f"its converter ended with {done.returncode}: {_last(done.stdout + done.stderr)}")
    module = nn.load_module_from_file(target, list(shapes), outputs)
    kinds = {"f": (np.float32, expr.float), "i": (np.int32, expr.int)}

    def run(fed: Arrays) -> list[Any]:
        given = []
        for one in fed.values():
            numpy_kind, kind = kinds[one.dtype.kind]
            given.append(expr.placeholder(list(one.shape), expr.NCHW, kind))
            given[-1].write(one.astype(numpy_kind).ravel().tolist())
        return [np.array(one.read()) for one in module.forward(given)]

    return run


def litert(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Convert with onnx2tf, then run with LiteRT."""
    import onnx2tf
    from ai_edge_litert.interpreter import Interpreter

    folder = Path(tempfile.mkdtemp())
    fixed = [f"{name}:{','.join(map(str, array.shape))}" for name, array in shapes.items()]
    onnx2tf.convert(
        input_onnx_file_path=path, output_folder_path=str(folder), non_verbose=True, overwrite_input_shape=fixed,
        keep_shape_absolutely_input_names=list(shapes), not_use_onnxsim=True,
    )  # fmt: skip
    (file,) = folder.glob("*_float32.tflite")
    runner = Interpreter(str(file)).get_signature_runner()
    return lambda fed: list(runner(**fed).values())


def opencv(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """OpenCV's module for networks."""
    import cv2

    net = cv2.dnn.readNetFromONNX(path)

    def run(fed: Arrays) -> list[Any]:
        for name, array in fed.items():
            net.setInput(array, name)
        return [net.forward(name) for name in net.getUnconnectedOutLayersNames()]

    return run


def tvm(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Compile with TVM for the processor."""
    import onnx
    import tvm as library
    from tvm import relax
    from tvm.relax.frontend.onnx import from_onnx

    kinds = {name: str(array.dtype) for name, array in shapes.items()}
    sizes = {name: list(array.shape) for name, array in shapes.items()}
    module = from_onnx(onnx.load(path), shape_dict=sizes, dtype_dict=kinds)
    machine = relax.VirtualMachine(library.compile(module, "llvm"), library.cpu())

    def run(fed: Arrays) -> list[Any]:
        found = machine["main"](*(library.runtime.tensor(one) for one in fed.values()))
        return [one.numpy() for one in (found if not hasattr(found, "numpy") else [found])]

    return run


def iree(path: str, shapes: Arrays, outputs: list[str]) -> Run:
    """Import and compile with IREE for the processor."""
    import iree.runtime as runtime

    folder = Path(tempfile.mkdtemp())
    tools = Path(sys.executable).parent
    for command in (
        [str(tools / "iree-import-onnx"), path, "-o", str(folder / "m.mlir")],
        [str(tools / "iree-compile"), str(folder / "m.mlir"), "--iree-hal-target-device=local",
         "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host",
         "--iree-input-demote-f64-to-f32=false", "-o", str(folder / "m.vmfb")],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name}: {_last(done.stderr)}")
    module = runtime.load_vm_flatbuffer_file(str(folder / "m.vmfb"), driver="local-sync")
    name = next(one for one in module.vm_module.function_names if not one.startswith("__") and "$" not in one)

    def run(fed: Arrays) -> list[Any]:
        found = module[name](*fed.values())
        return [np.asarray(one) for one in (found if isinstance(found, (list, tuple)) else [found])]

    return run


RUNTIMES: dict[str, Callable[[str, Arrays, list[str]], Run]] = {
    "onnxruntime": onnxruntime, "openvino": openvino, "tract": tract, "ncnn": ncnn, "mnn": mnn, "litert": litert,
    "opencv": opencv, "tvm": tvm, "iree": iree,
}  # fmt: skip
"""How a file is opened, by runtime."""


def _last(text: str) -> str:
    """Line of a tool's words that says most: the first that speaks of an error, else the last."""
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    wrong = [one for one in lines if any(word in one.lower() for word in ("error", "not support", "fail"))]
    return (wrong or lines or ["without a word"])[0][:300]


def forecast(run: Run, fed: Arrays, calls: int) -> Any:
    """Quantiles of one set of inputs, those of the last call."""
    for step in range(calls):
        if "state" in fed:
            fed["step"] = np.array([step])
        quantiles, *after = run(fed)
        if after:
            fed["state"] = np.asarray(after[0])
    return quantiles


def main(runtime: str, folder: str) -> None:
    """Run the file on all windows."""
    place = Path(folder)
    case = json.loads((place / "case.json").read_text())
    given, size = dict(np.load(place / "inputs.npz")), case["batch"]

    def part(start: int) -> Arrays:
        return {name: one if name == "step" else one[start : start + size] for name, one in given.items()}

    try:
        run = RUNTIMES[runtime](str(place / "model.onnx"), part(0), case["outputs"])
        found = [forecast(run, part(start), case["calls"]) for start in range(0, len(given["context"]), size)]
        np.save(place / "found.npy", np.concatenate(found).astype(np.float64))
    except BaseException as error:  # a converter may end the process, and says why in many ways
        (place / "error.txt").write_text(f"{type(error).__name__}: {error}"[:2000])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
