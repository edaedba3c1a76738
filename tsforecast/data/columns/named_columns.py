"""Columns that one option names, such as ``--target units,price``."""

from __future__ import annotations

from tsforecast.config import DataSettings
from tsforecast.data.series_ids import split_id
from tsforecast.data.table import Table
from tsforecast.data.words import listed, nearest, quoted
from tsforecast.errors import UsageError


def columns_named(table: Table, text: str, flag: str) -> tuple[str, ...]:
    """Columns in a line of CSV; a single one whose very name is that line comes first.

    Args:
        table: The table.
        text: What the option says.
        flag: Its name.

    Raises:
        UsageError: A column does not exist, or is named twice.
    """
    if text in table.names or not any(mark in text for mark in ',"'):
        parts: tuple[str, ...] = (text,)
    else:
        parts = tuple(part if part in table.names else part.strip() for part in split_id(text))
    for name in parts:
        if name not in table.names:
            raise UsageError(
                f"{table.source} has no column {quoted(name)} for --{flag}", hint=nearest(name, table.names)
            )
    if len(set(parts)) < len(parts):
        raise UsageError(f"--{flag} names a column twice: {listed(parts)}", hint="name each once")
    return parts


def targets_named(table: Table, settings: DataSettings) -> tuple[str, ...]:
    """Columns that ``--target`` names, in the order of the table; none where it is not given.

    Raises:
        UsageError: They cannot be targets, or not together.
    """
    if settings.target is None:
        return ()
    joined = [
        name for name in table.id_columns if name not in table.names and name in split_id(settings.target)
    ]
    if joined:
        raise _two_roles(joined[0], "id")
    found = columns_named(table, settings.target, "target")
    for role, other in (("time", settings.time), ("id", settings.id)):
        if other in found:
            raise _two_roles(str(other), role)
    if len(found) == 1:
        return found
    if settings.of_classes:
        raise UsageError(
            f"a target of classes is a single column, and --target names {listed(found)}",
            hint="make a model for each of them",
        )
    if settings.layout == "long":
        raise UsageError(
            f"--layout long has one target, and --target names {listed(found)}",
            hint="leave --layout out: each column is a series, or one of every --id",
        )
    return tuple(name for name in table.names if name in found)


def _two_roles(name: str, role: str) -> UsageError:
    return UsageError(
        f"column {quoted(name)} is named by --{role} and by --target",
        hint="a column has one role; leave one of them out",
    )
