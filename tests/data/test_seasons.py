"""Season lengths found in generated panels whose seasons are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tsforecast.data.arrays import Floats
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.seasons import find_season_lengths
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import parse_times

CASES: list[tuple[str, tuple[int, ...]]] = [
    ("h", (24,)), ("h", (24, 168)), ("30min", (48,)), ("30min", (48, 336)), ("15min", (96,)), ("min", (60,)),
    ("D", (7,)), ("D", (7, 365)), ("D", (365,)), ("B", (5,)), ("W-SUN", (52,)), ("MS", (12,)), ("QS", (4,)),
    ("step", (7,)), ("step", (10,)), ("step", (24,)), ("step", (30,)), ("step", (50,)), ("step", (24, 168)),
    ("step", (7, 30)), ("D", (30,)),
]  # fmt: skip


def panel_of(series: Sequence[Floats], alias: str) -> Panel:
    """Panel of unnamed series that all start at ordinal 0."""
    import pyarrow as pa

    _, time_format = parse_times(pa.array([1, 2, 3]))
    schema = Schema(layout="long", time="t", time_format=time_format, id="id", target="y")
    names = [str(index) for index in range(len(series))]
    return Panel.of(names, series, [0] * len(series), parse_frequency(alias), schema)


def profile(season_length: int, generator: np.random.Generator) -> Floats:
    """One season of unit spread: a sine, a few harmonics, or any values at all."""
    turn = 2 * np.pi * np.arange(season_length) / season_length
    kind = generator.integers(3)
    values = np.sin(turn + generator.uniform(0, 6))
    if kind == 1:
        values = values + 0.5 * generator.normal() * np.sin(2 * turn + generator.uniform(0, 6))
    if kind == 2:
        values = generator.normal(size=season_length)
    values = values - values.mean()
    return np.asarray(values / values.std())


def seasonal(seasons: tuple[int, ...], rows: int, strength: float, generator: np.random.Generator) -> Floats:
    """Series with seasons, trend, noise and 5 % holes; ``strength`` is their share of the variance."""
    cycles = sum(np.resize(profile(length, generator), rows) for length in seasons) / np.sqrt(len(seasons))
    noise = generator.normal(size=rows)
    trend = generator.normal() * 4 * np.arange(rows) / rows
    values = np.sqrt(strength) * cycles + np.sqrt(1 - strength) * noise + trend
    values[generator.random(rows) < 0.05] = np.nan
    return np.asarray(100 + values * 10 ** generator.uniform(-2, 4))


def agrees(found: tuple[int, ...], true: tuple[int, ...], suggested: tuple[int, ...]) -> bool:
    """Whether every season was found, and nothing beside them but what the frequency suggests."""

    def same(one: int, other: int) -> bool:
        return abs(one - other) <= (0 if other <= 50 else other // 100)

    missed = [length for length in true if not any(same(other, length) for other in found)]
    surplus = [other for other in found if not any(same(other, length) for length in (*true, *suggested))]
    return not missed and not surplus


def test_seasons_of_generated_series_are_found() -> None:
    """One or two seasons under trend, noise and holes are found in 95 of 100 series."""
    generator = np.random.default_rng(2)
    wrong = []
    for index in range(200):
        alias, true = CASES[index % len(CASES)]
        rows = max(int(generator.uniform(6, 12) * max(true)), 80)
        panel = panel_of([seasonal(true, rows, generator.uniform(0.5, 0.95), generator)], alias)
        found = find_season_lengths(panel)
        if not agrees(found, true, panel.frequency.season_candidates):
            wrong.append((alias, true, found, rows))

    assert len(wrong) <= 10, wrong


@pytest.mark.parametrize(("alias", "true"), [case for case in CASES if len(case[1]) == 1])
def test_a_panel_shows_its_season_more_plainly_than_a_series(alias: str, true: tuple[int, ...]) -> None:
    """Twelve noisy series agree on the season that each of them has."""
    generator = np.random.default_rng(5)
    panel = panel_of([seasonal(true, max(5 * true[0], 60), 0.5, generator) for _ in range(12)], alias)

    assert agrees(find_season_lengths(panel), true, panel.frequency.season_candidates)


@pytest.mark.parametrize(
    ("alias", "true"),
    [
        ("h", (44,)),
        ("h", (79,)),
        ("h", (8,)),
        ("h", (17, 74)),
        ("D", (44, 89)),
        ("min", (31, 78)),
    ],
)
def test_no_length_of_the_calendar_is_seen_where_another_repeats(alias: str, true: tuple[int, ...]) -> None:
    """Data that follow no calendar have their own seasons, to the step, and none of its lengths beside them."""
    generator = np.random.default_rng(11)
    panels = [panel_of([seasonal(true, 10 * true[-1], 0.9, generator)], alias) for _ in range(5)]

    assert sum(find_season_lengths(panel) == true for panel in panels) >= 4


def test_a_season_and_a_multiple_of_it_are_both_found() -> None:
    """A day and a week stay two seasons where no calendar names them."""
    generator = np.random.default_rng(12)

    assert find_season_lengths(panel_of([seasonal((24, 168), 1500, 0.9, generator)], "step")) == (24, 168)


def test_a_weak_season_of_the_frequency_is_kept() -> None:
    """A tenth of the variance is enough for a day of hours: missing it costs more than keeping it."""
    generator = np.random.default_rng(6)

    assert 24 in find_season_lengths(panel_of([seasonal((24,), 1500, 0.1, generator)], "h"))


def test_random_walks_have_no_season() -> None:
    """What wanders does not repeat, and a year of years is no season either."""
    generator = np.random.default_rng(7)
    for alias in ("step", "YS"):
        walks = [np.cumsum(generator.normal(size=300)) for _ in range(20)]
        found = [find_season_lengths(panel_of([walk], alias)) for walk in walks]

        assert sum(map(bool, found)) <= 1
        assert find_season_lengths(panel_of(walks, alias)) == ()


def test_weekdays_are_not_seen_in_a_walk_over_many_series() -> None:
    """Forty random walks by day have no week and no year."""
    generator = np.random.default_rng(8)

    assert (
        find_season_lengths(panel_of([np.cumsum(generator.normal(size=900)) for _ in range(40)], "D")) == ()
    )


@pytest.mark.parametrize("rows", [1, 2, 5, 20, 49])
def test_short_series_have_no_long_season(rows: int) -> None:
    """A season needs 2.1 repetitions before anything is said about it."""
    values = np.sin(2 * np.pi * np.arange(rows) / 24)

    assert 24 not in find_season_lengths(panel_of([values], "h"))


@pytest.mark.parametrize("values", [np.full(200, 3.0), np.full(200, np.nan), np.arange(200.0), np.zeros(0)])
def test_series_without_variation_have_no_season(values: Floats) -> None:
    """Constants, trends and nothing at all are answered quietly."""
    assert find_season_lengths(panel_of([values], "D")) == ()


def test_an_empty_panel_has_no_season() -> None:
    """No series, no season, no error."""
    assert find_season_lengths(panel_of([], "D")) == ()


def test_seasons_do_not_depend_on_level_or_scale() -> None:
    """A unit-size season on a level of a billion is the same season."""
    generator = np.random.default_rng(9)
    values = seasonal((24,), 500, 0.7, generator)
    standard = (values - np.nanmean(values)) / np.nanstd(values)
    found = [
        find_season_lengths(panel_of([standard * scale + level], "h")) for scale, level in ((1, 0), (1, 1e9))
    ]

    assert found[0] == found[1]


def test_seasons_are_ascending_and_at_most_three() -> None:
    """Even where four cycles overlap, three lengths come back, shortest first."""
    generator = np.random.default_rng(10)
    values = sum(np.resize(profile(length, generator), 2000) for length in (7, 24, 55, 168))
    found = find_season_lengths(panel_of([np.asarray(values)], "step"))

    assert 1 <= len(found) <= 3
    assert sorted(set(found)) == list(found)
