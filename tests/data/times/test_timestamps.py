from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.arrow import from_texts
from tsforecast.data.cell_errors import CellError
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timestamps import parse_times
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
    ("Q1/2024", "Q2/2024"),
    ("2024/Q1", "2024/Q2"),
    ("2024-W05", "2024-W06"),
    ("2024 W05", "2024 W06"),
    ("2024-W05-3", "2024-W05-4"),
    ("2024W053", "2024W054"),
    ("Jan 2024", "Feb 2024"),
    ("JAN-2024", "FEB-2024"),
    ("January 2024", "February 2024"),
    ("Jan '24", "Feb '24"),
    ("2024 Jan", "2024 Feb"),
    ("jan 2024", "feb 2024"),
    ("Jan. 2024", "Feb. 2024"),
    ("jan/2024", "fev/2024"),
    ("enero de 2024", "febrero de 2024"),
    ("31JAN2024", "01FEB2024"),
    ("31 janv. 2024 13:05", "1 févr. 2024 0:00"),
    ("31. Januar 2024", "1. Februar 2024"),
    ("31 de enero de 2024", "1 de febrero de 2024"),
    ("Wed, 31 Jan 2024 13:05:00 GMT", "Thu, 01 Feb 2024 00:00:00 GMT"),
    ("Wednesday, January 31, 2024", "Thursday, February 1, 2024"),
    ("Mi, 31.01.2024", "Do, 01.02.2024"),
    ("31.1.2024, 13:05:59", "1.2.2024, 0:00:00"),
    ("1/31/2024, 1:05:59 PM", "2/1/2024, 12:00:00 AM"),
    ("1/31/2024, 1:05:59\u202fPM", "2/1/2024, 12:00:00\u202fAM"),
    ("WED 2024-01-31", "THU 2024-02-01"),
    ("quarta-feira, 31 de janeiro de 2024", "quinta-feira, 1 de fevereiro de 2024"),
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


@given(
    moments=st.lists(st.integers(10**14, 4 * 10**15), min_size=1, max_size=9),
    unit=st.sampled_from([(10**6, 6, "epoch s"), (10**3, 3, "epoch ms")]),
)
def test_moments_with_a_fraction_keep_their_microseconds(
    moments: list[int], unit: tuple[int, int, str]
) -> None:
    """As text and as floats, and written back they are the same moments."""
    per, digits, pattern = unit
    texts = [f"{moment // per}.{moment % per:0{digits}d}" for moment in moments]

    for values in (pa.array(texts), pa.array([float(text) for text in texts])):
        ticks, form = parse_times(values, name="time")

        assert (ticks.tolist(), form.pattern, form.offset) == (moments, pattern, 0)
        assert parse_times(form.to_arrow(ticks), name="time")[0].tolist() == moments


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
    assert form.written_as(like, ticks).render(moment) == [written]


@pytest.mark.parametrize(
    ("texts", "following"),
    [
        (["Nov 2024", "Dec 2024"], "Jan 2025"),
        (["1 Juni 2024", "1 Juli 2024"], "1 August 2024"),
        (["01.MÄR.2024", "01.APR.2024"], "01.MAI.2024"),
        (["Mrz 2024", "Apr 2024"], "Mai 2024"),
        (["avr. 2024", "mai 2024", "juin 2024"], "juil. 2024"),
        (["abr 2024", "may 2024"], "jun 2024"),
        (["mag 2024"], "giu 2024"),
        (["Sat 30 Nov 2024"], "Wed 01 Jan 2025"),
        (["samedi 30 novembre 2024"], "mercredi 01 janvier 2025"),
        (["za 30-11-2024"], "wo 01-01-2025"),
    ],
)
def test_names_go_on_as_a_column_writes_them(texts: list[str], following: str) -> None:
    """Months and days that the table does not show come in its language, capitals, and length, with its dots."""
    form = parse_times(from_texts(texts))[1]

    day = parse_times(from_texts([following]))[0]
    assert form.render(day) == [following]


def test_names_are_those_of_the_model_where_the_rows_leave_them_open() -> None:
    """``Mai`` is a month of three languages, and long and short at once."""
    like = parse_times(from_texts(["März 2024", "April 2024"]))[1]
    ticks, form = parse_times(from_texts(["Mai 2024"]), like=like)

    june = parse_times(from_texts(["Juni 2024"]))[0]
    assert form.written_as(like, ticks).render(june) == ["Juni 2024"]
    assert form.render(june) == ["Jun 2024"]


@pytest.mark.parametrize(
    ("texts", "rows"),
    [
        (["Sat 01 Jan 2011", "Sun 02 Jan 2011", "Sun 03 Jan 2011"], [2]),
        (["Sat 01 Jan 2011", "Mon 02 Jan 2011", "Sat 01 Jan 2011", "Sun 03 Jan 2011"], [1, 3]),
        (["Mo, 01.01.2011 24:00", "So, 02.01.2011"], [0]),
        (["Fri, 31 Dec 2010 23:00:00 -0800", "Fri, 31 Dec 2011 00:30:00 -0800"], [1]),
    ],
)
def test_a_day_of_the_week_that_contradicts_its_date_is_refused(texts: list[str], rows: list[int]) -> None:
    """One of the two is wrong, and nobody can tell which."""
    with pytest.raises(CellError, match="names another day of the week") as caught:
        parse_times(from_texts(texts))

    assert caught.value.row == rows[0]
    assert caught.value.rows is not None
    assert caught.value.rows.tolist() == rows


def test_the_day_of_the_week_is_that_of_the_written_date() -> None:
    """Neither the end of a day nor a move to another clock changes it."""
    berlin = parse_times(from_texts(["2024-07-01 10:00+02:00"]))[1]
    midnight = parse_times(from_texts(["Sat 01 Jan 2011 24:00"]))[0]
    moved = parse_times(from_texts(["Mon, 01 Jul 2024 23:30:00 UTC"]), like=berlin)[0]

    assert np.datetime64(int(midnight[0]), "us") == np.datetime64("2011-01-02")
    assert np.datetime64(int(moved[0]), "us") == np.datetime64("2024-07-02T01:30")


def test_days_of_the_week_tell_day_and_month_apart() -> None:
    """Where both orders make dates, only one makes these days."""
    assert parse_times(from_texts(["Sat 01/02/2020", "Sun 02/02/2020"]))[1].pattern == "%a %d/%m/%Y"
    assert parse_times(from_texts(["Thu 01/02/2020", "Fri 01/03/2020"]))[1].pattern == "%a %m/%d/%Y"
    with pytest.raises(CellError, match="2020-02-01 is a Saturday"):
        parse_times(from_texts(["Sun 01/02/2020"]), day_first=True)


@pytest.mark.parametrize(
    "text", ["Foo 01 Jan 2011", "Sat Jan 2011", "Sat 2011", "Sat 01 Foo 2011", "12 März"]
)
def test_other_words_beside_a_date_are_refused(text: str) -> None:
    """A word that is no day of the week, or a day beside what is no date."""
    with pytest.raises(CellError, match=r"is not a timestamp|without a year"):
        parse_times(from_texts([text]))


@pytest.mark.parametrize("pattern", ["%d-%b-%Y", "%d %B %Y", "%^", "%b '%y"])
def test_names_of_models_of_earlier_versions_are_english(pattern: str) -> None:
    """They stored a code and no names."""
    form = TimeFormat(pattern="%b", months=("x",) * 12).to_json() | {"pattern": pattern}
    del form["months"], form["weekdays"]
    may = np.array([int(np.datetime64("2024-05-31T00:00", "us").astype(np.int64))])

    expected = {"%d-%b-%Y": "31-May-2024", "%d %B %Y": "31 May 2024", "%^": "MAY", "%b '%y": "May '24"}
    assert TimeFormat.from_json(form).render(may) == [expected[pattern]]


@pytest.mark.parametrize(
    "change", [{"months": ["Jan"]}, {"weekdays": ["Mon"]}, {"pattern": "%a %d"}, {"more": 1}]
)
def test_a_stored_format_with_some_names_is_refused(change: dict[str, object]) -> None:
    """A forecast would end in a crash."""
    with pytest.raises(ValueError, match="not a stored time format"):
        TimeFormat.from_json(TimeFormat().to_json() | change)


@pytest.mark.parametrize("text", ["2024-10-01 01:00 EDT", "01/10/2024 01:00:00 CEST"])
def test_letters_of_a_zone_are_refused_with_what_names_one(text: str) -> None:
    """EST is a zone of two countries; the names of months would say nothing here."""
    with pytest.raises(CellError) as caught:
        parse_times(pa.array([text]), name="when")

    assert "write the offset" in caught.value.hint
    assert "--tz" in caught.value.hint
    assert "months" not in caught.value.hint
