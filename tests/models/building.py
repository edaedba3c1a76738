"""Small networks, windows and panels for the tests of everything that trains or exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tsforecast.artifacts import Arrays
from tsforecast.data.arrays import Floats
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.models import build
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.spec import CALENDAR_WIDTHS, NetworkSpec

SHAPES: list[dict[str, Any]] = [
    {"context_length": 60, "horizon": 18, "season_lengths": (12,), "patch_length": 12, "members": 2},
    {"context_length": 9, "horizon": 4, "season_lengths": (), "patch_length": 1, "members": 1},
    {"context_length": 50, "horizon": 13, "season_lengths": (52,), "patch_length": 7, "members": 3},
    {"context_length": 60, "horizon": 7, "season_lengths": (5, 10, 30), "patch_length": 30, "members": 5},
]
"""Networks that the shipped weights suit: with and without seasons, patches shorter and longer than theirs."""

# Small matrices on several threads wait more than they work.
torch.set_num_threads(1)

SCHEMA = Schema(layout="long", time="time", time_format=TimeFormat(), id="id", target="value")


def small_spec(**changes: Any) -> NetworkSpec:
    """Shape of a network that trains in milliseconds."""
    values: dict[str, Any] = {
        "context_length": 24,
        "horizon": 5,
        "season_lengths": (4, 12),
        "patch_length": 4,
        "hidden": 8,
    }
    return NetworkSpec(**values | changes)


def covariate_spec(**changes: Any) -> NetworkSpec:
    """Shape of a network with covariates of every kind and every calendar feature."""
    values: dict[str, Any] = {
        "past_covariates": ("wind", "state"),
        "future_covariates": ("price", "promo", "event"),
        "static_covariates": ("size", "region"),
        "categories": (("event", 4), ("region", 2), ("state", 3)),
        "calendar": tuple(CALENDAR_WIDTHS),
        "holidays": "DE",
        "holiday_years": (2020, 2021),
    }
    return small_spec(**values | changes)


def covariate_windows(spec: NetworkSpec, context: Floats, seed: int = 0) -> Inputs:
    """Windows with random covariates: missing, huge, and codes of labels that nobody knows."""
    random = np.random.default_rng(seed)
    count, span = len(context), spec.context_length + spec.horizon
    labels = dict(spec.categories)

    def columns(names: tuple[str, ...], *shape: int) -> Floats:
        parts = [
            random.integers(-1, labels[name] + 3, shape) if name in labels else random.normal(3, 9, shape)
            for name in names
        ]
        values = np.stack(parts, -1).astype(np.float64)
        values[random.random(values.shape) < 0.1] = np.nan
        values[random.random(values.shape) < 0.02] = 1e300
        return values

    start = np.datetime64("2020-12-20", "s").astype(np.int64) + 86_400 * random.integers(
        -600, 600, (count, 1)
    )
    shapes = {"past": (count, spec.context_length), "future": (count, span), "static": (count,)}
    given: dict[str, Any] = {
        f"{kind}_covariates": columns(spec.names(kind), *shape)
        for kind, shape in shapes.items()
        if spec.names(kind)
    }
    if spec.calendar:
        given["timestamps"] = start + 7 * 3600 * np.arange(span)
    return replace(Inputs.of(context), **given)


def rough_network(spec: NetworkSpec, seed: int = 0, noise: float = 0.3) -> MixtureLSTM:
    """Make a network whose every weight is far from its start, so that no part of it is idle."""
    torch.manual_seed(seed)
    network = build(spec)
    with torch.no_grad():
        for weight in (*network.parameters(), network.adjustments):
            weight.add_(noise * torch.randn_like(weight))
        if network.covariates is not None:
            count, table = len(spec.covariate_names), network.covariates.holidays
            network.set_constants(
                {
                    "centre": torch.linspace(-4, 4, count, dtype=torch.float64),
                    "scale": torch.linspace(1, 5, count, dtype=torch.float64),
                    "holidays": (torch.rand(table.shape) < 0.2).to(torch.uint8),
                }
            )
    return network.eval()


def arrays_of(network: MixtureLSTM) -> Arrays:
    """Weights as the exporters take them."""
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    return {**state, "positions": network.positions.numpy()}


def seasonal_windows(count: int, length: int, seed: int = 0, season: int = 4) -> Floats:
    """Windows with level, trend, season and noise (count, length)."""
    random = np.random.default_rng(seed)
    time = np.arange(length)
    level, slope = random.normal(50, 20, (count, 1)), random.normal(0, 0.2, (count, 1))
    wave = random.uniform(1, 5, (count, 1)) * np.sin(2 * np.pi * (time + random.integers(0, season)) / season)
    return np.asarray(level + slope * time + wave + random.normal(0, 0.5, (count, length)))


def awkward_windows(length: int) -> Floats:
    """Break careless arithmetic: unknown, lonely, constant, huge, tiny, holed, padded windows (9, length)."""
    plain = seasonal_windows(9, length, seed=5)
    plain[0] = np.nan
    plain[1, :-1] = np.nan
    plain[2, 1:] = np.nan
    plain[3] = 7.25
    plain[4] += 1e9
    plain[5] *= 1e200
    plain[6] *= 1e-200
    plain[7, ::3] = np.nan
    plain[8, : length // 2] = np.nan
    return plain


def panel_of(series: Sequence[Floats | Sequence[float]], alias: str = "h") -> Panel:
    """Hourly panel of bare values."""
    values: list[NDArray[np.float64]] = [np.asarray(one, dtype=np.float64) for one in series]
    names = [f"s{index}" for index in range(len(series))]
    return Panel.of(names, values, [0] * len(series), parse_frequency(alias), SCHEMA)


def seasonal_panel(count: int = 3, length: int = 120, seed: int = 0, season: int = 4) -> Panel:
    """Panel of seasonal series of one length."""
    return panel_of(list(seasonal_windows(count, length, seed, season)))
