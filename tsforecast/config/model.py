"""What a model is made of, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsforecast.cells import CELLS
from tsforecast.config.setting import setting
from tsforecast.config.table import BINARY, CATEGORY, DataSettings

QUANTILE_LEVELS: tuple[float, ...] = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""Levels the network learns; levels between them are interpolated."""

CALENDAR_FEATURES: tuple[str, ...] = ("hour", "weekday", "month", "day-of-year")
"""What a forecast may know of each step's timestamp."""

NORMALISATIONS: tuple[str, ...] = ("spread", "change", "log")
"""Ways to put a window on its own scale; the recurrent network has only the first of them."""

MINMAX = "minmax"
"""The recurrent network's other scale: the range of the training part, the same for all windows."""

CLASS_PRESETS: dict[str, str] = {"events": BINARY, "labels": CATEGORY}
"""Presets for targets that are classes, and what they take the target for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSettings(DataSettings):
    """How far to look back and ahead, and how low."""

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
    non_negative: bool | None = setting(
        None,
        about="Forecast nothing below 0; on by itself for counts, off with --no-non-negative.",
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
