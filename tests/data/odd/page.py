"""The page that lists every odd file and event with what becomes of it."""

from __future__ import annotations

from pathlib import Path

from tests.data.odd.case import Odd
from tests.data.odd.events import EVENTS
from tests.data.odd.registry import ODD

PAGE = Path(__file__).parents[3] / "docs" / "odd_files.md"

_HEAD = """# Odd files

What `tsforecast` makes of files as people have them: every line is a file that the tests make, read, and compare with
what stands here. Where nothing else is said the options are the defaults; see [file formats](file_formats.md) and
[check](checking.md). The last column numbers the inputs and events for which an outcome is promised.
"""


def page() -> str:
    """Write the whole page."""
    parts = [_HEAD]
    for title, files in ODD.items():
        parts += [f"\n## {title}\n\n| file | outcome | |\n|---|---|---|\n", *map(_row, files)]
    parts += ["\n## Other inputs, and events\n\n| input or event | outcome | |\n|---|---|---|\n"]
    parts += [f"| {event.what} | {event.outcome} | {event.number} |\n" for event in EVENTS]
    return "".join(parts)


def _row(odd: Odd) -> str:
    flags = " ".join(_flag(name, value) for name, value in odd.settings.items())
    name = f"{odd.kind}: {odd.what}" + (f", `{flags}`" if flags else "")
    number = "" if odd.number is None else str(odd.number)
    return f"| {_plain(name)} | {_plain(_outcome(odd))} | {number} |\n"


def _outcome(odd: Odd) -> str:
    said = f"`{odd.said}`" if odd.said else ""
    if odd.values is not None:
        return f"read, and said: {said}" if said else "read"
    hint = f"; the hint: `{odd.hint}`" if odd.hint else ""
    return f"exit {odd.code}: {said}{hint}"


def _flag(name: str, value: object) -> str:
    flag = "--" + name.replace("_", "-")
    if value is True:
        return flag
    return f"{flag} {','.join(value) if isinstance(value, tuple) else value}"


def _plain(text: str) -> str:
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown.replace("|", "\\|")
