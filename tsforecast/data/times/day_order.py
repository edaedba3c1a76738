"""Which of the numbers of a date is the day, and which the year: decided on the whole column, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.cell_errors import CellError
from tsforecast.data.times.calendar_grid import WEEKDAY_WORDS, days_in_months, weekdays
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.time_shapes import YEARLESS_HINT, Parts
from tsforecast.data.words import quoted
from tsforecast.errors import UsageError

_CENTURY = 100
_FOUR_DIGITS = "write years with four digits"


@dataclass(frozen=True, slots=True)
class TimeHints:
    """What decides where a time column leaves something open.

    Attributes:
        name: Name of the column; whole numbers in a column called ``year`` are years.
        like: Form of an earlier file.
        day_first: Whether 01/02 is 1 February, None to find out.
        zone: Name of the time zone, "" to find out.
    """

    name: str = ""
    like: TimeFormat | None = None
    day_first: bool | None = None
    zone: str = ""


def is_day_first(first: Ints, other: Ints, parts: Parts, hints: TimeHints) -> bool:
    """Which of two numbers is the day, decided on the whole column.

    Raises:
        UsageError: Both may be.
        CellError: The column says otherwise than the user, or than the table of the model.
    """
    day_first, month_first = bool((other <= 12).all()), bool((first <= 12).all())
    told = _told(hints)
    if day_first != month_first:
        if told is not None and told != day_first:
            raise _contradicting(parts, other if told else first, day_first, hints)
        return day_first
    if told is not None:
        return told
    if set(parts.text("sep")) == {"."}:
        return True  # dots are written day first everywhere
    named = _by_weekday(parts, first, other) if day_first else None
    if named is not None:
        return named
    if day_first and (first != other).any():
        raise UsageError(
            f"column {quoted(hints.name)}: day and month cannot be told apart, no number is above 12",
            hint="--day-first or --month-first says which it is; or write the dates as YYYY-MM-DD",
        )
    return bool(other[0] <= 12)


def _by_weekday(parts: Parts, first: Ints, other: Ints) -> bool | None:
    """Whether the day is first where only one reading has the weekdays that stand beside the dates, else None."""
    fitting = [
        day_first
        for day_first, days, months in ((True, first, other), (False, other, first))
        if (parts.weekdays() > 0).all() and not len(_other_weekdays(parts, months, days))
    ]
    return fitting[0] if len(fitting) == 1 else None


def refuse_other_weekdays(parts: Parts, months: Ints, days: Ints, texts: Any) -> None:
    """Refuse a weekday that is not that of its date.

    Args:
        parts: Of the column.
        months: Month of each row from 1 (U,).
        days: Day of the month from 1 (U,).
        texts: The timestamps as they are written (U,).

    Raises:
        CellError: One of the two is wrong.
    """
    wrong = _other_weekdays(parts, months, days)
    if len(wrong):
        row = int(wrong[0])
        day = _dates(parts, months, days)[row]
        raise CellError(
            row,
            f"{quoted(texts[row].as_py())} names another day of the week: "
            f"{day.astype('datetime64[D]')} is a {WEEKDAY_WORDS[int(weekdays(day))][:-1]}",
            "mend the date or the day of the week; the date alone is enough",
            wrong,
        )


def _other_weekdays(parts: Parts, months: Ints, days: Ints) -> Ints:
    """Rows whose weekday is not that of their date."""
    named = parts.weekdays()
    if not (named > 0).any():
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero((named > 0) & (named != weekdays(_dates(parts, months, days)) + 1))


def _dates(parts: Parts, months: Ints, days: Ints) -> Ints:
    """Days since 1970-01-01 (U,)."""
    return days_in_months((parts.years() - 1970) * 12 + months - 1, 1) + days - 1


def _told(hints: TimeHints) -> bool | None:
    """Whether the day is first by what the user says, or else by the model's table; None where neither tells."""
    if hints.day_first is not None or hints.like is None:
        return hints.day_first
    return hints.like.day_first


def _contradicting(parts: Parts, numbers: Ints, day_first: bool, hints: TimeHints) -> CellError:
    """Describe the first date that is not written as was said before."""
    order = "the day first" if day_first else "the month first"
    said = (
        "the table of the model has"
        if hints.like is not None
        else f"{'--month-first' if day_first else '--day-first'} says"
    )
    row = int(np.argmax(numbers > 12))
    date = parts.text("sep")[row].join(parts.text(group)[row] for group in ("first", "other", "year"))
    return CellError(
        row,
        f"the date {quoted(date)} has {order}, but {said} {'the month' if day_first else 'the day'}",
        "write all dates in one form, best as YYYY-MM-DD",
    )


def refuse_doubtful_years(parts: Parts, days: Ints, months: Ints, name: str) -> None:
    """Refuse years of two digits that may be days: the first of three numbers may be the year, or there is no year.

    Raises:
        UsageError: ``24-01-31``: both readings fit, or only the one that is not meant.
        CellError: ``Jan-24``: nothing proves that it is not a day of January.
    """
    if not len(parts.widths("year")) or not (parts.widths("year") == 2).all():
        return
    if len(parts.widths("first")):
        _refuse_leading_year(parts, "first", parts.number("other"), (days, months), name)
    elif len(parts.widths("day")):
        _refuse_leading_year(parts, "day", months, (days, months), name)
    else:
        _refuse_days(parts, months)


def refuse_torn_years(parts: Parts, texts: Any) -> None:
    """Refuse years of two digits that go on from 69 to 70: they are of one century, and would be 2069 and 1970.

    Raises:
        CellError: The first row behind the tear.
    """
    if not (parts.widths("year") == 2).any():
        return
    torn = np.flatnonzero(np.abs(np.diff(parts.years())) == _CENTURY - 1)
    if len(torn):
        row = int(torn[0]) + 1
        before, here = (quoted(texts[one].as_py()) for one in (row - 1, row))
        raise CellError(
            row, f"{here} follows {before}, but years of two digits mean 1970 to 2069", _FOUR_DIGITS
        )


def _refuse_leading_year(parts: Parts, group: str, middle: Ints, dates: tuple[Ints, Ints], name: str) -> None:
    """Refuse ``24-01-31`` where the year may stand first: as dates of such years the rows are in the order of time."""
    last, first = parts.number("year"), parts.number(group)
    short = (parts.widths(group) == 2).all()
    if not short or len(first) < 2 or middle.max() > 12 or not 1 <= last.min() <= last.max() <= 31:
        return
    leading = bool((np.diff((first * 100 + middle) * 100 + last) > 0).all())
    trailing = bool((np.diff((parts.years() * 100 + dates[1]) * 100 + dates[0]) > 0).all())
    if leading and (not trailing or "-" in parts.text("sep")):
        raise UsageError(
            f"column {quoted(name)}: the year may be the first or the last of three numbers of two digits",
            hint="--day-first or --month-first says that it is the last; else write years with four digits",
        )


def _refuse_days(parts: Parts, months: Ints) -> None:
    """Refuse ``Jan-24`` unless a number is no day, or the rows go on as months of years and not as days of a year."""
    numbers = parts.number("year")
    by_year, by_day = (
        np.diff(first * 100 + last) for first, last in ((parts.years(), months), (months, numbers))
    )
    ordered, doubtful = (bool((steps > 0).all() or (steps < 0).all()) for steps in (by_year, by_day))
    told = (numbers > 31) | (numbers == 0) | np.array([sep.endswith("'") for sep in parts.text("sep")])
    if told.any() or (ordered and not doubtful):
        return
    text = "".join(parts.text(group)[0] for group in ("name", "sep", "year"))
    found = "may be a month with its year, or a day without one" if ordered else "is a date without a year"
    raise CellError(0, f"{quoted(text)} {found}", YEARLESS_HINT)
