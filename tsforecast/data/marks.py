"""How the numbers of a column are dressed."""

from __future__ import annotations

from dataclasses import dataclass

from tsforecast.data.words import quoted


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands around and between the digits of a column.

    Attributes:
        sign: Currency or percent sign that every cell has, "" for none.
        thousands: Separator of thousands, a key of ``SEPARATORS``, "" for none.
        decimal: Decimal mark.
        has_decimals: Whether a cell shows it.
        negative: First cell with a negative number as bookkeepers write it, ``(12)`` or ``12-``; "" for none.
        comma: What was found out about a decimal comma, in words.
    """

    sign: str = ""
    thousands: str = ""
    decimal: str = "."
    has_decimals: bool = False
    negative: str = ""
    comma: str = ""

    def in_words(self, name: str) -> str:
        """Say how a column was read, empty where that is a matter of course."""
        parts = []
        if self.sign:
            value = "12% is 12" if self.sign == "%" else "in that unit"
            parts.append(f"with the sign {quoted(self.sign)} ({value})")
        if self.thousands:
            mark = "a space" if self.thousands == "space" else quoted(self.thousands)
            parts.append(f"with {mark} between thousands")
        if self.comma:
            parts.append(self.comma)
        if self.negative:
            parts.append(f"with {quoted(self.negative)} as a negative one")
        return f"column {quoted(name)} was read as numbers {' and '.join(parts)}" if parts else ""
