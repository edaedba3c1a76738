"""Frequencies: arithmetic against pandas, names, and how they are found in timestamps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.times.timeline import Frequency, Ints, infer_frequency, parse_frequency
from tsforecast.errors import DataError, UsageError

WEEKLY = [f"W-{day}" for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")]
CLOCK = ["s", "15s", "min", "5min", "15min", "30min", "h", "2h", "6h", "D"]
MONTHLY = ["MS", "ME", "BMS", "BME"]
QUARTERS = ["QS-OCT", "QS-NOV", "QS-DEC", "QE-OCT", "QE-NOV", "QE-DEC"]
YEARLY = ["YS-JAN", "YS-APR", "YE-DEC", "YE-JUN", "BYE-DEC"]
ALIASES = [*CLOCK, "B", *WEEKLY, "2W-SUN", *MONTHLY, "2MS", *QUARTERS, *YEARLY]

frequencies = st.one_of(
    st.builds(
        lambda step, phase: Frequency("fixed", step, phase % step),
        st.sampled_from([1, 1000, 1_000_000, 900_000_000, 3_600_000_000, 86_400_000_000, 604_800_000_000]),
        st.integers(0, 2**40),
    ),
    st.builds(
        lambda step, phase, time: Frequency("business", step, phase % step, time=time),
        st.integers(1, 4),
        st.integers(0, 3),
        st.integers(0, 86_399_999_999),
    ),
    st.builds(
        lambda step, phase, day, business, time: Frequency(
            "months", step, phase % step, day, business and day in (1, 31), time
        ),
        st.sampled_from([1, 2, 3, 4, 6, 12, 24]),
        st.integers(0, 23),
        st.integers(1, 31),
        st.booleans(),
        st.integers(0, 86_399_999_999),
    ),
    st.builds(
        lambda step, phase: Frequency("step", step, phase % step), st.integers(1, 50), st.integers(0, 49)
    ),
)


def ticks_of(stamps: pd.DatetimeIndex) -> Ints:
    """Microseconds since 1970 of pandas timestamps."""
    return stamps.to_numpy().astype("datetime64[us]").astype(np.int64)


def calendar(alias: str, rows: int, generator: np.random.Generator) -> Ints:
    """Ticks of a pandas calendar from a random start."""
    start = pd.Timestamp("1960-01-01") + pd.Timedelta(days=int(generator.integers(0, 20_000)))
    if alias in (*CLOCK, "B"):
        start += pd.Timedelta(minutes=int(generator.integers(0, 1440)))
    return ticks_of(pd.date_range(start, periods=rows, freq=alias))


def with_holes(ticks: Ints, generator: np.random.Generator, share: float = 0.05) -> Ints:
    """Leave some ticks out, the first and last never."""
    keep = generator.random(len(ticks)) >= share
    keep[[0, -1]] = True
    return ticks[keep]


@given(frequencies, st.lists(st.integers(-2000, 3000), min_size=1, max_size=20))
def test_ordinals_invert_ticks(frequency: Frequency, numbers: list[int]) -> None:
    """Every grid point has one number, and the way there and back changes nothing."""
    expected = np.array(numbers, dtype=np.int64)

    ordinals, exact = frequency.ordinals(frequency.ticks(expected))

    assert expected.tolist() == ordinals.tolist()
    assert exact.all()


@given(frequencies, st.integers(-1000, 1000))
def test_ticks_increase_strictly(frequency: Frequency, first: int) -> None:
    """Later ordinals are later times, over leap years and months of any length."""
    assert (np.diff(frequency.ticks(np.arange(first, first + 500))) > 0).all()


@given(frequencies, st.integers(-1000, 1000), st.floats(0.01, 0.99))
def test_ordinals_between_grid_points_belong_to_the_one_before(
    frequency: Frequency, number: int, share: float
) -> None:
    """A tick between two grid points is not exact and counts as the earlier one."""
    before, after = frequency.ticks(np.array([number, number + 1]))
    between = int(before) + int((after - before) * share)
    ordinals, exact = frequency.ordinals(np.array([between]))

    assert number == ordinals[0]
    assert exact[0] == (between == before)


@given(frequencies)
def test_json_round_trip_is_exact(frequency: Frequency) -> None:
    """A stored frequency is the same grid, phase included."""
    assert frequency == Frequency.from_json(json.loads(json.dumps(frequency.to_json())))


@given(frequencies, st.integers(-500, 500))
def test_alias_and_one_tick_give_the_frequency_back(frequency: Frequency, number: int) -> None:
    """What a name cannot say (the minute of an hourly grid) one timestamp can."""
    tick = int(frequency.ticks(np.array([number]))[0])

    assert frequency == parse_frequency(frequency.alias).anchored_at(tick)


@pytest.mark.parametrize("alias", ALIASES)
def test_future_timestamps_equal_those_of_pandas(alias: str) -> None:
    """A forecast is dated as pandas would date it."""
    generator = np.random.default_rng(3)
    for _ in range(20):
        ticks = calendar(alias, 60, generator)
        frequency = parse_frequency(alias).anchored_at(int(ticks[0]))
        ordinals, exact = frequency.ordinals(ticks[:30])

        assert exact.all()
        assert ticks[30:].tolist() == frequency.ticks(ordinals[-1] + np.arange(1, 31)).tolist()


def test_month_end_follows_leap_years() -> None:
    """The last day of February is the 29th in leap years only."""
    grid = parse_frequency("ME")
    stamps = grid.ticks(np.arange(649, 698, 12)).astype("datetime64[us]").astype("datetime64[D]").astype(str)

    assert stamps.tolist() == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_day_30_of_a_month_falls_back_to_the_last_day_of_february() -> None:
    """Month grids late in the month neither skip February nor lose their day."""
    ticks = ticks_of(pd.DatetimeIndex(["2023-12-30", "2024-01-30", "2024-02-29", "2024-03-30", "2024-04-30"]))
    frequency = infer_frequency([ticks], False).frequency

    assert frequency.alias == "M-30"
    assert frequency.ordinals(ticks)[1].all()


@pytest.mark.parametrize(
    "alias", [*CLOCK, "B", *WEEKLY, "2W-SUN", *MONTHLY, *QUARTERS, *YEARLY, "step", "5step", "M-15"]
)
def test_alias_names_itself(alias: str) -> None:
    """An alias that was printed can be typed back."""
    assert alias == parse_frequency(alias).alias


OLD_AND_PLAIN = {
    "H": "h", "T": "min", "15T": "15min", "S": "s", "L": "ms", "d": "D", "M": "ME", "Q": "QE-DEC",
    "A": "YE-DEC",
    "Y": "YE-DEC", "AS-JUL": "YS-JUL", "W": "W-SUN", "7D": "W-THU", "24h": "D", "60min": "h", "3MS": "QS-OCT",
    "12MS": "YS-JAN", "hourly": "h", "weekly": "W-SUN", "QS-JAN": "QS-OCT", "BM": "BME", "Q-NOV": "QE-NOV",
    "1h": "h", " 2 hours ": "2h", "integer": "step",
}  # fmt: skip


@pytest.mark.parametrize(("text", "alias"), OLD_AND_PLAIN.items())
def test_parse_knows_old_and_plain_names(text: str, alias: str) -> None:
    """Names of older pandas and plain words mean what they meant there."""
    assert alias == parse_frequency(text).alias


@pytest.mark.parametrize(
    "text", ["", "0h", "hurly", "W-XYZ", "M-40", "QS-OCT-4", "h-MON", "3.5h", "-1D", "MS-JAN"]
)
def test_parse_refuses_unknown_names(text: str) -> None:
    """Nobody's frequency is an error of usage with something to try."""
    with pytest.raises(UsageError) as caught:
        parse_frequency(text)

    assert caught.value.hint


def test_parse_suggests_near_names() -> None:
    """A slip of the finger gets the right name back."""
    with pytest.raises(UsageError) as caught:
        parse_frequency("hurly")

    assert "hourly" in caught.value.hint


def test_anchored_at_keeps_what_the_alias_states() -> None:
    """Weeks on Sundays stay on Sundays, whatever weekday the data have; plain weeks follow the data."""
    monday = int(ticks_of(pd.DatetimeIndex(["2024-01-01 06:00"]))[0])

    assert parse_frequency("W-SUN").anchored_at(monday).alias == "W-SUN"
    assert parse_frequency("W").anchored_at(monday).alias == "W-MON"
    assert parse_frequency("W").anchored_at(monday).ordinals(np.array([monday]))[1][0]
    assert parse_frequency("ME").anchored_at(monday).alias == "ME"
    assert parse_frequency("M").anchored_at(monday).alias == "MS"
    assert parse_frequency("QS").anchored_at(monday).alias == "QS-OCT"


@pytest.mark.parametrize(
    ("alias", "words", "horizon", "seasons"),
    [
        ("h", "hourly", 48, (24, 168)),
        ("30min", "every 30 minutes", 48, (48, 336)),
        ("15min", "every 15 minutes", 48, (96, 672)),
        ("min", "every minute", 60, (60, 1440)),
        ("6h", "every 6 hours", 8, (4, 28)),
        ("D", "daily", 14, (7, 365)),
        ("B", "business-daily", 14, (5,)),
        ("W-SUN", "weekly on Sundays", 13, (52,)),
        ("2W-MON", "every 2 weeks on Mondays", 13, (26,)),
        ("MS", "monthly", 18, (12,)),
        ("6MS", "every 6 months", 6, (2,)),
        ("QE-DEC", "quarterly", 8, (4,)),
        ("YS-JAN", "yearly", 6, ()),
        ("step", "every step", 12, ()),
        ("5step", "every 5 steps", 12, ()),
    ],
)
def test_frequency_knows_its_words_horizon_and_seasons(
    alias: str, words: str, horizon: int, seasons: tuple[int, ...]
) -> None:
    """Every usual frequency has a name for people, a horizon and its seasons."""
    frequency = parse_frequency(alias)

    assert (words, horizon, seasons) == (
        frequency.words,
        frequency.default_horizon,
        frequency.season_candidates,
    )


def test_frequency_refuses_impossible_values() -> None:
    """A grid that cannot exist, or half a stored one, is refused at once."""
    with pytest.raises(ValueError, match="phase"):
        Frequency("fixed", 10, 10)
    with pytest.raises(ValueError, match="day"):
        Frequency("months", 1, 0, 32)
    with pytest.raises(ValueError, match="first or last"):
        Frequency("months", 1, 0, 15, business=True)
    with pytest.raises(ValueError, match="not a stored frequency"):
        Frequency.from_json({"kind": "fixed"})


def test_inference_is_right_on_generated_calendars() -> None:
    """200 calendars with holes, of any anchor and phase: the future after them is dated right."""
    generator = np.random.default_rng(11)
    wrong = []
    for _ in range(200):
        alias = str(generator.choice(ALIASES))
        rows = int(generator.choice([8, 12, 30, 60]))
        ticks = calendar(alias, rows + 5, generator)
        known = with_holes(ticks[:rows], generator)
        frequency = infer_frequency([known], False).frequency
        ordinals, exact = frequency.ordinals(known)
        if (
            not exact.all()
            or frequency.ticks(ordinals[-1] + np.arange(1, 6)).tolist() != ticks[rows:].tolist()
        ):
            wrong.append((alias, rows, frequency.alias))

    assert wrong == []


@given(st.integers(1, 30), st.integers(-1000, 1000), st.integers(8, 60), st.integers(0, 2**31))
def test_inference_finds_integer_steps(step: int, first: int, rows: int, seed: int) -> None:
    """Integer time may start anywhere and have any step."""
    ticks = with_holes(first + step * np.arange(rows, dtype=np.int64), np.random.default_rng(seed))

    inferred = infer_frequency([ticks], True).frequency

    assert Frequency("step", step, first % step) == inferred


def test_inference_pools_short_series_of_a_panel() -> None:
    """Series of different starts and ends vote together, those with one row abstain."""
    generator = np.random.default_rng(4)
    grid = parse_frequency("W-WED")
    series = [
        grid.ticks(np.arange(start, start + rows)) for start, rows in generator.integers(1, 40, (30, 2))
    ]

    assert infer_frequency(series, False).frequency.alias == "W-WED"


def test_inference_says_that_some_series_have_another_phase() -> None:
    """Hours at :00 in most series and at :30 in one are hours, with less confidence and a reason."""
    hours = 3_600_000_000 * np.arange(50, dtype=np.int64)
    inference = infer_frequency([hours, hours, hours, hours + 1_800_000_000], False)

    assert parse_frequency("h") == inference.frequency
    assert inference.confidence < 0.8
    assert "between the steps" in inference.reason


def test_inference_is_not_confused_by_many_gaps() -> None:
    """Half of the hours missing leaves hours."""
    generator = np.random.default_rng(8)
    hours = 3_600_000_000 * np.arange(500, dtype=np.int64)

    assert infer_frequency([with_holes(hours, generator, 0.5)], False).frequency.alias == "h"


def test_inference_divides_alternating_differences() -> None:
    """Two hours, three hours, two hours: the step is one hour."""
    hours = 3_600_000_000 * np.cumsum([0, 2, 3, 2, 3, 2, 3, 2, 3])

    assert infer_frequency([hours], False).frequency.alias == "h"


@pytest.mark.parametrize("rows", [7, 30, 500])
def test_weekdays_only_are_business_days(rows: int) -> None:
    """Once a weekend was passed without a row, the weekend is no gap; holidays still are."""
    generator = np.random.default_rng(rows)
    ticks = with_holes(ticks_of(pd.bdate_range("2023-03-01", periods=rows)), generator)

    inference = infer_frequency([ticks], False)

    assert inference.frequency.alias == "B"
    assert "no Saturday or Sunday" in inference.reason


def test_one_week_of_weekdays_is_ambiguous() -> None:
    """Monday to Friday may be days or business days: days are taken, doubt is stated."""
    inference = infer_frequency([ticks_of(pd.date_range("2024-01-01", periods=5))], False)

    assert inference.frequency.alias == "D"
    assert inference.confidence <= 0.5
    assert "--freq B" in inference.reason


def test_confidence_grows_with_the_rows() -> None:
    """Two timestamps say little, fifty say much."""
    stamps = ticks_of(pd.date_range("2024-01-01", periods=50, freq="D"))
    short, long = (infer_frequency([stamps[:rows]], False).confidence for rows in (2, 50))

    assert short < 0.7 < 0.95 < long


@pytest.mark.parametrize(
    ("stamps", "alias"),
    [
        (["2024-01-31", "2024-02-29"], "ME"),
        (["2023-02-01", "2023-03-01"], "MS"),
        (["2024-01-07", "2024-02-04"], "4W-SUN"),
        (["2023-01-01", "2024-01-01"], "YS-JAN"),
        (["2024-01-15", "2024-02-15"], "M-15"),
        (["2024-01-05", "2024-01-08"], "B"),
        (["2024-01-05 10:00", "2024-01-05 10:30"], "30min"),
    ],
)
def test_two_rows_name_the_most_plausible_frequency(stamps: list[str], alias: str) -> None:
    """Two dates a calendar month apart are months, not a number of days."""
    assert alias == infer_frequency([ticks_of(pd.DatetimeIndex(stamps))], False).frequency.alias


def test_time_of_day_belongs_to_the_grid() -> None:
    """Months that start at six in the morning go on so."""
    ticks = ticks_of(pd.date_range("2024-01-01 06:00", periods=9, freq="MS"))
    frequency = infer_frequency([ticks[:6]], False).frequency

    assert ticks[6:].tolist() == frequency.ticks(frequency.ordinals(ticks[5:6])[0] + np.arange(1, 4)).tolist()


def _random_times() -> Ints:
    return np.sort(np.random.default_rng(1).choice(10**12, 60, replace=False)).astype(np.int64)


def _two_distant_blocks() -> Ints:
    hours = 3_600_000_000 * np.arange(10, dtype=np.int64)
    return np.concatenate([hours, hours + 3_600_000_000 * 9000])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_random_times, r"go from [\d.]+ minutes to [\d.]+ hours, their median is [\d.]+ hours"),
        (_two_distant_blocks, "most frequent difference"),
    ],
)
def test_irregular_times_are_refused(make: Callable[[], Ints], told: str) -> None:
    """No grid fits: the error names the most frequent difference, the range where none is, and the flag."""
    with pytest.raises(DataError, match=told) as caught:
        infer_frequency([make()], False)

    assert "--freq" in caught.value.hint


def test_a_single_row_is_refused() -> None:
    """One timestamp has no frequency, however many series there are."""
    with pytest.raises(DataError, match="two different timestamps"):
        infer_frequency([np.array([5]), np.array([7])], True)


def test_free_parts_do_not_make_a_grid_different() -> None:
    """Where the grid lies decides whether two frequencies are equal, not how they were named."""
    frequency = parse_frequency("MS")

    assert frequency == replace(frequency, free=frozenset())
