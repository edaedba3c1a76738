"""What is known ahead: covariates of which nothing is, and tables that hold nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from tsforecast.data.arrow import from_texts
from tsforecast.data.covariates import Covariates
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.table import Table
from tsforecast.data.words import listed


def without_unknown_ahead(panel: Panel, declared: Collection[str]) -> tuple[Panel, tuple[Note, ...]]:
    """Leave out future covariates that nobody asked for and that end where the targets end.

    A model with them could not forecast from its own history: it would ask for values that the table never had.

    Args:
        panel: The series as read.
        declared: Future covariates that the user named; they stay.

    Returns:
        The panel, and a note where something was left out.
    """
    beside, schema = panel.covariates, panel.schema
    if beside is None:
        return panel, ()
    ahead = _known_ahead(panel, beside)
    first = len(schema.past)
    gone = [
        name
        for place, name in enumerate(schema.future)
        if not (ahead[first + place] or name in declared or name.lower().startswith("future_"))
    ]
    if not gone:
        return panel, ()
    names = (*schema.past, *schema.future)
    kept = [place for place, name in enumerate(names) if name not in gone]
    smaller = replace(
        schema,
        future=tuple(name for name in schema.future if name not in gone),
        categories={name: labels for name, labels in schema.categories.items() if name not in gone},
    )
    left = replace(beside, values=np.ascontiguousarray(beside.values[:, kept]))
    said = Note(
        f"left out {listed(gone)}: no values after the last target; --future would use them, and predict"
        " would then need their values ahead"
    )
    some = bool(kept or schema.static)
    return replace(panel, schema=smaller, covariates=left if some else None), (said,)


def with_empty_target(table: Table, schema: Schema) -> Table:
    """Give a plan of what is known ahead the targets that it cannot have, empty, and say so.

    A table of a model's columns but for targets is such a plan. It changes nothing that is known of them: its rows have
    no value, so the forecast begins behind the newest one of the history.

    Args:
        table: Rows for a model.
        schema: Columns of the model.
    """
    wanted = {schema.time, *schema.id_names, *schema.past, *schema.future, *schema.static}
    names = [name for name in schema.targets if name not in table.names]
    if not names or not schema.future or not wanted <= set(table.names):
        return table
    empty = from_texts([""] * table.rows)
    text = f"{table.source} has no column {listed(names, joint='or')}: its rows are taken for what is known ahead"
    columns = {**table.columns, **dict.fromkeys(names, empty)}
    return replace(table, columns=columns, notes=(*table.notes, Note(text)))


def _known_ahead(panel: Panel, beside: Covariates) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each covariate over time has a value after the end of some series' target (P + F,)."""
    rows = np.arange(len(beside.values))
    owner = np.searchsorted(beside.offsets, rows, side="right") - 1
    after = rows - beside.offsets[owner] >= panel.lengths[owner]
    return np.asarray((np.isfinite(beside.values) & after[:, None]).any(0))
