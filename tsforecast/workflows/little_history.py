"""Warnings of series that a forecaster knows too little of, or by another name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tsforecast.config import DataSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.data.rows.repair import fewest_rows, without_short
from tsforecast.data.words import counted, listed, quoted


def single_values(panel: Panel, contexts: Floats) -> tuple[Note, ...]:
    """Warn of series of which one value is known: their intervals have no width."""
    if panel.schema.classes:
        return ()
    names = [panel.series_ids[index] for index in np.flatnonzero((~np.isnan(contexts)).sum(1) == 1)]
    text = f"too little history for {counted(len(names), 'series')}, {listed(names, limit=3)}: one value is known"
    return (Note(f"{text}, so the interval has no width and says nothing", warning=True),) * bool(names)


def unchanging(panel: Panel) -> tuple[Note, ...]:
    """Warn of series that never change in all that is known of them, where a few new rows may well be the same."""
    if panel.schema.classes:
        return ()
    known = {
        name: found
        for name, values in zip(panel.series_ids, panel, strict=True)
        if len(found := values[np.isfinite(values)]) > 1 and found.min() == found.max()
    }
    if len(known) == 1:
        name, found = next(iter(known.items()))
        return (Note(f"series {quoted(name)} is constant ({found[0]:g})", warning=True),)
    text = f"{len(known)} series are constant: {listed(known, limit=3)}"
    return (Note(text, warning=True),) * bool(known)


def known_otherwise(known: Sequence[str], new: Sequence[str]) -> tuple[Note, ...]:
    """Warn of new series called like ones of the model that got no rows, but for zeros, capitals or a decimal point.

    Args:
        known: Names of the series that the model was made from.
        new: Names of the series in the new rows.
    """
    strangers = [name for name in new if name not in set(known)]
    if not strangers:
        return ()
    without_rows = {_plain_name(name): name for name in known if name not in set(new)}
    pairs = [
        (name, without_rows[plain]) for name in strangers if (plain := _plain_name(name)) in without_rows
    ]
    if not pairs:
        return ()
    text = f"{counted(len(pairs), 'series')} new to the model, though it has one called almost so: "
    text += ", ".join(f"{quoted(name)} beside {quoted(like)}" for name, like in pairs[:3])
    text += ", ..." if len(pairs) > 3 else ""
    return (Note(f"{text}; ids must be written as when it was made, or its history is not used", True),)


def _plain_name(name: str) -> str:
    """Name without what spreadsheets and data frames do to ids: 007 becomes 7, or 7.0."""
    # Ids of several parts are one text, so that a comma ends a part as the end does.
    return re.sub(r"(?<![^,])0*(\d+?)(\.0+)?(?![^,])", r"\1", name.strip().casefold(), flags=re.ASCII)


def without_poor_strangers(
    panel: Panel, settings: DataSettings, horizon: int, known: frozenset[str]
) -> tuple[Panel, tuple[Note, ...]]:
    """Leave out series that a model does not know: targets that an id has not, and short ones if --drop-short asks it.

    Args:
        panel: Everything that is known of all series, not mended yet.
        settings: What is asked for.
        horizon: That of the model (steps).
        known: Names of the series that the model was made from.

    Raises:
        DataError: None would be left.
    """
    from tsforecast.data.rows.pairs import without_empty_pairs

    panel, notes = without_empty_pairs(panel, known)
    if not settings.drop_short:
        return panel, notes
    fewest = fewest_rows(settings, horizon)
    panel, gone = without_short(panel, fewest, drop=True, kept=known, fill=settings.fill)
    text = f"{counted(len(gone), 'series')} too short and left out: {listed(gone, limit=3)}"
    return panel, (*notes, *(Note(text),) * bool(gone))


def short_strangers(panel: Panel, settings: DataSettings, horizon: int, source: str) -> tuple[Note, ...]:
    """Warn of series that --drop-short would leave out, where no history tells which of them the model knows."""
    fewest = fewest_rows(settings, horizon)
    sizes = [int(np.isfinite(values).sum()) for values in panel]
    names = [name for name, size in zip(panel.series_ids, sizes, strict=True) if size < fewest]
    if not settings.drop_short or not names:
        return ()
    text = f"{counted(len(names), 'series')} with fewer than {fewest} values: {listed(names, limit=3)}"
    why = f"--drop-short is not applied, as {source} keeps no history to tell which series it knows"
    return (Note(f"{text}; {why}", warning=True),)
