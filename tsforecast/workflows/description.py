"""What a model folder says about itself."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast import __version__
from tsforecast.config import FitSettings
from tsforecast.data.arrays import Floats
from tsforecast.data.times.timeline import Frequency
from tsforecast.evaluation.blending import Blend
from tsforecast.evaluation.scores import ScoreTable, mase_scales
from tsforecast.models.spec import NetworkSpec

if TYPE_CHECKING:
    from tsforecast.data.reading import ReadResult
    from tsforecast.training.search import Trained
    from tsforecast.training.split import Split

WORDS_SHOWN = 3
LEAST_SHARE = 0.05

FAR = 10.0
"""Times as bad from which on a number says nothing: what it is beside makes next to no error."""

NAMED_SEASONS = {
    ("min", 60): "hour", ("h", 24): "day", ("30min", 48): "day", ("15min", 96): "day",
    ("10min", 144): "day", ("5min", 288): "day", ("min", 1440): "day",
    ("h", 168): "week", ("30min", 336): "week", ("15min", 672): "week",
    ("D", 7): "week", ("B", 5): "week", ("D", 365): "year", ("W", 52): "year",
    ("MS", 12): "year", ("ME", 12): "year",
    ("QS", 4): "year", ("QE", 4): "year",
}  # fmt: skip


def describe(
    read: ReadResult,
    trained: Trained,
    split: Split,
    settings: FitSettings,
    scores: ScoreTable,
    verdict: str,
    shares: Floats,
) -> dict[str, Any]:
    """Content of ``model.json`` apart from its parts: settings, data, network, training and scores.

    No clock and no machine goes in, so that the same input, seed and versions give the same bytes.
    """
    spec = trained.spec
    return {
        "version": __version__,
        "settings": settings_json(settings),
        "data": _data(read, spec),
        "network": spec.to_json(),
        "training": {
            "groups": [asdict(group) for group in trained.groups],
            "members_tested": trained.tested.spec.members,
            "interrupted": trained.interrupted,
            "split": split.words,
            "covariate_gains": {name: round(gain, 6) for name, gain in trained.covariate_gains.items()},
        },
        "blend": {name: _plain(value) for name, value in asdict(trained.blend).items()},
        "gate": dict(zip(spec.expert_names, (round(float(one), 6) for one in shares), strict=True)),
        "scores": scores.to_json(),
        "verdict": verdict,
        "mase": _mase(read, spec),
        "provenance": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "torch")},
        },
    }


def _data(read: ReadResult, spec: NetworkSpec) -> dict[str, Any]:
    """Say what was read, and what was decided and mended on the way."""
    panel = read.panel
    return {
        "source": read.source,
        "sha256": read.sha256,
        "rows": read.rows,
        "series": len(panel),
        "schema": panel.schema.to_json(),
        "frequency": panel.frequency.to_json(),
        "season_lengths": list(spec.season_lengths),
        "cutoff": cutoff_text(read),
        "cutoff_ordinal": int(panel.last.max()),
        "description": read.description,
        "repairs": read.repairs.to_json(),
        "notes": [note.text for note in read.notes],
    }


def _mase(read: ReadResult, spec: NetworkSpec) -> dict[str, Any]:
    """Give the denominators of MASE and RMSSE, None where a series has none."""
    panel = read.panel
    season = spec.season_lengths[0] if spec.season_lengths else 1
    codes = bool(panel.schema.classes)  # between classes there is no distance, so no scale either
    scale, squared = (np.full(len(panel), np.nan),) * 2 if codes else mase_scales(panel, season)
    return {
        "season_length": season,
        "series_ids": list(panel.series_ids),
        "scale": _nullable(scale),
        "squared_scale": _nullable(squared),
    }


def settings_json(settings: FitSettings) -> dict[str, Any]:
    """All settings of a fit by name."""
    values = {
        name: getattr(settings, name)
        for kind in type(settings).__mro__
        for name in getattr(kind, "__slots__", ())
    }
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {name: value for name, value in plain.items() if name not in settings.unkept}


def cutoff_text(read: ReadResult) -> str:
    """Newest timestamp of the data in the user's own form."""
    return read.panel.stamps([read.panel.last.max()])[0]


def weights_in_words(shares: Floats, spec: NetworkSpec, frequency: Frequency) -> str:
    """Say what the gate leans on: ``62 % last week, 20 % last day``."""
    shares, names = with_classical(shares, spec)
    order = [
        int(index)
        for index in np.argsort(-shares, kind="stable")[:WORDS_SHOWN]
        if shares[index] >= LEAST_SHARE
    ]
    return ", ".join(
        f"{100 * shares[index]:.0f} % {expert_in_words(names[index], frequency)}" for index in order
    )


def with_classical(shares: Floats, spec: NetworkSpec) -> tuple[Floats, tuple[str, ...]]:
    """Shares of the whole forecast and their names: the gate divides what a classical forecast leaves it.

    The last value is an expert too: then both shares are told as one.

    Shape:
        shares of the experts along the last axis ``(..., K)``; result ``(..., K)`` or ``(..., K + 1)``.
    """
    if not spec.classical_share:
        return shares, spec.expert_names
    rest = (1 - spec.classical_share) * shares
    if spec.classical in spec.expert_names:
        rest[..., spec.expert_names.index(spec.classical)] += spec.classical_share
        return rest, spec.expert_names
    own = np.full((*shares.shape[:-1], 1), spec.classical_share)
    return np.concatenate([rest, own], -1), (*spec.expert_names, spec.classical)


def blend_in_words(blend: Blend) -> str:
    """Say what share the network has, and why; empty where there was nothing to compare."""
    if not blend.classical:
        return ""
    against = f"{blend.classical}, the best classical forecast"
    by = abs(blend.network_error / blend.classical_error - 1) if blend.classical_error else np.inf
    size = f"{100 * by:.0f} %" if by < FAR else "far"
    if not blend.share:
        return f"On the validation windows the network alone is {size} better than {against}."
    reason = f"on the validation windows it is {size} worse than {against}"
    if blend.share == 1:
        return f"The network does not help here: {reason}. Its share is zero."
    return f"The network has {100 * (1 - blend.share):.0f} % of the forecast: {reason}, which has the rest."


def expert_in_words(expert: str, frequency: Frequency) -> str:
    """Name an expert, its season as a word where there is one: ``last season (24)`` is ``last day``."""
    name, _, season = expert.rstrip(")").partition(" (")
    if not season:
        return name
    word = NAMED_SEASONS.get((frequency.alias.partition("-")[0], int(season)))
    named = re.sub(r"\bseason\b", word, name) if word else name
    return named if named != name else expert


def _plain(value: str | float) -> str | float | None:
    """Round numbers, None where one is NaN."""
    if isinstance(value, str):
        return value
    return round(value, 6) if np.isfinite(value) else None


def _nullable(values: Floats) -> list[float | None]:
    return [float(one) if np.isfinite(one) else None for one in values]
