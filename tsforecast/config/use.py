"""What is done with a model: forecasts, backtests, exported files, timings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from tsforecast.config.model import ShapeSettings
from tsforecast.config.setting import Settings, setting
from tsforecast.config.table import SourceSettings


# Without slots, as the next, so that it can be mixed with a family that has them.
@dataclass(frozen=True, kw_only=True)
class ThreadSettings(Settings):
    """How many processors a forecaster takes."""

    threads: int | None = setting(
        None,
        about="Threads for more than 100 windows; as many as processors, at most 8, if not given.",
        low=1,
    )


@dataclass(frozen=True, kw_only=True)
class OutputSettings(Settings):
    """How a forecast table is written."""

    quantiles: tuple[float, ...] = setting(
        (), about="Quantile levels to print, comma separated; 0.1 and 0.9 if not given."
    )
    with_cutoff: bool = setting(
        False, about="Add the cutoff column: the last timestamp the forecast has seen."
    )

    @property
    def levels(self) -> tuple[float, ...]:
        """Quantile levels of the table, of a target that is a number."""
        return self.quantiles or (0.1, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSettings(ThreadSettings, ShapeSettings, OutputSettings):
    """What to forecast, from a model or without one."""

    horizon: int | None = setting(
        None,
        about="Future steps: those the model was made for, or fewer; by frequency with --zero-shot.",
        unit="steps",
        low=1,
    )
    zero_shot: bool = setting(
        False, about="Forecast a table without a model, from weights that come with the program."
    )
    on_error: str = setting(
        "fail",
        about="On an error in one series: fail, or skip it, do the rest and end with exit code 9.",
        choices=("fail", "skip"),
    )
    cutoff: str | None = setting(
        None, about="Forecast as of this timestamp: later rows count as not known yet."
    )
    expect_cutoff: str | None = setting(
        None, about="End with exit code 7 where the newest observation is not of this timestamp."
    )
    max_lag: float | None = setting(
        None,
        about="End with exit code 7 where the newest observation is older, such as 26h; 26 alone is 26 seconds.",
        low=0,
        kind="duration",
    )

    needs: ClassVar[Mapping[str, str]] = {
        item.name: "zero_shot"
        for item in fields(ShapeSettings)
        if item.name not in ("horizon", *(one.name for one in fields(SourceSettings)))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings(ThreadSettings, SourceSettings):
    """How to backtest a model."""

    origins: int | None = setting(
        None, about="Cutoffs per series, newest last; as many as fit if not given.", low=1
    )
    step: int | None = setting(
        None, about="Steps between two cutoffs; one horizon if not given.", unit="steps", low=1
    )
    baselines: tuple[str, ...] = setting(
        ("naive", "seasonal naive", "drift"),
        about="Methods to compare with, comma separated.",
        choices=(
            "naive",
            "seasonal naive",
            "drift",
            "window mean",
            "theta",
            "boosted lags",
            "auto_ets",
            "auto_arima",
            "auto_ces",
        ),
    )
    baseline_limit: float = setting(
        120.0,
        about="Time for each of auto_ets, auto_arima and auto_ces; one that needs more is left out, and that is said.",
        low=0,
        kind="duration",
    )
    by: str | None = setting(
        None,
        about="Also one row per forecast step, per series or per origin (cutoff).",
        choices=("step", "series", "origin"),
    )
    worst: int | None = setting(None, about="Also the so many series that are forecast worst.", low=1)
    metrics: tuple[str, ...] = setting(
        (), about="Metrics to show, comma separated; all but interval score and CRPS if not given."
    )
    window: str = setting(
        "expanding",
        about="What the baselines see: all rows before a cutoff, or as many as the model.",
        choices=("expanding", "sliding"),
    )
    refit: str = setting(
        "never",
        about="each: train anew at every cutoff with the model's settings, its --budget or --steps each time.",
        choices=("never", "each"),
    )
    gap: int = setting(
        0, about="Steps after a cutoff that are not scored: the first of the horizon.", unit="steps", low=0
    )
    require_skill: float | None = setting(
        None,
        about="End with exit code 6 where the skill against the best baseline is below this; 0.05 is 5 % less error.",
    )
    explain: bool = setting(False, about="Also show what the forecasts lean on: the weights of the gate.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings(Settings):
    """How the ONNX file is written."""

    opset: int = setting(17, about="ONNX operator set, 17 to 21.", low=17)
    target: str = setting(
        "ort",
        about="Runtime that the file is for; decides form and batch where they are not given.",
        choices=("ort", "openvino", "tract", "rten", "ncnn", "litert", "portable"),
        variable="export_target",
    )
    form: str = setting(
        "auto",
        about="lstm: recurrent operators; unrolled: plain ones; step: one step per call; auto: by the target.",
        choices=("auto", "lstm", "unrolled", "step"),
    )
    quantiles: tuple[float, ...] = setting(
        (),
        about="Quantile levels that the file gives, comma separated; all if not given, 0.5 always.",
        variable="export_quantiles",
    )
    explain: bool = setting(
        False,
        about="Also give the output weights: what the gate or the attention gave.",
        variable="export_explain",
    )
    batch: str | None = setting(
        None, about="Windows of one call: a number, or dynamic for any; by the target if not given."
    )
    precision: str = setting(
        "fp32", about="Numbers that the network's weights are stored in.", choices=("fp32", "fp16", "int8")
    )
    max_loss: float = setting(
        5.0,
        about="Accuracy, MASE on the stored backtest windows, that fp16 and int8 may lose.",
        unit="percent",
        low=0,
    )
    ort: bool = setting(False, about="Also write the file in onnxruntime's own format, with the ending .ort.")
    no_check: bool = setting(
        False, about="Do not compare the file with the network; a precision is then not judged either."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectSettings(Settings):
    """How to look into a model: there is nothing to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchSettings(ThreadSettings):
    """How a forecaster is timed."""

    batch: int = setting(200, about="Windows of the larger call.", low=1, variable="bench_batch")
    seconds: float = setting(2.0, about="Time to spend on calls.", unit="seconds", low=0.01, kind="duration")
