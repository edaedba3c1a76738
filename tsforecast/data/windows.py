"""Windows: views of a panel, cut without copying.

A window is named by its series and its cutoff, the number of rows of that series it may see. The series are laid end
to end with NaN between them, so a context that starts before the series and a future that ends after it are padded
with missing values, and a window of one series never reaches into another.
"""

from __future__ import annotations

import numpy as np

from tsforecast.data.panel import Floats, Ints, Panel


class Windows:
    """Contexts and futures of a panel.

    Args:
        panel: The series.
        context_length: Past steps of a window (T).
        horizon: Future steps of a window (H).
    """

    def __init__(self, panel: Panel, context_length: int, horizon: int) -> None:
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

    def futures(self, series: Ints, cutoffs: Ints) -> Floats:
        """H values from each cutoff on, NaN where nothing is known.

        Shape:
            series, cutoffs ``(B,)``; result ``(B, H)``.
        """
        return np.asarray(self._futures[self._base[series] + cutoffs])
