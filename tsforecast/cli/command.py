"""What a command is: its words, its settings, its examples and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tsforecast.cli.journal import Record
from tsforecast.cli.options import Option, options_of
from tsforecast.cli.voice import Voice
from tsforecast.config import Settings

S = TypeVar("S")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Request(Generic[S, W]):
    """One call of a command, all settings settled.

    Attributes:
        arguments: Words without a flag, none where left out.
        settings: Settings of the work itself.
        switches: Options that only the command line has.
        voice: Where talk goes.
        record: What the log of runs will tell.
        given: Names of the options that were given, as flag, in the environment or in a file.
    """

    arguments: dict[str, tuple[str, ...]]
    settings: S
    switches: W
    voice: Voice
    record: Record
    given: frozenset[str] = frozenset()

    def word(self, name: str) -> str:
        """Give an argument that the parser has insisted on."""
        return next(iter(self.arguments[name]), "")

    def table(self, name: str) -> str | list[str] | None:
        """Give the files of an argument: one as its name, several as a list, None where left out."""
        words = self.arguments[name]
        return list(words) if len(words) > 1 else next(iter(words), None)

    def told(self, name: str) -> str | None:
        """Give an argument as one text for the log, None where left out."""
        return " ".join(self.arguments[name]) or None


@dataclass(frozen=True, slots=True)
class Argument:
    """A word without a flag, or several where ``many`` says so."""

    name: str
    about: str
    required: bool = True
    many: bool = False

    @property
    def shown(self) -> str:
        """The argument as the help shows it: ``[DATA...]``."""
        word = self.name.upper() + "..." * self.many
        return word if self.required else f"[{word}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One verb.

    Attributes:
        name: The verb.
        purpose: One line for the help.
        arguments: Words without a flag, in order.
        settings: Class of the settings of the work.
        switches: Class of the options that only the command line has.
        examples: Lines a reader may copy.
        required: Options that must be given.
        run: Does it.
    """

    name: str
    purpose: str
    arguments: tuple[Argument, ...]
    settings: type[Settings]
    switches: type[Settings]
    examples: tuple[str, ...]
    run: Callable[[Request[Any, Any]], None]
    required: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """All options, those of the work first."""
        return options_of(self.settings) + options_of(self.switches)

    @property
    def needed(self) -> tuple[Option, ...]:
        """Options that must be given."""
        return tuple(option for option in self.options if option.name in self.required)
