"""The same graph in onnxruntime's own format, which builds without an ONNX reader can load."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tsforecast.runtime.onnx_runtime import load_onnxruntime


def to_ort(model: bytes) -> bytes:
    """Turn an ONNX file into an ORT file, its nodes and its description unchanged."""
    onnxruntime = load_onnxruntime()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.ort"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.optimized_model_filepath = str(file)
        options.add_session_config_entry("session.save_model_format", "ORT")
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return file.read_bytes()
