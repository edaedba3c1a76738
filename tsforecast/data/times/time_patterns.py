"""How a column of timestamps is written, told from its parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import to_ints
from tsforecast.data.times.calendar_words import written_months, written_weekdays
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.time_shapes import DAY_AND_MONTH, SHAPES, Parts, Shape


def iso_pattern(texts: Any) -> str:
    """Pattern of the longest of several ISO 8601 texts without an offset."""
    import pyarrow.compute as pc

    widths = to_ints(pc.utf8_length(texts))
    match = SHAPES[0].compiled.match(texts[int(np.argmax(widths))].as_py())
    return "%Y-%m-%d" + clock_text(match.groupdict() if match else {})


def form_of(parts: Parts, shape: Shape, day_first: bool) -> TimeFormat:
    """Form of a column, its clock by its most detailed row.

    Args:
        parts: Its texts, of which each is a timestamp of this shape.
        shape: How they are written.
        day_first: Whether the day is the first of two numbers that could be either.
    """
    sample = parts.first_with("gap")
    numbers = {"year": "%y" if (parts.widths("year") == 2).any() else "%Y", "quarter": "%q"}
    for group, token in (("month", "m"), ("day", "d"), ("first", "d"), ("other", "m")):
        numbers[group] = f"%{'-' if (parts.widths(group) == 1).any() else ''}{token}"
    layout = shape.layout
    if shape is DAY_AND_MONTH:
        ends = [_padded(parts, group, token) for group, token in (("first", "dm"), ("other", "md"))]
        layout = "{sep}".join(end[0 if day_first else 1] for end in ends) + "{sep}{year}"
    months = _first_of_each(parts.text("name"), parts.months()) if parts.has("name") else {}
    if (
        sample["sep"] == "." and sample.get("mid") == ""
    ):  # 01.Mai.2024: the dot after the name is no part of it
        months, sample["mid"] = {number: name.rstrip(".") for number, name in months.items()}, "."
    before, weekdays = _weekday_names(parts)
    date = before + layout.format(**numbers, sep=sample["sep"], mid=sample.get("mid", ""), name="%b")
    if (parts.widths("hour") == 1).any():
        sample["hour"] = "0"
    return TimeFormat(
        pattern=date + clock_text(sample), months=written_months(months) if months else (), weekdays=weekdays
    )


def _weekday_names(parts: Parts) -> tuple[str, tuple[str, ...]]:
    """Give the code of a weekday with the gap after it, as it stands before the date, and all weekdays."""
    if not parts.has("weekday"):
        return "", ()
    texts = parts.text("weekday")
    seen = _first_of_each(texts, parts.weekdays())
    gap = next(gap for gap, text in zip(parts.text("after"), texts, strict=True) if text)
    return f"%a{gap}", written_weekdays(seen)


def _first_of_each(texts: list[str], numbers: Ints) -> dict[int, str]:
    seen: dict[int, str] = {}
    for text, number in zip(texts, numbers.tolist(), strict=True):
        if text:
            seen.setdefault(number, text)
    return seen


def _padded(parts: Parts, group: str, tokens: str) -> tuple[str, str]:
    dash = "-" if (parts.widths(group) == 1).any() else ""
    return f"%{dash}{tokens[0]}", f"%{dash}{tokens[1]}"


def clock_text(sample: dict[str, Any]) -> str:
    """Pattern of the clock from the groups of one row."""
    if not sample.get("gap"):
        return ""
    letter = "I" if sample.get("half") else "H"
    clock = f"{sample['gap']}%{'-' if len(sample['hour']) == 1 else ''}{letter}:%M"
    clock += ":%S" if sample.get("second") else ""
    clock += f".%{len(sample['part'])}f" if sample.get("part") else ""
    clock += f"{sample['half'][:-2]}%p" if sample.get("half") else ""
    return clock + (sample.get("offset") or "")
