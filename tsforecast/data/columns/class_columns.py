"""Columns that can be a target of classes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from tsforecast.config import BINARY, CATEGORY, DataSettings
from tsforecast.data.arrow import distinct_texts
from tsforecast.data.column_names import TARGET_NAMES
from tsforecast.data.columns.covariate_columns import MOST_LABELS
from tsforecast.data.table import Table
from tsforecast.data.values.column_kinds import Kind
from tsforecast.data.values.numbers import is_missing, is_number
from tsforecast.data.words import listed, printable
from tsforecast.errors import DataError, UsageError


def labels_of(texts: Sequence[str]) -> list[str]:
    """Different labels: by size where all are numbers, in their shortest form, else by their letters."""
    known = {text.strip() for text in texts if not is_missing(text)}
    if known and all(is_number(text) for text in known):
        return [f"{number:.15g}" for number in sorted({float(text) for text in known})]
    return sorted(known)


def class_columns(table: Table, names: Sequence[str], kinds: Mapping[str, Kind]) -> list[str]:
    """Columns of labels: text, or true and false, with at least two of them and not too many."""
    return [
        name
        for name in names
        if kinds[name] in ("text", "other") and 2 <= _count(table, name) <= min(MOST_LABELS, table.rows // 2)
    ]


def proposal(table: Table, name: str) -> str:
    """Hint that the labels of a column can be forecast too."""
    kind = BINARY if _count(table, name) == 2 else CATEGORY
    return f"--target-type {kind} --target {shlex.quote(printable(name))} forecasts its labels as classes"


def nothing_numeric(table: Table, names: Sequence[str], kinds: Mapping[str, Kind]) -> DataError:
    """Error of a table without a column of numbers; columns of labels are proposed."""
    labels = class_columns(table, names, kinds)
    return DataError(
        f"{table.source} has no numeric column to forecast, the columns are {listed(table.names)}",
        hint=proposal(table, labels[0])
        if labels
        else "name the column with --target to see which cell is no number",
    )


def only_class_column(
    table: Table, names: Sequence[str], kinds: Mapping[str, Kind], settings: DataSettings
) -> str:
    """Find the one column that a target of classes can be.

    Raises:
        DataError: There is none.
        UsageError: There are several.
    """
    found = class_columns(table, names, kinds)
    if settings.target_type == BINARY:
        found = [name for name in names if kinds[name] not in ("time", "empty") and _count(table, name) == 2]
    found = found or [
        name for name in names if kinds[name] == "integer" and 2 <= _count(table, name) <= MOST_LABELS
    ]
    if not found:
        raise DataError(
            f"{table.source} has no column of classes to forecast, the columns are {listed(table.names)}",
            hint="name the column with --target to see what is wrong with it",
        )
    found = [name for name in found if name.strip().lower() in TARGET_NAMES][:1] or found
    if len(found) > 1:
        raise UsageError(
            f"{table.source}: {listed(found, joint='or')} could be the target",
            hint=f"choose one, for example --target {shlex.quote(found[0])}",
        )
    return found[0]


def _count(table: Table, name: str) -> int:
    return len(labels_of(distinct_texts(table.columns[name])[0]))
