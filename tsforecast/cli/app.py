"""The commands as typer's parser sees them: one parameter per setting, values left as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

from tsforecast.cli.command import Command
from tsforecast.cli.errors_out import nearest
from tsforecast.cli.options import Option
from tsforecast.cli.registry import PROGRAM
from tsforecast.errors import UsageError

CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""Base of all errors of the parser; typer shows only its branches under a public name."""

Handler = Callable[[dict[str, Any]], None]


def parse_and_run(command: Command, words: list[str], handler: Handler) -> None:
    """Parse the words of one command and hand them on, None where one is left out.

    Raises:
        UsageError: The words do not make sense.
    """
    verb = TyperCommand(
        command.name,
        callback=lambda **found: handler(found),
        params=cast(Any, list(_params(command))),
        add_help_option=False,
        rich_markup_mode=None,
    )
    with _own_errors(verb), verb.make_context(f"{PROGRAM} {command.name}", words) as context:
        verb.invoke(context)


def _params(command: Command) -> Iterator[TyperArgument | TyperOption]:
    for one in command.arguments:
        yield TyperArgument(param_decls=[one.name], metavar=one.name.upper(), nargs=-1 if one.many else 1)
    taken = {flag for option in command.options for flag in option.flags}
    for option in command.options:
        yield from _flags(option, taken)
    yield TyperOption(param_decls=["help", "-h", "--help"], is_flag=True)


def _flags(option: Option, taken: set[str]) -> Iterator[TyperOption]:
    """Give the flag and, for a switch, the one that takes it back, unless that word means something else."""
    switch = option.kind == "bool"
    yield TyperOption(param_decls=[option.name, *option.flags], is_flag=switch)
    if switch and option.negative_flag not in taken:
        yield TyperOption(param_decls=["not_" + option.name, option.negative_flag], is_flag=True, hidden=True)


@contextmanager
def _own_errors(verb: TyperCommand) -> Iterator[None]:
    """Turn what the parser complains about into our own kind of error."""
    try:
        yield
    except CLICK_ERROR as error:
        raise _translate(error, verb) from None


def _translate(error: Any, verb: TyperCommand) -> UsageError:
    word = getattr(error, "option_name", "")
    page = f"{PROGRAM} {verb.name} --help lists what there is"
    if type(error).__name__ == "NoSuchOption":
        match = nearest(word, [flag for param in verb.params for flag in param.opts])
        return UsageError(f"unknown option {word!r}", hint=f"did you mean {match}?" if match else page)
    text = str(error.format_message()).rstrip(".")
    return UsageError(text[:1].lower() + text[1:], hint=page)
