"""One fit of a network for classes: train with validation, train again on everything; it needs no intervals."""

from __future__ import annotations

import torch

from tsforecast.config import FitSettings
from tsforecast.data.panel import Panel
from tsforecast.models.class_network import ClassNetwork
from tsforecast.models.class_spec import ClassSpec
from tsforecast.training.checkpoint import Checkpoint
from tsforecast.training.covariate_scales import covariate_constants
from tsforecast.training.recipe import choose_recipe
from tsforecast.training.recurrent import Work, checks, trained
from tsforecast.training.search import Tell, Trained, keep_freed_memory
from tsforecast.training.split import Split


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
    keep_freed_memory()

    def fresh(part: Panel) -> ClassNetwork:
        network = ClassNetwork(spec)
        if network.covariates is not None:
            for name, values in covariate_constants(part, spec).items():
                network.covariates.get_buffer(name).copy_(values)
        return network

    work = Work(spec, choose_recipe(settings), settings, tell, checkpoint or Checkpoint(), fresh)
    check = checks(panel.head(split.known), spec, split)
    tested, first, planned = work.train("training", panel.head(split.training), check)
    if first.interrupted:
        return trained(work, panel, tested, tested, [first], [planned])
    final, last, again = work.train("refit", panel, None, first.best_step / max(planned, 1))
    return trained(work, panel, tested, final, [first, last], [planned, again])
