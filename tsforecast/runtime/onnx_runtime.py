"""onnxruntime, kept from telling its maker who forecasts."""

from __future__ import annotations

import os
from typing import Any


def load_onnxruntime() -> Any:
    """Import onnxruntime with its telemetry off, unless the environment asks for it.

    From 1.31 on its packages send events to Microsoft, and keep a number of the machine and a database below
    ``~/.cache``. Only this variable, set before the first import of a process, prevents all of it.

    Source:
        Privacy.md of onnxruntime, "Disabling Telemetry".
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime
