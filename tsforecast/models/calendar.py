"""Features of a timestamp, made inside the network so that the graph makes the same.

Timestamps are seconds of the series' own wall clock since 1970-01-01. Days become years and months by whole-number
arithmetic; ``exporters/calendar_graph.py`` writes the same steps into the graph.

Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", ``civil_from_days``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tsforecast.models.calendar_numbers import AROUND, DAY, MONDAY, WAVE_RATES, WAVE_SHIFTS


def calendar_features(timestamps: Tensor, features: tuple[str, ...], holidays: Tensor, first: int) -> Tensor:
    """Channels of all features side by side.

    Args:
        timestamps: Seconds since 1970-01-01, int64.
        features: Names from ``CALENDAR_WIDTHS``.
        holidays: 1 on holidays, a day without one at either end (days + 2,).
        first: Day since 1970-01-01 of the first day of that table.

    Shape:
        timestamps ``(B, L)``; result ``(B, L, K)``, float32.
    """
    day = torch.div(timestamps, DAY, rounding_mode="floor")
    parts = []
    for name in features:
        if name == "hour":
            parts.append(waves((timestamps - day * DAY).to(torch.float32) / DAY))
        elif name == "weekday":
            parts.append(((day[..., None] + MONDAY) % 7 == torch.arange(7)).to(torch.float32))
        elif name == "holiday":
            place = day[..., None] + torch.tensor(AROUND) - (first - 1)
            parts.append(holidays[place.clamp(0, len(holidays) - 1)].to(torch.float32))
        else:
            parts.append(_by_day(day, month_waves if name == "month" else year_waves))
    return torch.cat(parts, -1)


def waves(share: Tensor) -> Tensor:
    """Sine and cosine of a share of a cycle, then of twice of it (..., 4)."""
    return torch.sin(share[..., None] * torch.tensor(WAVE_RATES) + torch.tensor(WAVE_SHIFTS))


def month_waves(day: Tensor) -> Tensor:
    """Waves of the month of days since 1970-01-01 (..., 4)."""
    return waves(civil(day)[0].to(torch.float32) / 12)


def year_waves(day: Tensor) -> Tensor:
    """Waves of the day of the year of days since 1970-01-01 (..., 4)."""
    _, passed, length = civil(day)
    return waves(passed.to(torch.float32) / length.to(torch.float32))


def civil(day: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Month from 0, day of the year from 0, and days of that year; the years begin in March on the way."""
    shifted = day + 719_468
    era_day = shifted % 146_097
    year = (era_day - era_day // 1460 + era_day // 36_524 - era_day // 146_096) // 365
    since_march = era_day - (365 * year + year // 4 - year // 100)
    number = (5 * since_march + 2) // 153
    late = (since_march >= 306).to(torch.int64)  # January and February belong to the next year
    own = year + late
    leap = ((own % 4 == 0) & ((own % 100 != 0) | (own % 400 == 0))).to(torch.int64)
    passed = since_march + 59 + leap - late * (365 + leap)
    return (number + 2) % 12, passed, 365 + leap


def _by_day(day: Tensor, feature: Callable[[Tensor], Tensor]) -> Tensor:
    """Look a feature up that hours of one day share: made once for every day in between."""
    if not day.numel():
        return feature(day)
    start, stop = int(day.min()), int(day.max()) + 1
    if stop - start > day.numel():
        return feature(day)
    return feature(torch.arange(start, stop))[day - start]
