"""What every covariate and calendar feature is worth: how much worse validation windows are forecast without it."""

from __future__ import annotations

from collections.abc import Callable

from tsforecast.data.notes import Note
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import KINDS, NetworkSpec
from tsforecast.training.validation import CALENDAR, Validation

LEAST_GAIN = 0.001
"""Relative gain below which a covariate is said not to help."""

FEATURE = "calendar feature "
"""Start of the name of a calendar feature, so that a column may be called the same."""


def covariate_gains(network: MixtureLSTM, validation: Validation) -> dict[str, float]:
    """Relative rise of the pinball loss where a covariate or a calendar feature is hidden, by name.

    Without validation windows nothing can be said, and the result is empty.
    """
    if not len(validation):
        return {}
    return gains_by(network.spec, lambda without: validation.score(network, without))


def gains_by(spec: NetworkSpec, score: Callable[[tuple[str, int] | None], float]) -> dict[str, float]:
    """Relative rise of a score where a covariate or a calendar feature is hidden, by name.

    A number is hidden by its mean, as a feature is, a category by the code of what is unknown.

    Args:
        spec: Which covariates and features there are.
        score: What is better where it is smaller, without what is given by kind and place, or with everything.
    """
    if not spec.sees_more:
        return {}
    usual = score(None)
    places = [(name, (kind, place)) for kind in KINDS for place, name in enumerate(spec.names(kind))]
    places += [(f"{FEATURE}{name}", (CALENDAR, place)) for place, name in enumerate(spec.calendar)]
    if not usual > 0:
        return {name: 0.0 for name, _ in places}
    return {name: score(without) / usual - 1 for name, without in places}


def idle_covariates(gains: dict[str, float]) -> tuple[Note, ...]:
    """Name the covariates that do not help."""
    return tuple(
        Note(f"{_in_words(name)} does not help on validation windows; without it forecasts would be as good")
        for name, gain in gains.items()
        if gain <= LEAST_GAIN
    )


def _in_words(name: str) -> str:
    if name.startswith(FEATURE):
        return f"{FEATURE}{name.removeprefix(FEATURE)!r}"
    return f"covariate {name!r}"
