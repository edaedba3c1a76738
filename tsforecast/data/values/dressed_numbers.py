"""Numbers as people dress them: currency and percent signs, thousands separators, a decimal comma by request.

A column is undressed as a whole or not at all, because one cell alone rarely says what its marks mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.arrays import Ints
from tsforecast.data.arrow import coded, coded_texts, distinct_texts, from_texts
from tsforecast.data.marks import Marks
from tsforecast.data.values.currencies import currency_of, is_currency
from tsforecast.data.values.numbers import NUMBER, is_missing, which_mark
from tsforecast.data.words import quoted

SEPARATORS: Mapping[str, str] = {",": ",", ".": ".", "'": "'’", "space": " \u00a0\u202f\u2009"}
"""Characters of each thousands separator that ``--thousands`` can name."""

_BODY = r"\d{1,3}(?:[.,'’ \u00a0\u202f\u2009]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d*)?|\.\d+"
_GROUP = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_OPEN = re.compile(r"(\d{1,3})([.,])(\d{3})")
_COMMA_GROUP = re.compile(r"[1-9]\d{0,2},\d{3}")
_SIGN = r"[^\d\s.,'’()+\-−%]{1,4}\.?"
_DRESS = re.compile(
    rf"\(? ?(?P<sign>[+\-−]?) ?(?P<before>{_SIGN})? ?\(?(?P<inner>[+\-−]?)"
    rf"(?P<body>{_BODY})(?P<exponent>[eE][+-]?\d+)?"
    rf"(?P<trail>[\-−]?)\)? ?(?P<after>%|{_SIGN})?(?P<end>[\-−]?) ?\)?"
)
_SIDES = ("before", "after")
_NO_CURRENCY = (None, "%")
_LABEL = re.compile(r"[^\W\d_]+\d{1,3}")
_BOOKED = re.compile(r"[^a-zA-Z]*\d[^a-zA-Z]*(?P<side>CR|DR|Cr|Dr|cr|dr)\.?")

_LONGEST = 64
"""Characters of a number in any dress; longer cells are texts, whatever they hold."""


def looks_dressed(text: str) -> bool:
    """Whether a cell holds a number with something around or between its digits."""
    return _dress_of(text) is not None or _side_of(text) != ""


def are_labels(texts: Iterable[str]) -> bool:
    """Whether cells may name things, though their letters are those of currencies: ``RM1`` or ``TOP12``."""
    return all(_LABEL.fullmatch(text.strip()) is not None for text in texts)


def _dress_of(text: str) -> re.Match[str] | None:
    """Parts of a number in its dress, None where the text is none."""
    if len(text) > _LONGEST:
        return None
    found = _DRESS.fullmatch(" ".join(text.split()))
    if found is None or not all(
        found[place] in _NO_CURRENCY or is_currency(found[place]) for place in _SIDES
    ):
        return None
    opened, closed = found.string.count("("), found.string.count(")")
    signs = opened + sum(found[place] != "" for place in ("sign", "inner", "trail", "end"))
    is_price = found["body"][-1] in ".," and (found["trail"] or found["end"])  # 12.- is no -12
    return None if opened != closed or signs > 1 or is_price else found


def _is_booked(found: re.Match[str]) -> bool:
    """Whether a number is negative as bookkeepers write it, in brackets or with the sign behind it."""
    return "(" in found.string or bool(found["trail"] or found["end"])


def _side_of(text: str) -> str:
    """Letters behind an amount that say on which side of an account it stands, "" where it has none."""
    found = _BOOKED.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    return "" if found is None else found["side"]


def _sign_of(found: re.Match[str]) -> str:
    return found["before"] or found["after"] or ""


def undress(
    column: Any, *, decimal: str | None, thousands: str | None, decimal_comma: bool = False
) -> tuple[Any, Marks] | None:
    """Rewrite a column of text as plain numbers, None where it is none or could mean two things.

    Args:
        column: Arrow array of text (rows,).
        decimal: Decimal mark that the user names, None to find out.
        thousands: Separator that the user names, None to find out.
        decimal_comma: Whether a decimal comma is a matter of course.
    """
    texts, codes = coded_texts(column)
    cells = [None if is_missing(text) else _dress_of(text) for text in texts]
    whole = [cell for cell in cells if cell is not None]
    if not whole or len(whole) < sum(not is_missing(text) for text in texts):
        return None
    signs = {currency_of(_sign_of(cell)): _sign_of(cell) for cell in reversed(whole)}
    bodies = [cell["body"] for cell in whole]
    named = bool(decimal or thousands)
    marks = _named(bodies, decimal, thousands) if named else _found(bodies, decimal_comma)
    if len(signs) > 1 or marks is None or any(cell["before"] and cell["after"] for cell in whole):
        return None
    plain = ["" if cell is None else _plain(cell, marks) for cell in cells]
    if not all(not text or re.fullmatch(NUMBER, text) for text in plain):
        return None
    return coded(codes, from_texts(plain)), replace(
        marks,
        sign=next(iter(signs.values())),
        has_decimals=any(marks.decimal in body for body in bodies),
        negative=next((cell.string for cell in whole if _is_booked(cell)), ""),
        comma="" if named else _comma_in_words(bodies, marks, decimal_comma),
    )


def _comma_in_words(bodies: Sequence[str], marks: Marks, decimal_comma: bool) -> str:
    if marks.decimal != "," or not any("," in body for body in bodies):
        return ""
    decided = next(filter(_COMMA_GROUP.fullmatch, bodies), "")
    return decided_comma(decided) if decided else "" if decimal_comma else "with a decimal comma"


def decided_comma(cell: str) -> str:
    """Say that a cell which could have a separator of thousands has a decimal comma, as others prove."""
    return f"with a decimal comma, so {quoted(cell)} is {float(cell.replace(',', '.'))!r}"


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
    if side := _side_of(texts[codes[row]]):
        return (
            row,
            f"{quoted(texts[codes[row]])} ends in {quoted(side)}, and whether debit or credit is negative is not said",
            f"write a minus before the amounts of one side, and leave {quoted(side)} out",
        )
    cells = [None if is_missing(text) else _dress_of(text) for text in texts]
    if cells[codes[row]] is None:
        return None
    signs = np.array(["" if cell is None else currency_of(_sign_of(cell)) for cell in cells])
    amounts = np.array([cell is not None for cell in cells])
    if len(set(signs[amounts])) > 1:
        return _other_sign(texts, codes, signs, amounts)
    # Then the marks are at fault, and a cell that has one shows it.
    marked = np.array([cell is not None and _OPEN.fullmatch(cell["body"]) is not None for cell in cells])
    row = int(np.argmax(marked[codes])) if marked.any() else row
    labels = are_labels(text for text, amount in zip(texts, amounts, strict=True) if amount)
    return row, *_problem_of(texts[codes[row]], labels=labels)


def _other_sign(texts: Sequence[str], codes: Ints, signs: Any, amounts: Any) -> tuple[int, str, str]:
    """Tell the first cell with the rarest sign of a column, and one with the most common sign."""
    rows = np.flatnonzero(amounts[codes])
    kinds, first, counts = np.unique(signs[codes[rows]], return_index=True, return_counts=True)
    rare, usual = (rows[first[place(counts)]] for place in (np.argmin, np.argmax))
    if counts.min() == counts.max():  # then the later of them is the odd one
        usual, rare = sorted(rows[first])[:2]
    here, there = (texts[codes[row]] for row in (rare, usual))
    words = f"{quoted(here)} has {_sign_in_words(here)}, {quoted(there)} has {_sign_in_words(there)}"
    if "" in kinds or "%" in kinds:
        return int(rare), words, "write the sign in every cell or in none"
    return int(rare), words, "write the same currency in every cell, or give each a column of its own"


def _sign_in_words(text: str) -> str:
    found = _dress_of(text)
    sign = "" if found is None else _sign_of(found)
    return f"the sign {quoted(sign)}" if sign else "no sign"


def _problem_of(text: str, *, labels: bool) -> tuple[str, str]:
    """Say why a number in its dress cannot be read, though all of its column have the same sign."""
    found = _dress_of(text)
    body = "" if found is None else found["body"]
    if labels:
        return (
            f"{quoted(text)} may be a name as well as an amount",
            "write a space between the currency and the number, or leave the currency out",
        )
    if one := _OPEN.fullmatch(body):
        whole, decimal = "".join(one.group(1, 3)), ".".join(one.group(1, 3))
        return f"{quoted(text)} can be read as {whole} or as {decimal}", which_mark(one[2])
    if re.fullmatch(r"\d+,\d+", body):
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
    if commas:
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
    sign = "-" if _is_booked(found) else (found["sign"] + found["inner"]).replace("−", "-")
    return f"{sign}{body.replace(marks.decimal, '.')}{found['exponent'] or ''}"
