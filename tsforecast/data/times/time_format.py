"""How timestamps are written in the user's table, so that a forecast is written the same way."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import from_numbers, from_texts
from tsforecast.data.times.calendar_grid import DAY, MINUTE, MONTH_NAMES, SECOND
from tsforecast.data.times.zones import Flags, instants

EPOCHS = {"epoch s": SECOND, "epoch ms": 1000, "epoch us": 1}
"""Microseconds in one count of an epoch pattern; nanoseconds are counted apart."""

_EPOCH_NS = "epoch ns"
_START = datetime(1970, 1, 1)
_PADDING = re.compile("%-(?=[a-zA-Z])")
CODE = re.compile(r"%(-?[YymdHIMSpqzGVu]|[1-9]f|[ab])")
"""Code of a part of a date in a pattern."""

_EARLIER_CODE = re.compile("%[bB^]")
_EARLIER_NAMES = {
    "%b": tuple(name[:3] for name in MONTH_NAMES),
    "%B": MONTH_NAMES,
    "%^": tuple(name[:3].upper() for name in MONTH_NAMES),
}
"""Names of months that models of earlier versions had, by their code."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """The form of a time column.

    Attributes:
        kind: ``datetime``, or ``integer`` for plain steps.
        pattern: How a date is written: ``%Y-%m-%dT%H:%M`` and the like (``%-d`` without a leading zero,
            ``%3f`` three digits of a second, ``%q`` quarter, ``%G-W%V`` a week, ``%b`` name of the month, ``%a`` of the
            day of the week), or ``epoch s``, ``epoch ms``, ``epoch us``, ``epoch ns``.
        offset: Minutes that the wall clock is ahead of UTC, None where the data do not say.
        zone: Name of a time zone whose offset changes, "" otherwise.
        arrow: Type of the column: ``string``, ``int64``, ``float64`` for epochs with a fraction, ``date32``, or the
            unit of timestamps: ``us``.
        months: Names of the months as the table writes them, where it has them.
        weekdays: Names of the days from Monday on, where the table has them.
    """

    kind: Literal["datetime", "integer"] = "datetime"
    pattern: str = "%Y-%m-%d"
    offset: int | None = None
    zone: str = ""
    arrow: str = "string"
    months: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()

    @property
    def day_first(self) -> bool | None:
        """Whether a date of numbers begins with the day or with the month, None where it does with neither."""
        found = re.match("(?:%a[, ]+)?%-?([dm])", self.pattern)
        return found[1] == "d" if found else None

    @property
    def has_offset(self) -> bool:
        """Whether the column says which moments it means: by offsets from UTC, or as it counts from one."""
        return self.offset is not None or self.pattern.endswith("%z") or self.pattern.startswith("epoch")

    def render(self, ticks: Ints, again: Flags | None = None) -> list[str] | list[int] | list[float]:
        """Timestamps in the form of the user's table; those that need more than its pattern shows get it.

        Args:
            ticks: Microseconds of the wall clock since 1970-01-01, or plain steps (rows,).
            again: Times that the clocks of the zone show for the second time (rows,); none if not given.
        """
        ticks = np.asarray(ticks, dtype=np.int64)
        if self.kind == "integer":
            return [int(tick) for tick in ticks.tolist()]
        if self.pattern.startswith("epoch"):
            return self._epochs(instants(self.zone, ticks, again) if self.zone else ticks)
        every = ticks.tolist()
        # A set finds the distinct ones as np.unique does, which imports masked arrays first.
        distinct = set(every)
        pattern = precise(self.pattern, np.array(list(distinct), dtype=np.int64))
        texts = {tick: self._write(pattern, tick) for tick in distinct}
        if self.arrow == "int64" and pattern == self.pattern:
            numbers = {tick: int(text) for tick, text in texts.items()}
            return [numbers[tick] for tick in every]
        if again is None or not again.any():
            return [texts[tick] for tick in every]
        later = {tick: self._write(pattern, tick, fold=1) for tick in set(ticks[again].tolist())}
        return [
            later[tick] if second else texts[tick] for tick, second in zip(every, again.tolist(), strict=True)
        ]

    def shown(self, ticks: Ints) -> list[str]:
        """Timestamps for a sentence: no space is narrower than that of the keyboard."""
        return [str(text).replace("\u202f", " ") for text in self.render(ticks)]

    def written_as(self, like: TimeFormat, ticks: Ints) -> TimeFormat:
        """Take the form of a model's table where only zeros and names tell the two apart that are not there.

        ``12/20/2024`` alone does not show whether the next day but twenty is ``1/9/2025`` or ``01/09/2025``, nor does
        ``Mai 2024`` whether the next month is ``Juni`` or ``Jun``.

        Args:
            like: Form of the model's table.
            ticks: All timestamps that are written in this form (rows,).
        """
        if self.kind == "integer" or self._bones != like._bones:
            return self
        free = replace(self, pattern=like.pattern, months=like.months, weekdays=like.weekdays)
        return free if free == self or free.render(ticks) == self.render(ticks) else self

    @property
    def _bones(self) -> str:
        """Pattern without zeros."""
        return _PADDING.sub("%", self.pattern)

    def to_arrow(self, ticks: Ints, again: Flags | None = None) -> Any:
        """Timestamps as an Arrow array of the type that the user's column has; arguments are those of `render`."""
        import pyarrow as pa

        if self.arrow in ("string", "int64", "float64"):
            cells = self.render(ticks, again)
            counted = all(isinstance(cell, int | float) for cell in cells)
            return from_numbers(np.array(cells)) if counted else from_texts([str(cell) for cell in cells])
        clock = from_numbers(np.asarray(ticks)).cast(pa.timestamp("us"))
        if self.arrow == "date32":
            exact = not np.any(np.asarray(ticks) % DAY)
            return clock.cast(pa.date32()) if exact else clock
        unit = self.arrow
        if self.zone and self.has_offset:
            moments = from_numbers(instants(self.zone, np.asarray(ticks, dtype=np.int64), again))
            return moments.cast(pa.timestamp("us", self.zone)).cast(pa.timestamp(unit, self.zone), safe=False)
        if self.offset is None:
            return clock.cast(pa.timestamp(unit), safe=False)
        moments = from_numbers(np.asarray(ticks, dtype=np.int64) - self.offset * MINUTE)
        return moments.cast(pa.timestamp("us", offset_text(self.offset))).cast(
            pa.timestamp(unit, offset_text(self.offset)), safe=False
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` turns back into the same format."""
        return asdict(self) | {"months": list(self.months), "weekdays": list(self.weekdays)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TimeFormat:
        """Format from what `to_json` gave.

        Raises:
            ValueError: A value is missing or impossible.
        """
        names = {item.name for item in fields(cls)}
        if not names - {"months", "weekdays"} <= set(values) <= names:
            raise ValueError(f"not a stored time format: {values!r}")
        code = _EARLIER_CODE.search(str(values["pattern"]))
        months = tuple(values.get("months") or (_EARLIER_NAMES[code[0]] if code else ()))
        weekdays = tuple(values.get("weekdays", ()))
        pattern = _EARLIER_CODE.sub("%b", str(values["pattern"]))
        counts = len(months), len(weekdays)
        if values["kind"] not in ("datetime", "integer") or counts != (
            12 * ("%b" in pattern),
            7 * ("%a" in pattern),
        ):
            raise ValueError(f"not a stored time format: {values!r}")
        return cls(**values | {"pattern": pattern, "months": months, "weekdays": weekdays})

    def _write(self, pattern: str, tick: int, fold: int = 0) -> str:
        moment = (_START + timedelta(microseconds=tick)).replace(fold=fold)
        return CODE.sub(lambda match: self._part(match[1], moment), pattern)

    def _part(self, code: str, moment: datetime) -> str:
        """Text of one code of a pattern."""
        if code == "b":
            return self.months[moment.month - 1]
        if code == "a":
            return self.weekdays[moment.weekday()]
        return _zone_offset(moment, self.zone) if code == "z" else _number(code, moment)

    def _epochs(self, ticks: Ints) -> list[int] | list[float]:
        if self.arrow == "float64":
            return [float(count) for count in (ticks / EPOCHS[self.pattern]).tolist()]
        counts = ticks * 1000 if self.pattern == _EPOCH_NS else ticks // EPOCHS[self.pattern]
        return [int(count) for count in counts.tolist()]


def precise(pattern: str, ticks: Ints) -> str:
    """Add a clock or seconds to a pattern where the ticks would otherwise lose theirs."""
    times = np.asarray(ticks) % DAY
    if not re.search("%-?d", pattern) or not times.any():
        return pattern
    clock, offset = _split_offset(pattern)
    if not re.search("%-?[HI]", clock):
        clock += " %H:%M"
    if (times % MINUTE).any() and "%S" not in clock:
        clock = clock.replace("%M", "%M:%S")
    if (times % SECOND).any() and "f" not in clock:
        clock = clock.replace("%S", "%S.%6f")
    return clock + offset


def offset_text(minutes: int) -> str:
    """Write an offset from UTC as ISO 8601 does: ``+05:30``."""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _split_offset(pattern: str) -> tuple[str, str]:
    match = re.search(r"( ?(?:[Zz]|UTC|GMT|%z|[+-]\d{2}(?::?\d{2})?))$", pattern)
    return (pattern[: match.start()], match[1]) if match else (pattern, "")


def _number(code: str, moment: datetime) -> str:
    if code.endswith("f"):
        return f"{moment.microsecond:06d}000"[: int(code[0])]
    week = moment.isocalendar()
    words = {"p": "AM" if moment.hour < 12 else "PM", "q": str((moment.month + 2) // 3)}
    words |= {"G": f"{week.year:04d}", "V": f"{week.week:02d}", "u": str(week.weekday)}
    if code in words:
        return words[code]
    numbers = {"Y": moment.year, "y": moment.year % 100, "m": moment.month, "d": moment.day, "H": moment.hour}
    numbers |= {"I": (moment.hour - 1) % 12 + 1, "M": moment.minute, "S": moment.second}
    width = 0 if code.startswith("-") else 4 if code == "Y" else 2
    return f"{numbers[code[-1]]:0{width}d}" if width else str(numbers[code[-1]])


def _zone_offset(moment: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    difference = moment.replace(tzinfo=ZoneInfo(zone)).utcoffset() if zone else UTC.utcoffset(None)
    return offset_text(round((difference or timedelta()).total_seconds() / 60))
