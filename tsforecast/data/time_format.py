"""How timestamps are written in the user's table, so that a forecast is written the same way."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np

from tsforecast.data.arrow import from_numbers, from_texts
from tsforecast.data.calendar_grid import DAY, MINUTE, MONTH_NAMES, SECOND, Ints

EPOCHS = {"epoch s": SECOND, "epoch ms": 1000, "epoch us": 1}
"""Microseconds in one count of an epoch pattern; nanoseconds are counted apart."""

_EPOCH_NS = "epoch ns"
_START = datetime(1970, 1, 1)
_PADDING = re.compile("%-(?=[a-zA-Z])")
_CODE = re.compile(r"%(-?[YymdHIMSpqzGVu]|[1-9]f|[bB^])")


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """The form of a time column.

    Attributes:
        kind: ``datetime``, or ``integer`` for plain steps.
        pattern: How a date is written: ``%Y-%m-%dT%H:%M`` and the like (``%-d`` without a leading zero,
            ``%3f`` three digits of a second, ``%q`` quarter, ``%G-W%V`` a week, ``%^`` month name in capitals), or
            ``epoch s``, ``epoch ms``, ``epoch us``, ``epoch ns``.
        offset: Minutes that the wall clock is ahead of UTC, None where the data do not say.
        zone: Name of a time zone whose offset changes, "" otherwise.
        arrow: Type of the column: ``string``, ``int64``, ``date32``, or the unit of timestamps: ``us``.
    """

    kind: Literal["datetime", "integer"] = "datetime"
    pattern: str = "%Y-%m-%d"
    offset: int | None = None
    zone: str = ""
    arrow: str = "string"

    @property
    def has_offset(self) -> bool:
        """Whether the column says how far its clock is from UTC."""
        return self.offset is not None or self.pattern.endswith("%z")

    def render(self, ticks: Ints) -> list[str] | list[int]:
        """Timestamps in the form of the user's table; those that need more than its pattern shows get it.

        Args:
            ticks: Microseconds of the wall clock since 1970-01-01, or plain steps (rows,).
        """
        ticks = np.asarray(ticks, dtype=np.int64)
        if self.kind == "integer":
            return [int(tick) for tick in ticks.tolist()]
        if self.pattern.startswith("epoch"):
            return self._epochs(ticks)
        every = ticks.tolist()
        # A set finds the distinct ones as np.unique does, which imports masked arrays first.
        distinct = set(every)
        pattern = precise(self.pattern, np.array(list(distinct), dtype=np.int64))
        texts = {tick: _write(pattern, tick, self.zone) for tick in distinct}
        if self.arrow == "int64" and pattern == self.pattern:
            numbers = {tick: int(text) for tick, text in texts.items()}
            return [numbers[tick] for tick in every]
        return [texts[tick] for tick in every]

    def padded_as(self, like: TimeFormat, ticks: Ints) -> TimeFormat:
        """Take the form of a model's table where only zeros before short numbers tell the two apart and none is there.

        ``12/20/2024`` alone does not show whether the next day but twenty is ``1/9/2025`` or ``01/09/2025``.

        Args:
            like: Form of the model's table.
            ticks: All timestamps that are written in this form (rows,).
        """
        padded = _PADDING.sub("%", like.pattern)
        if self.kind == "integer" or self.pattern == like.pattern or self.pattern != padded:
            return self
        free = replace(self, pattern=like.pattern)
        return free if free.render(ticks) == self.render(ticks) else self

    def to_arrow(self, ticks: Ints) -> Any:
        """Timestamps as an Arrow array of the type that the user's column has (rows,)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.arrow in ("string", "int64"):
            cells = self.render(ticks)
            whole = all(isinstance(cell, int) for cell in cells)
            return from_numbers(np.array(cells)) if whole else from_texts([str(cell) for cell in cells])
        clock = from_numbers(np.asarray(ticks)).cast(pa.timestamp("us"))
        if self.arrow == "date32":
            exact = not np.any(np.asarray(ticks) % DAY)
            return clock.cast(pa.date32()) if exact else clock
        unit = self.arrow
        if self.zone:
            return pc.assume_timezone(clock, self.zone, ambiguous="earliest", nonexistent="latest").cast(
                pa.timestamp(unit, self.zone), safe=False
            )
        if self.offset is None:
            return clock.cast(pa.timestamp(unit), safe=False)
        instants = np.asarray(ticks, dtype=np.int64) - self.offset * 60 * SECOND
        return (
            from_numbers(instants)
            .cast(pa.timestamp("us", offset_text(self.offset)))
            .cast(pa.timestamp(unit, offset_text(self.offset)), safe=False)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` turns back into the same format."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TimeFormat:
        """Format from what `to_json` gave.

        Raises:
            ValueError: A value is missing or impossible.
        """
        names = {item.name for item in fields(cls)}
        if set(values) != names or values["kind"] not in ("datetime", "integer"):
            raise ValueError(f"not a stored time format: {values!r}")
        return cls(**values)

    def _epochs(self, ticks: Ints) -> list[str] | list[int]:
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
    match = re.search(r"( ?(?:[Zz]|UTC|%z|[+-]\d{2}(?::?\d{2})?))$", pattern)
    return (pattern[: match.start()], match[1]) if match else (pattern, "")


def _write(pattern: str, tick: int, zone: str) -> str:
    moment = _START + timedelta(microseconds=tick)
    return _CODE.sub(lambda match: _part(match[1], moment, zone), pattern)


def _part(code: str, moment: datetime, zone: str) -> str:
    if code.endswith("f"):
        return f"{moment.microsecond:06d}000"[: int(code[0])]
    if code == "z":
        return _zone_offset(moment, zone)
    names = {"b": MONTH_NAMES[moment.month - 1][:3], "B": MONTH_NAMES[moment.month - 1]}
    names |= {
        "^": names["b"].upper(),
        "p": "AM" if moment.hour < 12 else "PM",
        "q": str((moment.month + 2) // 3),
    }
    week = moment.isocalendar()
    names |= {"G": f"{week.year:04d}", "V": f"{week.week:02d}", "u": str(week.weekday)}
    if code in names:
        return names[code]
    numbers = {"Y": moment.year, "y": moment.year % 100, "m": moment.month, "d": moment.day, "H": moment.hour}
    numbers |= {"I": (moment.hour - 1) % 12 + 1, "M": moment.minute, "S": moment.second}
    width = 0 if code.startswith("-") else 4 if code == "Y" else 2
    return f"{numbers[code[-1]]:0{width}d}" if width else str(numbers[code[-1]])


def _zone_offset(moment: datetime, zone: str) -> str:
    from zoneinfo import ZoneInfo

    difference = moment.replace(tzinfo=ZoneInfo(zone)).utcoffset() if zone else UTC.utcoffset(None)
    return offset_text(round((difference or timedelta()).total_seconds() / 60))
