"""What an exported file says of its table suffices to read it, with regular expressions alone."""

from __future__ import annotations

import json
import re

import pyarrow as pa
import pytest

from tests.exporters.test_runner import TEXTS
from tsforecast.data.panel import Schema
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import parse_times
from tsforecast.exporters.plain_table import table_of, times_of


@pytest.mark.parametrize("text", TEXTS)
def test_a_timestamp_fits_the_shape_of_its_column(text: str) -> None:
    """Its own, or ISO 8601 where only a calendar can read it; whole numbers have a count instead."""
    _, form = parse_times(pa.array([text]), name="when")

    told = times_of(form, parse_frequency("D"))

    counted = form.pattern.startswith("epoch")
    assert bool(told["count"]) == counted
    assert bool(re.fullmatch(told["shape"], text)) == (not counted and "%V" not in form.pattern)
    assert json.loads(json.dumps(told)) == told


def test_marks_of_a_pattern_stand_for_themselves() -> None:
    """A dot between day and month is no other character."""
    shape = times_of(TimeFormat(pattern="%-d.%m.%Y"), parse_frequency("D"))["shape"]

    assert re.fullmatch(shape, "1.02.2024")
    assert not re.fullmatch(shape, "1-02-2024")
    assert not re.fullmatch(shape, "1.2.2024")


def test_every_column_is_named_with_its_place() -> None:
    """Ids, time, covariates in the order of the inputs, then labels in that order, those of the target last."""
    schema = Schema(
        layout="long", time="day", time_format=TimeFormat(), id="shop", target="event", past=("rain",),
        future=("price", "offer"), static=("town",), categories={"offer": ("no", "yes")}, classes=("a", "b"),
    )  # fmt: skip

    told = table_of(schema)

    assert told["columns"] == ["shop", "day", "rain", "price", "offer", "town"]
    assert (told["past"], told["ahead"], told["targets"], told["names"]) == (1, 3, ["event"], ["shop"])
    assert told["labels"] == [None, None, {"no": 1, "yes": 2}, None, {"a": 1, "b": 2}]
