"""What is decided once a network is trained: its share of the forecast, and how wide its intervals must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tsforecast.data.arrays import Floats
from tsforecast.data.panel import Panel
from tsforecast.evaluation.blending import Blend, choose_blend
from tsforecast.evaluation.intervals import conformal_adjustments
from tsforecast.evaluation.scores import mase_scales
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.preparation import to_scale
from tsforecast.models.spec import LOG, NetworkSpec
from tsforecast.training.validation import Validation


def find_blend(network: MixtureLSTM, validation: Validation, training: Panel) -> Blend:
    """Compare a network with the classical forecasts on windows it was not trained on.

    Args:
        network: As trained.
        validation: Windows to choose on; a share found on two or three windows of one series is mostly chance.
        training: The series up to the validation part: MASE is measured by them, where all repeat their season to
            the digit by their steps instead.
    """
    if not len(validation):
        return Blend()
    spec = network.spec
    scales, _ = mase_scales(training, spec.season_lengths[0] if spec.season_lengths else 1)
    if not (scales > 0).any():
        scales, _ = mase_scales(training, 1)
    quantiles, _ = network.forecast(validation.inputs)
    return choose_blend(
        quantiles[..., spec.levels.index(0.5)],
        network.classical_forecasts(validation.inputs.context),
        validation.futures,
        scales[validation.series],
        logarithmic=spec.normalisation == LOG,
    )


def apply_blend(network: MixtureLSTM, blend: Blend) -> None:
    """Let the classical forecast have its share; without one the graph does not even compute it."""
    classical = blend.classical if blend.share else ""
    network.spec = replace(network.spec, classical=classical, classical_share=blend.share)


def find_adjustments(network: MixtureLSTM, windows: Validation) -> torch.Tensor:
    """Amounts that make intervals hold on windows the network was not trained on (H, Q).

    Args:
        network: With its share applied; adjustments that it has are replaced.
        windows: To look at.
    """
    network.adjustments.zero_()
    if not len(windows):
        return network.adjustments.clone()
    quantiles, _ = network.forecast(windows.inputs)
    amounts = conformal_adjustments(
        _normalisable(quantiles, network.spec),
        _normalisable(windows.futures, network.spec),
        network.spec.levels,
        windows.units,
    )
    return torch.from_numpy(np.nan_to_num(amounts)).to(network.adjustments)


def _normalisable(values: Floats, spec: NetworkSpec) -> Floats:
    return np.asarray(to_scale(torch.from_numpy(values), spec.normalisation).numpy())
