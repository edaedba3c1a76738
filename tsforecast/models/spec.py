"""What a network looks like, as plain numbers: enough to build it, load its weights and write its graph."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.config import NORMALISATIONS, QUANTILE_LEVELS

SEASON_SLOTS = 3
"""Seasons the network has room for."""

EXPERTS_WITHOUT_SEASON: tuple[str, ...] = ("last value", "mean", "drift")
EXPERTS_PER_SEASON: tuple[str, ...] = ("last season", "mean season", "mean season at the last level")
POSITION_FEATURES = 8

SEASONS_AVERAGED = 4
"""Seasons behind a mean profile: enough to average noise away, few enough to follow a change."""

FAINT = 1e-6
"""Weight of a filled value: nothing beside an observed one, yet a fallback where no season was observed."""

SEASONS_BACK = 2
"""How many seasons back a missing value is looked up."""

SPREAD, CHANGE, LOG = NORMALISATIONS

LARGEST_LOG = 700.0
"""Logarithms of forecasts end here: beyond it a float64 is infinite."""

THETA, SEASONAL_NAIVE, LAST_VALUE = "Theta", "seasonal naive", "last value"
"""Classical forecasts that the network is held against; the first two with their season in brackets."""

SMOOTHING = (0.02, 0.05, 0.1, 0.16, 0.25, 0.35, 0.5, 0.7, 0.9)
"""Smoothing constants of the Theta forecast."""

LIKELIHOOD_ROWS = 20.0
"""Rows that count at most when smoothing constants are weighed: real series never follow the model exactly."""

TINY = 1e-12

SPECS: dict[str, tuple[str, str]] = {
    "recurrent": ("tsforecast.models.recurrent_spec", "RecurrentSpec"),
    "classes": ("tsforecast.models.class_spec", "ClassSpec"),
}
"""Networks whose spec has fields of its own: module and name of its class."""

FEWEST_SEASONS = 1.5
"""Seasons that must be known before one is removed."""


def smoothing_kernels(length: int) -> NDArray[np.float32]:
    """Weights by which values become levels of exponential smoothing, oldest first.

    Shape:
        ``(A, length)``.
    """
    alpha = np.array(SMOOTHING)[:, None]
    kernels = alpha * (1 - alpha) ** np.arange(length - 1, -1, -1)
    return np.asarray(kernels, dtype=np.float32)


def moving_average_kernel(season: int) -> NDArray[np.float32]:
    """Weights of a centred mean over one season; an even one takes half of each end (m or m + 1,)."""
    kernel = np.ones(season + (season % 2 == 0))
    if season % 2 == 0:
        kernel[[0, -1]] = 0.5
    return np.asarray(kernel / season, dtype=np.float32)


KINDS: tuple[str, ...] = ("past", "future", "static")
"""Kinds of covariates, in the order in which their columns stand side by side."""

CALENDAR_WIDTHS: dict[str, int] = {"hour": 4, "weekday": 7, "month": 4, "day-of-year": 4, "holiday": 3}
"""Channels of every calendar feature."""

FARTHEST_COVARIATE = 5.0
"""Standard deviations from its mean beyond which a covariate counts as this far."""

MOST_EMBEDDED = 8
HIGHWAY = 16
"""Width of the layer between what is known of a future step and its forecast."""

HIGHWAY_GAIN = 4.0
"""What that layer says counts this much: its weights start at zero and would take long to grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """How the covariates of one kind become channels: numbers first, then the embedding of every category.

    Attributes:
        kind: ``past``, ``future`` or ``static``.
        labels: Number of labels of each column, 0 where it holds numbers.
    """

    kind: str
    labels: tuple[int, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Positions of the columns that hold numbers."""
        return tuple(place for place, count in enumerate(self.labels) if not count)

    @property
    def codes(self) -> tuple[int, ...]:
        """Positions of the columns that hold codes of categories."""
        return tuple(place for place, count in enumerate(self.labels) if count)

    @property
    def embeddings(self) -> tuple[tuple[str, int, int], ...]:
        """Name of the weight, column and number of labels of every category."""
        return tuple((f"{self.kind}_embedding_{place}", place, self.labels[place]) for place in self.codes)

    @property
    def width(self) -> int:
        """Channels."""
        return len(self.numbers) + sum(embedding_size(self.labels[place]) for place in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """Shape of a forecasting network.

    Attributes:
        network: Name in the registry.
        context_length: Past steps (T).
        horizon: Future steps (H).
        season_lengths: Ascending, at most ``SEASON_SLOTS`` (steps).
        patch_length: Steps that make one step of the recurrence.
        hidden: Width of the recurrence.
        activation: ``relu`` or ``tanh``.
        clip: Bound of the gate pre-activations; ONNX calls it ``clip``.
        members: Networks whose median is the forecast (M).
        levels: Quantile levels, ascending (Q).
        normalisation: ``spread`` (mean and standard deviation), ``change`` (last value and mean step) or ``log``
            (spread of the logarithms).
        dropout: Share of decoder outputs dropped while training.
        classical: Classical forecast that takes part, one of ``classical_names``, or empty.
        classical_share: Its share of the forecast, 0 to 1; the network has the rest.
        past_covariates: Names of what is known up to the cutoff (P).
        future_covariates: Names of what is known ahead too (F).
        static_covariates: Names of facts of a series (S).
        categories: Those of them that are no numbers, with the number of their labels.
        calendar: Features that the network makes of timestamps, names from ``CALENDAR_WIDTHS``.
        holidays: Country whose holidays are among them, empty where none are.
        holiday_years: First and last year of their table; days outside count as no holiday.
        floor: Nothing is forecast below it (user's units); None where anything may come.
        counts: Whether targets are counts: an interval that ends between 0 and 1 then ends at 0 or 1, whichever is
            further out, or nearly there.
    """

    network: str = "mixture"
    context_length: int
    horizon: int
    season_lengths: tuple[int, ...] = ()
    patch_length: int
    hidden: int = 64
    activation: str = "relu"
    clip: float = 2.0
    members: int = 1
    levels: tuple[float, ...] = QUANTILE_LEVELS
    normalisation: str = SPREAD
    dropout: float = 0.0
    classical: str = ""
    classical_share: float = 0.0
    past_covariates: tuple[str, ...] = ()
    future_covariates: tuple[str, ...] = ()
    static_covariates: tuple[str, ...] = ()
    categories: tuple[tuple[str, int], ...] = ()
    calendar: tuple[str, ...] = ()
    holidays: str = ""
    holiday_years: tuple[int, ...] = ()
    floor: float | None = None
    counts: bool = False

    @property
    def context_patches(self) -> int:
        """Patches that cover the context; the first may be padded."""
        return math.ceil(self.context_length / self.patch_length)

    @property
    def future_patches(self) -> int:
        """Patches that cover the horizon; the last may be cut."""
        return math.ceil(self.horizon / self.patch_length)

    @property
    def calls(self) -> int:
        """Steps of the recurrence that one forecast takes: calls of a graph that does one at a time."""
        return self.context_patches

    @property
    def usable_seasons(self) -> tuple[int, ...]:
        """Seasons of which the context holds at least one."""
        return tuple(season for season in self.season_lengths if season <= self.context_length)[:SEASON_SLOTS]

    @property
    def expert_names(self) -> tuple[str, ...]:
        """Experts in the order of the gate's weights (K)."""
        seasonal = tuple(
            f"{name} ({season})" for season in self.usable_seasons for name in EXPERTS_PER_SEASON
        )
        return EXPERTS_WITHOUT_SEASON + seasonal

    @property
    def classical_names(self) -> tuple[str, ...]:
        """Forecasts that may take part beside the network's."""
        return tuple(self.classical_seasons)

    @property
    def classical_seasons(self) -> dict[str, int]:
        """Season of every classical forecast, 1 for none (steps)."""
        seasons = self.usable_seasons
        if not seasons:
            return {THETA: 1, LAST_VALUE: 1}
        return {f"{name} ({season})": season for name in (THETA, SEASONAL_NAIVE) for season in seasons}

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """All covariates: past, future, static."""
        return self.past_covariates + self.future_covariates + self.static_covariates

    @property
    def sees_more(self) -> bool:
        """Whether anything but the target enters the network."""
        return bool(self.covariate_names or self.calendar)

    @property
    def channels_beside(self) -> tuple[int, int, int]:
        """Channels of what is known beside the target: of a past step, of a future step, of the series."""
        past, future, static = (self.columns(kind).width for kind in KINDS)
        calendar = sum(CALENDAR_WIDTHS[name] for name in self.calendar)
        return past + future + calendar, future + calendar, static

    def columns(self, kind: str) -> Columns:
        """Columns of one kind of covariates: ``past``, ``future`` or ``static``."""
        labels = dict(self.categories)
        return Columns(kind=kind, labels=tuple(labels.get(name, 0) for name in self.names(kind)))

    def names(self, kind: str) -> tuple[str, ...]:
        """Names of one kind of covariates."""
        return {
            "past": self.past_covariates,
            "future": self.future_covariates,
            "static": self.static_covariates,
        }[kind]

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``model.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> NetworkSpec:
        """Inverse of ``to_json``: a spec of the kind that the network has."""
        own = SPECS.get(values.get("network", ""))
        kind = cls if own is None else getattr(import_module(own[0]), own[1])
        made: NetworkSpec = kind(**{key: _as_tuple(value) for key, value in values.items()})
        return made


def _as_tuple(value: Any) -> Any:
    """Turn lists of JSON into tuples, inner ones too."""
    return tuple(_as_tuple(one) for one in value) if isinstance(value, list) else value


def embedding_size(labels: int) -> int:
    """Numbers that stand for a category: few for few labels, never many."""
    return min(MOST_EMBEDDED, (labels + 1) // 2 + 1)
