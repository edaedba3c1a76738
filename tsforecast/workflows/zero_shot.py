"""A forecaster without a fit: the weights that come with the program, folded for the series at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tsforecast.artifacts import Arrays
from tsforecast.config import FitSettings, ShapeSettings
from tsforecast.data.notes import Note
from tsforecast.data.panel import Panel
from tsforecast.models.spec import NetworkSpec
from tsforecast.workflows.floor import choose_floor, is_count


def universal_spec(panel: Panel, settings: ShapeSettings) -> NetworkSpec:
    """Shape of the network for a panel that nothing is learned from: every row may be context."""
    from tsforecast.data.seasons import find_season_lengths
    from tsforecast.models.universal import shipped_members
    from tsforecast.training.geometry import FEWEST_CONTEXT, choose_context, choose_spec

    seasons = tuple(sorted(settings.season_length)) or find_season_lengths(panel)
    horizon = settings.horizon or panel.frequency.default_horizon
    # A fit keeps a horizon of each series to learn from; here there is none to keep.
    lengths = np.maximum(panel.lengths, FEWEST_CONTEXT) + horizon
    context_length = settings.context_length or choose_context(lengths, seasons, horizon)
    chosen = FitSettings(horizon=horizon, context_length=context_length)
    return choose_spec(panel, seasons, chosen, shipped_members())


def with_floor(
    spec: NetworkSpec, panel: Panel, settings: ShapeSettings
) -> tuple[NetworkSpec, tuple[Note, ...]]:
    """Let a shape know how low a forecast may be, as a fit would, and say it where nobody asked.

    Raises:
        DataError: Nothing is to be forecast below 0, and a target is.
    """
    floor, said = choose_floor(panel, settings.non_negative)
    return replace(spec, floor=floor, counts=floor is not None and is_count(panel)), said


def universal_graph(spec: NetworkSpec) -> bytes:
    """ONNX file of the pre-trained network of a shape."""
    from tsforecast.exporters.graph_form import OPSET
    from tsforecast.exporters.mixture_graph import build_model
    from tsforecast.models.positions import position_features
    from tsforecast.models.universal import fold, shipped_weights

    weights: Arrays = {
        **fold(shipped_weights(), spec, np.asarray),
        "adjustments": np.zeros((spec.horizon, len(spec.levels)), np.float32),
        "positions": position_features(spec.future_patches),
    }
    return build_model(spec, weights, OPSET)


def in_words(spec: NetworkSpec) -> str:
    """Say what the forecast rests on."""
    seasons = ", ".join(map(str, spec.season_lengths)) or "none"
    return (
        f"forecast without a fit and without a test on these data: season lengths {seasons},"
        f" context length {spec.context_length}, horizon {spec.horizon}"
    )
