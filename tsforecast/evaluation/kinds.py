"""What backtests, outcomes and metrics have in common, whether the target is a number or a class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOutcome:
    """What was forecast and what came.

    Attributes:
        actual: Observed values or codes of classes, NaN where nothing was observed (W, H).
    """

    actual: Floats

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Where an actual exists (W, H)."""
        return ~np.isnan(self.actual)


Out = TypeVar("Out", bound=AnyOutcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyMetric(ABC, Generic[Out]):
    """One metric.

    Attributes:
        about: One line for people.
        formula: Definition; sums run over the observed steps, w counts windows.
        source: Where the definition comes from.
        unit: Unit of the value, empty for a plain number.
    """

    about: str
    formula: str
    source: str
    unit: str = ""

    def __call__(self, outcome: Out) -> float:
        """Value over all windows; NaN where nothing can be scored."""
        return float(self.grouped(outcome, np.zeros(len(outcome.actual), dtype=np.int64), 1)[0])

    @abstractmethod
    def grouped(self, outcome: Out, groups: Ints, count: int) -> Floats:
        """Value of each group of windows.

        Args:
            outcome: The windows.
            groups: Group of each window, 0 to count - 1 (W,).
            count: Number of groups (G).

        Returns:
            One value per group, NaN where nothing can be scored (G,).
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed(ABC):
    """W windows that have been forecast.

    Attributes:
        series_ids: Names of all series of the panel (N).
        series: Series of each window, a position in ``series_ids`` (W,).
        cutoffs: Rows of the series that the forecast could see (W,).
        origins: Grid ordinal of the last row the forecast could see: the same for all series cut at one time (W,).
        actual: What came, a number or the code of a class, NaN where nothing was observed (W, H).
    """

    series_ids: tuple[str, ...]
    series: Ints
    cutoffs: Ints
    origins: Ints
    actual: Floats

    @property
    @abstractmethod
    def methods(self) -> tuple[str, ...]:
        """The model first, then the baselines."""

    @abstractmethod
    def outcome(self, method: str) -> Any:
        """Forecasts of one method in the form that metrics read."""


B = TypeVar("B", bound=Windowed)


def joined(parts: Sequence[B]) -> B:
    """Backtests of the same panel and methods as one."""
    together = {
        item.name: _end_to_end([getattr(part, item.name) for part in parts]) for item in fields(parts[0])
    }
    return replace(parts[0], **together)


def _end_to_end(values: Sequence[Any]) -> Any:
    """Arrays of all parts, alone or by method, one after the other; what else they have is the same in all."""
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    if isinstance(values[0], dict):
        return {name: np.concatenate([one[name] for one in values]) for name in values[0]}
    return values[0]
