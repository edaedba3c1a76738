"""Words of a command in their plainest form, read without the parser, which takes longer to import than a forecast.

Whatever is not as plain as ``MODEL DATA --horizon 7 -o FILE`` is left to the parser, which knows what else there is
and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tsforecast.cli.command import Command


def plain_words(command: Command, words: Sequence[str]) -> dict[str, Any] | None:
    """Give what the parser gives, None where the words are not plain.

    Args:
        command: Whose words they are.
        words: What follows its name on the command line.
    """
    if not all(words):
        return None
    flags = {flag: option for option in command.options for flag in option.flags}
    found: dict[str, Any] = {"help": False}
    alone: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            alone.append(word)
            continue
        option = flags.get(word)
        value = "-" if option is None or option.kind == "bool" else next(rest, "--")
        if option is None or option.name in found or (value.startswith("-") and value != "-"):
            return None
        found[option.name] = True if option.kind == "bool" else value
    return found if _placed(command, alone, found) else None


def _placed(command: Command, alone: list[str], found: dict[str, Any]) -> bool:
    """Give every word without a flag its argument, unless there are too few or too many."""
    for argument in command.arguments:
        if argument.many:
            found[argument.name], alone = tuple(alone), []
        elif alone:
            found[argument.name] = alone.pop(0)
        else:
            return False
    return not alone
