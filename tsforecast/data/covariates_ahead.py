"""Covariates that were taken by their names alone, but of which nothing is known ahead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from tsforecast.data.covariates import Covariates
from tsforecast.data.panel import Note, Panel
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


def _known_ahead(panel: Panel, beside: Covariates) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each covariate over time has a value after the end of some series' target (P + F,)."""
    rows = np.arange(len(beside.values))
    owner = np.searchsorted(beside.offsets, rows, side="right") - 1
    after = rows - beside.offsets[owner] >= panel.lengths[owner]
    return np.asarray((np.isfinite(beside.values) & after[:, None]).any(0))
