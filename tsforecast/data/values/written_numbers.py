"""How the numbers of a table are proved to be written; new rows are held against what a model remembers of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.arrow import holds_texts, texts_in
from tsforecast.data.cell_errors import CellError
from tsforecast.data.marks import Marks
from tsforecast.data.notes import Note
from tsforecast.data.panel import Schema
from tsforecast.data.table import Table
from tsforecast.data.values.dressed_numbers import SEPARATORS, undress
from tsforecast.data.values.numbers import MISSING, is_number, is_open, to_floats, which_mark
from tsforecast.data.values.numeric_columns import floats_of
from tsforecast.data.words import listed, quoted
from tsforecast.errors import DataError

_MARKED = "[0-9][.,'’ \u00a0\u202f\u2009][0-9]"
_FRACTION = r"\.[0-9]*[1-9]"
_WORDS = {".": "point", ",": "comma"}


class Written(NamedTuple):
    """What is proved of numbers: ``.`` or ``,`` before decimals, a key of ``SEPARATORS`` between thousands, or ""."""

    decimal: str = ""
    thousands: str = ""


def written_in(table: Table, names: Sequence[str | None], settings: DataSettings) -> Written:
    """Tell how the numbers of some columns are written, as far as the user says it, or they show it and agree."""
    found = [_proved_of(table, name) for name in names if name is not None]
    thousands = settings.thousands or _only({one.thousands for one in found})
    other = {",": ".", ".": ","}.get(thousands, "")
    return Written(settings.decimal or _only({one.decimal for one in found}) or other, thousands)


def _only(marks: set[str]) -> str:
    """Mark that all agree on, "" where there is none."""
    given = marks - {""}
    return given.pop() if len(given) == 1 else ""


def form_of(like: Schema, na: Sequence[str]) -> dict[str, Any]:
    """Describe how a cell becomes a number to those who have no part of this program but regular expressions.

    Args:
        like: What the model remembers of its table.
        na: What the user calls missing.

    Returns:
        ``missing`` texts, the ``shape`` of all others, the ``gap`` to take out before a comma becomes a point, and the
        ``lost`` numbers that mean a missing value.
    """
    gap = f"[{SEPARATORS[like.thousands]}]" if like.thousands else "[.]" if like.decimal == "," else "(?!)"
    return {
        "missing": [*MISSING, *(text for text in na if not is_number(text))],
        "shape": rf"nan|[+-]?(\d{{1,3}}({gap}\d{{3}})+|\d*)([{like.decimal or '.'}]\d*)?([eE][+-]?\d+)?",
        "gap": gap,
        "lost": [float(text) for text in na if is_number(text)],
    }


def _proved_of(table: Table, name: str) -> Written:
    import pyarrow.compute as pc

    if name in table.marks:
        marks = table.marks[name]
        return Written(marks.decimal if marks.has_decimals else "", marks.thousands)
    column = table.columns[name]
    if not holds_texts(column):
        return Written(table.decimals.get(name, ""))
    column = texts_in(column)
    if pc.any(pc.match_substring(column, ",")).as_py():
        return Written(",", "." if pc.any(pc.match_substring(column, ".")).as_py() else "")
    if not pc.any(pc.match_substring(column, ".")).as_py():
        return Written()
    if pc.any(pc.match_substring_regex(column, "[0-9][eE]")).as_py():  # 1.5e2 may well be a whole number
        return Written("." if _is_fractional(column) else "")
    return Written("." if pc.any(pc.match_substring_regex(column, _FRACTION)).as_py() else "")


def _is_fractional(column: Any) -> bool:
    try:
        values = to_floats(column)
    except CellError:  # whoever needs the numbers will tell
        return False
    return bool((np.floor(values) < values).any())


def held_against(table: Table, like: Schema) -> Table:
    """Read the numbers of new rows as the model's table is written where they leave it open, and say where they differ.

    Args:
        table: The new rows.
        like: What the model remembers.

    Raises:
        DataError: A cell means one number in the model's table, and another one in a table like this one.
    """
    if not (like.decimal or like.thousands):
        return table
    plain, marks, led, notes = dict(table.plain), dict(table.marks), [], list(table.notes)
    for name in _numeric(table, like):
        found = _as_remembered(table, name, like)
        if found is not None:
            plain[name], marks[name] = found
            led.append(name)
        elif _contradicts(_proved_of(table, name), like):
            notes.append(
                Note(f"column {quoted(name)} has a {_mark(table, name)} here, {_remembered(like)}", True)
            )
    if led:
        notes.append(Note(f"column {listed(led, limit=3)} was read as the model's table is written"))
    return replace(table, plain=plain, marks=marks, notes=tuple(notes))


@contextmanager
def hints_for(like: Schema | None) -> Iterator[None]:
    """Name no options in the hint of an ambiguous number that those who read new rows for a model cannot give."""
    try:
        yield
    except DataError as error:
        if like is not None and error.hint in map(which_mark, ".,"):
            error.hint = (
                "write new rows without a separator of thousands, as the model's table is;"
                " else fit again with --thousands or --decimal"
            )
        raise


def _numeric(table: Table, like: Schema) -> list[str]:
    """Columns of text that hold numbers of the model."""
    wide = like.layout == "wide"  # where a column that the model has not seen may be a series
    own = {like.target, *like.series_columns, *like.past, *like.future, *like.static}
    others = {*like.categories, like.time, like.id, *like.id_columns}
    return [
        name
        for name, column in table.columns.items()
        if (wide or name in own) and name not in others and holds_texts(column)
    ]


def _as_remembered(table: Table, name: str, like: Schema) -> tuple[Any, Marks] | None:
    """Numbers that only the model's table explains; None where the rows explain themselves, or nothing does."""
    import pyarrow.compute as pc

    column = table.columns[name]
    if not pc.any(pc.match_substring_regex(texts_in(column), _MARKED)).as_py():
        return None
    now = _at_face(table, name, like)
    if now is not None and like.decimal and _proved_of(table, name).decimal == like.decimal:
        return None
    ways = (undress(column, decimal=mark, thousands=separator) for mark, separator in _ways(like))
    found = next((one for one in ways if one is not None), None)
    if found is None or now is None:
        return found
    then = floats_of(replace(table, plain={name: found[0]}), name)
    differs = ~((then == now) | (np.isnan(then) & np.isnan(now)))
    if differs.any():
        raise _ambiguous(table, name, then, now, int(np.argmax(differs)), like)
    return None


def _at_face(table: Table, name: str, like: Schema) -> Floats | None:
    """Numbers as a table like this one has them, None where it leaves them open and the model's does not contradict."""
    column = table.columns[name]
    try:
        if (
            table.decimal_comma
            and like.decimal == "."
            and like.thousands != ","
            and is_open(texts_in(column))
        ):
            found = undress(column, decimal=",", thousands=None)
            table = table if found is None else replace(table, plain={name: found[0]})
        return floats_of(table, name)
    except DataError:
        return None


def _ways(like: Schema) -> list[tuple[str, str]]:
    """Decimal marks and separators that fit what is remembered, the most likely first."""
    decimal = like.decimal or ("," if like.thousands == "." else ".")
    other = "." if decimal == "," else ","
    return [(decimal, like.thousands), (decimal, other)] if like.decimal else [(decimal, like.thousands)]


def _contradicts(seen: Written, like: Schema) -> bool:
    clash = like.decimal or {",": ".", ".": ","}.get(like.thousands, "")
    return bool(seen.decimal and clash and seen.decimal != clash)


def _mark(table: Table, name: str) -> str:
    return f"decimal {_WORDS[_proved_of(table, name).decimal]}"


def _remembered(like: Schema) -> str:
    if like.decimal:
        return f"the model's table has a decimal {_WORDS[like.decimal]}"
    return f"in the model's table {quoted(like.thousands)} stands between thousands"


def _ambiguous(table: Table, name: str, then: Floats, now: Floats, row: int, like: Schema) -> DataError:
    text = quoted(str(table.columns[name][row].as_py()).strip())
    return table.error(
        f"{text} in column {quoted(name)} would be {float(now[row])!r} in this table, but {_remembered(like)},"
        f" where it is {float(then[row])!r}",
        row=row,
        column=name,
        hint="write the new rows with the delimiter and the decimal mark of the table that the model was made from",
    )
