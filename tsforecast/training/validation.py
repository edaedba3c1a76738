"""How good a network is on windows it does not train on."""

from __future__ import annotations

import numpy as np
import torch

from tsforecast.data.panel import Floats, Ints, Panel
from tsforecast.data.windows import Windows
from tsforecast.models.mixture import MixtureLSTM, median
from tsforecast.models.preparation import Prepared, prepare
from tsforecast.models.spec import NetworkSpec
from tsforecast.training.losses import FARTHEST, pinball

MOST_WINDOWS = 1024
"""Validation windows looked at per check; more would cost training time and change little."""


class Validation:
    """Windows set aside to choose on.

    Args:
        panel: The series up to the end of the validation part.
        spec: Shape of the network.
        series: Series of each window (V,).
        cutoffs: Rows known to each window (V,).
        scales: Typical change of each series, as in MASE, so that every series counts alike (N,).
        seed: Seed of the choice where there are too many windows.
    """

    def __init__(
        self, panel: Panel, spec: NetworkSpec, series: Ints, cutoffs: Ints, scales: Floats, seed: int
    ) -> None:
        windows = Windows(panel, spec.context_length, spec.horizon)
        usable = np.flatnonzero(np.nan_to_num(scales[series]) > 0)
        if len(usable) > MOST_WINDOWS:
            usable = np.sort(np.random.default_rng(seed).choice(usable, MOST_WINDOWS, replace=False))
        self.contexts = windows.contexts(series[usable], cutoffs[usable])
        self.futures = windows.futures(series[usable], cutoffs[usable])
        window = prepare(torch.from_numpy(self.contexts), spec.usable_seasons, spec.normalisation)
        target = (torch.from_numpy(self.futures) - window.centre) / window.scale
        kept = (window.scale > 0)[:, 0] & torch.isfinite(target).any(1)
        self.units = window.scale[:, 0].numpy()
        self._window = Prepared(*(part[kept] for part in window))
        self._target = target[kept].to(torch.float32)
        ratio = window.scale[:, 0] / torch.from_numpy(scales[series[usable]])
        self._ratio = ratio[kept].to(torch.float32).clamp_max(FARTHEST)

    def __len__(self) -> int:
        return len(self._target)

    @torch.no_grad()
    def score(self, network: MixtureLSTM) -> float:
        """Mean pinball loss per window in units of its series' typical change, smaller is better."""
        network.eval()
        device, members = network.gate_bias.device, network.spec.members
        values, observed = (part.to(device).repeat(members, 1) for part in self._window[:2])
        quantiles, _ = network(self._window._replace(values=values, observed=observed))
        levels = torch.tensor(network.spec.levels)
        middle = median(quantiles).cpu() * self._ratio[:, None, None]
        return float(pinball(middle, self._target * self._ratio[:, None], levels))
