"""What a setting is: a field with help, unit and bounds, checked whenever one is made."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar

from tsforecast.errors import UsageError

_TYPES: dict[str, tuple[Any, str]] = {
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "float": (int | float, "a number"),
    "str": (str, "a text"),
}
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def setting(
    default: Any,
    *,
    about: str,
    unit: str = "",
    low: float | None = None,
    choices: Collection[str] = (),
    kind: str = "",
    variable: str = "",
) -> Any:
    """Declare one setting.

    Args:
        default: Value where nobody says otherwise.
        about: One-line help.
        unit: Unit of the value, shown in help and reference.
        low: Smallest allowed value.
        choices: Allowed words, empty where any value may stand.
        kind: ``"duration"`` for seconds given as ``60s`` or ``2min``.
        variable: Name of the environment variable where that of the setting means something else elsewhere.
    """
    meta = {"about": about, "unit": unit, "low": low, "choices": choices, "kind": kind, "variable": variable}
    return field(default=default, metadata=meta)


def parse_duration(text: str, name: str = "duration") -> float:
    """Read ``90``, ``90s``, ``2min``, ``1h`` or ``3d`` as seconds.

    Raises:
        UsageError: The text is not a duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|)\s*", text)
    if match is None:
        raise UsageError(f"{name} must be a duration such as 60s, 2min or 1h, got {text!r}")
    return float(match[1]) * _SECONDS[match[2]]


def flag_name(name: str) -> str:
    """Name of a setting as users type it: ``context_length`` is ``--context-length``."""
    return "--" + name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Common ground of all settings: values are checked against their own metadata.

    Attributes:
        needs: Settings that mean something only where a switch is on, and the name of that switch.
    """

    needs: ClassVar[Mapping[str, str]] = {}

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            values = value if isinstance(value, tuple) else (value,)
            for part in values:
                _check(item.name, part, plain_type(item), item.metadata)


def plain_type(item: Field[Any]) -> str:
    """Type of one value of a setting: ``int`` for ``int | None`` and for ``tuple[int, ...]``."""
    return re.sub(r"tuple\[|, \.\.\.\]| \| None", "", str(item.type))


def _check(name: str, value: Any, kind: str, meta: Any) -> None:
    low, choices = meta["low"], meta["choices"]
    if value is None:
        return
    allowed, words = _TYPES[kind]
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind != "bool"):
        raise UsageError(f"{flag_name(name)} must be {words}, got {value!r}")
    if low is not None and not value >= low:
        found, unit = (f"{value:g}", "s") if meta["kind"] == "duration" else (value, "")
        raise UsageError(f"{flag_name(name)} must be at least {low:g}{unit}, got {found}{unit}")
    if choices and value not in choices:
        raise UsageError(f"{flag_name(name)} must be one of {', '.join(choices)}, got {value!r}")


def check_needs(settings: Settings) -> None:
    """Refuse settings that would be ignored.

    Raises:
        UsageError: A setting is given whose switch is off.
    """
    defaults = {item.name: item.default for item in fields(settings)}
    for name, switch in settings.needs.items():
        if getattr(settings, name) != defaults[name] and not getattr(settings, switch):
            raise UsageError(
                f"{flag_name(name)} is for {flag_name(switch)}: a model has its own",
                hint=f"leave it out, or fit again with {flag_name(name)}",
            )


S = TypeVar("S", bound=Settings)


def from_keywords(kind: type[S], values: dict[str, Any]) -> S:
    """Make settings from keyword arguments; a list counts as a tuple, a duration may be text.

    Raises:
        UsageError: There is no such setting, or a value is out of bounds.
    """
    known = {item.name: item for item in fields(kind)}
    for name in values:
        if name not in known:
            raise UsageError(f"no setting is called {name!r}", hint=f"choose from {', '.join(known)}")
    return kind(**{name: _plain(known[name], value) for name, value in values.items()})


def _plain(item: Field[Any], value: Any) -> Any:
    if item.metadata["kind"] == "duration" and isinstance(value, str):
        return parse_duration(value, flag_name(item.name))
    if isinstance(value, list | tuple):
        return tuple(_from_numpy(one) for one in value)
    return (_from_numpy(value),) if isinstance(item.default, tuple) else _from_numpy(value)


def _from_numpy(value: Any) -> Any:
    """Plain number for a NumPy one, as lengths and counts often are."""
    return value.item() if getattr(value, "ndim", None) == 0 else value
