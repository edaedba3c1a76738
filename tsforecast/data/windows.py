"""Windows: views of a panel, cut without copying.

A window is named by its series and its cutoff, the number of rows of that series it may see. The series are laid end
to end with NaN between them, so a context that starts before the series and a future that ends after it are padded
with missing values, and a window of one series never reaches into another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Floats, Ints, Panel


class Windows:
    """Contexts and futures of a panel.

    Args:
        panel: The series.
        context_length: Past steps of a window (T).
        horizon: Future steps of a window (H).
        timestamps: Whether ``inputs`` says when each step is.
    """

    def __init__(self, panel: Panel, context_length: int, horizon: int, timestamps: bool = False) -> None:
        self._panel, self._timed = panel, timestamps
        self.context_length = context_length
        self.horizon = horizon
        self.lengths = panel.lengths
        gap = max(context_length, horizon)
        self._base = np.arange(1, len(panel) + 1, dtype=np.int64) * gap + panel.offsets[:-1]
        flat = np.full(len(panel.values) + (len(panel) + 1) * gap, np.nan)
        for index, start in enumerate(self._base):
            flat[start : start + self.lengths[index]] = panel.series(index)
        self._contexts = np.lib.stride_tricks.sliding_window_view(flat, context_length)
        self._futures = np.lib.stride_tricks.sliding_window_view(flat, horizon)

    def contexts(self, series: Ints, cutoffs: Ints) -> Floats:
        """Last T values before each cutoff, left-padded with NaN.

        Shape:
            series, cutoffs ``(B,)``; result ``(B, T)``.
        """
        return np.asarray(self._contexts[self._base[series] + cutoffs - self.context_length])

    def inputs(self, series: Ints, cutoffs: Ints) -> Inputs:
        """Everything a forecaster is given for the windows (B,), (B,)."""
        plain = Inputs.of(self.contexts(series, cutoffs))
        rows = cutoffs[:, None] + np.arange(-self.context_length, self.horizon)
        found: dict[str, Any] = {}
        if self._timed:
            ticks = self._panel.frequency.ticks((self._panel.first[series][:, None] + rows).ravel())
            found["timestamps"] = (ticks // 1_000_000).reshape(rows.shape)
        known = self._panel.covariates
        if known is not None:
            schema, many = self._panel.schema, len(self._panel.schema.past)
            inside = (rows >= 0) & (rows < np.diff(known.offsets)[series][:, None])
            values = known.values[np.where(inside, known.offsets[series][:, None] + rows, 0)]
            names = schema.past + schema.future
            missing = np.array([0.0 if name in schema.categories else np.nan for name in names])
            values = np.where(inside[..., None], values, missing)
            found["past_covariates"] = values[:, : self.context_length, :many]
            found["future_covariates"] = values[..., many:]
            found["static_covariates"] = known.static[series]
        return replace(plain, **found)

    def futures(self, series: Ints, cutoffs: Ints) -> Floats:
        """H values from each cutoff on, NaN where nothing is known.

        Shape:
            series, cutoffs ``(B,)``; result ``(B, H)``.
        """
        return np.asarray(self._futures[self._base[series] + cutoffs])
