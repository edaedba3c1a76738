"""One call of a command: settle its settings, check its words, run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tsforecast.cli.command import Command, Request
from tsforecast.cli.deadline import deadline
from tsforecast.cli.errors_out import Reporter
from tsforecast.cli.help import show_help
from tsforecast.cli.journal import Record
from tsforecast.cli.registry import PROGRAM, PURPOSES, load
from tsforecast.cli.settings_merge import UNSAVED, Merged, merge, render_config
from tsforecast.cli.streams import write_stdout
from tsforecast.cli.voice import Voice
from tsforecast.cli.words import plain_words
from tsforecast.errors import UsageError


def known_keys() -> dict[str, list[str]]:
    """Keys that each section of a config file may hold."""
    return {
        name: [option.name for option in load(name).options if option.name not in UNSAVED]
        for name in PURPOSES
    }


def run_command(name: str, words: list[str], reporter: Reporter) -> None:
    """Run a command.

    Args:
        name: Which one.
        words: What follows its name on the command line.
        reporter: Told whether an error is to be printed as JSON.

    Raises:
        ForecastError: Whatever the user can do something about.
    """
    command = load(name)
    found = plain_words(command, words)
    if found is not None:
        _run(command, found, reporter)
        return
    from tsforecast.cli.app import parse_and_run

    parse_and_run(command, words, lambda found: _run(command, found, reporter))


def _run(command: Command, words: dict[str, Any], reporter: Reporter) -> None:
    if words.pop("help", False):
        show_help(command.name)
        return
    arguments = {one.name: _all(words.pop(one.name)) for one in command.arguments}
    merged = merge(command.name, command.options, words, known_keys)
    if merged.values["print_config"]:
        write_stdout(render_config(command.name, command.options, merged))
        return
    reporter.as_json = merged.values["json"]
    _insist(command, arguments, merged)
    reporter.record = Record(command=command.name, file=merged.values["log"])
    reporter.record.check()
    with deadline(merged.values["timeout"], reporter):
        command.run(_request(command, arguments, merged, reporter.record))


def _request(
    command: Command, arguments: dict[str, tuple[str, ...]], merged: Merged, record: Record
) -> Request[Any, Any]:
    return Request(
        arguments=arguments,
        settings=merged.pick(command.settings, command.options),
        switches=merged.pick(command.switches, command.options),
        voice=Voice.of(verbose=merged.values["verbose"], quiet=merged.values["quiet"]),
        record=record,
        given=frozenset(name for name, origin in merged.origins.items() if origin != "default"),
    )


def _all(found: str | Sequence[str] | None) -> tuple[str, ...]:
    """Words of one argument as the parser gives them."""
    return (found,) if isinstance(found, str) else tuple(found or ())


def _insist(command: Command, arguments: dict[str, tuple[str, ...]], merged: Merged) -> None:
    example = f"for example: {command.examples[0]}"
    for one in command.arguments:
        if one.required and not any(arguments[one.name]):
            raise UsageError(f"missing argument {one.name.upper()}", hint=example)
    for option in command.needed:
        if merged.values[option.name] is None:
            raise UsageError(f"{PROGRAM} {command.name} needs {'/'.join(option.flags)}", hint=example)
