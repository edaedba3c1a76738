"""Windows: views of a panel, cut without copying.

A window is named by its series and its cutoff, the number of rows of that series it may see. The series are laid end
to end with NaN between them, so a context that starts before the series and a future that ends after it are padded
with missing values, and a window of one series never reaches into another. Covariates lie in a storage of the same
kind; their windows end at the cutoff, but for those that are known ahead.
"""

from __future__ import annotations

import numpy as np

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.covariates import UNKNOWN
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.data.times.calendar_grid import SECOND


class Windows:
    """Contexts and futures of a panel.

    Args:
        panel: The series.
        context_length: Past steps of a window (T).
        horizon: Future steps of a window (H).
        timestamps: Whether ``inputs`` has the timestamps too.
    """

    def __init__(self, panel: Panel, context_length: int, horizon: int, *, timestamps: bool = False) -> None:
        self.context_length = context_length
        self.horizon = horizon
        self.lengths = panel.lengths
        gap = max(context_length, horizon)
        self._base = np.arange(1, len(panel) + 1, dtype=np.int64) * gap + panel.offsets[:-1]
        flat = self._laid_out(panel, panel.values, gap)
        seen = flat if panel.observed is None else self._laid_out(panel, panel.observed, gap)
        ahead = None if panel.ahead is None else self._laid_out(panel, panel.ahead.astype(np.float64), gap)
        self._ahead = (
            None if ahead is None else np.lib.stride_tricks.sliding_window_view(ahead, context_length)
        )
        self._contexts = np.lib.stride_tricks.sliding_window_view(flat, context_length)
        self._futures = np.lib.stride_tricks.sliding_window_view(seen, horizon)
        self._timed = timestamps and panel.frequency.kind != "step"
        self._frequency, self._first = panel.frequency, panel.first
        self._beside = _Beside(panel, context_length, horizon) if panel.covariates is not None else None

    def _laid_out(self, panel: Panel, values: Floats, gap: int) -> Floats:
        flat = np.full(len(values) + (len(panel) + 1) * gap, np.nan)
        for index, start in enumerate(self._base):
            flat[start : start + self.lengths[index]] = values[
                panel.offsets[index] : panel.offsets[index + 1]
            ]
        return flat

    def inputs(self, series: Ints, cutoffs: Ints) -> Inputs:
        """Everything that a forecaster may see at each cutoff.

        Shape:
            series, cutoffs ``(B,)``.
        """
        context = self.contexts(series, cutoffs)
        alone = Inputs.of(context)
        beside = self._beside
        return Inputs(
            context=context,
            past_covariates=alone.past_covariates if beside is None else beside.past(series, cutoffs),
            future_covariates=alone.future_covariates if beside is None else beside.future(series, cutoffs),
            static_covariates=alone.static_covariates if beside is None else beside.static[series],
            timestamps=self._timestamps(series, cutoffs) if self._timed else alone.timestamps,
        )

    def _timestamps(self, series: Ints, cutoffs: Ints) -> Ints:
        """Seconds of the steps of each window, on the grid also where the series has no rows (B, T + H)."""
        steps = np.arange(-self.context_length, self.horizon, dtype=np.int64)
        ordinals = (self._first[series] + cutoffs)[:, None] + steps
        return self._frequency.ticks(ordinals.ravel()).reshape(ordinals.shape) // SECOND

    def contexts(self, series: Ints, cutoffs: Ints) -> Floats:
        """Last T values before each cutoff, left-padded with NaN; NaN too where a guess looks past the cutoff.

        Shape:
            series, cutoffs ``(B,)``; result ``(B, T)``.
        """
        starts = self._base[series] + cutoffs - self.context_length
        found = np.asarray(self._contexts[starts])
        if self._ahead is None:
            return found
        return np.where(self._ahead[starts] >= np.arange(self.context_length, 0, -1), np.nan, found)

    def futures(self, series: Ints, cutoffs: Ints) -> Floats:
        """H values from each cutoff on, NaN where nothing was observed: a guess that fills a gap is no truth.

        Shape:
            series, cutoffs ``(B,)``; result ``(B, H)``.
        """
        return np.asarray(self._futures[self._base[series] + cutoffs])


class _Beside:
    """Covariates of a panel, laid end to end as the targets are."""

    def __init__(self, panel: Panel, context_length: int, horizon: int) -> None:
        covariates, schema = panel.covariates, panel.schema
        assert covariates is not None
        gap, count = max(context_length, horizon), len(schema.past)
        # A series may end before its covariates, and they before it.
        rows = np.maximum(covariates.lengths, panel.lengths)
        starts = np.cumsum(rows) - rows
        self._start = np.arange(1, len(panel) + 1, dtype=np.int64) * gap + starts - context_length
        names = (*schema.past, *schema.future)
        absent = np.array([UNKNOWN if name in schema.categories else np.nan for name in names])
        flat = np.tile(absent, (int(rows.sum()) + (len(panel) + 1) * gap, 1))
        for index, start in enumerate(self._start + context_length):
            own = covariates.series(index)
            flat[start : start + len(own)] = np.where(np.isnan(own), absent, own)
        windows = np.lib.stride_tricks.sliding_window_view
        self._past = windows(flat[:, :count], context_length, axis=0).swapaxes(1, 2)
        self._future = windows(flat[:, count:], context_length + horizon, axis=0).swapaxes(1, 2)
        unsaid = np.array([UNKNOWN if name in schema.categories else np.nan for name in schema.static])
        self.static = np.where(np.isnan(covariates.static), unsaid, covariates.static)

    def past(self, series: Ints, cutoffs: Ints) -> Floats:
        """Past covariates of the context (B, T, P)."""
        return np.ascontiguousarray(self._past[self._start[series] + cutoffs])

    def future(self, series: Ints, cutoffs: Ints) -> Floats:
        """Future covariates of the context and of the horizon (B, T + H, F)."""
        return np.ascontiguousarray(self._future[self._start[series] + cutoffs])
