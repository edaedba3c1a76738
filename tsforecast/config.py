"""Every setting once: default, help, unit and bounds.

The command-line options, the schema of ``tsforecast.toml``, the environment variables and the reference page are
made from these dataclasses, so nothing is typed twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from tsforecast.errors import UsageError

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""Levels the network learns; levels between them are interpolated."""

CALENDAR_FEATURES: tuple[str, ...] = ("hour", "weekday", "month", "day-of-year")
"""What a forecast may know of each step's timestamp."""

_TYPES: dict[str, tuple[Any, str]] = {
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "float": (int | float, "a number"),
    "str": (str, "a text"),
}
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def setting(
    default: Any,
    *,
    about: str,
    unit: str = "",
    low: float | None = None,
    choices: tuple[str, ...] = (),
    kind: str = "",
) -> Any:
    """Declare one setting.

    Args:
        default: Value where nobody says otherwise.
        about: One-line help.
        unit: Unit of the value, shown in help and reference.
        low: Smallest allowed value.
        choices: Allowed words, empty where any value may stand.
        kind: ``"duration"`` for seconds given as ``60s`` or ``2min``.
    """
    return field(
        default=default, metadata={"about": about, "unit": unit, "low": low, "choices": choices, "kind": kind}
    )


def parse_duration(text: str, name: str = "duration") -> float:
    """Read ``90``, ``90s``, ``2min`` or ``1h`` as seconds.

    Raises:
        UsageError: The text is not a duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|)\s*", text)
    if match is None:
        raise UsageError(f"{name} must be a duration such as 60s, 2min or 1h, got {text!r}")
    return float(match[1]) * _SECONDS[match[2]]


def flag_name(name: str) -> str:
    """Name of a setting as users type it: ``context_length`` is ``--context-length``."""
    return "--" + name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Common ground of all settings: values are checked against their own metadata.

    Attributes:
        needs: Settings that mean something only where a switch is on, and the name of that switch.
    """

    needs: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            values = value if isinstance(value, tuple) else (value,)
            for part in values:
                _check(item.name, part, plain_type(item), item.metadata)


def plain_type(item: Field[Any]) -> str:
    """Type of one value of a setting: ``int`` for ``int | None`` and for ``tuple[int, ...]``."""
    return re.sub(r"tuple\[|, \.\.\.\]| \| None", "", str(item.type))


def _check(name: str, value: Any, kind: str, meta: Any) -> None:
    low, choices = meta["low"], meta["choices"]
    if value is None:
        return
    allowed, words = _TYPES[kind]
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind != "bool"):
        raise UsageError(f"{flag_name(name)} must be {words}, got {value!r}")
    if low is not None and not value >= low:
        found, unit = (f"{value:g}", "s") if meta["kind"] == "duration" else (value, "")
        raise UsageError(f"{flag_name(name)} must be at least {low:g}{unit}, got {found}{unit}")
    if choices and value not in choices:
        raise UsageError(f"{flag_name(name)} must be one of {', '.join(choices)}, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings(Settings):
    """How a table is read."""

    target: str | None = setting(
        None, about="Column to forecast; found by itself where only one can be meant."
    )
    time: str | None = setting(None, about="Column with the timestamps.")
    id: str | None = setting(None, about="Column that names the series.")
    freq: str | None = setting(None, about="Frequency such as 30min, h, D, B, W-SUN, MS, QS, YS or step.")
    layout: str = setting(
        "auto",
        about="long: one row per series and time; wide: one column per series.",
        choices=("auto", "long", "wide"),
    )
    past: tuple[str, ...] = setting((), about="Columns known up to the cutoff, comma separated.")
    future: tuple[str, ...] = setting((), about="Columns known ahead as well, comma separated.")
    static: tuple[str, ...] = setting((), about="Columns that are constant in a series, comma separated.")
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
class FitSettings(ShapeSettings):
    """How a model is made."""

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

    needs: ClassVar[Mapping[str, str]] = {
        item.name: "zero_shot" for item in fields(ShapeSettings) if item.name != "horizon"
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings(Settings):
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
        choices=("naive", "seasonal naive", "drift", "window mean", "theta", "boosted lags"),
    )
    by: str | None = setting(
        None, about="Also one row per forecast step or per series.", choices=("step", "series")
    )
    explain: bool = setting(False, about="Also show what the forecasts lean on: the weights of the gate.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings(Settings):
    """How the ONNX file is written."""

    opset: int = setting(17, about="ONNX operator set, 17 to 21.", low=17)


def check_needs(settings: Settings) -> None:
    """Refuse settings that would be ignored.

    Raises:
        UsageError: A setting is given whose switch is off.
    """
    defaults = {item.name: item.default for item in fields(settings)}
    for name, switch in settings.needs.items():
        if getattr(settings, name) != defaults[name] and not getattr(settings, switch):
            raise UsageError(
                f"{flag_name(name)} is for {flag_name(switch)}: a model has its own",
                hint=f"leave it out, or fit again with {flag_name(name)}",
            )


S = TypeVar("S", bound=Settings)


def from_keywords(kind: type[S], values: dict[str, Any]) -> S:
    """Make settings from keyword arguments; a list counts as a tuple, a duration may be text.

    Raises:
        UsageError: There is no such setting, or a value is out of bounds.
    """
    known = {item.name: item for item in fields(kind)}
    for name in values:
        if name not in known:
            raise UsageError(f"no setting is called {name!r}", hint=f"choose from {', '.join(known)}")
    return kind(**{name: _plain(known[name], value) for name, value in values.items()})


def _plain(item: Field[Any], value: Any) -> Any:
    if item.metadata["kind"] == "duration" and isinstance(value, str):
        return parse_duration(value, flag_name(item.name))
    if isinstance(value, list | tuple):
        return tuple(_from_numpy(one) for one in value)
    return (_from_numpy(value),) if isinstance(item.default, tuple) else _from_numpy(value)


def _from_numpy(value: Any) -> Any:
    """Plain number for a NumPy one, as lengths and counts often are."""
    return value.item() if getattr(value, "ndim", None) == 0 else value
