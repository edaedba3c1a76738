"""The commands by name. A new one is its file and its line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsforecast.cli.command import Command

PROGRAM = "tsforecast"
PURPOSES = {
    "fit": "Train a forecaster on a table, test it honestly, and keep it as a model folder.",
    "check": "Look a table over: what is wrong with it, what that means, and which flag mends it.",
    "evaluate": "Backtest a model against the obvious alternatives.",
    "predict": "Forecast from a model, in a fraction of a second and without torch.",
    "export": "Write one self-contained ONNX file: raw values in, forecasts in your units out.",
    "inspect": "Show what a model folder or an exported file holds.",
    "bench": "Time a model folder or an exported file on this machine.",
}
ABOUT = "Forecast time series with an LSTM that is tested honestly against the obvious alternatives."
EXAMPLES = ("tsforecast fit sales.csv", "tsforecast predict sales.tsf new.csv > forecast.csv")


def load(name: str) -> Command:
    """Import one command; the others cost nothing."""
    command: Command = import_module(f"tsforecast.cli.{name}").COMMAND
    return command
