"""What a person sees: text with control codes, drawn on a screen."""

from __future__ import annotations

import re

_CONTROL = r"\x1b\[(?P<args>[?0-9;]*)(?P<code>[A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
_TOKEN = re.compile(_CONTROL + r"|(?P<char>.)", re.DOTALL)


class Screen:
    r"""Lines of a terminal that never scrolls; colours are dropped, erased progress lines are gone.

    Example:
        >>> screen = Screen()
        >>> screen.write("10 %\r\x1b[2Kdone\n")
        >>> screen.text()
        'done'
    """

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = 0
        self._column = 0

    def write(self, text: str) -> None:
        """Draw text and obey the control codes in it."""
        for match in _TOKEN.finditer(text):
            if match["char"] is not None:
                self._put(match["char"])
            elif match["code"] is not None:
                self._obey(match["code"], match["args"])

    def text(self) -> str:
        """Return the screen without trailing blanks and blank last lines."""
        return "\n".join("".join(line).rstrip() for line in self._lines).rstrip()

    def _put(self, char: str) -> None:
        if char == "\n":
            self._move(1)
        elif char == "\r":
            self._column = 0
        elif char == "\b":
            self._column = max(self._column - 1, 0)
        elif char >= " ":
            line = self._lines[self._row]
            line.extend(" " * (self._column + 1 - len(line)))
            line[self._column] = char
            self._column += 1

    def _move(self, rows: int) -> None:
        self._row = max(self._row + rows, 0)
        while len(self._lines) <= self._row:
            self._lines.append([])

    def _obey(self, code: str, args: str) -> None:
        number = int(args) if args.isdigit() else 0
        if code in "AB":
            self._move((number or 1) * (-1 if code == "A" else 1))
        elif code == "G":
            self._column = max(number - 1, 0)
        elif code == "K":
            self._erase(number)
        elif code == "J":
            self._erase(0)
            del self._lines[self._row + 1 :]

    def _erase(self, part: int) -> None:
        line = self._lines[self._row]
        if part == 2:
            line.clear()
        elif part == 1:
            line[: self._column] = " " * min(self._column, len(line))
        else:
            del line[self._column :]
