"""How good a network is on windows it does not train on."""

from __future__ import annotations

import numpy as np
import torch

from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.models.covariates import ReadCovariates
from tsforecast.models.mixture import MixtureLSTM, median
from tsforecast.models.preparation import Prepared, prepare, to_scale
from tsforecast.models.spec import CALENDAR_WIDTHS, NetworkSpec
from tsforecast.training.losses import pinball

CALENDAR = "calendar"
"""What can be hidden beside the kinds of covariates."""

MOST_WINDOWS = 1024
"""Validation windows looked at per check; more would cost training time and change little."""


class Validation:
    """Windows set aside to choose on.

    Args:
        panel: The series up to the end of the validation part.
        spec: Shape of the network.
        series: Series of each window (V,).
        cutoffs: Rows known to each window (V,).
        seed: Seed of the choice where there are too many windows.
    """

    def __init__(self, panel: Panel, spec: NetworkSpec, series: Ints, cutoffs: Ints, seed: int) -> None:
        windows = Windows(panel, spec.context_length, spec.horizon, timestamps=bool(spec.calendar))
        if len(series) > MOST_WINDOWS:
            chosen = np.sort(np.random.default_rng(seed).choice(len(series), MOST_WINDOWS, replace=False))
            series, cutoffs = series[chosen], cutoffs[chosen]
        self.series = series
        self.inputs: Inputs = windows.inputs(series, cutoffs)
        self.futures: Floats = windows.futures(series, cutoffs)
        window = prepare(torch.from_numpy(self.inputs.context), spec.usable_seasons, spec.normalisation)
        target = (to_scale(torch.from_numpy(self.futures), spec.normalisation) - window.centre) / window.scale
        kept = (window.scale > 0)[:, 0] & torch.isfinite(target).any(1)
        self.units = window.scale[:, 0].numpy()
        self._window = Prepared(*(part[kept] for part in window))
        self._kept = kept
        self._read: ReadCovariates | None = None
        self._target = target[kept].to(torch.float32)

    def __len__(self) -> int:
        return len(self._target)

    @torch.no_grad()
    def score(self, network: MixtureLSTM, without: tuple[str, int] | None = None) -> float:
        """Mean pinball loss in units of each window's own scale, smaller is better.

        The same units as in training: in those of MASE a few series that hardly ever change would decide.

        Args:
            network: Of the shape that was given.
            without: Kind and column of a covariate to hide, as if it were missing in every window, or ``CALENDAR`` and
                the place of a feature to replace by its mean.
        """
        network.eval()
        device, members = network.gate_bias.device, network.spec.members
        values, observed = (part.to(device).repeat(members, 1) for part in self._window[:2])
        read = self._covariates(network, without)
        known = None if read is None else read.repeated(members, device)
        quantiles, _ = network(self._window._replace(values=values, observed=observed), known)
        levels = torch.tensor(network.spec.levels)
        return float(pinball(median(quantiles).cpu(), self._target, levels))

    def _covariates(self, network: MixtureLSTM, without: tuple[str, int] | None) -> ReadCovariates | None:
        """Covariates of the windows, read once: all networks of a fit read them alike."""
        if self._read is None:
            read = network.read(self.inputs)
            self._read = None if read is None else read.take(self._kept)
        if self._read is None or without is None:
            return self._read
        return hide(self._read, network.spec, *without)


def hide(read: ReadCovariates, spec: NetworkSpec, kind: str, place: int) -> ReadCovariates:
    """Take away what one covariate, or with ``CALENDAR`` one calendar feature, says.

    Args:
        read: Covariates of some windows.
        spec: Which they are.
        kind: Kind of the covariate, or ``CALENDAR``.
        place: Its column, or the place of the feature.
    """
    hidden = getattr(read, kind).clone()
    if kind == CALENDAR:
        widths = [CALENDAR_WIDTHS[name] for name in spec.calendar]
        channels = slice(sum(widths[:place]), sum(widths[: place + 1]))
        hidden[..., channels] = hidden[..., channels].mean((0, 1))
    else:
        hidden[..., place] = 0.0
    return read._replace(**{kind: hidden})
