from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.arrow import from_texts
from tsforecast.data.cells import CellError
from tsforecast.data.time_format import TimeFormat
from tsforecast.data.timestamps import parse_times
from tsforecast.errors import UsageError

DAY = 86_400_000_000
FORMS = [
    ("2024-01-31", "2024-02-01"),
    ("2024-01-31 13:05", "2024-02-01 00:00"),
    ("2024-01-31T13:05", "2024-02-01T00:00"),
    ("2024-01-31 13:05:59", "2024-02-01 00:00:00"),
    ("2024-01-31T13:05:59.125", "2024-02-01T00:00:00.000"),
    ("2024-01-31T13:05:59.000005000", "2024-02-01T00:00:00.000000000"),
    ("2024-01-31T13:05:59Z", "2024-02-01T00:00:00Z"),
    ("2024-01-31 13:05:59+05:30", "2024-02-01 00:00:00+05:30"),
    ("2024-01-31 13:05-0800", "2024-02-01 00:00-0800"),
    ("2024-01-31 13:05 UTC", "2024-02-01 00:00 UTC"),
    ("2024/01/31", "2024/02/01"),
    ("2024/1/31 9:05", "2024/2/1 10:00"),
    ("31/01/2024", "01/02/2024"),
    ("31.1.2024", "1.2.2024"),
    ("31.01.2024 13:05", "01.02.2024 00:00"),
    ("01/31/2024", "02/01/2024"),
    ("1/31/24", "2/1/24"),
    ("01/31/2024 1:05 PM", "02/01/2024 12:00 AM"),
    ("31-Jan-2024", "01-Feb-2024"),
    ("31-JAN-24", "01-FEB-24"),
    ("January 31, 2024", "February 1, 2024"),
    ("2024-01", "2024-02"),
    ("2024/01", "2024/02"),
    ("01-2024", "02-2024"),
    ("2024M01", "2024M02"),
    ("2024Q1", "2024Q2"),
    ("2024-Q1", "2024-Q2"),
    ("Q1 2024", "Q2 2024"),
    ("Jan 2024", "Feb 2024"),
    ("JAN-2024", "FEB-2024"),
    ("January 2024", "February 2024"),
    ("Jan '24", "Feb '24"),
    ("2024 Jan", "2024 Feb"),
]
"""Two timestamps each, the first one at the end of January 2024 or in it, the second later."""


@pytest.mark.parametrize("texts", FORMS, ids=[first for first, _ in FORMS])
def test_every_form_is_written_back_as_it_was(texts: tuple[str, str]) -> None:
    """A forecast continues the user's column in the user's own form."""
    ticks, form = parse_times(pa.array(texts))

    assert form.render(ticks) == list(texts)
    assert TimeFormat.from_json(form.to_json()) == form
    clocks = [datetime(1970, 1, 1) + (np.timedelta64(int(tick), "us")).astype(object) for tick in ticks]
    assert [clock.year for clock in clocks] == [2024, 2024]
    assert clocks[0].month == 1
    assert clocks[1].month in (2, 4)


@pytest.mark.parametrize(
    "pattern", ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d %b %Y %H:%M:%S"]
)
@given(st.lists(st.datetimes(datetime(1000, 1, 1), datetime(8999, 12, 31)), min_size=1, max_size=20))
def test_ticks_are_the_wall_clock(pattern: str, moments: list[datetime]) -> None:
    """Python's own calendar is the oracle."""
    whole = [moment.replace(microsecond=0) for moment in moments]
    ticks, form = parse_times(pa.array([moment.strftime(pattern) for moment in whole]))

    expected = [
        (moment - datetime(1970, 1, 1)) // (datetime(1970, 1, 1, 0, 0, 0, 1) - datetime(1970, 1, 1))
        for moment in whole
    ]
    assert ticks.tolist() == expected
    assert form.render(ticks) == [moment.strftime(pattern) for moment in whole]


@pytest.mark.parametrize(
    ("numbers", "name", "pattern", "first"),
    [
        ([1949, 1950], "year", "%Y", "1949-01-01"),
        ([1949, 1950], "ds", "%Y", "1949-01-01"),
        ([20240131, 20240201], "date", "%Y%m%d", "2024-01-31"),
        ([202401, 202402], "month", "%Y%m", "2024-01-01"),
        ([1_706_745_600, 1_706_749_200], "time", "epoch s", "2024-02-01"),
        ([1_706_745_600_000, 1_706_749_200_000], "time", "epoch ms", "2024-02-01"),
        ([1_706_745_600_000_000, 1_706_749_200_000_000], "time", "epoch us", "2024-02-01"),
        ([1_706_745_600_000_000_000, 1_706_749_200_000_000_000], "time", "epoch ns", "2024-02-01"),
    ],
)
@pytest.mark.parametrize("as_text", [True, False])
def test_whole_numbers_that_mean_dates(
    numbers: list[int], name: str, pattern: str, first: str, as_text: bool
) -> None:
    """Years, dates without separators and epochs are known by magnitude, and written back as numbers."""
    ticks, form = parse_times(pa.array([str(one) for one in numbers] if as_text else numbers), name=name)

    assert form.pattern == pattern
    assert np.datetime64(int(ticks[0]), "us") == np.datetime64(first)
    assert form.render(ticks) == numbers


@pytest.mark.parametrize(("numbers", "name"), [([1, 2, 3], "ds"), ([1990, 1991], "step"), ([-5, 0], "t")])
def test_other_whole_numbers_are_steps(numbers: list[int], name: str) -> None:
    """A plain count stays what it is."""
    ticks, form = parse_times(pa.array(numbers), name=name)

    assert (form.kind, ticks.tolist(), form.render(ticks)) == ("integer", numbers, numbers)


def test_an_earlier_file_decides_what_numbers_mean() -> None:
    """New steps that look like years are steps where the history counts."""
    steps = parse_times(pa.array([1, 2, 3]), name="k")[1]

    assert parse_times(pa.array([1999, 2000]), name="k", like=steps)[1].kind == "integer"


@pytest.mark.parametrize(
    "kind", [pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("ns")]
)
def test_arrow_timestamps_keep_their_type(kind: pa.DataType) -> None:
    """Parquet in, Parquet out: the time column has the same type."""
    column = pa.array([0, 3600], pa.int64()).cast(pa.timestamp("s")).cast(kind)
    ticks, form = parse_times(column)

    assert ticks.tolist() == [0, 3_600_000_000]
    assert form.to_arrow(ticks).equals(column)


@pytest.mark.parametrize("zone", ["UTC", "+05:30", "Europe/Berlin"])
def test_zoned_timestamps_give_their_own_wall_clock(zone: str) -> None:
    """Hours are those that people there see, and the instants come back."""
    seconds = [1_704_067_200, 1_719_792_000]
    column = pa.array(seconds, pa.int64()).cast(pa.timestamp("s", zone))
    ticks, form = parse_times(column)

    hours = {"UTC": [0, 0], "+05:30": [5, 5], "Europe/Berlin": [1, 2]}[zone]
    assert (ticks // 3_600_000_000 % 24).tolist() == hours
    assert form.to_arrow(ticks).cast(pa.int64()).to_pylist() == seconds
    assert form.render(ticks)[0] == {
        "UTC": "2024-01-01 00:00:00+00:00",
        "+05:30": "2024-01-01 05:30:00+05:30",
    }.get(zone, "2024-01-01 01:00:00+01:00")


def test_dates_of_arrow_stay_dates() -> None:
    """A date32 column needs no clock."""
    column = pa.array([19_000, 19_001], pa.int32()).cast(pa.date32())
    ticks, form = parse_times(column)

    assert form.render(ticks) == ["2022-01-08", "2022-01-09"]
    assert form.to_arrow(ticks).equals(column)


def test_a_clock_is_added_where_the_form_would_lose_it() -> None:
    """Dates without a clock followed by hours must not all look the same."""
    ticks, form = parse_times(pa.array(["2024-01-01", "2024-01-02"]))

    assert form.render(np.array([ticks[0] + DAY // 2])) == ["2024-01-01 12:00"]
    assert form.render(np.array([ticks[0] + 1_000_000])) == ["2024-01-01 00:00:01"]


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (["2024-01-01", "x"], 1),
        (["2024-01-01", "2024-01-01", "2024-13-01"], 2),
        (["31/01/2024", "31/02/2024"], 1),
        (["2024Q1", "2024Q5"], 1),
        (["Jan 2024", "Foo 2024"], 1),
        (["1", "2", "2.5"], 2),
        (["2024-01-01", ""], 1),
        (["2024-01-01T00:00Z", "2024-01-01T01:00+01:00"], 1),
        (["13/13/2024"], 0),
        (["0000-01-01"], 0),
    ],
)
def test_first_bad_cell_is_named(texts: list[str], row: int) -> None:
    """The row of the error is the first row that has it."""
    with pytest.raises(CellError) as caught:
        parse_times(pa.array(texts))

    assert caught.value.row == row


def test_day_and_month_are_decided_on_the_whole_column() -> None:
    """One number above 12 anywhere settles all rows; none at all settles nothing."""
    assert parse_times(pa.array(["01/02/2024", "13/02/2024"]))[1].pattern == "%d/%m/%Y"
    assert parse_times(pa.array(["01/02/2024", "02/13/2024"]))[1].pattern == "%m/%d/%Y"
    assert parse_times(pa.array(["01.02.2024", "02.02.2024"]))[1].pattern == "%d.%m.%Y"
    with pytest.raises(UsageError, match="'when': day and month cannot be told apart"):
        parse_times(pa.array(["01/02/2024", "02/02/2024"]), name="when")


def test_damaged_stored_format_is_refused() -> None:
    """A model folder is not trusted blindly."""
    with pytest.raises(ValueError, match="not a stored time format"):
        TimeFormat.from_json({"kind": "datetime"})


@pytest.mark.parametrize(
    ("model", "rows", "written"),
    [
        (["1/3/2024", "1/4/2024"], ["12/30/2024"], "1/9/2025"),
        (["01/30/2024", "02/03/2024"], ["12/30/2024"], "01/09/2025"),
        (["1/3/2024", "1/30/2024"], ["12/30/2024", "01/02/2025"], "01/09/2025"),
        (["1-3-2024", "1-30-2024"], ["12-30-2024"], "1-9-2025"),
        (["1/30/2024"], ["2024-12-30"], "2025-01-09"),
    ],
)
def test_zeros_before_short_numbers_are_those_of_the_model(
    model: list[str], rows: list[str], written: str
) -> None:
    """Rows that do not show whether days have two digits are continued as the model's table is written."""
    _, like = parse_times(from_texts(model), name="day", day_first=False)
    ticks, form = parse_times(from_texts(rows), name="day", like=like)

    moment = np.array([int(np.datetime64("2025-01-09T00:00", "us").astype(np.int64))])
    assert form.padded_as(like, ticks).render(moment) == [written]
