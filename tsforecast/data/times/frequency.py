"""A frequency: the regular grid that the timestamps of a series stand on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.times.calendar_grid import (
    DAY,
    HOUR,
    MINUTE,
    MONTH_END,
    MONTHS,
    SECOND,
    WEEK,
    WEEKDAY_WORDS,
    WEEKDAYS,
    business_days_of,
    days_in_months,
    days_of_business,
    month_lengths,
    months_of,
)

Kind = Literal["fixed", "business", "months", "step"]

_UNITS = ((DAY, "D", "day"), (HOUR, "h", "hour"), (MINUTE, "min", "minute"), (SECOND, "s", "second"))
_SMALL_UNITS = ((1000, "ms", "millisecond"), (1, "us", "microsecond"))
_ADVERBS = {"day": "daily", "hour": "hourly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}


@dataclass(frozen=True, slots=True)
class Frequency:
    """A regular grid of ticks; its points are numbered by consecutive integers, the ordinals.

    Attributes:
        kind: ``fixed`` time spans, ``business`` days, calendar ``months``, or integer time ``step``.
        multiple: Microseconds, business days, months or integers from one grid point to the next.
        phase: Where the grid point of ordinal 0 lies, in the same unit from its origin, below ``multiple``.
        day: Day of the month of the grid points, 31 is the last one; other kinds keep 1.
        business: Month grids only: a weekend day moves to the next weekday, at the end to the one before.
        time: Time of day of the grid points of business days and months (microseconds).
        free: What an alias left open and `anchored_at` may take from data: ``phase``, ``day``, ``time``. Not
            part of the grid, so neither compared nor stored.
    """

    kind: Kind
    multiple: int = 1
    phase: int = 0
    day: int = 1
    business: bool = False
    time: int = 0
    free: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.multiple < 1 or not 0 <= self.phase < self.multiple:
            raise ValueError(f"phase {self.phase} does not lie in a step of {self.multiple}")
        if not 1 <= self.day <= MONTH_END or not 0 <= self.time < DAY:
            raise ValueError(f"day {self.day} or time of day {self.time} does not exist")
        if self.business and self.day not in (1, MONTH_END):
            raise ValueError(
                f"only the first or last day of a month can be a business day, not day {self.day}"
            )

    def ordinals(self, ticks: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Find the last grid point at or before each tick, and whether the tick stands exactly on it.

        Shape:
            ticks ``(rows,)``; both results ``(rows,)``.
        """
        ticks = np.asarray(ticks, dtype=np.int64)
        if self.kind == "months":
            numbers = self._month_numbers(ticks)
        elif self.kind == "business":
            numbers = business_days_of((ticks - self.time) // DAY)[0]
        else:
            numbers = ticks
        ordinals = (numbers - self.phase) // self.multiple
        return ordinals, self.ticks(ordinals) == ticks

    def ticks(self, ordinals: Ints) -> Ints:
        """Grid points by number, the inverse of `ordinals`.

        Shape:
            ordinals ``(rows,)``; result ``(rows,)``.
        """
        numbers = np.asarray(ordinals, dtype=np.int64) * self.multiple + self.phase
        if self.kind == "months":
            return days_in_months(numbers, self.day, business=self.business) * DAY + self.time
        if self.kind == "business":
            return days_of_business(numbers) * DAY + self.time
        return numbers

    def anchored_at(self, tick: int) -> Frequency:
        """Take what the alias left open from one tick of the data.

        A tick on the grid changes nothing. What the alias stated is kept: the weekly grid ``W-SUN`` does not
        become one of Mondays because the data say so.
        """
        if not self.free or bool(self.ordinals(np.array([tick]))[1][0]):
            return replace(self, free=frozenset())
        if self.kind in ("fixed", "step"):
            return replace(self, phase=self._fixed_phase(tick), free=frozenset())
        time, today = tick % DAY, np.array([tick // DAY])
        if self.kind == "business":
            number = int(business_days_of(today)[0][0])
            return replace(self, phase=number % self.multiple, time=time, free=frozenset())
        day = self.day if "day" not in self.free else _day_of_month(today)
        grid = replace(self, day=day, time=time)
        phase = (
            int(grid._month_numbers(np.array([tick]))[0]) % self.multiple
            if "phase" in self.free
            else self.phase
        )
        return replace(grid, phase=phase, free=frozenset())

    @property
    def alias(self) -> str:
        """Short name, that of pandas where it has one: ``h``, ``W-SUN``, ``QS-OCT``, ``5step``."""
        if self.kind == "step":
            return f"{_count(self.multiple)}step"
        if self.kind == "business":
            return f"{_count(self.multiple)}B"
        if self.kind == "months":
            return self._month_alias()
        if self.multiple % WEEK == 0:
            return f"{_count(self.multiple // WEEK)}W-{WEEKDAYS[self._weekday]}"
        size, name, _ = self._unit
        return f"{_count(self.multiple // size)}{name}"

    @property
    def words(self) -> str:
        """The frequency in a sentence: ``hourly``, ``weekly on Sundays``, ``every 30 minutes``."""
        if self.kind == "step":
            return _every(self.multiple, "step")
        if self.kind == "business":
            return "business-daily" if self.multiple == 1 else _every(self.multiple, "business day")
        if self.kind == "months":
            return _every(self._months_in_unit, {1: "month", 3: "quarter", 12: "year"}[self._month_unit])
        if self.multiple % WEEK == 0:
            weeks = self.multiple // WEEK
            rhythm = "weekly" if weeks == 1 else _every(weeks, "week")
            return f"{rhythm} on {WEEKDAY_WORDS[self._weekday]}"
        size, _, name = self._unit
        return _every(self.multiple // size, name)

    @property
    def shortest(self) -> int:
        """Shortest time from one grid point of dates to the next (microseconds)."""
        return self.multiple * {"fixed": 1, "months": 28 * DAY}.get(self.kind, DAY)

    @property
    def default_horizon(self) -> int:
        """Steps to forecast where nobody says; those of the M4 competition where it has the frequency."""
        if self.kind == "step":
            return 12
        if self.kind == "business":
            return 14
        if self.kind == "months":
            return {1: 18, 2: 12, 3: 8, 4: 6}.get(self.multiple, 6)
        if self.multiple >= WEEK:
            return 13
        if self.multiple > 12 * HOUR:
            return 14
        if self.multiple > HOUR:
            return max(2 * DAY // self.multiple, 8)
        return 48 if self.multiple >= 5 * MINUTE else 60

    @property
    def season_candidates(self) -> tuple[int, ...]:
        """Season lengths that clocks and calendars suggest, shortest first (steps)."""
        if self.kind == "business":
            return (5,) if self.multiple == 1 else ()
        if self.kind == "months":
            return (12 // self.multiple,) if self.multiple in (1, 2, 3, 4, 6) else ()
        if self.kind == "step":
            return ()
        if self.multiple == DAY:
            return (7, 365)
        if self.multiple % WEEK == 0:
            return (52 * WEEK // self.multiple,) if self.multiple <= 4 * WEEK else ()
        return tuple(cycle // self.multiple for cycle in self._clock_cycles() if _whole(cycle, self.multiple))

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` turns back into the same grid."""
        names = ("kind", "multiple", "phase", "day", "business", "time")
        return {"alias": self.alias} | {name: getattr(self, name) for name in names}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Frequency:
        """Frequency from what `to_json` gave.

        Raises:
            ValueError: A value is missing or impossible.
        """
        try:
            return cls(
                kind=values["kind"],
                multiple=int(values["multiple"]),
                phase=int(values["phase"]),
                day=int(values["day"]),
                business=bool(values["business"]),
                time=int(values["time"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a stored frequency: {values!r}") from error

    @property
    def _weekday(self) -> int:
        return (self.phase // DAY + 3) % 7

    @property
    def _unit(self) -> tuple[int, str, str]:
        return next(unit for unit in (*_UNITS, *_SMALL_UNITS) if self.multiple % unit[0] == 0)

    @property
    def _month_unit(self) -> int:
        """Months in a year, a quarter or a month, whichever names this grid."""
        if self.multiple % 12 == 0:
            return 12
        return 3 if self.multiple == 3 else 1

    @property
    def _months_in_unit(self) -> int:
        return self.multiple // self._month_unit

    def _month_alias(self) -> str:
        unit = self._month_unit
        letter = {1: "M", 3: "Q", 12: "Y"}[unit]
        end = {1: "S", MONTH_END: "E"}.get(self.day, "")
        parts = [f"{_count(self._months_in_unit)}{'B' if self.business else ''}{letter}{end}"]
        if unit > 1:
            # pandas names a quarterly grid by its last month of the year.
            parts.append(MONTHS[12 - unit + self.phase % unit])
        if not end:
            parts.append(str(self.day))
        return "-".join(parts)

    def _month_numbers(self, ticks: Ints) -> Ints:
        """Months since 1970-01 of the last day of the grid, taken monthly, at or before each tick."""
        months, _ = months_of(ticks // DAY)
        points = days_in_months(months, self.day, business=self.business) * DAY + self.time
        return months - (points > ticks)

    def _fixed_phase(self, tick: int) -> int:
        if "phase" in self.free:
            return tick % self.multiple
        # The weekday is stated, the time of day is not, nor which of several weeks.
        stated = self.phase // DAY * DAY
        weeks = (tick - stated) // WEEK * WEEK
        return (stated + weeks + tick % DAY) % self.multiple

    def _clock_cycles(self) -> tuple[int, int]:
        if self.multiple < MINUTE:
            return MINUTE, HOUR
        return (HOUR, DAY) if self.multiple < 5 * MINUTE else (DAY, WEEK)


def _day_of_month(days: Ints) -> int:
    """Day of the month of the first of some days, the last day of a month as 31."""
    months, numbers = months_of(days[:1])
    return MONTH_END if numbers[0] == month_lengths(months)[0] else int(numbers[0])


def _count(number: int) -> str:
    return "" if number == 1 else str(number)


def _every(number: int, unit: str) -> str:
    if number == 1:
        return _ADVERBS.get(unit, f"every {unit}")
    return f"every {number} {unit}s"


def _whole(cycle: int, step: int) -> bool:
    return cycle % step == 0 and cycle >= 2 * step
