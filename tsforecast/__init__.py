"""tsforecast: forecast time series with an LSTM that is tested honestly against the obvious alternatives.

    import tsforecast

    result = tsforecast.fit("sales.csv", "sales.tsf")
    forecast = tsforecast.predict("sales.tsf").to_frame()

Settings have the names of the command-line options: ``tsforecast.fit(data, horizon=14, seed=1)``. Errors are
``tsforecast.errors.ForecastError`` and its branches. Nothing heavy is imported before a function is called.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing and pathlib are slow to import, and Ctrl-C until then would be a traceback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd

    from tsforecast.training.loop import Progress
    from tsforecast.workflows.bench import Bench
    from tsforecast.workflows.bundle import Bundle
    from tsforecast.workflows.check import CheckResult
    from tsforecast.workflows.evaluate import Evaluation
    from tsforecast.workflows.export import ExportResult
    from tsforecast.workflows.fit import FitResult
    from tsforecast.workflows.inspect import Inspection
    from tsforecast.workflows.predict import Forecast

__version__ = "0.1.0"
__all__ = ["__version__", "bench", "bundle", "check", "evaluate", "export", "fit", "inspect", "predict"]


def fit(
    data: str | Path | Sequence[str | Path] | pd.DataFrame,
    output: str | Path | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    **settings: Any,
) -> FitResult:
    """Train a model on a file or DataFrame and write its folder.

    Args:
        data: Path of a CSV or Parquet file or several, ``"-"`` for standard input, or a DataFrame.
        output: Model folder; made from the file's name if not given.
        progress: Called now and then while training.
        settings: Fields of ``tsforecast.config.FitSettings``.

    Raises:
        ForecastError: Whatever the caller can do something about.
    """
    from tsforecast.config import FitSettings, from_keywords
    from tsforecast.workflows.fit import fit as run

    return run(data, output, settings=from_keywords(FitSettings, settings), progress=progress)


def check(
    data: str | Path | Sequence[str | Path] | pd.DataFrame,
    *,
    fix: str | Path | None = None,
    **settings: Any,
) -> CheckResult:
    """Look a table over: what is wrong with it, what that means, and which setting mends it.

    Args:
        data: Path of a file, ``"-"`` for standard input, or a DataFrame.
        fix: File for the mended table; none is written if not given.
        settings: Fields of ``tsforecast.config.CheckSettings``.

    Raises:
        ForecastError: The table cannot be read at all, or the mended one not be written.
    """
    from tsforecast.config import CheckSettings, from_keywords
    from tsforecast.workflows.check import check as run

    return run(data, fix, settings=from_keywords(CheckSettings, settings), given=settings.keys())


def predict(
    model: str | Path | None = None,
    data: str | Path | Sequence[str | Path] | pd.DataFrame | None = None,
    **settings: Any,
) -> Forecast:
    """Forecast from a model folder and, if given, newer data; or from data alone with ``zero_shot=True``.

    Args:
        model: Model folder; None with ``zero_shot=True``.
        data: New rows or the whole table; the model's own history if not given.
        settings: Fields of ``tsforecast.config.PredictSettings``.

    Raises:
        ForecastError: Whatever the caller can do something about.
    """
    from tsforecast.config import PredictSettings, from_keywords
    from tsforecast.workflows.predict import predict as run

    return run(model, data, settings=from_keywords(PredictSettings, settings))


def evaluate(
    model: str | Path, data: str | Path | Sequence[str | Path] | pd.DataFrame | None = None, **settings: Any
) -> Evaluation:
    """Backtest a model on data newer than it.

    Args:
        model: Model folder.
        data: Table with newer rows; the backtest that fit made if not given.
        settings: Fields of ``tsforecast.config.EvaluateSettings``.

    Raises:
        ForecastError: Whatever the caller can do something about.
    """
    from tsforecast.config import EvaluateSettings, from_keywords
    from tsforecast.workflows.evaluate import evaluate as run
    from tsforecast.workflows.evaluate import require_skill

    chosen = from_keywords(EvaluateSettings, settings)
    result = run(model, data, settings=chosen)
    require_skill(result, chosen.require_skill)
    return result


def export(model: str | Path, output: str | Path, **settings: Any) -> ExportResult:
    """Write a model as one self-contained ONNX file.

    Args:
        model: Model folder.
        output: The file.
        settings: Fields of ``tsforecast.config.ExportSettings``.

    Raises:
        ForecastError: Whatever the caller can do something about.
    """
    from tsforecast.config import ExportSettings, from_keywords
    from tsforecast.workflows.export import export as run

    return run(model, output, settings=from_keywords(ExportSettings, settings))


def bundle(model: str | Path, folder: str | Path, **settings: Any) -> Bundle:
    """Write the ONNX file of a model with a runner, test vectors, a model card and checksums.

    Args:
        model: Model folder.
        folder: Where to; an old bundle there is replaced.
        settings: Fields of ``tsforecast.config.ExportSettings``.

    Raises:
        ForecastError: Whatever the caller can do something about.
    """
    from tsforecast.config import ExportSettings, from_keywords
    from tsforecast.workflows.bundle import bundle as run

    return run(model, folder, settings=from_keywords(ExportSettings, settings))


def inspect(model: str | Path) -> Inspection:
    """Look into a model: inputs, outputs, nodes, size, columns, scores.

    Args:
        model: Model folder or exported file.

    Raises:
        ForecastError: It cannot be read, or is no model.
    """
    from tsforecast.workflows.inspect import inspect as run

    return run(model)


def bench(model: str | Path, **settings: Any) -> Bench:
    """Time a model as predict calls it: one thread for a window, more for many.

    Args:
        model: Model folder or exported file.
        settings: Fields of ``tsforecast.config.BenchSettings``.

    Raises:
        ForecastError: The model cannot be read or run.
    """
    from tsforecast.config import BenchSettings, from_keywords
    from tsforecast.workflows.bench import bench as run

    return run(model, settings=from_keywords(BenchSettings, settings))
