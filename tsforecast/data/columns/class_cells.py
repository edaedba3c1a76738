"""Cells of a target that is a class: labels to codes, which are their places in the order of the classes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from tsforecast.config import BINARY, DataSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.arrow import distinct_texts
from tsforecast.data.columns.class_columns import class_columns, labels_of, proposal
from tsforecast.data.columns.covariate_columns import MOST_LABELS
from tsforecast.data.notes import Note
from tsforecast.data.table import Table
from tsforecast.data.values.column_kinds import kind_of
from tsforecast.data.values.numbers import is_missing, is_number
from tsforecast.data.words import counted, listed, quoted
from tsforecast.errors import DataError, UsageError

Read = tuple[Floats, tuple[str, ...], tuple[Note, ...]]
"""Codes (rows,), labels in their order, and what was noticed."""


def check_class_settings(settings: DataSettings) -> None:
    """Refuse what has no meaning where the target is a class, and the event of one that is none.

    Raises:
        UsageError: A setting does not fit the target.
    """
    if settings.event is not None and settings.target_type != BINARY:
        raise UsageError(
            "--event names the event of a binary target",
            hint=f"add --target-type binary --event {shlex.quote(settings.event)}",
        )
    if not settings.of_classes:
        return
    ordered = ("first", "last", "min", "max") if settings.target_type == BINARY else ("first", "last")
    wrong = {
        "--layout wide": (settings.layout == "wide", "give one row per series and time"),
        f"--fill {settings.fill}": (
            settings.fill not in ("none", "ffill"),
            "--fill ffill repeats the last class",
        ),
        f"--outliers {settings.outliers}": (settings.outliers != "keep", "leave it out"),
        f"--duplicates {settings.duplicates}": (
            settings.duplicates in ("mean", "sum"),
            "--duplicates first or last",
        ),
        f"--aggregate {settings.aggregate}": (
            settings.resample is not None and settings.aggregate not in ordered,
            f"--aggregate {', '.join(ordered[:-1])} or {ordered[-1]}",
        ),
    }
    for flag, (is_wrong, hint) in wrong.items():
        if is_wrong:
            raise UsageError(f"{flag} means nothing where the target is a class", hint=hint)


def read_classes(table: Table, name: str, settings: DataSettings, known: Sequence[str]) -> Read:
    """Read a column of labels.

    Args:
        table: The table.
        name: Its target.
        settings: Two classes or several, and which is the event.
        known: Labels of a model, which stay as they are; a label that it has not counts as missing.

    Raises:
        DataError: The column has too few labels, or too many.
        UsageError: The event is none of them.
    """
    texts, codes = distinct_texts(table.columns[name])
    own = labels_of(texts)
    labels = tuple(known) or _ordered(table, name, own, settings)
    place = {label: float(code) for code, label in enumerate(labels)}
    found = [np.nan if is_missing(text) else _code(text.strip(), place) for text in texts]
    values = np.asarray(found, dtype=np.float64)[codes]
    if not known:
        said = f"target {quoted(name)} has {len(labels)} classes"
        event = f", the event is {quoted(labels[-1])}" if settings.target_type == BINARY else ""
        return values, labels, (Note(f"{said}: {listed(labels)}{event}"),)
    unseen = sorted(
        {text.strip() for text in texts if not is_missing(text) and np.isnan(_code(text.strip(), place))}
    )
    return values, labels, (_unseen_note(name, unseen),) if unseen else ()


def _ordered(table: Table, name: str, labels: Sequence[str], settings: DataSettings) -> tuple[str, ...]:
    """Labels in the order of their codes: numbers by size, texts by their letters, the event last."""
    few, many = (2, 2) if settings.target_type == BINARY else (2, MOST_LABELS)
    if not few <= len(labels) <= many:
        wanted = "two classes" if many == 2 else f"2 to {MOST_LABELS} classes"
        found = (
            f"has {counted(len(labels), 'label')}, {listed(labels, limit=3)}" if labels else "has no label"
        )
        raise DataError(
            f"{table.source}: target {quoted(name)} {found}, and --target-type {settings.target_type} takes {wanted}",
            hint=_hint(len(labels), settings),
        )
    if settings.event is None:
        return tuple(labels)
    event = next((one for one in labels if one in (settings.event, _canonical(settings.event))), None)
    if event is None:
        raise UsageError(
            f"target {quoted(name)} has no label {quoted(settings.event)}",
            hint=f"its labels are {listed(labels)}",
        )
    return (*(one for one in labels if one != event), event)


def _hint(count: int, settings: DataSettings) -> str:
    if count < 2:
        return "a target that never changes needs no forecast; see whether the column is the right one"
    if settings.target_type == BINARY and count <= MOST_LABELS:
        return "--target-type category takes several"
    return "join rare labels into one, or leave --target-type out if the column holds numbers"


def _code(text: str, place: dict[str, float]) -> float:
    """Code of a label, NaN for one that is not known; numbers may be written in more ways than one."""
    return place.get(text, place.get(_canonical(text), np.nan))


def _canonical(text: str) -> str:
    """Shortest form of a number, any other text as it is."""
    return f"{float(text):.15g}" if is_number(text) else text


def _unseen_note(name: str, unseen: list[str]) -> Note:
    what = "is" if len(unseen) == 1 else "are"
    return Note(
        f"{counted(len(unseen), 'label')} of target {quoted(name)} {what} unknown to the model and"
        f" {'counts' if len(unseen) == 1 else 'count'} as missing: {listed(unseen, limit=3)}",
        warning=True,
    )


def with_classes_proposed(error: DataError, table: Table, name: str) -> DataError:
    """Give an error about a target of labels the hint that labels can be forecast too."""
    if not class_columns(table, [name], {name: kind_of(table, name)}):
        return error
    return DataError(
        error.message,
        hint=proposal(table, name),
        file=error.file,
        line=error.line,
        column=error.column,
    )
