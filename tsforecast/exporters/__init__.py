"""ONNX files written from stored weights, without torch; the parity check is the only place that loads it.

A new target is one file with ``export`` and ``verify`` and one line in ``TARGETS``.
"""

from __future__ import annotations

TARGETS: dict[str, str] = {
    "ort": "tsforecast.exporters.ort",
}
