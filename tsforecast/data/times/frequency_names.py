"""Frequencies by name: the aliases of pandas, old and new, and plain words."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE, MONTH_END, MONTHS, SECOND, WEEK, WEEKDAYS
from tsforecast.data.times.frequency import Frequency
from tsforecast.errors import UsageError

_FIXED = {
    "us": 1,
    "ms": 1000,
    "s": SECOND,
    "sec": SECOND,
    "second": SECOND,
    "min": MINUTE,
    "t": MINUTE,
    "minute": MINUTE,
    "minutely": MINUTE,
    "h": HOUR,
    "hour": HOUR,
    "hourly": HOUR,
    "d": DAY,
    "day": DAY,
    "daily": DAY,
}
_PLURALS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "step")
_WORDS = {
    "week": "w",
    "weekly": "w",
    "month": "m",
    "monthly": "m",
    "quarter": "q",
    "quarterly": "q",
    "year": "y",
    "yearly": "y",
    "annual": "y",
    "a": "y",
    "as": "ys",
    "bas": "bys",
    "ba": "bye",
    "bm": "bme",
    "bq": "bqe",
    "by": "bye",
    "c": "b",
    "business-daily": "b",
    "i": "step",
    "integer": "step",
}
_CASED = {"S": "s", "L": "ms", "U": "us", "ms": "ms", "MS": "MS", "Ms": "MS"}
_KNOWN = [
    "us",
    "ms",
    "s",
    "min",
    "h",
    "D",
    "B",
    "W",
    "W-SUN",
    "W-MON",
    "MS",
    "ME",
    "M",
    "Q",
    "QS",
    "QE",
    "QS-JAN",
    "QE-DEC",
    "Y",
    "YS",
    "YE",
    "YS-JAN",
    "YE-DEC",
    "step",
    "15min",
    "30min",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "yearly",
    "minutely",
    "BMS",
    "BME",
]
_HINT = "use for example 15min, h, D, B, W-SUN, MS, ME, QS, YS or step"


def parse_frequency(text: str) -> Frequency:
    """Frequency from its name, such as ``30min``, ``W-SUN``, ``QS-OCT`` or ``monthly``.

    What the name leaves open (the minute of ``h``, the weekday of ``W``) stays free for
    `Frequency.anchored_at`.

    Raises:
        UsageError: Nobody calls a frequency so; the hint names the nearest ones.
    """
    match = re.fullmatch(r"\s*(\d{0,9})\s*([A-Za-z][A-Za-z-]*?)((?:-[A-Za-z]{3})?)((?:-\d{1,2})?)\s*", text)
    if match is None or (match[1] and int(match[1]) == 0):
        raise _unknown(text)
    count = int(match[1] or 1)
    name = _canonical(match[2])
    anchor, day = match[3].removeprefix("-").upper(), match[4].removeprefix("-")
    frequency = _build(name, count, anchor, day)
    if frequency is None:
        raise _unknown(text)
    return frequency


def _canonical(name: str) -> str:
    """Lower-case name without synonyms; only ``MS`` and ``ms`` need their capitals."""
    name = _CASED.get(name, name)
    if name == "MS":
        return "months-start"
    name = name.lower()
    if name.endswith("s") and name[:-1] in _PLURALS:
        name = name[:-1]
    return _WORDS.get(name, name)


def _build(name: str, count: int, anchor: str, day: str) -> Frequency | None:
    if name in _FIXED and not anchor and not day:
        return Frequency("fixed", count * _FIXED[name], free=frozenset({"phase"}))
    if name == "b" and not anchor and not day:
        return Frequency("business", count, free=frozenset({"phase", "time"}))
    if name == "step" and not anchor and not day:
        return Frequency("step", count, free=frozenset({"phase"}))
    if name == "w" and not day:
        return _weeks(count, anchor)
    return _months(name, count, anchor, day)


def _weeks(count: int, anchor: str) -> Frequency | None:
    if anchor and anchor not in WEEKDAYS:
        return None
    weekday = WEEKDAYS.index(anchor or "SUN")
    free = frozenset({"time"} if anchor else {"phase", "time"})
    return Frequency("fixed", count * WEEK, (weekday - 3) % 7 * DAY, free=free)


def _months(name: str, count: int, anchor: str, day: str) -> Frequency | None:
    """Month grids: ``[B]{M,Q,Y}[S|E]``, an anchor month for quarters and years, any day of the month."""
    match = re.fullmatch(r"(b?)([mqy])([se]?)", name.replace("months-start", "ms"))
    if match is None or (anchor and (anchor not in MONTHS or match[2] == "m")) or (day and match[3]):
        return None
    if day and (match[1] or not 1 <= int(day) <= MONTH_END):
        return None
    unit = {"m": 1, "q": 3, "y": 12}[match[2]]
    number = {"s": 1, "e": MONTH_END, "": int(day or MONTH_END)}[match[3]]
    month = MONTHS.index(anchor) if anchor else (unit - 1 if number == MONTH_END else 0)
    stated = {"day"} if match[3] or day or anchor else set()
    stated |= {"phase"} if anchor and count == 1 else set()
    grid = Frequency("months", count * unit, month % unit, number, business=bool(match[1]))
    return replace(grid, free=frozenset({"phase", "day", "time"} - stated))


def _unknown(text: str) -> UsageError:
    near = get_close_matches(text.strip(), _KNOWN, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else _HINT
    return UsageError(f"unknown frequency {text!r}", hint=hint)
