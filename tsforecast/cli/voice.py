"""Talk for people: notes, summaries and warnings on stderr, and only where somebody listens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tsforecast.cli.help import wrap
from tsforecast.cli.streams import is_styled, is_terminal, printable, write_stderr

if TYPE_CHECKING:
    from tsforecast.data.notes import Note

USUAL_WIDTH = 80
"""Columns of a terminal that does not say how wide it is."""

INDENT = "  "
"""Start of a line that goes on with the sentence above it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things on stderr.

    Attributes:
        speaks: Somebody listens: stderr is a terminal or ``--verbose`` was given, and ``--quiet`` was not.
        styled: Colours and moving bars are welcome.
        silent: ``--quiet`` was given.
    """

    speaks: bool
    styled: bool
    silent: bool = False

    @classmethod
    def of(cls, *, verbose: bool, quiet: bool) -> Voice:
        """Find out who listens."""
        speaks = not quiet and (verbose or is_terminal(sys.stderr))
        return cls(speaks=speaks, styled=speaks and is_styled(sys.stderr), silent=quiet)

    @property
    def animates(self) -> bool:
        """Whether a progress bar may move."""
        return self.speaks and is_terminal(sys.stderr)

    def say(self, text: str) -> None:
        """Say a line or several; control characters are escaped, line breaks are kept."""
        if self.speaks and text:
            write_stderr("".join(printable(line) + "\n" for line in text.split("\n")))

    def insist(self, text: str) -> None:
        """Say a line also where nobody may listen: something was done that has to be known."""
        if not self.silent:
            write_stderr(printable(text) + "\n")

    def prose(self, text: str) -> None:
        """Say a sentence; a terminal gets it broken between words, not within them."""
        if self.speaks and text:
            write_stderr("".join(broken(printable(line), sys.stderr) + "\n" for line in text.split("\n")))

    def tell(self, notes: Iterable[Note]) -> None:
        """Say what is worth knowing about the data, warnings marked."""
        for note in notes:
            label, style = ("warning", "\x1b[1;33m") if note.warning else ("note", "\x1b[2m")
            self._mark(label, note.text, style)

    def _mark(self, label: str, text: str, style: str) -> None:
        if self.speaks:
            head = f"{style}{label}:\x1b[0m" if self.styled else f"{label}:"
            body = broken(f"{label}: {printable(text)}", sys.stderr).removeprefix(f"{label}:")
            write_stderr(f"{head}{body}\n")


def broken(text: str, stream: TextIO | None) -> str:
    """Break a sentence that is too long for the terminal behind a stream; elsewhere it stays one line to search in."""
    width = columns(stream)
    if width is None or len(text) <= width:
        return text
    first, *others = wrap(text, width - len(INDENT))
    return "\n".join([first, *(INDENT + line for line in others)])


def columns(stream: TextIO | None) -> int | None:
    """Width of the terminal behind a stream, None where there is none."""
    if stream is None or not is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_WIDTH
    except (OSError, ValueError):
        return USUAL_WIDTH
