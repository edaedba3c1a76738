"""Cells to numbers: which texts mean missing, which mean a number, and which neither."""

from __future__ import annotations

import re
import shlex
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.arrays import Floats
from tsforecast.data.arrow import (
    codes_of_rows,
    in_one_piece,
    looked_up,
    present,
    text_scalar,
    to_flags,
    to_floats64,
)
from tsforecast.data.cell_errors import CellError
from tsforecast.data.words import quoted

LARGEST = 1e300
"""Largest value that is read, so that sums of many are still numbers."""

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "-", ".", "?", "None")
"""Cells that mean: no value here."""

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity|nan)$"
_COMMA_NUMBER = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?(?:[eE][+-]?\d+)?$"
_GROUPED = r"^\s*[+-]?[1-9]\d{0,2}(?:\.\d{3})+\s*$"
_ONE_GROUP = r"^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$"
_TWO_GROUPS = r"\.\d{3}\."
_HINT = f"missing values are written as an empty cell or one of {', '.join(MISSING[1:])}"
"""What to try where a cell is too odd to be named in a flag."""
_WORDS = re.compile(r"[^,\"\\]{1,30}")
"""What can be named in a flag that takes several words."""

_MAGNITUDE = re.compile(r"[+-]?[\d.,]*\d ?(?:[kKMB]|[mM]io|[mM]rd|[bB]n|[mM]ln)\.?")
"""Numbers that a letter multiplies."""

_TRUTHS = ("true", "false", "yes", "no")

_MISSING = f"^(?:{'|'.join(re.escape(text) for text in MISSING)})$"
_number = re.compile(NUMBER)
_comma_number = re.compile(_COMMA_NUMBER)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip() in MISSING


def is_number(text: str, *, decimal_comma: bool = False) -> bool:
    """Whether a cell holds a number, an infinite one included."""
    text = text.strip()
    return bool(_number.match(text)) or (decimal_comma and "," in text and bool(_comma_number.match(text)))


def to_floats(column: Any, *, decimal_comma: bool = False) -> Floats:
    """Values of a column, NaN where one is missing.

    Args:
        column: Arrow array of text or numbers (rows,).
        decimal_comma: Whether ``1,5`` may be a number.

    Raises:
        CellError: A cell holds neither a number nor a missing marker, or an infinite number.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return _floats_of_distinct(column, decimal_comma)
    if pa.types.is_string(column.type):
        if decimal_comma:
            _refuse_ambiguous_dots(column)
            _refuse_ambiguous_commas(column)
        numbers = _parsed(column, decimal_comma)
    elif pa.types.is_boolean(column.type):
        raise CellError(0, "true and false are not numbers", "write 0 and 1")
    else:
        try:
            numbers = column.cast(pa.float64(), safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise CellError(0, f"values of type {column.type} are not numbers") from None
    values = to_floats64(numbers)
    if beyond(values, LARGEST):
        raise _infinite(column, np.flatnonzero(np.abs(values) > LARGEST))
    return values


def beyond(values: Floats, limit: float) -> bool:
    """Whether a value is larger than a limit, whatever its sign; without a copy of the values."""
    return bool(np.fmax.reduce(values, initial=0.0) > limit or np.fmin.reduce(values, initial=0.0) < -limit)


def _floats_of_distinct(column: Any, decimal_comma: bool) -> Floats:
    """Values of text that is stored once per distinct cell; an error is told of its first row."""
    whole = in_one_piece(column)
    rows = codes_of_rows(whole)
    try:
        return looked_up(to_floats(whole.dictionary, decimal_comma=decimal_comma), rows)
    except CellError as error:
        raise error.of_rows(rows) from None


def _parsed(column: Any, decimal_comma: bool) -> Any:
    """Numbers from text, in three attempts of which the first is fast and the last knows every form."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nothing, empty = text_scalar(None), text_scalar("")
    for attempt in (column, pc.if_else(pc.equal(column, empty), nothing, column)):
        try:
            return attempt.cast(pa.float64())
        except pa.ArrowInvalid:
            continue
    column = pc.utf8_trim_whitespace(column)
    column = pc.if_else(pc.match_substring_regex(column, _MISSING), nothing, column)
    if decimal_comma:
        column = _with_decimal_points(column)
    wrong = ~to_flags(pc.match_substring_regex(column, NUMBER)) & present(column)
    if wrong.any():
        bad = int(np.argmax(wrong))
        text = str(column[bad].as_py())
        hint = "write 0 and 1" if text.lower() in _TRUTHS else marker_hint(text)
        raise CellError(bad, f"{quoted(text)} is not a number", hint, np.flatnonzero(wrong))
    return column.cast(pa.float64())


def marker_hint(*texts: str) -> str:
    """Say how cells that are no numbers can be read as missing values, those that look like words for it."""
    if any(map(_MAGNITUDE.fullmatch, texts)):
        return "write the zeros out, 1.5K as 1500: letters for thousands and millions are not read"
    words = [text for text in texts if _WORDS.fullmatch(text) and text.isprintable()]
    if not words:
        return _HINT
    it, value = ("it", "a missing value") if len(words) == 1 else ("them", "missing values")
    return (
        f"--na {shlex.quote(','.join(words))} reads {it} as {value}, as an empty cell, NA, null, - and ? are"
    )


def _refuse_ambiguous_dots(column: Any) -> None:
    """Refuse a column whose dots may be thousands separators as well as decimal points: ``1.271`` beside ``798``.

    Raises:
        CellError: Every dot of the column is followed by three digits, and there is no comma to tell.
    """
    import pyarrow.compute as pc

    dotted = to_flags(pc.match_substring(column, ".")) & present(column)
    if not dotted.any() or pc.any(pc.match_substring(column, ",")).as_py():
        return
    grouped = to_flags(pc.match_substring_regex(column, _GROUPED)) & present(column)
    if bool((grouped == dotted).all()):
        row = int(np.argmax(dotted))
        text = str(column[row].as_py()).strip()
        raise CellError(
            row,
            f"{quoted(text)} can be read as {text.replace('.', '')} or as a decimal number",
            which_mark("."),
        )


def which_mark(mark: str) -> str:
    """Say which options tell what a point or a comma before three digits means."""
    word = {".": "point", ",": "comma"}[mark]
    return f"--thousands {mark} says that the {word} separates thousands, --decimal {mark} that it is the decimal mark"


def is_open(column: Any) -> bool:
    """Whether the commas of a column of text may separate thousands as well as decimals: ``1,971`` beside ``999``."""
    import pyarrow.compute as pc

    commas = to_flags(pc.match_substring(column, ",")) & present(column)
    if not commas.any():
        return False
    grouped = to_flags(pc.match_substring_regex(column, _ONE_GROUP))
    return (
        bool((grouped | ~commas).all()) and not pc.any(pc.match_substring_regex(column, _TWO_GROUPS)).as_py()
    )


def first_group(column: Any) -> str:
    """First cell of a column of text whose comma may separate thousands as well as decimals, "" for none."""
    import pyarrow.compute as pc

    row = pc.index(pc.match_substring_regex(column, _ONE_GROUP), True).as_py()
    return "" if row < 0 else str(column[row].as_py()).strip()


def _refuse_ambiguous_commas(column: Any) -> None:
    """Refuse a column whose commas may be thousands separators as well as decimal marks.

    Raises:
        CellError: Every comma of the column is followed by three digits, and nothing else of it tells.
    """
    import pyarrow.compute as pc

    if is_open(column):
        row = int(np.argmax(to_flags(pc.match_substring(column, ","))))
        text = str(column[row].as_py()).strip()
        plain, decimal = text.replace(",", ""), text.replace(",", ".")
        raise CellError(row, f"{quoted(text)} can be read as {plain} or as {decimal}", which_mark(","))


def _with_decimal_points(column: Any) -> Any:
    """Rewrite ``1.234,5`` as ``1234.5`` where cells can be read so and some of them have a comma.

    Raises:
        CellError: Most cells with a comma can be read so, and another cell cannot: that one is wrong, not they.
    """
    import pyarrow.compute as pc

    commas = to_flags(pc.match_substring(column, ",")) & present(column)
    if not commas.any():
        return column
    fits = to_flags(pc.match_substring_regex(column, _COMMA_NUMBER))
    wrong = ~fits & present(column)
    if wrong.any():
        if wrong.sum() >= (commas & fits).sum():
            return column
        bad = int(np.argmax(wrong))
        raise CellError(bad, f"{quoted(column[bad].as_py())} is not a number", _HINT, np.flatnonzero(wrong))
    return pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")


def _infinite(column: Any, rows: NDArray[np.int64]) -> CellError:
    row = int(rows[0])
    text = str(column[row].as_py())
    if "inf" in text.lower():
        return CellError(
            row,
            f"{quoted(text)} is not a finite number",
            "leave the cell empty if the value is missing",
            rows,
        )
    return CellError(row, f"{quoted(text)} is out of range", f"values up to {LARGEST:g} can be read", rows)
