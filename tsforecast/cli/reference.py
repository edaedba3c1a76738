"""The reference page, made from the commands and the settings themselves.

``python -m tsforecast.cli.reference > docs/reference.md`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tsforecast.cli.command import Command
from tsforecast.cli.errors_out import ACCESS, BUG, HUNG_UP, INTERRUPTED, READER_GONE, TERMINATED, TIMEOUT
from tsforecast.cli.help import command_page
from tsforecast.cli.options import Option
from tsforecast.cli.registry import PROGRAM, PURPOSES, load
from tsforecast.cli.settings_merge import FILE_NAME, UNSAVED
from tsforecast.cli.streams import prepare_streams, write_stdout
from tsforecast.config import flag_name

EXIT_CODES = {
    0: "done (also: nothing to do)",
    BUG: "a bug in tsforecast; one line names the file that holds the traceback",
    2: "usage: unknown option, impossible combination, bad value, no such column, ambiguous columns",
    3: "data: unparsable cell, too short, duplicates, gaps that need a decision",
    ACCESS: "input cannot be read or output cannot be written",
    5: "model: missing, damaged, from a newer version, does not fit the data",
    6: "a gate failed: skill, export parity, loss of accuracy",
    7: "stale: the newest observation is older than --max-lag, or not of --expect-cutoff",
    8: "busy: another run writes the same model or file",
    9: "partial: some series were skipped under --on-error skip, the rest is written",
    10: "an optional dependency is missing; the hint is the install line",
    TIMEOUT: "--timeout has passed",
    HUNG_UP: "the terminal went away (SIGHUP)",
    INTERRUPTED: "interrupted (Ctrl-C)",
    READER_GONE: "the reader of standard output went away (silent)",
    TERMINATED: "terminated (SIGTERM)",
}


def render() -> str:
    """Write the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Made by `python -m tsforecast.cli.reference > docs/reference.md`."
    for name in PURPOSES:
        yield from _command(load(name))
    yield from _sources()
    yield from _exit_codes()


def _command(command: Command) -> Iterator[str]:
    page = command_page(command.name)
    yield from ("", f"## {PROGRAM} {command.name}", "", page.purpose, "")
    yield from ("```text", page.usage, "```", "", "Examples:", "")
    yield from ("```text", *page.examples, "```", "")
    yield from ("| argument | meaning |", "|---|---|")
    for word, about in page.sections["Arguments"]:
        yield f"| `{word}` | {_cell(about)} |"
    yield from ("", "| option | meaning | default | bounds | variable |", "|---|---|---|---|---|")
    for option in command.options:
        yield _row(option)


def _row(option: Option) -> str:
    unset = option.default in (None, ())
    default = "" if unset else f"`{option.show(option.default)}`"
    unit = f" ({option.unit})" if option.unit else ""
    only = f"With `{flag_name(option.switch)}`: " if option.switch else ""
    cells = (
        f"`{option.usage}`",
        only + option.about + unit,
        default,
        option.bounds,
        "" if option.name == "print_config" else f"`{option.variable}`",
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sources() -> Iterator[str]:
    sections = ", ".join(f"`[{name}]`" for name in PURPOSES)
    kept = ", ".join(f"`--{name.replace('_', '-')}`" for name in UNSAVED)
    yield from ("", "## Where settings come from", "")
    yield "A flag beats the environment variable, which beats the config file, which beats the default."
    yield f"The config file is the `{FILE_NAME}` nearest to the working folder, looking upwards. Its sections"
    yield f"are {sections}, its keys the long names of the options, with `_` or `-`."
    yield f"Only {kept} cannot stand in it. Paths in it are relative to the file;"
    yield "a file that was found, not named by `--config`, may not lead out of its own folder."
    yield "An empty variable counts as not given. A variable counts for every command that has the option; one that"
    yield "is called `TSFORECAST_...` and belongs to no option of any command is refused, as an unknown key is."
    yield "`--no-NAME` takes back a switch that the file or the environment has turned on."
    yield "`predict` takes from the model what it must know about the data; options for `--zero-shot` are refused"
    yield "without it."


def _exit_codes() -> Iterator[str]:
    yield from ("", "## Exit codes", "", "| code | meaning |", "|---|---|")
    for code, meaning in sorted(EXIT_CODES.items()):
        yield f"| {code} | {meaning} |"
    yield ""


if __name__ == "__main__":
    prepare_streams()
    write_stdout(render())
