"""Where settings come from: flag, then environment, then config file, then default."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tsforecast.cli.errors_out import nearest, unknown
from tsforecast.cli.options import ENVIRONMENT_PREFIX, Option
from tsforecast.cli.registry import PURPOSES, load
from tsforecast.cli.streams import printable
from tsforecast.errors import AccessError, UsageError

FILE_NAME = "tsforecast.toml"
UNSAVED = ("config", "no_config", "print_config")
"""Options that say where settings come from, so that they cannot stand in a config file themselves."""

_OF_TESTS = "TSFORECAST_TEST_"

_MOST_PIPED = 1 << 20
"""Bytes of a config file that is no regular file."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file: one table of keys per command.

    Attributes:
        path: The file.
        found: It was found by its name and not named by the user, so its paths may not leave its folder.
        sections: Keys with underscores, by command.
    """

    path: Path
    found: bool
    sections: Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Merged:
    """Values of all options of one command, and where each was found."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def put(self, option: Option, value: Any, origin: str) -> None:
        """Take a value."""
        self.values[option.name] = value
        self.origins[option.name] = origin

    def pick(self, owner: type[Any], options: Sequence[Option]) -> Any:
        """Build the settings object of one class."""
        return owner(**{option.name: self.values[option.name] for option in options if option.owner is owner})


def merge(
    command: str,
    options: Sequence[Option],
    flags: Mapping[str, Any],
    known: Callable[[], Mapping[str, Sequence[str]]],
    environment: Mapping[str, str] | None = None,
) -> Merged:
    """Settle every option of a command.

    Args:
        command: Its name, and its section in the config file.
        options: What it can be told.
        flags: What the user typed, None where nothing; ``not_NAME`` for the negative flag of a switch.
        known: Finds the keys that each section may hold; only asked where there is a config file.
        environment: Environment variables; those of the process if not given.

    Raises:
        UsageError: A value, key or section that is not what it should be, with the place it stands in.
        AccessError: A config file that the user named cannot be read.
    """
    variables = os.environ if environment is None else environment
    merged = Merged()
    for option in options:
        merged.put(option, option.default, "default")
        _take_variable(merged, option, variables)
        _take_flag(merged, option, flags)
    _refuse_unknown_variables(options, variables)
    file = _config_file(merged, known)
    if file is not None:
        _take_file(merged, command, options, file)
    _drop_idle_variables(merged, options)
    _check_voice(merged)
    return merged


def _take_flag(merged: Merged, option: Option, flags: Mapping[str, Any]) -> None:
    if flags.get("not_" + option.name):
        merged.put(option, False, "flag")
    if flags.get(option.name) is not None:
        merged.put(option, option.read(flags[option.name], option.flag), "flag")


def _take_variable(merged: Merged, option: Option, variables: Mapping[str, str]) -> None:
    text = variables.get(option.variable, "")
    if text and option.name != "print_config":
        merged.put(option, option.read(text, option.variable), f"environment {option.variable}")


def _refuse_unknown_variables(options: Sequence[Option], variables: Mapping[str, str]) -> None:
    """Refuse a variable with our name that no command has an option for: a typing error would change nothing unseen."""
    own = {option.variable for option in options}
    others = [
        name
        for name in variables
        if name.startswith(ENVIRONMENT_PREFIX) and name not in own and not name.startswith(_OF_TESTS)
    ]
    if not others:
        return
    known = {option.variable for name in PURPOSES for option in load(name).options}
    for name in others:
        if variables[name] and name not in known:
            raise unknown("environment variable", name, sorted(known))


def _drop_idle_variables(merged: Merged, options: Sequence[Option]) -> None:
    """Forget variables that lack their switch: they are meant for another command."""
    for option in options:
        idle = option.switch and not merged.values[option.switch]
        if idle and merged.origins[option.name].startswith("environment"):
            merged.put(option, option.default, "default")


def _take_file(merged: Merged, command: str, options: Sequence[Option], file: ConfigFile) -> None:
    section = file.sections.get(command, {})
    for option in options:
        if option.name not in section or merged.origins[option.name] != "default":
            continue
        value = option.read(section[option.name], f"{file.path}: [{command}] {option.name}")
        if option.kind == "path":
            value = _file_path(value, file, f"[{command}] {option.name}")
        merged.put(option, value, f"file {file.path}")


def _file_path(text: str, file: ConfigFile, place: str) -> str:
    """Resolve a path of a config file against the file's folder.

    A file that was merely found lying about must not make us write outside its own folder.
    """
    folder = file.path.parent.resolve()
    path = (folder / text).resolve()
    if file.found and not path.is_relative_to(folder):
        raise UsageError(
            f"{file.path}: {place} leads out of the folder of the file: {text!r}",
            hint=f"give the path as a flag, or name the file with --config {file.path}",
        )
    return str(path)


def _check_voice(merged: Merged) -> None:
    """Settle ``--verbose`` against ``--quiet``: a flag beats what stands elsewhere, two flags contradict."""
    if not (merged.values.get("verbose") and merged.values.get("quiet")):
        return
    if merged.origins["verbose"] == merged.origins["quiet"] == "flag":
        raise UsageError("--verbose and --quiet contradict each other", hint="give one of them")
    merged.values["quiet" if merged.origins["verbose"] == "flag" else "verbose"] = False


def _config_file(merged: Merged, known: Callable[[], Mapping[str, Sequence[str]]]) -> ConfigFile | None:
    named, none = merged.values["config"], merged.values["no_config"]
    if named and none:
        if merged.origins["config"] == merged.origins["no_config"]:
            raise UsageError("--config and --no-config contradict each other", hint="give one of them")
        none = merged.origins["no_config"] == "flag"
    if none:
        return None
    path = Path(named) if named else find_config_file()
    return read_config_file(path, known(), found=not named) if path else None


def find_config_file() -> Path | None:
    """Look for ``tsforecast.toml`` in the working folder and the folders above it."""
    try:
        here = Path.cwd()
    except OSError:
        return None
    return next((path for folder in (here, *here.parents) if _is_file(path := folder / FILE_NAME)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def read_config_file(path: Path, known: Mapping[str, Sequence[str]], *, found: bool) -> ConfigFile:
    """Read and check a config file; values are checked when they are used.

    Raises:
        UsageError: Not TOML, or a section or key that nobody knows.
        AccessError: The file cannot be read.
    """
    import tomllib

    from tsforecast.data.files import read_whole

    try:
        content = tomllib.loads(read_whole(path, _MOST_PIPED).decode("utf-8-sig"))
    except OSError as error:
        raise AccessError(
            f"{path}: {error.strerror}", hint="--no-config runs without a config file"
        ) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}", hint="--no-config runs without it") from None
    sections = {name: _section(path, name, keys, known) for name, keys in content.items()}
    return ConfigFile(path=path, found=found, sections=sections)


def _section(path: Path, name: str, keys: Any, known: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if not isinstance(keys, dict):
        owners = [command for command, names in known.items() if name.replace("-", "_") in names]
        hint = f"put it under [{owners[0]}]" if owners else f"known sections: {', '.join(known)}"
        raise UsageError(f"{path}: key {name!r} stands outside a section", hint=hint)
    if name not in known:
        raise unknown("section", name, list(known), prefix=f"{path}: ")
    section = {key.replace("-", "_"): value for key, value in keys.items()}
    for key in section:
        if key not in known[name]:
            raise _unknown_key(path, name, key, known)
    return section


def _unknown_key(path: Path, name: str, key: str, known: Mapping[str, Sequence[str]]) -> UsageError:
    owners = [command for command, names in known.items() if key in names]
    if name == "predict" and owners and not nearest(key, list(known[name])):
        return UsageError(
            f"{path}: [predict] cannot hold {key!r}", hint="predict takes what it must know from the model"
        )
    return unknown("key", key, list(known[name]), prefix=f"{path}: [{name}] ")


def render_config(command: str, options: Sequence[Option], merged: Merged) -> str:
    """Write the merged settings as a config file, each line with the place its value comes from."""
    lines = [f"[{command}]"]
    for option in options:
        if option.name in UNSAVED:
            continue
        value, origin = merged.values[option.name], printable(merged.origins[option.name])
        text = f"# {option.name} is not set" if value is None else f"{option.name} = {_toml(option, value)}"
        lines.append(f"{text}  # from {origin}")
    return "\n".join(lines) + "\n"


def _toml(option: Option, value: Any) -> str:
    import json

    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(option, part) for part in value) + "]"
    # The strings of JSON are strings of TOML too, as long as DEL is escaped.
    shown = option.show(value) if option.kind == "duration" else value
    return json.dumps(shown, ensure_ascii=False).replace("\x7f", "\\u007f")
