"""Settings as text and back: one table of fields makes flags, config file, environment and reference.

A field's kind follows from its annotation and metadata: ``bool``, ``int``, ``float``, ``str``, ``duration``,
and tuples of numbers as comma-separated text.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields
from typing import Any

from tsforecast.config import Settings, flag_name, parse_duration, plain_type
from tsforecast.errors import UsageError

ENVIRONMENT_PREFIX = "TSFORECAST_"
SHORT_FLAGS = {"output": "-o", "verbose": "-v", "quiet": "-q"}
PANELS = {
    "SourceSettings": "Data",
    "DataSettings": "Data",
    "ShapeSettings": "Forecast",
    "NetworkSettings": "Network",
    "CheckSettings": "Forecast",
    "FitSettings": "Training",
    "OutputSettings": "Forecast",
    "PredictSettings": "Forecast",
    "EvaluateSettings": "Backtest",
    "ThreadSettings": "Processors",
    "ExportSettings": "ONNX file",
    "BenchSettings": "Bench",
    "Switches": "Messages",
    "FitSwitches": "Output",
    "CheckSwitches": "Output",
    "PredictSwitches": "Output",
    "EvaluateSwitches": "Output",
    "ExportSwitches": "Output",
    "ConfigSwitches": "Configuration",
}
METAVARS = {"int": "N", "float": "X", "str": "TEXT", "duration": "DURATION", "path": "FILE"}
_PARTS = re.compile(r'(?:^|,)(\s*"((?:[^"]|"")*)"\s*(?=,|\Z)|[^,]*)')
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as the command line sees it.

    Attributes:
        name: Field of the settings class, and key in the config file.
        kind: ``bool``, ``int``, ``float``, ``str``, ``duration`` or ``path``.
        many: A tuple of such values.
        default: Value where nobody says otherwise.
        about: One-line help.
        unit: Unit of the value, empty where it has none.
        low: Smallest allowed value.
        choices: Allowed words.
        panel: Group in the help.
        named: Name that its environment variable has instead of its own, empty for its own.
        switch: Name of the switch without which the option means nothing, empty where it always counts.
        owner: Class that builds and checks the value.
    """

    name: str
    kind: str
    many: bool
    default: Any
    about: str
    unit: str
    low: float | None
    choices: Collection[str]
    panel: str
    named: str
    switch: str
    owner: type[Settings]

    @property
    def flag(self) -> str:
        """Long flag: ``--context-length``."""
        return flag_name(self.name)

    @property
    def negative_flag(self) -> str:
        """Flag that takes a switch back: ``--no-with-cutoff``, and ``--history`` for ``--no-history``."""
        word = self.flag.removeprefix("--")
        return f"--{word.removeprefix('no-')}" if word.startswith("no-") else f"--no-{word}"

    @property
    def flags(self) -> list[str]:
        """All ways to write the flag, the short one first."""
        return [SHORT_FLAGS[self.name], self.flag] if self.name in SHORT_FLAGS else [self.flag]

    @property
    def variable(self) -> str:
        """Environment variable: ``TSFORECAST_CONTEXT_LENGTH``."""
        return ENVIRONMENT_PREFIX + (self.named or self.name).upper()

    @property
    def metavar(self) -> str:
        """What stands for the value in the help, empty for a switch."""
        if self.kind == "bool":
            return ""
        if self.choices:
            return "|".join(self.choices)
        word = METAVARS[self.kind]
        return f"{word},{word},..." if self.many else word

    @property
    def bounds(self) -> str:
        """Smallest allowed value in words."""
        unit = "s" if self.kind == "duration" else ""
        return "" if self.low is None else f"at least {self.low:g}{unit}"

    @property
    def limits(self) -> str:
        """Bounds and default in words: ``at least 1, default 60s``."""
        shown = "" if self.default in (None, (), False) else f"default {self.show(self.default)}"
        return ", ".join(part for part in (self.bounds, shown) if part)

    @property
    def usage(self) -> str:
        """Flags and value as the help shows them: ``-o, --output FILE``."""
        return f"{', '.join(self.flags)} {self.metavar}".rstrip()

    @property
    def meaning(self) -> str:
        """Help with bounds and default."""
        return f"{self.about} [{self.limits}]" if self.limits else self.about

    def show(self, value: Any) -> str:
        """Write a value as a user would type it."""
        if isinstance(value, tuple):
            return ",".join(_quoted(self.show(part)) for part in value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.kind == "duration":
            return f"{value:g}s"
        return f"{value:g}" if self.kind == "float" else str(value)

    def read(self, raw: Any, origin: str) -> Any:
        """Read a value from a flag, a variable or the config file.

        Args:
            raw: Text, or a value of the config file.
            origin: Where it stands, for messages.

        Raises:
            UsageError: It does not have the promised form, or is out of bounds.
        """
        value = self._read_many(raw, origin) if self.many else self._read_one(raw, origin)
        try:
            self.owner(**{self.name: value})
        except UsageError as error:
            shown = error.message if origin == self.flag else f"{origin}: {error.message}"
            raise UsageError(shown, hint=error.hint) from None
        return value

    def _read_many(self, raw: Any, origin: str) -> tuple[Any, ...]:
        parts = raw if isinstance(raw, list) else _split(str(raw))
        words = (part.strip() if isinstance(part, str) else part for part in parts)
        return tuple(self._read_one(word, origin) for word in words)

    def _read_one(self, raw: Any, origin: str) -> Any:
        try:
            return _READERS[self.kind](raw)
        except (ValueError, TypeError, OverflowError):
            raise UsageError(
                f"{origin} must be {_WORDS[self.kind]}, got {raw!r}", hint=f"{self.flag}: {self.about}"
            ) from None


def _quoted(part: str) -> str:
    """Part of a list as it must be typed."""
    return '"{}"'.format(part.replace('"', '""')) if "," in part else part


def _split(text: str) -> list[str]:
    """Parts of a list; one with a comma of its own stands in double quotes, other quotes are left as they are."""
    return [quoted.replace('""', '"') if "," in quoted else part for part, quoted in _PARTS.findall(text)]


def _read_bool(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if str(raw).lower() in TRUE + FALSE:
        return str(raw).lower() in TRUE
    raise ValueError(raw)


def _read_int(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", raw.strip()):
        return int(raw)
    raise ValueError(raw)


def _read_float(raw: Any) -> float:
    if isinstance(raw, bool):
        raise TypeError(raw)
    if not math.isfinite(value := float(raw)):
        raise ValueError(raw)
    return value


def _read_text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise TypeError(raw)
    return raw


def _read_duration(raw: Any) -> float:
    try:
        return parse_duration(raw) if isinstance(raw, str) else _read_float(raw)
    except UsageError:
        raise ValueError(raw) from None


_READERS = {
    "bool": _read_bool,
    "int": _read_int,
    "float": _read_float,
    "str": _read_text,
    "path": _read_text,
    "duration": _read_duration,
}
_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "path": "the name of a file",
    "duration": "a duration such as 60s, 2min or 1h",
}


_KNOWN: dict[type[Settings], tuple[Option, ...]] = {}


def options_of(owner: type[Settings]) -> tuple[Option, ...]:
    """Options of a settings class, in the order of its fields, inherited ones first."""
    if owner not in _KNOWN:
        _KNOWN[owner] = tuple(_option(owner, item) for item in fields(owner))
    return _KNOWN[owner]


def _option(owner: type[Settings], item: Any) -> Option:
    annotation = str(item.type)
    many = annotation.startswith("tuple")
    return Option(
        name=item.name,
        kind=item.metadata["kind"] or plain_type(item),
        many=many,
        default=item.default if item.default is not MISSING else None,
        about=item.metadata["about"],
        unit=item.metadata["unit"],
        low=item.metadata["low"],
        choices=item.metadata["choices"],
        panel=_panel(owner, item.name),
        named=item.metadata["variable"],
        switch=owner.needs.get(item.name, ""),
        owner=owner,
    )


def _panel(owner: type[Settings], name: str) -> str:
    """Title by the switch a field needs, else by the class that declares it, the most basic one."""
    if name in owner.needs:
        return f"With {flag_name(owner.needs[name])}"
    declaring = [one for one in owner.__mro__ if name in inspect.get_annotations(one)]
    return PANELS.get(declaring[-1].__name__, "Options")
