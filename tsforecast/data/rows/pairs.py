"""Series that are one column of one id: a pair that has no value anywhere is none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.series_ids import split_id
from tsforecast.data.words import counted, listed, quoted


def empty_pairs(
    series_ids: Sequence[str], has_value: Sequence[bool] | NDArray[np.bool_], known: Collection[str] = ()
) -> NDArray[np.bool_]:
    """Find pairs without a value whose id has other targets: a shop that sells nothing of one kind (N,).

    Args:
        series_ids: Joined ids, the column last (N).
        has_value: Whether a series has one (N,).
        known: Series that a model knows; they stay.
    """
    owners = [split_id(one)[:-1] for one in series_ids]
    empty = [not one and name not in known for name, one in zip(series_ids, has_value, strict=True)]
    alive = {owner for owner, one in zip(owners, empty, strict=True) if not one}
    return np.array(
        [one and owner in alive for owner, one in zip(owners, empty, strict=True)], dtype=np.bool_
    )


def describe_empty(names: Sequence[str]) -> tuple[Note, ...]:
    """Say which pairs are no series, nothing where there are none."""
    if not names:
        return ()
    if len(names) == 1:
        return (Note(f"series {quoted(names[0])} has no value and is left out"),)
    return (Note(f"{counted(len(names), 'series')} without a value left out: {listed(names, limit=3)}"),)


def without_empty_pairs(panel: Panel, known: Collection[str] = ()) -> tuple[Panel, tuple[Note, ...]]:
    """Leave out what an id has no value of, where each column of an id is a series.

    Args:
        panel: Everything that is known of all series.
        known: Series that a model was made from; they stay.
    """
    if not panel.schema.is_paired:
        return panel, ()
    empty = empty_pairs(panel.series_ids, [bool(np.isfinite(one).any()) for one in panel], known)
    if not empty.any():
        return panel, ()
    names = [panel.series_ids[index] for index in np.flatnonzero(empty)]
    return panel.select(np.flatnonzero(~empty)), describe_empty(names)
