"""Whole numbers taken for plain steps that may be dates: ``3112``, ``31122024`` or the days of a spreadsheet."""

from __future__ import annotations

import re

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.column_names import time_rank
from tsforecast.data.notes import Note
from tsforecast.data.times.calendar_grid import month_lengths
from tsforecast.data.times.integer_times import STEP_NAMES
from tsforecast.data.words import quoted

_SERIAL = 36526
"""Number that spreadsheets have for 1 January 2000."""

_FEWEST = 8
"""Distinct numbers that must all be dates before the column may be one."""

_LEAP_YEAR = 2024
_SHAPES = {
    "DDMM": "dates without a year",
    "MMDD": "dates without a year",
    "HHMM": "clock times without a date",
    "YYMMDD": "dates",
    "DDMMYY": "dates",
    "MMDDYY": "dates",
    "DDMMYYYY": "dates",
    "MMDDYYYY": "dates",
    "YYYYJJJ": "a year and a day of it",
}
"""What the digits of numbers may be, a letter for each: Y year, M month or minute, D day, H hour, J day of the year."""


def disguise_of(numbers: Ints) -> str:
    """Say what whole numbers may be besides steps: ``dates without a year (DDMM)``; "" where they can be nothing else.

    Args:
        numbers: Distinct or not (rows,).
    """
    distinct = np.unique(numbers)
    if len(distinct) < _FEWEST or distinct[0] < 0:
        return ""
    shapes = [shape for shape in _SHAPES if _fits(distinct, shape)]
    return f"{_SHAPES[shapes[0]]} ({' or '.join(shapes)})" if shapes else ""


def _fits(numbers: Ints, shape: str) -> bool:
    """Whether the digits of all numbers, zeros in front that are lost among them, are such dates."""
    # Steps that reach so far have minutes beyond 59 or months beyond 12 among them, unless they leave numbers out.
    if not 10 ** (len(shape) - 1 - (shape[0] in "DM")) <= numbers[-1] < 10 ** len(shape):
        return False
    parts = {letter: _digits(numbers, shape, letter) for letter in dict.fromkeys(shape)}
    if "H" in parts:
        return bool((parts["H"] < 24).all() and (parts["M"] < 60).all())
    years = parts.get("Y", np.full_like(numbers, _LEAP_YEAR))
    if "YYYY" in shape and not ((years >= 1900) & (years <= 2100)).all():
        return False
    if "J" in parts:
        return bool((parts["J"] >= 1).all() and (parts["J"] <= 366).all())
    months, days = parts["M"], parts["D"]
    if not ((months >= 1) & (months <= 12) & (days >= 1)).all():
        return False
    full = years if "YYYY" in shape else years % 100 + 2000
    return bool((days <= month_lengths((full - 1970) * 12 + months - 1)).all())


def _digits(numbers: Ints, shape: str, letter: str) -> Ints:
    behind = len(shape) - shape.rindex(letter) - 1
    return np.asarray(numbers // 10**behind % 10 ** shape.count(letter))


def disguise_notes(name: str, numbers: Ints) -> tuple[Note, ...]:
    """Warn of plain steps that may be dates, by their digits, or by their size and the name of their column.

    Args:
        name: Of the time column.
        numbers: What it holds (rows,).
    """
    plain = name.strip().lower()
    if plain in STEP_NAMES:
        return ()
    text = f"the whole numbers of column {quoted(name)} were taken for plain steps"
    low, high = int(numbers.min()), int(numbers.max())
    if time_rank(name) < time_rank("") and low >= _SERIAL and high < 2 * _SERIAL:
        day = np.datetime64("1899-12-30") + low
        return (Note(f"{text}; if they count days as a spreadsheet does, {low} is {day}: write dates", True),)
    disguise = disguise_of(numbers)
    # A hundred steps from 101 on are as good as January and nothing more, unless the name says so.
    if not disguise or (np.diff(np.unique(numbers)).max() == 1 and not _says_time(name)):
        return ()
    return (Note(f"{text}; if they are {disguise}, write them as 2024-01-31", True),)


def _says_time(name: str) -> bool:
    return time_rank(name) < time_rank("") or re.search("dat[eu]|zeit|fecha|data$", name.lower()) is not None
