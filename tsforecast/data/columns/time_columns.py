"""Time that stands in several columns: a date and an hour, or a year and a month."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import distinct_texts, from_numbers, from_texts, whole_numbers
from tsforecast.data.column_names import CLOCK_NAMES, PART_NAMES
from tsforecast.data.columns.roles import column_ticks
from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema
from tsforecast.data.series_ids import split_id
from tsforecast.data.table import CellsError, Table
from tsforecast.data.times.calendar_grid import DAY, HOUR, MINUTE, SECOND
from tsforecast.data.times.calendar_words import month_number
from tsforecast.data.times.integer_times import are_written_dates
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.data.values.column_kinds import kind_of, mostly
from tsforecast.data.values.numbers import is_missing
from tsforecast.data.words import listed, quoted
from tsforecast.errors import UsageError

_PARTS = (("year", "month", "day"), ("year", "month"), ("year", "quarter"), ("year", "week"))
_MARKS = {"month": "-", "day": "-", "quarter": "Q", "week": "-W"}
_LETTERS = {"month": "M?", "quarter": "[QT]?", "week": "(?:KW ?|W)?"}
_LIMITS = {"month": 12, "day": 31, "quarter": 4, "week": 53}
_PERIOD = re.compile(r"([A-Z])\d{1,2}")
"""Periods beside a year, as statistics offices write them: ``M01``, and ``M13`` for the mean of the year."""

_PERIODS = {"M": "month", "Q": "quarter"}
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?(?: ?([AaPp])\.?[Mm]\.?)?")
_POINTS = re.compile(r"(\d{1,2})\.(\d{2})\.(\d{2})()")
_NO_CLOCK = -1
_WITHOUT = 0.1
"""Largest share of cells without a time of day in a column of them: lines of units or totals have none."""

JOINED = "date"
"""Name of the column made from a year and its parts."""


def with_joined_time(table: Table, settings: DataSettings, schema: Schema | None) -> Table:
    """Join the columns that hold the time together, where they do.

    Args:
        table: As it was read.
        settings: ``time`` may name two columns with a comma between them, or the parts of a date.
        schema: Columns of a model, which decide whether there is something to join.

    Raises:
        UsageError: Two columns are named that make no time together.
        DataError: A cell of the date is none.
    """
    named = _named(table, settings)
    if named is not None:
        clocks = _clocks(table, named[1]) if len(named) == 2 and _holds_days(table, named[0]) else None
        if clocks is not None:
            return _with_clock(table, settings, (named[0], named[1]), clocks)
        joined = _with_parts(table, named)
        if joined is table:
            raise UsageError(
                f"columns {listed(named)} make no time together",
                hint="--time DATE,HOUR names a column of dates and one of hours or clock times; a year and its"
                " parts are told by their names, such as year and month",
            )
        return joined
    if _may_have_parts(table, settings, schema):
        table = _with_parts(table, table.names)
    names = _clock_columns(table, settings)
    dates = _date_columns(table, settings, schema) if names else []
    found = {}
    for date in [one for one in dates if _leaves_clock_open(table, one, known=schema is not None)]:
        # Of a start and an end the start stands first.
        of_day = ((name, _clocks(table, name)) for name in names if name != date)
        found[date] = next(((name, clocks) for name, clocks in of_day if clocks is not None), None)
    pairs = [(date, *one) for date, one in found.items() if one is not None]
    if len(pairs) != 1:
        return table  # two dates are for the user to choose from
    date, name, clocks = pairs[0]
    return _with_clock(table, settings, (date, name), clocks)


def _date_columns(table: Table, settings: DataSettings, schema: Schema | None) -> list[str]:
    """Columns of dates, whole numbers such as 20240131 among them."""
    if schema is not None and schema.time in table.names:
        return [schema.time] if re.search("%-?[HI]", schema.time_format.pattern) else []
    names = [name for name in table.names if schema is not None or settings.time in (None, name)]
    return [name for name in names if _holds_days(table, name)]


def _holds_days(table: Table, name: str) -> bool:
    """Whether a column is one of dates, as text or as whole numbers."""
    if kind_of(table, name) == "time":
        return True
    numbers = whole_numbers(table.columns[name]) if kind_of(table, name) == "integer" else None
    return numbers is not None and are_written_dates(numbers)


def _clock_columns(table: Table, settings: DataSettings) -> list[str]:
    """Columns that may hold the time of day: those whose name says so, then those whose cells do."""
    given = {settings.id, settings.target, *settings.past, *settings.future, *settings.static}
    given |= {part.strip() for text in (settings.id, settings.target) if text for part in split_id(text)}
    free = [name for name in table.names if name not in given]
    named = [name for name in free if name.strip(" <>").lower() in CLOCK_NAMES]
    return named + [name for name in free if name not in named and _is_clock(table, name)]


def _is_clock(table: Table, name: str) -> bool:
    """Whether the first cells of a column are clock times such as ``00:15``."""
    return mostly(table, name, lambda text: ":" in text and _CLOCK.fullmatch(text.strip()) is not None)


def _named(table: Table, settings: DataSettings) -> list[str] | None:
    """Columns that ``--time`` names together, None where it names a single one or none."""
    if settings.time is None or settings.time in table.names or "," not in settings.time:
        return None
    names = [name.strip() for name in settings.time.split(",")]
    return names if set(names) <= set(table.names) else None


def _leaves_clock_open(table: Table, date: str, *, known: bool) -> bool:
    """Whether dates have no clock of their own, and repeat unless they are ``known`` to have one beside them."""
    texts = distinct_texts(table.columns[date])[0]
    if any(":" in text and not text.strip().endswith(("00:00", "00:00:00")) for text in texts[:300]):
        return False
    return known or len(texts) < table.rows


def _clocks(table: Table, name: str) -> Ints | None:
    """Microseconds since midnight, ``_NO_CLOCK`` where nothing stands (rows,); None where a cell is no time of day."""
    texts, codes = distinct_texts(table.columns[name])
    ticks = _of_all(texts, _clock)
    if ticks is None and kind_of(table, name) == "integer":
        # Numbers below 100 may count halves or quarters of hours, those of clocks pass 59.
        width = max((len(text.strip()) for text in texts), default=0)
        ticks = _of_all(texts, lambda text: _packed_clock(text, 6 if width > 4 else 4)) if width > 2 else None
    if ticks is None:
        return None
    clocks = np.array(ticks, dtype=np.int64)[codes]
    return clocks if (clocks == _NO_CLOCK).mean() <= _WITHOUT else None


def _of_all(texts: Sequence[str], clock: Callable[[str], int | None]) -> list[int] | None:
    """Microseconds since midnight of all texts, None where one is no clock."""
    ticks = [_NO_CLOCK if is_missing(text) else clock(text.strip()) for text in texts]
    found = [tick for tick in ticks if tick is not None]
    return found if len(found) == len(ticks) else None


def _packed_clock(text: str, width: int) -> int | None:
    """Read a clock without marks: ``1330``, ``930`` or ``133000``."""
    if not (text.isascii() and text.isdigit() and len(text) <= width):
        return None
    digits = text.zfill(width)
    return _clock(":".join(digits[place : place + 2] for place in range(0, width, 2)))


def _clock(text: str) -> int | None:
    found = _CLOCK.fullmatch(text) or _POINTS.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    tick = hour * HOUR + minute * MINUTE + second * SECOND
    return tick if tick <= DAY and max(minute, second) <= 59 else None


def _with_clock(table: Table, settings: DataSettings, names: tuple[str, str], clocks: Ints) -> Table:
    """Join a column of dates and one of clock times, given as microseconds (rows,)."""
    date = names[0]
    timed = np.flatnonzero(clocks != _NO_CLOCK)
    days, form = _days(table, settings, date, timed)
    ticks, where = np.unique(days + clocks[timed], return_inverse=True)
    seconds = ":%S" if (ticks % MINUTE).any() else ""
    # A clock already there is that of midnight everywhere; whole numbers do not go on with one.
    dates = "%Y-%m-%d" if form.arrow == "int64" else re.split(r"(?:,? |T)%-?[HI]", form.pattern)[0]
    pattern = f"{dates} %H:%M{seconds}"
    texts = [str(text) for text in replace(form, pattern=pattern, arrow="string").render(ticks)]
    # Rows without a clock keep what stands for their date, which is told as no timestamp.
    others, codes = distinct_texts(table.columns[date])
    places = codes.astype(np.int64) + len(texts)
    places[timed] = where
    note = Note(f"columns {listed(names)} were read together as the time")
    cells = from_texts([*texts, *others]).take(from_numbers(places))
    return _replaced(table, names, date, cells, note)


def _days(table: Table, settings: DataSettings, date: str, rows: Ints) -> tuple[Ints, TimeFormat]:
    """Ticks of the dates of some rows, and their form; errors tell the rows of the table."""
    if len(rows) == table.rows:
        return column_ticks(table, date, settings)
    try:
        return column_ticks(table.take(rows), date, settings)
    except CellsError as error:
        error.table, error.rows = table, rows[error.rows]
        raise


def _may_have_parts(table: Table, settings: DataSettings, schema: Schema | None) -> bool:
    """Whether a year and its parts are looked for: where there is no date, and a model knows of none."""
    if schema is not None:
        return schema.time == JOINED and JOINED not in table.names
    return settings.time is None and not any(
        name == JOINED or kind_of(table, name) == "time" for name in table.names
    )


def _with_parts(table: Table, columns: Sequence[str]) -> Table:
    """Join year and month and the like, where they stand in some columns of a table."""
    plain = _part_columns(table, columns)
    for parts in _PARTS:
        if not all(part in plain for part in parts):
            continue
        numbers = [_whole(table, plain[part], part) for part in parts]
        if any(column is None for column in numbers):
            continue
        texts = _texts(parts, [column for column in numbers if column is not None])
        if texts is None:
            continue
        names = [plain[part] for part in parts]
        note = Note(f"columns {listed(names)} were read together as the time, called {quoted(JOINED)}")
        return _replaced(table, names, JOINED, texts, note)
    return table


def _part_columns(table: Table, columns: Sequence[str]) -> dict[str, str]:
    """Columns by the part of a date that their names promise, the first of each."""
    plain: dict[str, str] = {}
    for name in columns:
        plain.setdefault(PART_NAMES.get(name.strip().lower(), ""), name)
    if "year" in plain and "period" in plain:
        plain.setdefault(_part_of_periods(table, plain["period"]), plain["period"])
    return plain


def _part_of_periods(table: Table, name: str) -> str:
    """Part that a column of periods such as ``M01`` holds, "" where it holds others.

    Raises:
        DataError: Some of them are longer than the others, such as the mean of a year.
    """
    texts, codes = distinct_texts(table.columns[name])
    found = [_PERIOD.fullmatch(text.strip()) for text in texts]
    letters = [one[1] for one in found if one is not None]
    if len(letters) < len(texts) or not set(letters) & set(_PERIODS):
        return ""
    part = _PERIODS[next(letter for letter in letters if letter in _PERIODS)]
    for place, text in enumerate(texts):
        if _PERIODS.get(letters[place]) != part or int(text.strip()[1:]) > _LIMITS[part]:
            raise table.error(
                f"{quoted(text)} in column {quoted(name)} is no {part}, the others are",
                row=int(np.argmax(codes == place)),
                column=name,
                hint="a mean of the year is no time step, leave such rows out",
            )
    return part


def _texts(parts: Sequence[str], columns: list[Ints]) -> Any:
    """Cells such as ``2024-01-31``, ``2024-W05`` or ``2024Q1``; None where the numbers are no such parts."""
    years, others = columns[0], columns[1:]
    if years.min() < 1500 or years.max() > 2200:
        return None
    for part, column in zip(parts[1:], others, strict=True):
        if column.min() < 1 or column.max() > _LIMITS[part]:
            return None
    rows, where = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    texts = []
    for row in rows.tolist():
        cells = (
            f"{_MARKS[part]}{number if part == 'quarter' else format(number, '02d')}"
            for part, number in zip(parts[1:], row[1:], strict=True)
        )
        texts.append(f"{row[0]:04d}{''.join(cells)}")
    return from_texts(texts).take(from_numbers(where.reshape(-1).astype(np.int64)))


def _whole(table: Table, name: str, part: str) -> Ints | None:
    """Numbers of a part of the time (rows,), None where some cell is none."""
    texts, codes = distinct_texts(table.columns[name])
    numbers = [_number(text.strip(), part) for text in texts]
    return None if None in numbers else np.array(numbers, dtype=np.int64)[codes]


def _number(text: str, part: str) -> int | None:
    if part == "month" and month_number(text):
        return month_number(text)
    found = re.fullmatch(rf"{_LETTERS.get(part, '')}(\d{{1,4}})", text)
    return int(found[1]) if found is not None else None


def _replaced(table: Table, parts: Sequence[str], name: str, cells: Any, note: Note) -> Table:
    """Table with one column in place of several; errors still count the fields of the file."""
    columns: dict[str, Any] = {}
    for one, column in table.columns.items():
        if one == parts[0]:
            columns[name] = cells
        elif one not in parts:
            columns[one] = column
    fields = {one: table.names.index(one) + 1 for one in columns if one in table.names}
    fields[name] = table.names.index(parts[0]) + 1
    return replace(table, columns=columns, fields=fields, notes=(*table.notes, note))
