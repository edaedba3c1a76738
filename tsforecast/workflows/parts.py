"""Parts of a model folder: what is computed from the trained network and the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tsforecast.artifacts import Arrays, pack_arrays, pack_history
from tsforecast.config import QUANTILE_LEVELS, FitSettings
from tsforecast.data.arrays import Floats, Ints
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.timeline import Frequency
from tsforecast.data.windows import Windows
from tsforecast.evaluation.backtest import MODEL, Backtest
from tsforecast.evaluation.class_backtest import ClassBacktest, most_likely
from tsforecast.exporters import build_model
from tsforecast.exporters.graph_form import OPSET
from tsforecast.workflows.scoring import AnyBacktest

if TYPE_CHECKING:
    from tsforecast.models.network import Network
    from tsforecast.models.spec import NetworkSpec
    from tsforecast.training.search import Trained

MOST_WINDOWS = 1024
"""Backtest windows that are kept: enough for parity and for every table, small beside a large panel."""


def make_parts(
    panel: Panel, trained: Trained, backtest: AnyBacktest, settings: FitSettings
) -> dict[str, bytes]:
    """Bytes of every part by name."""
    spec, weights = trained.spec, network_arrays(trained.final)
    parts = {
        "weights": pack_arrays(weights),
        "model": build_model(spec, weights, OPSET),
        "windows": pack_arrays(pack_backtest(panel, backtest, spec)),
    }
    if not settings.no_history:
        parts["history"] = pack_arrays(pack_history(panel.tail(spec.context_length)))
    return parts


def network_arrays(network: Network) -> Arrays:
    """Weights, adjustments and what else the graph is written from, by name."""
    buffers = dict(network.named_buffers())
    return {name: value.numpy() for name, value in {**network.state_dict(), **buffers}.items()}


def pack_backtest(panel: Panel, backtest: AnyBacktest, spec: NetworkSpec) -> Arrays:
    """Backtest windows with what was known of them, at most ``MOST_WINDOWS`` of them, evenly chosen."""
    count = len(backtest.series)
    kept: Ints = np.unique(np.linspace(0, count - 1, min(count, MOST_WINDOWS)).astype(np.int64))
    series, cutoffs = backtest.series[kept], backtest.cutoffs[kept]
    windows = Windows(panel, spec.context_length, spec.horizon, timestamps=bool(spec.calendar))
    ordinals = panel.first[series] + cutoffs - 1
    inputs = windows.inputs(series, cutoffs).used()
    return {
        "contexts": inputs.pop("context"),
        **inputs,
        "actual": backtest.actual[kept],
        "series": series,
        "cutoffs": cutoffs,
        "cutoff_ticks": panel.frequency.ticks(ordinals),
        **{name: values[kept] for name, values in _scored(backtest).items()},
    }


def _scored(backtest: AnyBacktest) -> Arrays:
    """Give what was forecast, and what scores need beside it, each (W, ...)."""
    if isinstance(backtest, ClassBacktest):
        return {
            "probabilities": backtest.probabilities[MODEL],
            **_numbered("points", backtest.codes),
            **_numbered("chances", backtest.probabilities),
        }
    return {
        "scale": backtest.scale,
        "squared_scale": backtest.squared_scale,
        "quantiles": backtest.quantiles,
        **_numbered("points", backtest.points),
    }


def _numbered(kind: str, methods: dict[str, Floats]) -> Arrays:
    """Arrays of the baselines, by names that keep their order."""
    others = [(name, values) for name, values in methods.items() if name != MODEL]
    return {f"{kind}:{place:02}:{name}": values for place, (name, values) in enumerate(others)}


def _by_method(kind: str, arrays: Arrays) -> dict[str, Floats]:
    """Inverse of ``_numbered``."""
    return {name.split(":", 2)[2]: arrays[name] for name in sorted(arrays) if name.startswith(f"{kind}:")}


def stored_inputs(arrays: Arrays) -> Inputs:
    """Give a forecaster the windows that were kept; older folders have contexts only."""
    plain = Inputs.of(arrays["contexts"])
    return replace(plain, **{name: arrays[name] for name, _ in plain.arrays() if name in arrays})


def unpack_backtest(
    arrays: Arrays, series_ids: tuple[str, ...], schema: Schema, frequency: Frequency
) -> AnyBacktest:
    """Inverse of ``pack_backtest`` for the windows that were kept."""
    from tsforecast.evaluation.metrics import at_level

    common: dict[str, Any] = {
        "series_ids": series_ids,
        "series": arrays["series"],
        "cutoffs": arrays["cutoffs"],
        "origins": frequency.ordinals(arrays["cutoff_ticks"])[0],
        "actual": arrays["actual"],
    }
    if schema.classes:
        probability: Any = arrays["probabilities"]
        return ClassBacktest(
            codes={MODEL: most_likely(probability), **_by_method("points", arrays)},
            probabilities={MODEL: probability, **_by_method("chances", arrays)},
            classes=schema.classes,
            **common,
        )
    quantiles: Any = arrays["quantiles"]
    return Backtest(
        scale=arrays["scale"],
        squared_scale=arrays["squared_scale"],
        points={MODEL: at_level(quantiles, QUANTILE_LEVELS, 0.5), **_by_method("points", arrays)},
        quantiles=quantiles,
        levels=QUANTILE_LEVELS,
        **common,
    )
