"""Stored history and new rows, joined by time."""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import Floats, Panel
from tsforecast.data.words import quoted
from tsforecast.errors import ArtifactError, DataError

_LONGEST_GAP = 1_000_000
"""Steps between history and new rows past which a timestamp must be wrong."""


def join_panels(history: Panel, new: Panel) -> Panel:
    """Union of two panels on one grid; where both have a value the new one wins.

    Args:
        history: What the model keeps.
        new: What was read now.

    Returns:
        The series of the history in their order, then those it has not; columns are named as in ``new``.
        Steps between the two are NaN.

    Raises:
        ArtifactError: The frequencies differ.
        DataError: A series starts again long after its history ends.
    """
    if history.frequency != new.frequency:
        raise ArtifactError(
            f"the model is {history.frequency.words} ({history.frequency.alias}), "
            f"the data are {new.frequency.words} ({new.frequency.alias})",
            hint="give data of the model's frequency",
        )
    known = {name: index for index, name in enumerate(new.series_ids)}
    series_ids = list(dict.fromkeys([*history.series_ids, *new.series_ids]))
    past = {name: index for index, name in enumerate(history.series_ids)}
    joined = [_join(history, past.get(name), new, known.get(name)) for name in series_ids]
    values, first = [one[0] for one in joined], [one[1] for one in joined]
    return Panel.of(series_ids, values, first, new.frequency, new.schema)


def _join(history: Panel, old: int | None, new: Panel, fresh: int | None) -> tuple[Floats, int]:
    """Values of one series, and the ordinal of the first."""
    if old is None or fresh is None:
        panel, index = (new, fresh) if old is None else (history, old)
        assert index is not None
        return panel.series(index), int(panel.first[index])
    first = int(min(history.first[old], new.first[fresh]))
    last = int(max(history.last[old], new.last[fresh]))
    before, after = history.series(old), new.series(fresh)
    if last - first + 1 > len(before) + len(after) + _LONGEST_GAP:
        gap = last - first + 1 - len(before) - len(after)
        raise DataError(
            f"series {quoted(new.series_ids[fresh])} lies {gap} steps away from its stored history",
            hint="check the timestamps of the data",
        )
    values = np.full(last - first + 1, np.nan)
    start = int(history.first[old]) - first
    values[start : start + len(before)] = before
    start = int(new.first[fresh]) - first
    kept = values[start : start + len(after)]
    np.copyto(kept, after, where=~np.isnan(after))
    return values, first
