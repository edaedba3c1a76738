"""Every setting once: default, help, unit and bounds.

The command-line options, the schema of ``tsforecast.toml``, the environment variables and the reference page are
made from these dataclasses, so nothing is typed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

from tsforecast.cells import CELLS
from tsforecast.setting import Settings as Settings
from tsforecast.setting import check_needs as check_needs
from tsforecast.setting import flag_name as flag_name
from tsforecast.setting import from_keywords as from_keywords
from tsforecast.setting import parse_duration as parse_duration
from tsforecast.setting import plain_type as plain_type
from tsforecast.setting import setting as setting

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""Levels the network learns; levels between them are interpolated."""

CALENDAR_FEATURES: tuple[str, ...] = ("hour", "weekday", "month", "day-of-year")
"""What a forecast may know of each step's timestamp."""

NORMALISATIONS: tuple[str, ...] = ("spread", "change", "log")
"""Ways to put a window on its own scale; the recurrent network has only the first of them."""

MINMAX = "minmax"
"""The recurrent network's other scale: the range of the training part, the same for all windows."""


VALUE, BINARY, CATEGORY = "value", "binary", "category"
"""What a target can be: a number, one of two classes, one of several."""

CLASS_PRESETS: dict[str, str] = {"events": BINARY, "labels": CATEGORY}
"""Presets for targets that are classes, and what they take the target for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings(Settings):
    """Where in a file the table is."""

    sql: str | None = setting(None, about="Query whose result is the table, where DATA is a database.")
    sheet: str | None = setting(
        None, about="Sheet of a workbook that is the table, by name or number; the first if not given."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings(SourceSettings):
    """How a table is read."""

    target: str | None = setting(
        None, about="Column to forecast; found by itself where only one can be meant."
    )
    target_type: str | None = setting(
        None,
        about="What the target is: a number, one of two classes, or one of several; value if not given.",
        choices=(VALUE, BINARY, CATEGORY),
    )
    event: str | None = setting(
        None, about="Label that is the event of a binary target; the second in order if not given."
    )
    time: str | None = setting(None, about="Column with the timestamps.")
    id: str | None = setting(
        None, about="Column that names the series, or several, comma separated, that do so together."
    )
    freq: str | None = setting(None, about="Frequency such as 30min, h, D, B, W-SUN, MS, QS, YS or step.")
    layout: str = setting(
        "auto",
        about="long: one row per series and time; wide: one column per series.",
        choices=("auto", "long", "wide"),
    )
    past: tuple[str, ...] = setting((), about="Columns known up to the cutoff, comma separated.")
    future: tuple[str, ...] = setting((), about="Columns known ahead as well, comma separated.")
    static: tuple[str, ...] = setting((), about="Columns that are constant in a series, comma separated.")
    delimiter: str | None = setting(
        None,
        about="What separates the cells of a row, where it is not found.",
        choices=(",", ";", "tab", "|"),
    )
    decimal: str | None = setting(
        None, about="Decimal mark, where it is not the one the file suggests.", choices=(".", ",")
    )
    thousands: str | None = setting(
        None,
        about="Separator of thousands, found where only one reading is possible.",
        choices=(",", ".", "'", "space"),
    )
    day_first: bool = setting(False, about="Read 01/02/2024 as 1 February.")
    month_first: bool = setting(False, about="Read 01/02/2024 as January 2.")
    tz: str | None = setting(
        None, about="Time zone of the timestamps, such as Europe/Berlin, where their offset changes."
    )
    encoding: str | None = setting(None, about="Encoding of the text, such as cp1250, where it is not found.")
    na: tuple[str, ...] = setting(
        (), about="Further texts and numbers that mean a missing value, comma separated, such as -999."
    )
    on_short_row: str = setting(
        "error",
        about="A row with fewer cells than the header: error, skip it, or fill it up with empty cells.",
        choices=("error", "skip", "fill"),
    )
    duplicates: str = setting(
        "error",
        about="Which row counts where several have one series and time.",
        choices=("error", "first", "last", "mean", "sum"),
    )
    resample: str | None = setting(
        None, about="Make coarser or regular steps, such as h or D; --aggregate says how."
    )
    aggregate: str = setting(
        "mean",
        about="What --resample makes of the rows of a step.",
        choices=("mean", "sum", "median", "min", "max", "first", "last"),
    )
    fill: str = setting(
        "none",
        about="Fill gaps in a series instead of leaving them missing.",
        choices=("none", "linear", "seasonal", "zero", "ffill"),
    )
    outliers: str = setting(
        "keep",
        about="clip: pull values to at most three spans between the quartiles outside them.",
        choices=("keep", "clip"),
    )
    min_rows: int | None = setting(None, about="Values that every series must have.", unit="steps", low=1)
    drop_short: bool = setting(
        False,
        about="Leave out series with fewer values than --min-rows, or two horizons if that is not given.",
    )
    skip_rows: int = setting(0, about="Lines above the header that are no table.", unit="lines", low=0)
    no_covariates: bool = setting(
        False, about="Take no covariates by their names: past_, future_ and static_ columns, promo, holiday."
    )

    @property
    def of_classes(self) -> bool:
        """Whether the target is a class."""
        return self.target_type in (BINARY, CATEGORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSettings(DataSettings):
    """How far to look back and ahead."""

    horizon: int | None = setting(
        None, about="Future steps to forecast; by frequency if not given.", unit="steps", low=1
    )
    context_length: int | None = setting(
        None,
        about="Past steps the model sees; about two of the longest season if not given.",
        unit="steps",
        low=2,
    )
    season_length: tuple[int, ...] = setting(
        (), about="Season lengths, comma separated; found in the data if not given.", unit="steps", low=2
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings(DataSettings):
    """What a table is checked for."""

    horizon: int | None = setting(
        None, about="Future steps to forecast; by frequency if not given.", unit="steps", low=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings(ShapeSettings):
    """Which network, and what it is made of; all but network and normalisation is for the recurrent one."""

    network: str | None = setting(
        None,
        about="mixture, the default, or recurrent: LSTM, GRU or RNN over single steps, as in the textbooks.",
        choices=("mixture", "recurrent"),
    )
    preset: str | None = setting(
        None,
        about="A recurrent network of the textbooks; options beside it change its parts.",
        choices=("classic", "stacked", *CLASS_PRESETS),
    )
    cell: str | None = setting(None, about="Recurrent layer; lstm if not given.", choices=CELLS)
    hidden: tuple[int, ...] = setting(
        (), about="Cells of each recurrent layer, comma separated; 50 if not given.", low=1
    )
    layers: int | None = setting(None, about="Recurrent layers, where --hidden gives one width.", low=1)
    dropout: float | None = setting(
        None, about="Share of each layer's output dropped while training; below 1.", low=0
    )
    bidirectional: bool | None = setting(None, about="Read the context in both directions.")
    attention: bool | None = setting(
        None, about="Weigh all hidden states instead of taking the last one; evaluate --explain shows how."
    )
    conv: str | None = setting(
        None, about="Causal convolution in front: 32x3 is 32 channels that see 3 steps each."
    )
    head: str | None = setting(
        None,
        about="direct gives the whole horizon at once, recursive one step that is fed back.",
        choices=("direct", "recursive"),
    )
    normalisation: str = setting(
        "auto",
        about="Scale of windows: each its own spread, and in the mixture mean change or spread of logarithms, auto "
        "tries them; in the recurrent network minmax, the range of the training part.",
        choices=("auto", *NORMALISATIONS, MINMAX),
    )
    optimizer: str | None = setting(
        None, about="How weights move; adam if not given.", choices=("adam", "rmsprop", "sgd")
    )
    loss: str | None = setting(
        None, about="What training makes small; mse if not given.", choices=("mse", "mae", "huber", "pinball")
    )
    batch_size: int | None = setting(None, about="Windows per training step; 32 if not given.", low=1)
    learning_rate: float | None = setting(
        None, about="Size of a training step, above 0; 0.001 if not given.", low=0
    )
    epochs: int | None = setting(
        None,
        about="Times every window is learnt from, however long it takes; --budget decides if not given.",
        low=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings(NetworkSettings):
    """How a model is made.

    Attributes:
        unkept: Settings that make no difference to the model, so that it does not remember them.
    """

    calendar: tuple[str, ...] = setting(
        ("none",),
        about="Calendar features, comma separated; auto takes those that the frequency can show.",
        choices=("auto", "none", *CALENDAR_FEATURES),
    )
    holidays: str | None = setting(
        None, about="Country whose public holidays count, such as DE, or a part of it, such as DE-BY."
    )
    non_negative: bool | None = setting(
        None,
        about="Forecast nothing below 0; on by itself for counts, off with --no-non-negative.",
    )
    activation: str = setting("relu", about="Activation inside the recurrence.", choices=("relu", "tanh"))
    budget: float = setting(
        60.0, about="Time for everything after reading.", unit="seconds", low=0.1, kind="duration"
    )
    steps: int | None = setting(
        None, about="Exactly this many training steps instead of a time budget.", low=1
    )
    members: int | None = setting(
        None, about="Networks trained side by side; the forecast is their median.", low=1
    )
    seed: int = setting(0, about="Seed of every random choice.", low=0)
    device: str = setting("auto", about="Where to train.", choices=("auto", "cpu", "cuda", "mps"))
    keep_on_interrupt: bool = setting(False, about="On Ctrl-C keep the best weights so far as the model.")
    no_history: bool = setting(
        False, about="Do not keep the last context of every series in the model folder."
    )
    if_changed: bool = setting(
        False, about="Do nothing where the model was made from the same data, settings and version."
    )
    resume: bool = setting(
        False, about="Go on from the checkpoint that a stopped fit of the same data and settings has left."
    )
    on_error: str = setting(
        "fail",
        about="On an error in one series: fail, or skip it, do the rest and end with exit code 9.",
        choices=("fail", "skip"),
    )
    wait: float = setting(
        0.0, about="Wait so long for another run that writes the same model.", low=0, kind="duration"
    )

    unkept: ClassVar[tuple[str, ...]] = ("if_changed", "resume", "wait", "keep_on_interrupt")


# Without slots, so that it can be mixed with a family that has them.
@dataclass(frozen=True, kw_only=True)
class OutputSettings(Settings):
    """How a forecast table is written."""

    quantiles: tuple[float, ...] = setting((0.1, 0.9), about="Quantile levels to print, comma separated.")
    with_cutoff: bool = setting(
        False, about="Add the cutoff column: the last timestamp the forecast has seen."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSettings(ShapeSettings, OutputSettings):
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
        about="End with exit code 7 where the newest observation is older, such as 26h.",
        low=0,
        kind="duration",
    )

    needs: ClassVar[Mapping[str, str]] = {
        item.name: "zero_shot"
        for item in fields(ShapeSettings)
        if item.name not in ("horizon", *(one.name for one in fields(SourceSettings)))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings(SourceSettings):
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
class BenchSettings(Settings):
    """How a forecaster is timed."""

    batch: int = setting(200, about="Windows of the larger call.", low=1, variable="bench_batch")
    seconds: float = setting(2.0, about="Time to spend on calls.", unit="seconds", low=0.01, kind="duration")
