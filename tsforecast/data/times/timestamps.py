"""Timestamps to ticks: text, dates, epochs, years and plain steps.

Only the distinct texts of a column are parsed: a panel repeats each timestamp in every series.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import (
    are_multiples,
    codes_of_rows,
    in_one_piece,
    looked_up,
    present,
    text_scalar,
    to_flags,
    to_floats64,
    to_ints,
)
from tsforecast.data.cell_errors import BY_FIX, MIXED, CellError
from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE, SECOND, days_in_months, month_lengths
from tsforecast.data.times.day_order import (
    TimeHints,
    is_day_first,
    refuse_doubtful_years,
    refuse_other_weekdays,
    refuse_torn_years,
)
from tsforecast.data.times.integer_times import from_fractional, from_fractions, from_integers
from tsforecast.data.times.time_format import TimeFormat, offset_text
from tsforecast.data.times.time_patterns import form_of, iso_pattern
from tsforecast.data.times.time_shapes import (
    DAY_AND_MONTH,
    SHAPES,
    WEEKS,
    Parts,
    Shape,
    is_month,
    is_yearless,
    shape_of,
    word_hint,
    yearless_hint,
)
from tsforecast.data.times.zones import explains, find_zone, may_change, wall_clock
from tsforecast.data.words import quoted

__all__ = ["TimeFormat", "parse_times"]

_MISSING_HINT = "every row needs its timestamp; a line of totals or units is no time step" + BY_FIX
_FORMS_HINT = (
    "forms such as 2024-01-31, 2024-01-31 13:00, 31/01/2024, 2024-01, 2024-W05, 2024Q1 "
    "and whole numbers are understood"
)
_TOTALS_HINT = "a line of totals or remarks is no time step" + BY_FIX
_INTEGER = r"^[+-]?(?:\d{1,18}|[1-8]\d{18})$"
_COUNTED = r"^(?P<whole>\d{9,16})(?:\.(?P<part>\d{1,9}))?$"
_OFFSET = re.compile(r" ?(?:UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$")
_SEEN = 100

LAST_YEAR = 9000
"""Years from here on are typing errors, and leave no room for forecasts up to the last year there is."""

_LAST_TICK = int(np.datetime64(LAST_YEAR - 1970, "Y").astype("datetime64[us]").astype(np.int64))
_FIRST_TICK = int(np.datetime64(1 - 1970, "Y").astype("datetime64[us]").astype(np.int64))


def parse_times(
    values: Any,
    *,
    name: str = "",
    like: TimeFormat | None = None,
    day_first: bool | None = None,
    zone: str = "",
) -> tuple[Ints, TimeFormat]:
    """Ticks of a time column on the clock of an earlier file, and the form they had.

    Args:
        values: Arrow array of text, whole numbers, dates or timestamps (rows,).
        name: Name of the column; whole numbers in a column called ``year`` are years.
        like: Form of an earlier file, which decides what this one leaves open.
        day_first: Whether 01/02 is 1 February, None to find out.
        zone: Name of the time zone whose clock is asked for, "" to find out.

    Returns:
        Microseconds of the wall clock since 1970-01-01, or the whole numbers themselves (rows,), and their
        format.

    Raises:
        CellError: A cell is no timestamp; the first one.
        UsageError: Day and month cannot be told apart.
    """
    ticks, form = _parse_times(values, name=name, like=like, day_first=day_first, zone=zone)
    if like is None and zone and form.pattern.startswith("epoch"):
        return wall_clock(zone, ticks), replace(form, offset=None, zone=zone)
    if like is None or form.offset is None or form.offset == like.offset:
        return ticks, form
    if like.offset is None and not (like.zone and like.has_offset):
        return ticks, form
    return _on_clock_of(like, ticks - form.offset * MINUTE), like


def _on_clock_of(like: TimeFormat, instants: Ints) -> Ints:
    """Ticks of moments in UTC on the clock of an earlier file."""
    return wall_clock(like.zone, instants) if like.offset is None else instants + like.offset * MINUTE


def _parse_times(
    values: Any, *, name: str, like: TimeFormat | None, day_first: bool | None, zone: str
) -> tuple[Ints, TimeFormat]:
    import pyarrow as pa

    if pa.types.is_string(values.type) or pa.types.is_dictionary(values.type):
        return _from_text(values, TimeHints(name, like, day_first, zone))
    if values.null_count:
        raise CellError(int(np.argmin(present(values))), "the timestamp is missing", _MISSING_HINT)
    if pa.types.is_date(values.type):
        return _possible(_clock_ticks(values.cast(pa.timestamp("s")))), TimeFormat(arrow="date32")
    if pa.types.is_timestamp(values.type):
        ticks, form = _from_timestamps(values, like, zone)
        return _possible(ticks), form
    if pa.types.is_integer(values.type):
        return from_integers(to_ints(values), name, like, arrow="int64")
    if pa.types.is_floating(values.type):
        return _from_floats(to_floats64(values.cast(pa.float64())), name, like)
    raise CellError(0, f"values of type {values.type} are not timestamps", _FORMS_HINT)


def _possible(ticks: Ints) -> Ints:
    """Let through ticks of years that can be written."""
    beyond = np.flatnonzero((ticks < _FIRST_TICK) | (ticks >= _LAST_TICK))
    if len(beyond):
        year = int(ticks[beyond[0]]) // (365 * DAY) + 1970
        raise CellError(int(beyond[0]), f"the year, about {year}, cannot be right", _FORMS_HINT)
    return ticks


def _from_floats(values: Any, name: str, like: TimeFormat | None) -> tuple[Ints, TimeFormat]:
    if (found := from_fractional(values)) is not None:
        return found
    odd = np.flatnonzero(~np.isfinite(values) | (values != np.round(values)) | (np.abs(values) > 2**53))
    if len(odd):
        raise CellError(int(odd[0]), f"{quoted(values[odd[0]])} is not a timestamp", _FORMS_HINT)
    return from_integers(values.astype(np.int64), name, like, arrow="int64")


def _clock_ticks(values: Any) -> Ints:
    """Microseconds of naive Arrow timestamps, whatever their unit."""
    counts = to_ints(values)
    if (unit := values.type.unit) == "us":
        return counts  # without a copy: a large table has many
    return counts // 1000 if unit == "ns" else counts * {"s": SECOND, "ms": 1000}[unit]


def _from_timestamps(values: Any, like: TimeFormat | None, asked: str) -> tuple[Ints, TimeFormat]:
    import pyarrow as pa
    import pyarrow.compute as pc

    unit, zone = values.type.unit, values.type.tz
    if zone is None:
        ticks = _clock_ticks(values)
        known = asked if like is None else like.zone
        return ticks, TimeFormat(pattern=_clock_pattern(ticks), zone=known, arrow=unit)
    moments = _clock_ticks(values.cast(pa.timestamp(unit)))
    if like is None and asked not in ("", zone):
        ticks, zone = wall_clock(asked, moments), asked
        return ticks, TimeFormat(pattern=_clock_pattern(ticks, "%z"), zone=zone, arrow=unit)
    ticks = _clock_ticks(pc.local_timestamp(values))
    offsets = np.unique(ticks - moments)
    if len(offsets) == 1 and not may_change(zone):
        minutes = int(offsets[0]) // MINUTE
        return ticks, TimeFormat(
            pattern=_clock_pattern(ticks, offset_text(minutes)), offset=minutes, arrow=unit
        )
    if like is not None and like.has_offset and like.zone != zone:
        return _on_clock_of(like, moments), like
    return ticks, TimeFormat(pattern=_clock_pattern(ticks, "%z"), zone=zone, arrow=unit)


def _clock_pattern(ticks: Ints, offset: str = "") -> str:
    if not offset and are_multiples(ticks, DAY):
        return "%Y-%m-%d"
    return f"%Y-%m-%d %H:%M:%S{'' if are_multiples(ticks, SECOND) else '.%6f'}{offset}"


def _from_text(values: Any, hints: TimeHints) -> tuple[Ints, TimeFormat]:
    """Parse the distinct texts, then spread them over the rows; a problem is told of its first row."""
    import pyarrow as pa

    values = in_one_piece(values)
    if pa.types.is_string(values.type):
        values = values.fill_null(text_scalar("")).dictionary_encode()
    rows = codes_of_rows(values)
    try:
        distinct, form = _parse_distinct(values.dictionary, hints)
    except CellError as error:
        # Distinct texts stand in the order of their first rows, so the first bad text has the first bad row.
        raise error.of_rows(rows) from None
    return looked_up(distinct, rows), form


def _parse_distinct(texts: Any, hints: TimeHints) -> tuple[Ints, TimeFormat]:
    import pyarrow as pa
    import pyarrow.compute as pc

    first = texts[0].as_py()
    if SHAPES[0].compiled.match(first):
        try:
            ticks = _clock_ticks(texts.cast(pa.timestamp("us")))
        except pa.ArrowInvalid:
            pass
        else:
            if ticks.min() >= _FIRST_TICK and ticks.max() < _LAST_TICK:
                return ticks, TimeFormat(pattern=iso_pattern(texts), zone=hints.zone)
    texts = pc.utf8_trim_whitespace(texts)
    empty = np.flatnonzero(to_flags(pc.equal(texts, text_scalar(""))))
    if len(empty):
        raise CellError(int(empty[0]), "the timestamp is missing", _MISSING_HINT, empty)
    shape = _usual_shape(texts)
    if shape is not None:
        return _from_shape(texts, shape, hints)
    whole = to_flags(pc.match_substring_regex(texts, _INTEGER))
    if not whole.all():
        if (found := _from_fractions(texts)) is not None:
            return found
        raise _no_timestamp(texts, int(np.argmin(whole)), np.flatnonzero(~whole))
    return from_integers(to_ints(texts.cast(pa.int64())), hints.name, hints.like, arrow="int64")


def _from_fractions(texts: Any) -> tuple[Ints, TimeFormat] | None:
    """Ticks of moments that are counted since 1970 with a fraction, None where a text is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.extract_regex(texts, _COUNTED)
    if not present(parts).all():
        return None
    billionths = pc.utf8_rpad(parts.field("part").fill_null(text_scalar("")), 9, "0")
    return from_fractions(
        to_ints(parts.field("whole").cast(pa.int64())), to_ints(billionths.cast(pa.int64()))
    )


def _no_timestamp(texts: Any, row: int, rows: Ints) -> CellError:
    text = str(texts[row].as_py())
    if is_yearless(text):
        kind = "a month" if is_month(text) else "a date"
        return CellError(row, f"{quoted(text)} is {kind} without a year", yearless_hint(text), rows)
    hint = _FORMS_HINT + (word_hint(text) if any(map(str.isdigit, text)) else f"; {_TOTALS_HINT}")
    return CellError(row, f"{quoted(text)} is not a timestamp", hint, rows)


def _of_another_form(texts: Any, sound: Any) -> CellError:
    """Tell a timestamp that is written like no other from a text that is none."""
    rows = np.flatnonzero(~sound)
    dated = np.array([shape_of(str(texts[int(row)].as_py())) is not None for row in rows])
    row, example = int(rows[0]), quoted(texts[int(np.argmax(sound))].as_py())
    text, alike = str(texts[row].as_py()), rows[dated == dated[0]]
    if not dated[0]:
        return _no_timestamp(texts, row, alike)
    return CellError(
        row,
        f"{quoted(text)} is written in another form than {example}",
        f"write all timestamps of the column in the form of {example}",
        alike,
        MIXED,
    )


def _usual_shape(texts: Any) -> Shape | None:
    """Find the form of most of the first texts, so that one bad cell at the top is the one told."""
    seen = [shape_of(text) for text in texts.slice(0, _SEEN).to_pylist()]
    shapes = [shape for shape in seen if shape is not None]
    return max(shapes, key=shapes.count) if shapes and 2 * len(shapes) >= len(seen) else None


def _from_shape(texts: Any, shape: Shape, hints: TimeHints) -> tuple[Ints, TimeFormat]:
    parts = Parts(texts, shape)
    if not parts.matched.all():
        raise _of_another_form(texts, parts.matched)
    if shape is WEEKS:
        return _from_weeks(texts, parts)
    if shape is DAY_AND_MONTH:
        first, other = parts.number("first"), parts.number("other")
        day_first = is_day_first(first, other, parts, hints)
        days, months = (first, other) if day_first else (other, first)
    else:
        day_first, days, months = False, parts.number("day", 1), parts.months()
    if hints.day_first is None and hints.like is None:
        refuse_doubtful_years(parts, days, months, hints.name)
    ticks, possible = _ticks_of(parts, parts.years(), months, days)
    possible &= parts.weekdays() != 0
    if not possible.all():
        raise _no_timestamp(texts, int(np.argmin(possible)), np.flatnonzero(~possible))
    refuse_other_weekdays(parts, months, days, texts)
    refuse_torn_years(parts, texts)
    form = form_of(parts, shape, day_first)
    pattern = form.pattern
    ticks, offset, zone = _on_one_clock(parts, ticks, hints)
    if zone and offset is None and parts.has("offset"):
        pattern = _OFFSET.sub("%z", re.sub("[Zz]$", "+00:00", pattern))
    elif offset is not None and hints.like is not None and hints.like.offset == offset:
        pattern = _OFFSET.sub(offset_text(offset), pattern)
    return ticks, replace(form, pattern=pattern, offset=offset, zone=zone)


def _from_weeks(texts: Any, parts: Parts) -> tuple[Ints, TimeFormat]:
    days, possible = parts.weeks()
    if not possible.all():
        raise _no_timestamp(texts, int(np.argmin(possible)), np.flatnonzero(~possible))
    sample = parts.first_with("number")
    weekday = f"{sample['dash']}%u" if sample["number"] else ""
    return _possible(days * DAY), TimeFormat(pattern=f"%G{sample['sep']}W%V{weekday}")


def _ticks_of(parts: Parts, years: Ints, months: Ints, days: Ints) -> tuple[Ints, Any]:
    """Ticks, and which rows name a moment that exists."""
    hours, minutes, seconds = parts.number("hour"), parts.number("minute"), parts.number("second")
    if parts.has("half"):
        after_noon = np.array([half.strip().upper() == "PM" for half in parts.text("half")])
        hours = np.where((hours >= 1) & (hours <= 12), hours % 12 + 12 * after_noon, 25)
    micros = np.zeros_like(hours)
    if parts.has("part"):
        micros = np.array([int(part.ljust(6, "0")[:6]) for part in parts.text("part")], dtype=np.int64)
    # 24:00 is the midnight at the end of a day.
    midnight = (minutes == 0) & (seconds == 0) & (micros == 0)
    possible = (
        (years >= 1)
        & (years < LAST_YEAR)
        & (months >= 1)
        & (months <= 12)
        & ((hours < 24) | ((hours == 24) & midnight))
        & (minutes < 60)
        & (seconds < 60)
    )
    numbers = np.where(possible, (years - 1970) * 12 + months - 1, 0)
    possible &= (days >= 1) & (days <= month_lengths(numbers))
    dates = days_in_months(numbers, 1) + days - 1
    return dates * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + micros, possible


def _on_one_clock(parts: Parts, ticks: Ints, hints: TimeHints) -> tuple[Ints, int | None, str]:
    """Ticks of the wall clock, its constant offset, and the zone where the offset changes.

    Times with an offset are moments, so that they stand on the clock of any zone that is asked for.

    Raises:
        CellError: No zone is asked for, and no usual one explains how the offset changes.
    """
    like = hints.like
    zone = like.zone if like is not None else hints.zone
    if not parts.has("offset"):
        return ticks, None, zone
    written = parts.text("offset")
    minutes = {text: _offset_minutes(text) for text in set(written)}
    first = minutes[written[0]]
    if None in minutes.values():
        raise _changing(written, minutes)
    offsets = np.array([minutes[text] for text in written], dtype=np.int64)
    if like is not None and like.offset is not None:
        # The model's clock goes on, whatever offset the new rows are written with.
        return ticks + (like.offset - offsets) * MINUTE, like.offset, ""
    if like is not None and like.zone:
        return wall_clock(like.zone, ticks - offsets * MINUTE), None, like.zone
    if len(set(minutes.values())) == 1 and not zone:
        return ticks, first, ""
    if zone and not explains(zone, ticks, offsets):
        return wall_clock(zone, ticks - offsets * MINUTE), None, zone
    zone = zone or find_zone(ticks, offsets)
    if not zone:
        raise _changing(written, minutes)
    return ticks, None, zone


def _changing(written: list[str], minutes: dict[str, int | None]) -> CellError:
    row = next((number for number, text in enumerate(written) if minutes[text] != minutes[written[0]]), 0)
    before = f"{quoted(written[0].strip())} before" if written[0] else "none before"
    return CellError(
        row,
        f"the offset from UTC changes: {quoted(written[row].strip())} here, {before}",
        "name the zone whose clocks these are with --tz; --tz UTC takes all to UTC",
    )


def _offset_minutes(text: str) -> int | None:
    text = text.strip().upper()
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (60 * int(digits[:2]) + int(digits[2:]))
