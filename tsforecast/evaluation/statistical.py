"""Statistical methods of another library as baselines: slow ones, so each has a process of its own and a time limit.

The process gets the histories as safetensors on standard input and gives raw numbers on standard output, window by
window. ``python -m tsforecast.evaluation.statistical NAME`` is that process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.errors import MissingExtraError
from tsforecast.evaluation.histories import Histories

MODULE = "tsforecast.evaluation.statistical"
LIBRARY = "statsforecast"
STATISTICAL: dict[str, str] = {"auto_ets": "AutoETS", "auto_arima": "AutoARIMA", "auto_ces": "AutoCES"}
"""Names of the library's models by the name of the baseline.

Sources: Hyndman & Khandakar (2008), Journal of Statistical Software 27(3), for ETS and ARIMA; Svetunkov, Kourentzes &
Ord (2022), Naval Research Logistics 69(8), for CES.
"""


def check_statistical(names: Sequence[str]) -> None:
    """Find out before the work whether methods can be run here.

    Raises:
        MissingExtraError: One is asked for and the library is not installed.
    """
    asked = [name for name in names if name in STATISTICAL]
    if asked and find_spec(LIBRARY) is None:
        raise MissingExtraError(
            f"baseline {asked[0]} comes from {LIBRARY}, which is not installed", hint=f"pip install {LIBRARY}"
        )


def statistical_forecasts(
    histories: Histories, horizon: int, season_length: int, names: Sequence[str], limit: float
) -> dict[str, Floats]:
    """Forecasts of the named methods; one that needs longer than its limit is left out.

    Missing values are filled in a straight line. A history that a method cannot be fitted to is forecast by its last
    value.

    Args:
        histories: W histories.
        horizon: Future steps (H).
        season_length: Length of one season, 1 for none (steps).
        names: Baselines; those of other families are passed over.
        limit: Time for each method (seconds).

    Returns:
        Forecasts by name, each (W, H).
    """
    found: dict[str, Floats] = {}
    for name in names:
        if name in STATISTICAL:
            forecast = _in_time(name, _packed(histories, horizon, season_length), limit)
            if forecast is not None:
                found[name] = forecast.reshape(len(histories), horizon)
    return found


def _packed(histories: Histories, horizon: int, season_length: int) -> bytes:
    from tsforecast.artifacts import pack_arrays

    return pack_arrays(
        {
            "values": histories.interpolated(),
            "lengths": histories.lengths,
            "shape": np.array([horizon, season_length]),
        }
    )


def _in_time(name: str, given: bytes, limit: float) -> Floats | None:
    """Run the process; None where it has not ended in time. One that fails is a bug of ours."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by the interpreter that runs us
            [sys.executable, "-m", MODULE, name],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=limit,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return None
    return np.frombuffer(done.stdout)


def work(name: str, given: bytes, give: Callable[[bytes], Any]) -> None:
    """Forecast all histories, one after the other.

    Args:
        name: The baseline.
        given: What ``_packed`` made.
        give: Takes the bytes of each forecast.
    """
    from safetensors.numpy import load
    from statsforecast import models

    arrays = load(given)
    horizon, season_length = (int(one) for one in arrays["shape"])
    for values, length in zip(arrays["values"], arrays["lengths"], strict=True):
        model = getattr(models, STATISTICAL[name])(season_length=season_length)
        give(_forecast(model, values[: int(length)], horizon).tobytes())


def _forecast(model: Any, history: Floats, horizon: int) -> Floats:
    try:
        forecast = np.asarray(model.forecast(y=history.copy(), h=horizon)["mean"], dtype=np.float64)
    except Exception:  # the library raises its own bare exceptions where a series is too short for a method
        forecast = np.full(horizon, np.nan)
    return np.where(np.isfinite(forecast), forecast, history[-1] if len(history) else 0.0)


if __name__ == "__main__":
    work(sys.argv[1], sys.stdin.buffer.read(), sys.stdout.buffer.write)
