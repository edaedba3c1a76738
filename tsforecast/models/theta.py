"""The Theta forecast of a window: half its trend line, half exponential smoothing of what bends away from it.

With values z, season m, trend line a + b t around the last step and seasonal figure s:

    s = lambda * mean over seasons of (z - line - moving average)          lambda shrinks a doubtful season  (1)
    d = z - s                                                                                                (2)
    y = 2 d - (a + b t)                                                    the line itself bends away        (3)
    l_alpha(t) = alpha y(t) + (1 - alpha) l_alpha(t - 1)                                                     (4)
    w_alpha ~ (sum of (y(t) - l_alpha(t - 1))^2)^(-n / 2)                  likelihood of every alpha         (5)
    forecast(h) = (sum of w_alpha l_alpha + a + b h) / 2 + s                                                 (6)

All of it is a chain of products and sums, so the ONNX graph holds it too. Choosing alpha by (5) instead of by the
smallest error is smooth: two machines cannot disagree about a tie.

Source: Assimakopoulos & Nikolopoulos (2000), the Theta model; Miller & Williams (2003), shrinkage of seasonal
factors, International Journal of Forecasting 19(4).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tsforecast.models.spec import (
    FAINT,
    FEWEST_SEASONS,
    LIKELIHOOD_ROWS,
    TINY,
    moving_average_kernel,
    smoothing_kernels,
)


def theta_forecast(values: Tensor, observed: Tensor, season: int, steps: int) -> Tensor:
    """Forecast every window.

    Args:
        values: Normalised and filled window.
        observed: 1 where a value was known.
        season: Season to remove and put back, 1 for none (steps).
        steps: Steps to forecast.

    Shape:
        values, observed ``(B, T)``; result ``(B, steps)``.
    """
    weights = observed + FAINT
    length = values.shape[1]
    time = torch.arange(length, dtype=values.dtype, device=values.device) - (length - 1)
    ahead = torch.arange(1, steps + 1, dtype=values.dtype, device=values.device)
    adjusted, figure = values, values.new_zeros(len(values), steps)
    if 1 < season <= length // 2:
        profile = seasonal_figure(values, observed, season)
        places = torch.arange(length, device=values.device) - length
        adjusted = values - profile[:, places % season]  # (2)
        figure = profile[:, torch.arange(steps, device=values.device) % season]
    level, slope = trend_line(adjusted, weights, time)
    bent = 2 * adjusted - (level + slope * time)  # (3)
    smoothed = smoothed_level(bent, observed)
    return (smoothed + level + slope * ahead) / 2 + figure  # (6)


def trend_line(values: Tensor, weights: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """Level at time 0 and slope of the least-squares line (B, 1), (B, 1)."""
    total = weights.sum(1, keepdim=True)
    middle = (weights * time).sum(1, keepdim=True) / total
    mean = (weights * values).sum(1, keepdim=True) / total
    away = weights * (time - middle)
    slope = (away * (values - mean)).sum(1, keepdim=True) / (away * (time - middle)).sum(1, keepdim=True)
    return mean - slope * middle, slope


def seasonal_figure(values: Tensor, observed: Tensor, season: int) -> Tensor:
    """Mean season around line and moving average, shrunk by how little it stands out of the rest (B, m)."""
    length = values.shape[1]
    weights = observed + FAINT
    time = torch.arange(length, dtype=values.dtype, device=values.device) - (length - 1)
    level, slope = trend_line(values, weights, time)
    kernel = torch.from_numpy(moving_average_kernel(season)).to(values)[None, None]
    away = values - (level + slope * time)
    sums = (nn.functional.conv1d(one[:, None], kernel)[:, 0] for one in (weights * away, weights))
    average = torch.div(*sums)
    inside = torch.arange(length, device=values.device) - kernel.shape[-1] // 2
    away = away - average[:, inside.clamp(0, average.shape[1] - 1)]
    seasons = length // season
    recent = away[:, length - seasons * season :].reshape(-1, seasons, season)
    weight = weights[:, length - seasons * season :].reshape(-1, seasons, season)
    count = weight.sum(1)
    profile = (recent * weight).sum(1) / count
    mean = profile.mean(1, keepdim=True)
    figure = profile - mean
    rows = count.sum(1, keepdim=True)
    rest = ((recent - profile[:, None]) ** 2 * weight).sum((1, 2))[:, None] / (rows - season).clamp_min(1)
    season_variance = (figure**2 * count).sum(1, keepdim=True) / (season - 1)
    shrinkage = (1 - rest / season_variance.clamp_min(TINY)).clamp_min(0)
    return figure * shrinkage * (rows >= FEWEST_SEASONS * season)  # (1)


def smoothed_level(values: Tensor, observed: Tensor) -> Tensor:
    """Last level of exponential smoothing, averaged over smoothing constants by their likelihood (B, 1)."""
    length = values.shape[1]
    begin = observed.argmax(1, keepdim=True)
    place = torch.arange(length, device=values.device)
    values = values.gather(1, torch.maximum(place, begin))  # what was padded must not move the level
    first = values[:, :1]
    kernels = torch.from_numpy(smoothing_kernels(length)).to(values)[:, None]
    start = nn.functional.pad(values - first, (length - 1, 0))[:, None]
    levels = nn.functional.conv1d(start, kernels)  # (4), relative to the first value (B, A, T)
    errors = (values - first)[:, None, 1:] - levels[:, :, :-1]
    squares = (errors**2 * observed[:, None, 1:]).sum(2)
    rows = observed.sum(1, keepdim=True).clamp_max(LIKELIHOOD_ROWS)
    likelihood = torch.softmax(-rows / 2 * (squares + TINY).log(), 1)  # (5)
    return first + (likelihood * levels[:, :, -1]).sum(1, keepdim=True)
