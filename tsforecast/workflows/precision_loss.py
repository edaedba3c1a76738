"""What a smaller precision costs, in terms of the forecast: scores on the stored backtest windows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tsforecast.artifacts import Arrays, Artifact
from tsforecast.data.words import counted
from tsforecast.evaluation.backtest import MODEL
from tsforecast.evaluation.class_backtest import ClassBacktest, most_likely
from tsforecast.evaluation.class_scores import LOG_LOSS, class_table
from tsforecast.evaluation.scores import score_table
from tsforecast.workflows.parts import stored_inputs, unpack_backtest

FEW = 64
"""Windows below which later cutoffs within them are judged too."""


def measure_loss(
    artifact: Artifact, windows: Arrays, plain: bytes, small: bytes, levels: tuple[float, ...]
) -> dict[str, Any] | None:
    """Score the forecasts of two files on the stored windows; None where no window can be scored.

    The network has been refitted on these windows, so that the scores are better than those of the backtest; the
    loss is their ratio.

    Args:
        artifact: The model folder.
        windows: Its stored windows.
        plain: File with the network's own numbers.
        small: File with smaller ones.
        levels: Quantile levels of both, the median among them.

    Returns:
        ``metric`` (MASE, MAE where no series has a scale, log loss for classes), the score ``before`` and ``after``,
        the ``loss`` (percent), how many ``windows`` are stored, and at how many ``cutoffs`` they were judged.
    """
    from tsforecast.runtime.session import OnnxForecaster

    stored = len(windows["contexts"])
    if 0 < stored < FEW and not artifact.schema.classes:
        windows = artifact.read(lambda: moved_on(windows))
    ids = artifact.read(lambda: tuple(artifact.description["mase"]["series_ids"]))
    backtest = artifact.read(lambda: unpack_backtest(windows, ids, artifact.schema, artifact.frequency))
    inputs = stored_inputs(windows)
    scores = []
    for content in (plain, small):
        found = OnnxForecaster(content, "the exported file").forecast(inputs)
        if isinstance(backtest, ClassBacktest):
            said = replace(backtest, codes={MODEL: most_likely(found)}, probabilities={MODEL: found})
            table = class_table(said, (LOG_LOSS,))
        else:
            median = found[:, :, levels.index(0.5)]
            table = score_table(replace(backtest, points={MODEL: median}), ("MASE", "MAE"))
        scores.append(table.values[MODEL])
    for metric in ("MASE", "MAE", LOG_LOSS):
        before, after = (one.get(metric, np.nan) for one in scores)
        if np.isfinite(before):
            loss = _percent(before, after)
            counts = {"windows": stored, "cutoffs": len(inputs)}
            return {"metric": metric, "before": before, "after": after, "loss": loss, **counts}
    return None


def judged_on(loss: dict[str, Any]) -> str:
    """Say on what a loss was measured, as ``measure_loss`` gives it."""
    stored = counted(loss["windows"], "stored backtest window")
    return (
        f"on {stored}" if loss["cutoffs"] == loss["windows"] else f"at {loss['cutoffs']} cutoffs in {stored}"
    )


def moved_on(windows: Arrays) -> Arrays:
    """Windows at their own cutoff, then at later ones within them, scored on what is known after those.

    One short series keeps a single window, whose errors say little about a loss. Cutoffs are spread evenly until there
    are ``FEW`` windows or more. Windows with covariates stay alone: what covariates were after them is not kept.
    """
    contexts, actual = windows["contexts"], windows["actual"]
    if tuple(stored_inputs(windows).used()) != ("context",):
        return windows
    length, horizon = contexts.shape[1], actual.shape[1]
    known = np.concatenate([contexts, actual, np.full_like(actual, np.nan)], 1)
    places = min(horizon, -(-FEW // len(contexts)))
    steps = [place * horizon // places for place in range(places)]
    moved = {name: np.concatenate([values] * places) for name, values in windows.items()}
    cut = [
        np.concatenate([known[:, step + start : step + start + size] for step in steps])
        for start, size in ((0, length), (length, horizon))
    ]
    return {**moved, "contexts": cut[0], "actual": cut[1]}


def _percent(before: float, after: float) -> float:
    if after == before:
        return 0.0
    return 100 * (after / before - 1) if before > 0 else float("inf")
