"""What covariates are measured by: found on the training part, then fixed."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tsforecast.data.arrays import Floats
from tsforecast.data.panel import Panel
from tsforecast.models.calendar_numbers import holiday_first_day, holiday_table_length
from tsforecast.models.spec import NetworkSpec


def covariate_constants(panel: Panel, spec: NetworkSpec) -> dict[str, Tensor]:
    """Centre and scale of every covariate and the table of holidays, as the network's buffers.

    Args:
        panel: Training part: nothing later is looked at.
        spec: Which covariates and holidays.
    """
    constants = {}
    if spec.covariate_names and panel.covariates is not None:
        columns = [*_known_rows(panel).T, *panel.covariates.static.T]
        labels = dict(spec.categories)
        units = [
            (0.0, 1.0) if name in labels else _unit(column)
            for name, column in zip(spec.covariate_names, columns, strict=True)
        ]
        constants = {
            "centre": torch.tensor([centre for centre, _ in units], dtype=torch.float64),
            "scale": torch.tensor([scale for _, scale in units], dtype=torch.float64),
        }
    if spec.holidays:
        constants["holidays"] = torch.from_numpy(_holiday_table(spec.holidays, spec.holiday_years))
    return constants


def _known_rows(panel: Panel) -> Floats:
    """Past and future covariates of the rows that have a target, series after series (rows, P + F)."""
    known = panel.covariates
    assert known is not None
    counts = np.minimum(panel.lengths, known.lengths)
    rows = [known.values[start : start + count] for start, count in zip(known.offsets, counts, strict=False)]
    return np.concatenate([known.values[:0], *rows])


def _unit(column: Floats) -> tuple[float, float]:
    """Mean and standard deviation of what is known, 0 and 1 where that says nothing."""
    values = column[np.isfinite(column)]
    if not len(values):
        return 0.0, 1.0
    peak = float(np.abs(values).max()) or 1.0  # without it the squares of huge values overflow
    shape = values / peak
    spread = float(shape.std()) * peak
    centre = float(shape.mean()) * peak
    return centre, spread if spread > 1e-12 * abs(centre) else 1.0


def _holiday_table(country: str, years: tuple[int, ...]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """1 on every holiday (days + 2,)."""
    from tsforecast.data.times.holidays_table import holiday_days

    table = np.zeros(holiday_table_length(years), dtype=np.uint8)
    table[holiday_days(country, *years) - holiday_first_day(years) + 1] = 1
    return table
