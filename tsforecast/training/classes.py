"""One fit of a network for classes: train with validation, train again on everything; it needs no intervals."""

from __future__ import annotations

import numpy as np
import torch

from tsforecast.config import FitSettings
from tsforecast.data.memory import ALL_BUFFERS, keep_freed_memory
from tsforecast.data.panel import Panel
from tsforecast.models.class_network import ClassNetwork
from tsforecast.models.class_spec import CROSS_ENTROPY, ClassSpec
from tsforecast.models.covariates import ReadCovariates
from tsforecast.training.checkpoint import Checkpoint
from tsforecast.training.covariate_gains import gains_by
from tsforecast.training.covariate_scales import covariate_constants
from tsforecast.training.epochs import Examples, loss_of
from tsforecast.training.recipe import choose_recipe
from tsforecast.training.recurrent import Work, checks, trained
from tsforecast.training.search import Tell, Trained
from tsforecast.training.split import Split
from tsforecast.training.validation import hide


def train_and_refit(
    panel: Panel,
    spec: ClassSpec,
    split: Split,
    settings: FitSettings,
    tell: Tell,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Train on the training part with the validation part as check, then again on everything.

    The values of the panel are codes of classes. Arguments are those of ``training.search.train_and_refit``.
    """
    torch.set_num_threads(1)
    keep_freed_memory(ALL_BUFFERS)

    def fresh(part: Panel) -> ClassNetwork:
        network = ClassNetwork(spec)
        if network.covariates is not None:
            for name, values in covariate_constants(part, spec).items():
                network.covariates.get_buffer(name).copy_(values)
        return network

    work = Work(spec, choose_recipe(settings), settings, tell, checkpoint or Checkpoint(), fresh)
    check = checks(panel.head(split.known), spec, split)
    tested, first, planned = work.train("training", panel.head(split.training), check)
    gains = gains_by(spec, lambda without: score_without(tested, check, without)) if len(check) else {}
    if first.interrupted:
        return trained(work, panel, tested, tested, [first], [planned], gains)
    final, last, again = work.train("refit", panel, None, first.best_step / max(planned, 1))
    return trained(work, panel, tested, final, [first, last], [planned, again], gains)


@torch.no_grad()
def score_without(network: ClassNetwork, examples: Examples, without: tuple[str, int] | None) -> float:
    """Log loss of windows where a covariate or calendar feature, by kind and place, is hidden; None hides nothing."""
    network.eval()
    places, *read, target = examples.read(network, np.arange(len(examples)))
    if without is not None:
        read = [*hide(ReadCovariates(*read), network.spec, *without)]
    device = network.dense.weight.device
    return float(loss_of(network, CROSS_ENTROPY, tuple(one.to(device) for one in (places, *read, target))))
