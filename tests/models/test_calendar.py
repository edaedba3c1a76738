from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.exporters.calendar_graph import write_calendar
from tsforecast.exporters.graph import GraphWriter
from tsforecast.exporters.onnx_bytes import Port
from tsforecast.models.calendar import calendar_features, civil
from tsforecast.models.calendar_numbers import holiday_first_day, holiday_table_length
from tsforecast.models.spec import CALENDAR_WIDTHS, NetworkSpec
from tsforecast.runtime.session import open_session

FIRST, LAST = (int(np.datetime64(day, "s").astype(np.int64)) for day in ("1900-01-01", "2100-12-31"))
NO_HOLIDAYS = torch.zeros(2, dtype=torch.uint8)


def test_civil_is_that_of_numpy_on_every_day_of_two_centuries() -> None:
    """Leap years, and 1900 and 2100, which are none: month, day of the year and its length."""
    days = np.arange(FIRST // 86_400, LAST // 86_400 + 1)
    dates = days.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")

    month, passed, length = (part.numpy() for part in civil(torch.from_numpy(days)))

    np.testing.assert_array_equal(month, dates.astype("datetime64[M]").astype(np.int64) % 12)
    np.testing.assert_array_equal(passed, (dates - years.astype("datetime64[D]")).astype(np.int64))
    starts, ends = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    np.testing.assert_array_equal(length, (ends - starts).astype(np.int64))


@given(second=st.integers(FIRST, LAST))
def test_features_are_waves_of_what_numpy_says(second: int) -> None:
    """Hour, month and day of the year go round a circle; the weekday is one of seven."""
    when = np.datetime64(second, "s")
    day, month, year = (when.astype(f"datetime64[{unit}]") for unit in "DMY")
    shares = {
        "hour": (when - day).astype(np.int64) / 86_400,
        "month": int(month.astype(np.int64)) % 12 / 12,
        "day-of-year": (day - year.astype("datetime64[D]"))
        / ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")),
    }
    for name, share in shares.items():
        found = calendar_features(torch.tensor([[second]]), (name,), NO_HOLIDAYS, 0)[0, 0]
        turns = 2 * np.pi * share * np.array([1, 1, 2, 2])
        wanted = np.where([True, False, True, False], np.sin(turns), np.cos(turns))
        np.testing.assert_allclose(found, wanted, atol=2e-6)
    weekday = calendar_features(torch.tensor([[second]]), ("weekday",), NO_HOLIDAYS, 0)[0, 0]
    assert weekday.tolist() == np.eye(7)[day.item().weekday()].tolist()


def test_holidays_are_known_on_the_day_and_on_both_days_beside_it() -> None:
    """Second channel: the next day is one; third: the last day was one. Nothing is known outside the table."""
    years = (2023, 2023)
    table = torch.zeros(holiday_table_length(years), dtype=torch.uint8)
    first = holiday_first_day(years)
    days = np.arange("2022-12-30", "2024-01-04", dtype="datetime64[D]").astype(np.int64)
    for day in (first, first + 364):
        table[day - first + 1] = 1

    found = calendar_features(torch.from_numpy(days * 86_400 + 3600)[None], ("holiday",), table, first)[0]

    wanted = [(day in (first, first + 364)) * 1.0 for day in range(days[0] - 1, days[-1] + 2)]
    assert found[:, 0].tolist() == wanted[1:-1]
    assert found[:, 1].tolist() == wanted[2:]
    assert found[:, 2].tolist() == wanted[:-2]


def test_features_do_not_depend_on_the_other_timestamps() -> None:
    """Days looked up in a table for many steps are those of a single step."""
    random = np.random.default_rng(0)
    close = FIRST + random.integers(0, 86_400 * 400, (4, 500))

    together = calendar_features(torch.from_numpy(close), ("month", "day-of-year"), NO_HOLIDAYS, 0)

    alone = calendar_features(torch.from_numpy(close[:1, :1]), ("month", "day-of-year"), NO_HOLIDAYS, 0)
    assert torch.equal(together[:1, :1], alone)


@pytest.mark.parametrize("opset", [17, 21])
def test_graph_makes_the_features_that_torch_makes(opset: int) -> None:
    """Whole-number arithmetic in the graph: the same channels from 1900 to 2100, before 1970 too."""
    spec = NetworkSpec(
        context_length=3,
        horizon=1,
        patch_length=1,
        calendar=tuple(CALENDAR_WIDTHS),
        holiday_years=(1960, 1980),
    )
    random = np.random.default_rng(0)
    table = (random.random(holiday_table_length(spec.holiday_years)) < 0.3).astype(np.uint8)
    table[[0, -1]] = 0
    seconds = random.integers(FIRST, LAST, (2000, 4))
    seconds[:, 0] = random.integers(-4000, 4000, 2000) * 86_400
    graph = GraphWriter(opset)
    graph.rename(write_calendar(graph, spec, table), "features")
    model = graph.model(
        [Port("timestamps", "INT64", ["B", 4])],
        [Port("features", "FLOAT", ["B", 4, "K"])],
    )

    found = open_session(model, "graph").run(["features"], {"timestamps": seconds})[0]

    first = holiday_first_day(spec.holiday_years)
    wanted = calendar_features(torch.from_numpy(seconds), spec.calendar, torch.from_numpy(table), first)
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-6)
