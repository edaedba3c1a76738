"""Numbers as people dress them: currency and percent signs, thousands separators, a decimal comma by request.

A column is undressed as a whole or not at all, because one cell alone rarely says what its marks mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsforecast.data.arrow import coded, coded_texts, distinct_texts, from_texts
from tsforecast.data.numbers import NUMBER, is_missing, which_mark
from tsforecast.data.panel import Ints
from tsforecast.data.words import quoted

SEPARATORS: Mapping[str, str] = {",": ",", ".": ".", "'": "'’", "space": " \u00a0\u202f\u2009"}
"""Characters of each thousands separator that ``--thousands`` can name."""

_CURRENCY = r"€|\$|£|¥|₹|EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK"
_BODY = r"\d{1,3}(?:[.,'’ \u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d*)?|\.\d+"
_GROUP = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_OPEN = re.compile(r"(\d{1,3})([.,])(\d{3})")
_COMMA_GROUP = re.compile(r"[1-9]\d{0,2},\d{3}")
_DRESS = re.compile(
    rf"(?P<sign>[+\-−]?)\s*(?P<before>{_CURRENCY})?\s*(?P<inner>[+\-−]?)"
    rf"(?P<body>{_BODY})(?P<exponent>[eE][+-]?\d+)?\s*(?P<after>%|{_CURRENCY})?"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands around and between the digits of a column.

    Attributes:
        sign: Currency or percent sign that every cell has, "" for none.
        thousands: Separator of thousands, a key of ``SEPARATORS``, "" for none.
        decimal: Decimal mark.
        has_decimals: Whether a cell shows it.
    """

    sign: str = ""
    thousands: str = ""
    decimal: str = "."
    has_decimals: bool = False

    def in_words(self, name: str) -> str:
        """Say how a column was read, empty where that is a matter of course."""
        parts = []
        if self.sign:
            value = "12% is 12" if self.sign == "%" else "in that unit"
            parts.append(f"with the sign {quoted(self.sign)} ({value})")
        if self.thousands:
            mark = "a space" if self.thousands == "space" else quoted(self.thousands)
            parts.append(f"with {mark} between thousands")
        return f"column {quoted(name)} was read as numbers {' and '.join(parts)}" if parts else ""


def looks_dressed(text: str) -> bool:
    """Whether a cell holds a number with something around or between its digits."""
    return _DRESS.fullmatch(text.strip()) is not None


def undress(
    column: Any, *, decimal: str | None, thousands: str | None, decimal_comma: bool = False
) -> tuple[Any, Marks] | None:
    """Rewrite a column of text as plain numbers, None where it is none or could mean two things.

    Args:
        column: Arrow array of text (rows,).
        decimal: Decimal mark that the user names, None to find out.
        thousands: Separator that the user names, None to find out.
        decimal_comma: Whether the comma is free to be a decimal mark.
    """
    texts, codes = coded_texts(column)
    cells = [None if is_missing(text) else _DRESS.fullmatch(text.strip()) for text in texts]
    whole = [cell for cell in cells if cell is not None]
    if not whole or len(whole) < sum(not is_missing(text) for text in texts):
        return None
    signs = {cell["before"] or cell["after"] or "" for cell in whole}
    bodies = [cell["body"] for cell in whole]
    marks = _named(bodies, decimal, thousands) if decimal or thousands else _found(bodies, decimal_comma)
    if len(signs) > 1 or marks is None or any(cell["before"] and cell["after"] for cell in whole):
        return None
    plain = ["" if cell is None else _plain(cell, marks) for cell in cells]
    if not all(not text or re.fullmatch(NUMBER, text) for text in plain):
        return None
    shown = any(marks.decimal in body for body in bodies)
    return coded(codes, from_texts(plain)), Marks(signs.pop(), marks.thousands, marks.decimal, shown)


def no_numbers(column: Any) -> Ints:
    """Rows whose cell is no number in any dress, and not missing either; empty where most cells are none (rows,)."""
    texts, codes = distinct_texts(column)
    missing = np.array([is_missing(text) for text in texts], dtype=np.bool_)
    dressed = np.array([looks_dressed(text) for text in texts], dtype=np.bool_)
    odd = np.flatnonzero((~missing & ~dressed)[codes])
    return odd if len(odd) < (dressed & ~missing)[codes].sum() else odd[:0]


def problem_in(column: Any, row: int) -> tuple[int, str, str] | None:
    """Say which dressed number of a column cannot be read, why, and what to try; None where the cell is no number.

    Args:
        column: Arrow array of text (rows,).
        row: Of the first cell that is no plain number.
    """
    texts, codes = distinct_texts(column)
    cells = [None if is_missing(text) else _DRESS.fullmatch(text.strip()) for text in texts]
    if cells[codes[row]] is None:
        return None
    signs = {cell["before"] or cell["after"] or "" for cell in cells if cell is not None}
    if len(signs) == 1:  # then the marks are at fault, and a cell that has one shows it
        marked = np.array([cell is not None and _OPEN.fullmatch(cell["body"]) is not None for cell in cells])
        row = int(np.argmax(marked[codes])) if marked.any() else row
    found = _problem_of(texts[codes[row]], agreed=len(signs) == 1)
    return None if found is None else (row, *found)


def _problem_of(text: str, *, agreed: bool) -> tuple[str, str] | None:
    found = _DRESS.fullmatch(text.strip())
    if found is None or is_missing(text):
        return None
    sign = found["before"] or found["after"]
    if sign and not agreed:
        return (
            f"{quoted(text)} has the sign {quoted(sign)}, other cells have not",
            "write the sign in every cell or in none",
        )
    if one := _OPEN.fullmatch(found["body"]):
        whole, decimal = "".join(one.group(1, 3)), ".".join(one.group(1, 3))
        return f"{quoted(text)} can be read as {whole} or as {decimal}", which_mark(one[2])
    if re.fullmatch(r"\d+,\d+", found["body"]):
        return f"{quoted(text)} is not a number with a decimal point", "--decimal , reads a decimal comma"
    return (
        f"{quoted(text)} is a number with marks that do not agree over the column",
        "name them with --thousands and --decimal, or leave the separators out",
    )


def _named(bodies: list[str], decimal: str | None, thousands: str | None) -> Marks | None:
    marks = Marks("", thousands or "", decimal or ("," if thousands == "." else "."))
    return marks if marks.thousands != marks.decimal and _fits(bodies, marks) else None


def _found(bodies: list[str], decimal_comma: bool) -> Marks | None:
    """Separators that explain every cell; None where none do, or two readings do."""
    commas = [body for body in bodies if "," in body]
    if decimal_comma and commas:
        if all(map(_COMMA_GROUP.fullmatch, commas)) and not any(body.count(".") > 1 for body in bodies):
            return None
        sure = [Marks("", thousands, ",") for thousands in ("", ".", "space", "'")]
    elif (
        decimal_comma
        and all(_GROUP.fullmatch(body) for body in bodies if "." in body)
        and any("." in body for body in bodies)
    ):
        return None
    else:
        sure = [Marks("", thousands, ".") for thousands in ("", "space", "'")]
    found = next((marks for marks in sure if _fits(bodies, marks)), None)
    english = Marks("", ",", ".")
    if found is None and _fits(bodies, english) and any(_proves(body, english) for body in bodies):
        return english
    return found


def _fits(bodies: list[str], marks: Marks) -> bool:
    group = f"[{re.escape(SEPARATORS[marks.thousands])}]" if marks.thousands else None
    digits = rf"(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+)" if group else r"\d*"
    pattern = re.compile(rf"{digits}(?:{re.escape(marks.decimal)}\d*)?")
    return all(pattern.fullmatch(body) for body in bodies)


def _proves(body: str, marks: Marks) -> bool:
    """Whether a cell rules out that its separator is a decimal mark: two groups, or one and a decimal mark."""
    return body.count(marks.thousands) > 1 or (marks.thousands in body and marks.decimal in body)


def _plain(found: re.Match[str], marks: Marks) -> str:
    body = found["body"]
    for char in SEPARATORS.get(marks.thousands, ""):
        body = body.replace(char, "")
    signs = (found["sign"] + found["inner"]).replace("−", "-")
    return f"{signs}{body.replace(marks.decimal, '.')}{found['exponent'] or ''}"
