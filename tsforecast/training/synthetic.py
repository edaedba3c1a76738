"""Made-up series to learn forecasting from: many mechanisms, mixed at random.

A series is a sum of trend, wandering level, cycle, seasons and noise, or a seasonal ARIMA process, or
intermittent demand; it is then bent (exponential, bounded, counted) and disturbed (outliers, shifts). Every
share and every size is drawn anew for each series: variety matters more than number.

Arrays of one value per series have the shape ``(N, 1)``, series ``(N, L)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from tsforecast.data.arrays import Floats

VERSION = 1
"""Raised with every change of what is drawn; kept beside the weights learnt from it."""

TINY = 1e-9
LARGEST_EXPONENT = 12.0
GAUSSIAN_FEATURES = 12


def draw_series(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Series of every mechanism, in random order.

    Args:
        random: Source of all draws.
        count: Series (N).
        length: Steps (L).
        season_lengths: Seasons a series may have, ascending (steps); some series have none of them.
    """
    sizes = random.multinomial(count, [share for share, _ in MECHANISMS])
    parts = [
        make(random, int(size), length, season_lengths)
        for size, (_, make) in zip(sizes, MECHANISMS, strict=True)
        if size
    ]
    return np.asarray(np.concatenate(parts)[random.permutation(count)])


def components(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Trend, wandering level, cycle, seasons and noise, added, bent and disturbed."""
    total = size(random, count, 0.75, 0.2, 5.0) * unit(trend(random, count, length))
    total += size(random, count, 0.65, 0.2, 3.0) * unit(wandering(random, count, length))
    total += size(random, count, 0.25, 0.2, 2.0) * unit(cycle(random, count, length, season_lengths))
    total += size(random, count, 0.15, 0.2, 2.0) * unit(smooth(random, count, length))
    seasonal = random.random((count, 1)) < 0.9
    for season in season_lengths:
        total += seasonal * size(random, count, 0.95, 0.15, 4.0) * seasons(random, count, length, season)
    total += size(random, count, 0.95, 0.02, 1.0) * noise(random, count, length)
    total = shifted(random, total)
    return disturbed(random, bent(random, total))


def sarima(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Seasonal ARIMA: unit roots at the level, the slope or the season; moving averages; one AR term."""
    values = shocks(random, count, length)
    values = moving_average(values, 1, random.uniform(-0.95, 0.3, (count, 1)))
    values = autoregression(values, random.beta(2, 2, (count, 1)) * maybe(random, count, 0.5))
    for season in season_lengths[:2]:
        values = moving_average(values, season, random.uniform(-0.95, 0.1, (count, 1)))
        rooted = seasonal_sum(values, season)
        start = profile(random, count, season)[:, np.arange(length) % season]
        rooted += start * size(random, count, 1.0, 0.5, 20.0)
        values = np.where(random.random((count, 1)) < 0.7, rooted, values)
    drift = random.normal(0, 0.3, (count, 1)) * maybe(random, count, 0.5)
    rooted = (values + drift * values.std(1, keepdims=True)).cumsum(1)
    values = np.where(random.random((count, 1)) < 0.7, rooted, values)
    return disturbed(random, bent(random, values))


def random_walk(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Level that moves by drift and correlated shocks, as many yearly and financial series do."""
    steps = autoregression(shocks(random, count, length), random.uniform(-0.2, 0.95, (count, 1)))
    steps = unit(steps) + random.normal(0.2, 1, (count, 1)) * maybe(random, count, 0.75)
    total = unit(steps.cumsum(1)) + size(random, count, 0.5, 0.01, 0.3) * noise(random, count, length)
    for season in season_lengths[:1]:
        total += size(random, count, 0.5, 0.05, 1.0) * seasons(random, count, length, season)
    return disturbed(random, bent(random, total))


def intermittent(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Demand that is zero most of the time; how often and how much may follow season and trend."""
    pull = size(random, count, 0.5, 0.1, 1.0) * unit(trend(random, count, length))
    for season in season_lengths[:1]:
        pull += size(random, count, 0.5, 0.1, 1.0) * seasons(random, count, length, season)
    often = random.uniform(0.05, 0.7, (count, 1)) * np.exp(np.clip(pull, -2, 1))
    amount = 1 + random.poisson(np.exp(random.uniform(-2, 3, (count, 1)) + 0.3 * np.clip(pull, -2, 2)))
    return np.where(random.random((count, length)) < often, amount, 0).astype(np.float64)


def regimes(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Two states of the world, each with its own level and noise, on top of a season."""
    switch = random.random((count, length)) < 1 / random.uniform(5, length, (count, 1))
    state = switch.cumsum(1) % 2
    total = state * random.normal(0, 2, (count, 1)) + noise(random, count, length) * (
        random.uniform(0.05, 1, (count, 1)) + state * random.uniform(0, 1, (count, 1))
    )
    for season in season_lengths:
        total += size(random, count, 0.7, 0.2, 3.0) * seasons(random, count, length, season)
    return disturbed(random, bent(random, total))


MECHANISMS: tuple[tuple[float, Callable[[Generator, int, int, tuple[int, ...]], Floats]], ...] = (
    (0.55, components),
    (0.22, sarima),
    (0.13, random_walk),
    (0.05, intermittent),
    (0.05, regimes),
)
"""Share of each mechanism."""


def trend(random: Generator, count: int, length: int) -> Floats:
    """Path of a slope that is constant, dies away, wanders or jumps (N, L)."""
    time = np.arange(length)
    slope = random.normal(0.3, 1, (count, 1)) * np.ones(length)
    fading = np.exp(-time / log_uniform(random, count, length / 10, 2 * length))
    jumps = random.random((count, length)) < random.uniform(0, 4, (count, 1)) / length
    jumping = slope + (jumps * random.normal(0, 1.5, (count, length))).cumsum(1)
    steps = random.normal(0, 1, (count, length)).cumsum(1)
    wandering = slope + steps * size(random, count, 1.0, 0.05, 1.0) / np.sqrt(length)
    return one_of(random, (slope, slope, slope * fading, jumping, wandering)).cumsum(1)


def wandering(random: Generator, count: int, length: int) -> Floats:
    """Random walk, at times one that returns to its level (N, L)."""
    keep = np.where(random.random((count, 1)) < 0.6, 1.0, random.uniform(0.5, 0.99, (count, 1)))
    return autoregression(shocks(random, count, length), keep)


def cycle(random: Generator, count: int, length: int, season_lengths: tuple[int, ...]) -> Floats:
    """Draw a business cycle: a damped wave of random length, kept alive by shocks (N, L)."""
    shortest = 2 * season_lengths[-1] if season_lengths else 4
    period = log_uniform(random, count, shortest, 6 * shortest)
    damping = random.uniform(0.9, 0.995, (count, 1))
    first, second = (2 * damping * np.cos(2 * np.pi / period))[:, 0], (damping**2)[:, 0]
    drawn = random.normal(0, 1, (length, count))
    for step in range(2, length):
        drawn[step] += first * drawn[step - 1] - second * drawn[step - 2]
    return np.asarray(drawn.T)


def smooth(random: Generator, count: int, length: int) -> Floats:
    """Gaussian process of a random length scale, by random Fourier features (N, L).

    Source:
        Rahimi & Recht (2007), Random features for large-scale kernel machines.
    """
    rate = 1 / log_uniform(random, count, length / 40, length)
    total = np.zeros((count, length))
    for _ in range(GAUSSIAN_FEATURES):
        frequency = random.standard_t(3, (count, 1)) * rate
        total += np.cos(frequency * np.arange(length) + random.uniform(0, 2 * np.pi, (count, 1)))
    return total


def seasons(random: Generator, count: int, length: int, season: int) -> Floats:
    """Season of size one whose shape and strength may drift from one season to the next (N, L)."""
    repeats = -(-length // season)
    shape = profile(random, count, season)[:, None]
    drift = random.normal(0, 1, (count, repeats, season)).cumsum(1)
    drift *= size(random, count, 0.6, 0.01, 0.4)[:, None]
    strength = random.normal(0, 1, (count, repeats, 1)).cumsum(1)
    strength = np.exp(strength * size(random, count, 0.3, 0.01, 0.15)[:, None])
    return np.asarray(((shape + drift) * strength).reshape(count, -1)[:, :length])


def profile(random: Generator, count: int, season: int) -> Floats:
    """One season of mean zero and size one: waves, unrelated steps, spikes, or a part of the day (N, m)."""
    phase = 2 * np.pi * np.arange(season) / season
    decay = random.uniform(0.3, 2.5, (count, 1))
    waves = np.zeros((count, season))
    for order in range(1, min(season // 2, 8) + 1):
        weight = random.normal(0, 1, (count, 1)) / order**decay
        waves += weight * np.cos(order * phase + random.uniform(0, 2 * np.pi, (count, 1)))
    rough = random.normal(0, 1, (count, season))
    spikes = rough * (random.random((count, season)) < random.uniform(0.05, 0.3, (count, 1)))
    inner = next((short for short in (7, 24, 48) if season % short == 0 and season > short), 0)
    nested = nested_profile(random, count, season, inner) if inner else rough
    return unit(one_of(random, (waves, waves, rough, spikes, np.maximum(waves, 0), nested)))


def nested_profile(random: Generator, count: int, season: int, inner: int) -> Floats:
    """Season made of shorter ones, such as a week of days: each its own level and strength (N, m)."""
    short = random.normal(0, 1, (count, 1, inner))
    short = (short + np.roll(short, 1, 2) + np.roll(short, 2, 2)) / 2
    parts = season // inner
    special = random.random((count, parts, 1)) < 0.3
    level = random.normal(0, 1, (count, parts, 1)) * special
    strength = 1 + special * random.uniform(-1, 0.5, (count, 1, 1))
    return np.asarray((level + strength * short).reshape(count, season))


def noise(random: Generator, count: int, length: int) -> Floats:
    """Noise of size one, at times correlated (N, L)."""
    keep = random.uniform(-0.4, 0.8, (count, 1)) * maybe(random, count, 0.4)
    return unit(autoregression(shocks(random, count, length), keep))


def shocks(random: Generator, count: int, length: int) -> Floats:
    """Independent draws of size about one, a third of the series with heavy tails (N, L)."""
    drawn = random.normal(0, 1, (count, length))
    freedom = random.uniform(2.5, 8, (count, 1))
    tails = np.sqrt(freedom / random.chisquare(np.broadcast_to(freedom, drawn.shape)))
    return np.where(random.random((count, 1)) < 0.35, drawn * tails, drawn)


def shifted(random: Generator, values: Floats) -> Floats:
    """Move the level of some series at random moments, once or several times."""
    count, length = values.shape
    often = log_uniform(random, count, 0.5, 5.0) * maybe(random, count, 0.15) / length
    jumps = (random.random((count, length)) < often) * random.normal(0, 1, (count, length))
    return np.asarray(values + values.std(1, keepdims=True) * jumps.cumsum(1))


def bent(random: Generator, values: Floats) -> Floats:
    """Make sums products (exponential), bound them, count them, or leave them as they are."""
    count = len(values)
    plain = unit(values)
    grown = np.exp((plain * log_uniform(random, count, 0.03, 0.9)).clip(-LARGEST_EXPONENT, LARGEST_EXPONENT))
    bounded = 1 / (1 + np.exp(-plain * random.uniform(0.5, 3, (count, 1)) - random.normal(0, 1, (count, 1))))
    floored = np.maximum(plain + random.uniform(0, 2, (count, 1)), 0)
    amount = random.uniform(0, 6, (count, 1)) + random.uniform(0.1, 0.8, (count, 1)) * plain.clip(-4, 4)
    counted = random.poisson(np.exp(amount)).astype(np.float64)
    choice = random.random((count, 1))
    kinds = [choice < 0.35, choice < 0.85, choice < 0.88, choice < 0.91]
    return np.select(kinds, [plain, grown, bounded, floored], counted)


def disturbed(random: Generator, values: Floats) -> Floats:
    """Add outliers to some series, of either sign or always one."""
    count, length = values.shape
    hit = random.random((count, length)) < random.uniform(0, 0.03, (count, 1)) * maybe(random, count, 0.2)
    if not hit.any():
        return values
    gap = np.abs(np.diff(values, axis=1)).mean(1, keepdims=True)
    sign = np.where(random.random((count, 1)) < 0.5, 1.0, random.choice((-1.0, 1.0), (count, length)))
    return np.asarray(values + hit * sign * gap * random.exponential(4, (count, length)))


def moving_average(values: Floats, lag: int, weight: Floats) -> Floats:
    """Add to every step a share of the one ``lag`` steps before (N, L)."""
    result = values.copy()
    result[:, lag:] += weight * values[:, :-lag]
    return result


def autoregression(values: Floats, weight: Floats) -> Floats:
    """Let every step keep a share of the one before (N, L)."""
    result, keep = np.array(values.T, order="C"), weight[:, 0]
    for step in range(1, len(result)):
        result[step] += keep * result[step - 1]
    return np.asarray(result.T)


def seasonal_sum(values: Floats, season: int) -> Floats:
    """Sum of every step and all those whole seasons before it: a unit root of the season (N, L)."""
    count, length = values.shape
    padded = np.pad(values, ((0, 0), (0, -length % season)))
    return np.asarray(padded.reshape(count, -1, season).cumsum(1).reshape(count, -1)[:, :length])


def unit(values: Floats) -> Floats:
    """Shift and scale every row to mean zero and size one; a constant row becomes zero."""
    centred = values - values.mean(1, keepdims=True)
    return np.asarray(centred / (centred.std(1, keepdims=True) + TINY))


def one_of(random: Generator, choices: tuple[Floats, ...]) -> Floats:
    """Pick one alternative for every row, with equal chances."""
    which = random.integers(0, len(choices), (len(choices[0]), 1))
    return np.choose(which, choices)


def size(random: Generator, count: int, chance: float, low: float, high: float) -> Floats:
    """Log-uniform size with the given chance, else zero (N, 1)."""
    return log_uniform(random, count, low, high) * maybe(random, count, chance)


def log_uniform(random: Generator, count: int, low: float, high: float) -> Floats:
    """Numbers whose logarithm is uniform (N, 1)."""
    return np.exp(random.uniform(np.log(low), np.log(high), (count, 1)))


def maybe(random: Generator, count: int, chance: float) -> Floats:
    """One with the given chance, else zero (N, 1)."""
    return (random.random((count, 1)) < chance).astype(np.float64)
