"""Checks of the table as a whole: its frequency, and covariates that know too much."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.checks.finding import Examined, Finding
from tsforecast.data.series_ids import join_id
from tsforecast.data.words import counted, quoted

_SURE = 0.9
_LIKE = 0.9999
_FEWEST = 20


def unsure_frequency(examined: Examined) -> Iterator[Finding]:
    """Find a frequency that the timestamps leave in doubt."""
    guess = examined.placed.guess
    if guess.confidence < _SURE:
        yield Finding(
            check="frequency",
            severity="warning",
            found=guess.words,
            meaning="with a wrong frequency steps are missing that never were, and seasons are missed",
            mend=f"--freq {guess.frequency.alias} says that it is right",
        )


def leak(examined: Examined) -> Iterator[Finding]:
    """Find covariates that follow the target of the same step or a later one."""
    panel, beside = examined.panel, examined.panel.covariates
    if beside is None:
        return
    for number, name in enumerate((*panel.schema.past, *panel.schema.future)):
        known_ahead = number >= len(panel.schema.past)
        for index, values in enumerate(panel):
            covariate = beside.series(index)[: len(values), number]
            lead = _lead(values, covariate, 0 if known_ahead else 1, examined.horizon)
            if lead is None:
                continue
            when = "of the same step" if lead == 0 else f"of {counted(lead, 'step')} later"
            past = (
                f"--past {shlex.quote(name)}, which uses it up to the cutoff only, or " if lead == 0 else ""
            )
            yield examined.finding(
                index,
                0,
                check="leak",
                severity="warning",
                found=f"covariate {quoted(name)} follows the target {when}",
                meaning="the backtest looks perfect, and the forecast needs what nobody knows",
                mend=f"{past}leave {quoted(name)} out of --past and --future; "
                f"--no-covariates --target {shlex.quote(join_id(panel.schema.targets))} takes none by its name",
            )
            break


def _lead(target: Floats, covariate: Floats, first: int, last: int) -> int | None:
    """Count the steps by which a covariate is ahead of the target it repeats, None where it does not."""
    for lead in range(first, min(last, len(target) - _FEWEST) + 1):
        one, other = target[lead:], covariate[: len(covariate) - lead]
        both = np.isfinite(one) & np.isfinite(other)
        one, other = one[both], other[both]
        if len(one) < _FEWEST:
            continue
        # Squares of large numbers are none.
        one, other = one / max(np.abs(one).max(), 1e-300), other / max(np.abs(other).max(), 1e-300)
        if one.std() == 0 or other.std() == 0:
            continue
        if abs(float(np.corrcoef(one, other)[0, 1])) > _LIKE:
            return lead
    return None
