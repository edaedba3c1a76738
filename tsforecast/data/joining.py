"""Stored history and new rows, joined by time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tsforecast.data.arrays import Floats
from tsforecast.data.covariates import Covariates
from tsforecast.data.panel import Panel
from tsforecast.data.words import quoted
from tsforecast.errors import ArtifactError, DataError

_LONGEST_GAP = 1_000_000
"""Steps between history and new rows past which a timestamp must be wrong."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Consecutive rows of one series on the grid.

    Attributes:
        values: One value or several per row (rows,) or (rows, P + F).
        first: Ordinal of the first row.
    """

    values: Floats
    first: int

    @property
    def end(self) -> int:
        """Ordinal after the last row."""
        return self.first + len(self.values)

    def between(self, first: int, end: int) -> Floats:
        """Rows from one ordinal to before another, NaN where there is none."""
        values = np.full((end - first, *self.values.shape[1:]), np.nan)
        start, stop = max(first, self.first), min(end, self.end)
        if start < stop:
            values[start - first : stop - first] = self.values[start - self.first : stop - self.first]
        return values


def join_panels(history: Panel, new: Panel) -> Panel:
    """Union of two panels on one grid; where both have a value the new one wins.

    Args:
        history: What the model keeps.
        new: What was read now.

    Returns:
        The series of the history in their order, then those it has not; columns are named as in ``new``.
        Steps between the two are NaN. Covariates follow the same rule, and go on past the target where known.

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
    if _has_all(new, history):
        return new
    fresh = {name: index for index, name in enumerate(new.series_ids)}
    past = {name: index for index, name in enumerate(history.series_ids)}
    series_ids = list(dict.fromkeys([*history.series_ids, *new.series_ids]))
    pairs = [(past.get(name), fresh.get(name)) for name in series_ids]
    targets = [
        _union(_target(history, old), _target(new, now), name)
        for name, (old, now) in zip(series_ids, pairs, strict=True)
    ]
    beside = None
    if history.covariates is not None and new.covariates is not None:
        rows = [
            _aligned(_union(_beside(history, old), _beside(new, now), name), target)
            for name, (old, now), target in zip(series_ids, pairs, targets, strict=True)
        ]
        beside = Covariates(
            values=np.concatenate(rows),
            offsets=np.cumsum([0, *map(len, rows)], dtype=np.int64),
            static=np.stack([_static(history.covariates, old, new.covariates, now) for old, now in pairs]),
        )
    values, first = [one.values for one in targets], [one.first for one in targets]
    return Panel.of(series_ids, values, first, new.frequency, new.schema, beside)


def _has_all(new: Panel, history: Panel) -> bool:
    """Whether new rows begin with the series of the history, and leave nothing in them to it, as full files do."""
    count = len(history)
    if new.series_ids[:count] != history.series_ids or any(
        beside is not None for beside in (new.covariates, history.covariates, new.observed)
    ):
        return False
    covered = (new.first[:count] <= history.first) & (new.last[:count] >= history.last)
    empty = (new.lengths[:count] == 0) | (history.lengths == 0)
    return bool(covered.all()) and not empty.any() and not np.isnan(new.values[: new.offsets[count]]).any()


def _target(panel: Panel, index: int | None) -> _Rows | None:
    return None if index is None else _Rows(panel.series(index), int(panel.first[index]))


def _beside(panel: Panel, index: int | None) -> _Rows | None:
    if index is None or panel.covariates is None:
        return None
    return _Rows(panel.covariates.series(index), int(panel.first[index]))


def _union(old: _Rows | None, new: _Rows | None, series_id: str) -> _Rows:
    """Rows of one series from both sides."""
    if old is None or new is None:
        one = old or new
        assert one is not None
        return one
    if not len(new.values) or not len(old.values):
        # Rows that only tell what is known ahead have no target, so they place none.
        return new if len(new.values) else old
    first, end = min(old.first, new.first), max(old.end, new.end)
    if end - first > len(old.values) + len(new.values) + _LONGEST_GAP:
        gap = end - first - len(old.values) - len(new.values)
        raise DataError(
            f"series {quoted(series_id)} lies {gap} steps away from its stored history",
            hint="check the timestamps of the data",
        )
    values, after = old.between(first, end), new.between(first, end)
    np.copyto(values, after, where=~np.isnan(after))
    return _Rows(values, first)


def _aligned(beside: _Rows, target: _Rows) -> Floats:
    """Covariates from the first row of the target on, and at least as far as it goes."""
    return beside.between(target.first, max(beside.end, target.end))


def _static(history: Covariates, old: int | None, new: Covariates, now: int | None) -> Floats:
    if old is None or now is None:
        return np.asarray(new.static[now] if old is None else history.static[old])
    return np.asarray(np.where(np.isnan(new.static[now]), history.static[old], new.static[now]))
