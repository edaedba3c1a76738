"""The command line with workflows that do nothing but what the name of their input says."""

from __future__ import annotations

import errno
import io
import signal
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tsforecast.errors import ArtifactError, DataError, GateError, Interrupted

SCORES = SimpleNamespace(
    methods=("model", "seasonal naive"),
    metrics=("MASE", "MAE", "coverage"),
    values={
        "model": {"MASE": 0.5, "MAE": 12.25, "coverage": float("nan")},
        "seasonal naive": {"MASE": 1.0, "MAE": 24.5, "coverage": 0.8},
    },
    by=None,
    rows=(),
)
NOTES = (
    SimpleNamespace(text="3 gaps", warning=False),
    SimpleNamespace(text="\x1b[31mend\x1b[0m", warning=True),
)
PROGRESS = SimpleNamespace(stage="training", done=0.5, step=10, loss=0.25, seconds_left=3.0)


@dataclass(frozen=True)
class Table:
    """A table of forecasts as far as the commands look into it."""

    rows: int
    ticks: range
    spreadsheet_safe: bool = False


def act(name: str | None, settings: Any) -> None:
    """Do what the name of the input says."""
    if name == "boom":
        raise RuntimeError("wires\x1b[2J crossed")
    if name == "no-room":
        raise ImportError("libtorch_cpu.so: failed to map segment from shared object")
    if name == "no-module":
        raise ImportError("no part of that name")
    if name == "data-error":
        raise DataError("'abc' is not a number", hint="--na abc", file="sales.csv", line=31, column=2)
    if name == "model-error":
        raise ArtifactError("no model")
    if name == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "out.csv")
    if name == "forbidden":
        raise OSError(errno.EACCES, "Permission denied", "out.csv")
    if name == "settings":
        sys.stderr.write(f"{settings}\n")
    if name == "wait-loading":
        try:
            _wait(converting=False)
        except KeyboardInterrupt as error:
            raise ImportError("initialization failed") from error
    if name in ("wait", "wait-converting"):
        _wait(converting=name == "wait-converting")


def _wait(*, converting: bool) -> None:
    """Wait for a signal; clean up when it comes."""
    try:
        Path("running").touch()
        while True:
            signal.pause()
    except KeyboardInterrupt:
        if converting:
            raise Interrupted("interrupted, nothing was written") from None
        raise
    finally:
        Path("running").unlink()


def fit(data: str, output: str | None = None, *, settings: Any, progress: Any = None) -> Any:
    """Pretend to train."""
    act(data, settings)
    if progress is not None:
        progress(PROGRESS)
    return SimpleNamespace(
        path=Path(output or "sales model.tsf"),
        description="1 hourly series",
        notes=NOTES,
        split="The last day is the backtest.",
        horizon=24,
        context_length=48,
        season_lengths=(24,),
        frequency="h",
        frequency_confidence=0.998,
        frequency_reason="all steps are one",
        steps=10,
        members=2,
        seconds=1.0,
        scores=SCORES,
        coverage=(SimpleNamespace(nominal=0.8, empirical=0.75, values=4),),
        verdict="Better.",
        weights_words="62 % last day",
        blend_words="The network has 70 % of the forecast.",
        confusion=None,
        interrupted=False,
        unchanged=False,
        needs_rows=False,
        skipped=(),
        cutoff="2024-01-31",
        to_json=lambda: {"path": "sales model.tsf", "loss": float("nan")},
    )


def evaluate(model: str, data: str | None = None, *, settings: Any, progress: Any = None) -> Any:
    """Pretend to backtest."""
    act(data or model, settings)
    return SimpleNamespace(
        scores=SCORES,
        stored=False,
        explanation=None,
        worst=(),
        confusion=None,
        verdict="Better.",
        notes=NOTES,
        forecasts=Table(1, range(1)),
        to_json=lambda: {"scores": {}},
    )


def require_skill(result: Any, least: float | None) -> None:
    """Let a skill pass that is not asked for."""
    if least is not None:
        raise GateError(f"the skill is below {least}")


def predict(model: str | None, data: str | None = None, *, settings: Any, now: float | None = None) -> Any:
    """Pretend to forecast."""
    act(data or model, settings)
    rows = 200_000 if data == "many" else 1
    return SimpleNamespace(table=Table(rows, range(rows)), notes=NOTES, cutoff="2024-01-31", skipped=())


def export(model: str, output: str, *, settings: Any) -> Any:
    """Pretend to export."""
    act(model, settings)
    return SimpleNamespace(
        path=Path(output),
        size=4096,
        difference=1e-8,
        against="network",
        limit=1e-5,
        opset=settings.opset,
        precision=settings.precision,
        loss=None,
        seconds=0.1,
        notes=(),
        to_json=lambda: {"path": output},
    )


def write_table(table: Any, target: Any, form: str) -> None:
    """Write lines that tell the form."""
    text = "".join(f"{form},{row}\n" for row in range(table.rows)).encode()
    if isinstance(target, Path):
        target.write_bytes(text)
    else:
        assert isinstance(target, io.BufferedIOBase)
        target.write(text)


def install() -> None:
    """Put the pretenders where the commands import from."""
    for verb in (fit, evaluate, predict, export):
        module = types.ModuleType(f"tsforecast.workflows.{verb.__name__}")
        setattr(module, verb.__name__, verb)
        sys.modules[module.__name__] = module
    vars(sys.modules["tsforecast.workflows.evaluate"])["require_skill"] = require_skill
    writing = types.ModuleType("tsforecast.data.output.writing")
    vars(writing)["write_table"] = write_table
    sys.modules[writing.__name__] = writing
    sys.modules.setdefault("tsforecast.workflows", types.ModuleType("tsforecast.workflows"))


if __name__ == "__main__":
    install()
    if "wait" in " ".join(sys.argv):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    from tsforecast.cli import main

    sys.exit(main())
