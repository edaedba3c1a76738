"""What one odd file is, and what must become of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.data.tables import daily, days

NAN = float("nan")
COUNTED = tuple(float(number) for number in range(1, 11))
"""Values of `TABLE`."""

TABLE = daily(10)
HUNDREDS = tuple(100.0 + number for number in range(14))


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One file.

    Attributes:
        kind: Family of the oddity.
        what: What is odd, in words.
        content: The file.
        said: Part of the message of a refusal, or of a note where it is read.
        number: Of the list of inputs in the contract, None where it is not in there.
        settings: Options of the run.
        values: What must be read, None where it must be refused.
        code: Exit code of the refusal, 0 where it is read.
        hint: Part of the hint of a refusal.
    """

    kind: str
    what: str
    content: bytes
    said: str = ""
    number: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    values: tuple[float, ...] | None = None
    code: int = 0
    hint: str = ""


def understood(
    kind: str,
    what: str,
    content: str | bytes,
    values: Sequence[float] = COUNTED,
    said: str = "",
    number: int | None = None,
    **settings: Any,
) -> Odd:
    """File that is read, and what is said of it."""
    return Odd(
        kind=kind,
        what=what,
        content=_bytes(content),
        values=tuple(values),
        said=said,
        number=number,
        settings=settings,
    )


def refused(
    kind: str,
    what: str,
    content: str | bytes,
    said: str,
    hint: str = "",
    number: int | None = None,
    code: int = 3,
    **settings: Any,
) -> Odd:
    """File that is refused, with the reason and the hint."""
    return Odd(
        kind=kind,
        what=what,
        content=_bytes(content),
        said=said,
        hint=hint,
        number=number,
        code=code,
        settings=settings,
    )


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def column(form: str, values: Sequence[float] = HUNDREDS, header: str = "ds,y", sep: str = ",") -> str:
    """Daily table whose cells are written in a form such as ``€{:.1f}``."""
    rows = zip(days(len(values)), values, strict=True)
    return header + "\n" + "".join(f"{day}{sep}{form.format(value)}\n" for day, value in rows)


def stamps(*texts: str, header: str = "ds,y") -> str:
    """Table of timestamps whose values count from 0.5."""
    return header + "\n" + "".join(f"{text},{number}.5\n" for number, text in enumerate(texts))


def halves(number: int) -> tuple[float, ...]:
    """Values of as many `stamps`."""
    return tuple(row + 0.5 for row in range(number))


def with_cell(text: str) -> str:
    """`TABLE` with another text in its fourth row, which is line 5."""
    return TABLE.replace(",4\n", f",{text}\n")


def with_day(text: str) -> str:
    """`TABLE` with another timestamp in line 5."""
    return TABLE.replace(days(4)[3], text)
