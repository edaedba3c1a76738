"""Help pages: plain text in a pipe, boxes and colours on a terminal.

A page is made from the command's own description, not from the parser, so that help down a pipe needs neither
typer nor rich, and answers almost as fast as Python starts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from tsforecast.cli.registry import ABOUT, EXAMPLES, PROGRAM, PURPOSES, load
from tsforecast.cli.streams import is_styled, open_stdout, write_stdout

WIDTH = 80
LEFT_LIMIT = 32
LAST_PANELS = ("Output", "Messages", "Configuration")
HELP_ROW = ("-h, --help", "Show this help.")
EVERYWHERE = "Every option can also stand in tsforecast.toml or in a variable such as TSFORECAST_QUIET=1."

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """What a help page says.

    Attributes:
        usage: How the command is called.
        purpose: What it does, in one line.
        examples: Lines to copy.
        sections: Titles with their rows of a name and what it means.
        closing: Last line.
    """

    usage: str
    purpose: str
    examples: tuple[str, ...]
    sections: dict[str, Rows]
    closing: str


def show_help(name: str | None) -> None:
    """Print the help of a command, or of the program, in the form that suits standard output."""
    page = command_page(name) if name else program_page()
    if is_styled(open_stdout()):
        _print_rich(page)
    else:
        write_stdout(plain(page))


def program_page() -> Page:
    """Describe the program."""
    options = [HELP_ROW, ("-V, --version", "Show the versions of tsforecast and its parts.")]
    return Page(
        usage=f"{PROGRAM} COMMAND [OPTIONS] ...",
        purpose=ABOUT,
        examples=EXAMPLES,
        sections={"Commands": list(PURPOSES.items()), "Options": options},
        closing=f"{PROGRAM} COMMAND --help shows the options of a command.",
    )


def command_page(name: str) -> Page:
    """Describe one command."""
    command = load(name)
    words = [one.shown for one in command.arguments]
    sections: dict[str, Rows] = {
        "Arguments": [(word, one.about) for word, one in zip(words, command.arguments, strict=True)]
    }
    for option in command.options:
        sections.setdefault(option.panel, []).append((option.usage, option.meaning))
    sections.setdefault("Messages", []).append(HELP_ROW)
    needed = [f"{option.flags[0]} {option.metavar}" for option in command.needed]
    return Page(
        usage=" ".join([PROGRAM, name, *words, *needed, "[OPTIONS]"]),
        purpose=command.purpose,
        examples=command.examples,
        sections=_ordered(sections),
        closing=EVERYWHERE,
    )


def _ordered(sections: dict[str, Rows]) -> dict[str, Rows]:
    """Options of the work first, those that every command has last."""
    titles = [title for title in sections if title not in LAST_PANELS]
    return {title: sections[title] for title in (*titles, *LAST_PANELS) if title in sections}


def plain(page: Page) -> str:
    """Write a page as text of at most 80 columns; examples stay in one line, so that they can be copied."""
    lines = [f"Usage: {page.usage}", "", *wrap(page.purpose, WIDTH), "", "Examples:"]
    lines += [f"  {line}" for line in page.examples]
    for title, rows in page.sections.items():
        lines += ["", f"{title}:", *_definitions(rows)]
    return "\n".join([*lines, "", *wrap(page.closing, WIDTH)]) + "\n"


def _definitions(rows: Rows) -> Iterable[str]:
    left = min(max(len(name) for name, _ in rows), LEFT_LIMIT)
    for name, meaning in rows:
        first, *others = wrap(meaning, WIDTH - left - 4)
        if len(name) > left:
            yield from (f"  {line}" for line in _broken(name))
            name = ""
        yield f"  {name:<{left}}  {first}"
        yield from (f"  {'':<{left}}  {line}" for line in others)


def _broken(name: str) -> list[str]:
    """Break an option whose choices need more than a line, between two choices."""
    lines = [""]
    for choice in name.replace("|", "|\n").split("\n"):
        if lines[-1] and len(lines[-1]) + len(choice) > WIDTH - 2:
            lines.append("  ")
        lines[-1] += choice
    return lines


def wrap(text: str, width: int) -> list[str]:
    """Break a text between words; textwrap would import regular expressions for it."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def _print_rich(page: Page) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False)
    console.print(Text.assemble("\n", ("Usage: ", "bold yellow"), (page.usage, "bold")))
    console.print(Text(f"\n{page.purpose}\n"))
    console.print(Text("\n".join(f"  {line}" for line in page.examples) + "\n", style="dim"))
    for title, rows in page.sections.items():
        console.print(_panel(title, rows))
    console.print(Text(page.closing, style="dim"))


def _panel(title: str, rows: Rows) -> object:
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(style="bold cyan", max_width=LEFT_LIMIT)
    table.add_column(ratio=1)
    for name, meaning in rows:
        table.add_row(Text(name), Text(meaning))
    return Panel(table, title=title, title_align="left", border_style="dim")
