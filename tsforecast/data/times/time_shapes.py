"""The forms in which people write timestamps, as regular expressions over whole columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import present, text_scalar, to_ints
from tsforecast.data.times.calendar_words import LANGUAGES, LETTERS, month_number, weekday_number
from tsforecast.data.words import quoted

_CLOCK = (
    r"(?:(?P<gap>T|t|,? +)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    "(?P<half>[ \u202f]?[AaPp][Mm])?"
    r"(?P<offset> ?(?:[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}))?)?"
)
_SEP = r"(?P<sep>[-/.])"
_NAME = rf"(?P<name>[{LETTERS}]{{3,10}}\.?)"
_WEEKDAY = rf"(?:(?P<weekday>[{LETTERS}]{{2,10}}(?:-feira)?\.?)(?P<after>, ?| +))?"


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write a timestamp.

    Attributes:
        regex: With the named groups weekday, year, quarter, month, name, day, first and other (day and month in
            either order), and those of the clock.
        layout: How it is written back: names of groups in braces.
    """

    regex: str
    layout: str
    compiled: re.Pattern[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(f"^{self.regex}$"))


SHAPES = (
    Shape(
        rf"{_WEEKDAY}(?P<year>\d{{4}}){_SEP}(?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_CLOCK}",
        "{year}{sep}{month}{sep}{day}",
    ),
    Shape(
        rf"{_WEEKDAY}(?P<first>\d{{1,2}}){_SEP}(?P<other>\d{{1,2}})[-/.](?P<year>\d{{4}}|\d{{2}}){_CLOCK}", ""
    ),
    Shape(r"(?P<year>\d{4})(?P<sep>[-/M])(?P<month>\d{1,2})", "{year}{sep}{month}"),
    Shape(r"(?P<month>\d{1,2})(?P<sep>[-/])(?P<year>\d{4})", "{month}{sep}{year}"),
    Shape(r"(?P<year>\d{4})(?P<sep>[-/ ]?)Q(?P<quarter>[1-4])", "{year}{sep}Q{quarter}"),
    Shape(r"Q(?P<quarter>[1-4])(?P<sep>[-/ ]?)(?P<year>\d{4})", "Q{quarter}{sep}{year}"),
    Shape(rf"{_NAME}(?P<sep>[-/ ]?| del? )(?P<year>\d{{4}})", "{name}{sep}{year}"),
    Shape(rf"{_NAME}(?P<sep>[- ]?'|[-/ ])(?P<year>\d{{2}})", "{name}{sep}{year}"),
    Shape(rf"(?P<year>\d{{4}})(?P<sep>[- ]){_NAME}", "{year}{sep}{name}"),
    Shape(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?P<sep>[-/ ]?|\. ?| de ){_NAME}(?P<mid>[-/]?|,? | del? )"
        rf"(?P<year>\d{{4}}|\d{{2}}){_CLOCK}",
        "{day}{sep}{name}{mid}{year}",
    ),
    Shape(
        rf"{_WEEKDAY}{_NAME} (?P<day>\d{{1,2}})(?P<sep>,?) (?P<year>\d{{4}}){_CLOCK}",
        "{name} {day}{sep} {year}",
    ),
)
WEEKS = Shape(
    r"(?P<year>\d{4})(?P<sep>[- ]?)W(?P<week>\d{2})(?P<dash>-?)(?P<number>[1-7])?", "{year}{sep}W{week}"
)
"""Weeks of ISO 8601; without a weekday, the Monday."""

DAY_AND_MONTH = SHAPES[1]
"""The one shape that leaves open which number is the day."""

_NUMBERED_THINGS = re.compile(r"(?:set|out|gen|mag) \d{2}", re.IGNORECASE)
"""Months of Italian and Portuguese that are rather things: a column of ``Set 10`` and ``Set 11`` is no time."""

_YEARLESS = re.compile(
    r"\d{1,2}[./-]\d{1,2}\.?"
    rf"|[{LETTERS}]{{3,10}}\.?[ -]\d{{1,2}}|\d{{1,2}}(?:[ -]|\. ?| de )[{LETTERS}]{{3,10}}\.?"
)
YEARLESS_HINT = "write the year as well, with four digits: 2024-01-31 or Jan 2024"


def yearless_hint(text: str) -> str:
    """Say what to do about times of a year, of which one is given."""
    if not is_month(text):
        return YEARLESS_HINT
    return (
        "write the year as well: Jan 2024; a column of years beside it is joined with it by --time YEAR,MONTH"
    )


def is_month(text: str) -> bool:
    """Whether a text is the name of a month and nothing else."""
    return re.fullmatch(_NAME, text) is not None and month_number(text) > 0


def is_yearless(text: str) -> bool:
    """Whether a text is a month, with or without a day, or with a number that may be its year or day: ``Jan-24``."""
    if is_month(text):
        return True
    word = re.search(f"[{LETTERS}]{{3,}}", text)
    return _YEARLESS.fullmatch(text) is not None and (word is None or month_number(word[0]) > 0)


def shape_of(text: str) -> Shape | None:
    """How a single timestamp is written, None where it is none; names of months and days must be such."""
    if _NUMBERED_THINGS.fullmatch(text):
        return None
    for shape in (*SHAPES, WEEKS):
        match = shape.compiled.match(text)
        if match is None:
            continue
        names = match.groupdict()
        if month_number(names.get("name") or "Jan") and weekday_number(names.get("weekday") or "Mon"):
            return shape
    return None


def looks_dated(text: str) -> bool:
    """Whether a cell holds a date that cannot be taken for a number."""
    return shape_of(text.strip()) is not None


def word_hint(text: str) -> str:
    """Say what keeps a text with digits and a word from being a date, "" where the word is no month in any language."""
    zone = re.search(r"\d:\d\d[\d:.,]*\s*\(?([A-Z]{2,5})\)?$", text.strip())
    if zone is not None:
        letters = f"letters such as {zone[1]} are the zones of several countries"
        return f"; {letters}: write the offset, such as -04:00, or leave them out and name the zone with --tz"
    apart = re.search(r"(?:GMT|UTC)[+-]\d.*$|\[[A-Za-z_/+-]+\d*\]$", text)
    if apart is not None:
        return f"; leave out {quoted(apart[0])} or write the offset alone, such as -05:00; --tz names a zone"
    word = re.search(r"[^\W\d_]{3,}", text)
    if word is None or not re.search(r"\b\d{2}\b|\d{4}", text):
        return ""
    if month_number(word[0]):
        return "; years have four digits beside the name of a month" * bool(re.search(r"\D\d{2}$", text))
    return f"; months are named in {', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}"


class Parts:
    """The groups of a shape in a whole column of texts, as arrays.

    Args:
        texts: Arrow array of strings (U,).
        shape: How they are written.
    """

    def __init__(self, texts: Any, shape: Shape) -> None:
        import pyarrow.compute as pc

        self._struct = pc.extract_regex(texts, f"^{shape.regex}$")
        self._groups = set(shape.compiled.groupindex)
        self.matched = present(self._struct)

    def has(self, group: str) -> bool:
        """Whether a group is there in any text."""
        return len(self.widths(group)) > 0

    def first_with(self, group: str) -> dict[str, str]:
        """Give the groups of the first text that has one of them, else of the first; "" for those that are absent."""
        import pyarrow.compute as pc

        row = 0
        if self.has(group):
            lengths = pc.utf8_length(self._struct.field(group).fill_null(text_scalar("")))
            row = int(np.argmax(to_ints(lengths) > 0))
        return {name: text or "" for name, text in self._struct[row].as_py().items()}

    def text(self, group: str) -> list[str]:
        """Texts of one group, "" where it is absent (U,)."""
        if group not in self._groups:
            return [""] * len(self._struct)
        return [value or "" for value in self._struct.field(group).to_pylist()]

    def widths(self, group: str) -> Ints:
        """Letters of one group in the rows that have it."""
        import pyarrow.compute as pc

        if group not in self._groups:
            return np.zeros(0, dtype=np.int64)
        widths = to_ints(pc.utf8_length(self._struct.field(group).fill_null(text_scalar(""))))
        return widths[widths > 0]

    def number(self, group: str, default: int = 0) -> Ints:
        """Numbers of one group (U,)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if group not in self._groups:
            return np.full(len(self._struct), default, dtype=np.int64)
        text = self._struct.field(group).fill_null(text_scalar(""))
        number = pc.if_else(pc.equal(text, text_scalar("")), text_scalar(str(default)), text)
        return to_ints(number.cast(pa.int64()))

    def months(self) -> Ints:
        """Month from 1 by number, name or first month of the quarter; 0 for no month (U,)."""
        if "name" in self._groups:
            return _numbered(self.text("name"), month_number)
        if "quarter" in self._groups:
            return self.number("quarter", 1) * 3 - 2
        return self.number("month", 1)

    def weekdays(self) -> Ints:
        """Day of the week by name, 1 is Monday; 0 for no such name, -1 where there is none (U,)."""
        if not self.has("weekday"):
            return np.full(len(self._struct), -1, dtype=np.int64)
        return _numbered(self.text("weekday"), lambda name: weekday_number(name) if name else -1)

    def weeks(self) -> tuple[Ints, NDArray[np.bool_]]:
        """Days since 1970-01-01 of ISO weeks or their weekdays, and which weeks exist (U,)."""
        years, weeks, weekdays = self.number("year"), self.number("week"), self.number("number", 1)

        def monday(year: Ints) -> Ints:
            # The first week is the one with 4 January in it.
            fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 3
            return fourth - (fourth + 3) % 7

        start = monday(years)
        count = (monday(years + 1) - start) // 7
        return start + (weeks - 1) * 7 + weekdays - 1, (weeks >= 1) & (weeks <= count)

    def years(self) -> Ints:
        """Four-digit years; two digits mean 1970 to 2069 (U,)."""
        years = self.number("year")
        if (self.widths("year") == 2).any():
            years = years + np.select([years < 70, years < 100], [2000, 1900], 0)
        return years


def _numbered(names: list[str], number: Callable[[str], int]) -> Ints:
    known = {name: number(name) for name in set(names)}
    return np.array([known[name] for name in names], dtype=np.int64)
