"""A target of labels is read as codes, said so, and written as labels again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import days, write
from tsforecast.config import DataSettings
from tsforecast.data.columns.class_columns import labels_of
from tsforecast.data.output.tidy import to_csv as to_tidy
from tsforecast.data.output.writing import ForecastTable, to_csv, to_frame, to_jsonl, to_parquet
from tsforecast.data.panel import Schema
from tsforecast.data.reading import ReadResult, place_table, read_panel
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.errors import DataError, ForecastError, UsageError

SKY = ["clear", "rain", "", "rain", "fog", "clear", "rain", "fog"] * 3


def read(folder: Path, cells: list[Any], header: str = "day,sky", **settings: Any) -> ReadResult:
    """Read a daily table of these cells."""
    rows = [f"{day},{cell}" for day, cell in zip(days(len(cells)), cells, strict=True)]
    text = "\n".join([header, *rows]) + "\n"
    return read_panel(write(folder, text), DataSettings(**{"fill": "ffill", **settings}))


def test_labels_become_codes_in_their_order(tmp_path: Path) -> None:
    """Sorted labels, code 0 first; a missing cell stays missing, and the classes are told."""
    result = read(tmp_path, SKY, target_type="category", fill="none", freq="D", min_rows=1)

    assert result.panel.schema.classes == ("clear", "fog", "rain")
    np.testing.assert_array_equal(result.panel.values[:6], [0, 2, np.nan, 2, 1, 0])
    assert "target 'sky' has 3 classes: 'clear', 'fog' and 'rain'" in [note.text for note in result.notes]
    assert Schema.from_json(result.panel.schema.to_json()) == result.panel.schema


@pytest.mark.parametrize(
    ("cells", "event", "classes"),
    [
        (["no", "yes"], None, ("no", "yes")),
        (["ok", "fault"], "fault", ("ok", "fault")),
        (["True", "False"], None, ("False", "True")),
        ([1, 0], None, ("0", "1")),
        (["10", "9.0"], None, ("9", "10")),
        (["1", "0"], "0", ("1", "0")),
        (["2", "2.0", "1", "1e0"], None, ("1", "2")),
    ],
)
def test_event_of_two_classes_is_the_second(
    tmp_path: Path, cells: list[Any], event: str | None, classes: tuple[str, ...]
) -> None:
    """Numbers are ordered by size and the event comes last; numbers may be written in more ways than one."""
    result = read(tmp_path, cells * 10, target_type="binary", event=event)

    assert result.panel.schema.classes == classes
    assert f"the event is '{classes[1]}'" in " ".join(note.text for note in result.notes)
    assert set(result.panel.values) == {0.0, 1.0}


def test_model_keeps_its_labels_and_names_new_ones(tmp_path: Path) -> None:
    """New rows get the codes that the model has; a label that it never saw counts as missing, with a warning."""
    known = read(tmp_path, SKY, target_type="category")

    again = read_panel(
        write(tmp_path, "day,sky\n2024-01-01,rain\n2024-01-02,hail\n2024-01-03,fog\n", "new.csv"),
        DataSettings(target_type="category"),
        schema=known.panel.schema,
        frequency=known.panel.frequency,
    )

    np.testing.assert_array_equal(again.panel.values, [2, np.nan, 1])
    assert [note.text for note in again.notes if note.warning] == [
        "1 label of target 'sky' is unknown to the model and counts as missing: 'hail'"
    ]


@pytest.mark.parametrize(
    ("cells", "settings", "kind", "said"),
    [
        (["a", "b"], {"target": "sky"}, DataError, "'a' is not a number"),
        (["a", "b"], {}, DataError, "has no numeric column to forecast"),
        (["a", "b", "c"], {"target_type": "binary", "target": "sky"}, DataError, "has 3 labels"),
        (["a", "a"], {"target_type": "category", "target": "sky"}, DataError, "has 1 label"),
        (list(range(101)), {"target_type": "category", "target": "sky"}, DataError, "has 101 labels"),
        (["a", "b"], {"target_type": "binary", "event": "c"}, UsageError, "has no label 'c'"),
        (
            ["a", "b"],
            {"target_type": "category", "event": "a"},
            UsageError,
            "--event names the event of a binary",
        ),
        (["a", "b"], {"target_type": "binary", "layout": "wide"}, UsageError, "--layout wide means nothing"),
        (["a", "b"], {"target_type": "binary", "fill": "linear"}, UsageError, "--fill linear means nothing"),
        (
            ["a", "b"],
            {"target_type": "binary", "outliers": "clip"},
            UsageError,
            "--outliers clip means nothing",
        ),
        (["a", "b"], {"target_type": "binary", "duplicates": "mean"}, UsageError, "--duplicates mean means"),
        (
            ["a", "b"],
            {"target_type": "binary", "resample": "W"},
            UsageError,
            "--aggregate mean means nothing",
        ),
        (
            ["a", "b"],
            {"target_type": "category", "resample": "W", "aggregate": "max"},
            UsageError,
            "--aggregate max means nothing",
        ),
    ],
)
def test_what_cannot_be_classes_is_refused(
    tmp_path: Path, cells: list[Any], settings: dict[str, Any], kind: type[ForecastError], said: str
) -> None:
    """With what is wrong, and a hint that helps."""
    with pytest.raises(kind) as caught:
        read(tmp_path, cells * 10, **settings)

    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("settings", [{}, {"target": "sky"}])
@pytest.mark.parametrize(("cells", "kind"), [(["a", "b"], "binary"), (["a", "b", "c"], "category")])
def test_labels_without_the_flag_propose_it(
    tmp_path: Path, cells: list[str], settings: dict[str, Any], kind: str
) -> None:
    """Whoever forecasts a text for the first time learns from the error how."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, cells * 10, **settings)

    assert caught.value.hint == f"--target-type {kind} --target sky forecasts its labels as classes"


def test_several_columns_of_labels_must_be_told_apart(tmp_path: Path) -> None:
    """Two equally good answers are a question; the column with two labels is the only binary one."""
    cells = ["yes,rain", "no,clear", "no,fog"] * 8

    with pytest.raises(UsageError, match="'wet' or 'sky' could be the target"):
        read(tmp_path, cells, "day,wet,sky", target_type="category")

    assert read(tmp_path, cells, "day,wet,sky", target_type="binary").panel.schema.target == "wet"


def test_name_of_a_target_counts_among_columns_of_classes_only(tmp_path: Path) -> None:
    """A column y of many numbers is not the class that was asked for; one of labels is, whatever stands beside it."""
    numbers = [f"{index}.5,{'yes' if index % 3 else 'no'}" for index in range(30)]
    labels = [f"{'up' if index % 2 else 'down'},{'yes' if index % 3 else 'no'}" for index in range(30)]

    assert read(tmp_path, numbers, "day,y,wet", target_type="binary").panel.schema.target == "wet"
    assert read(tmp_path, labels, "day,y,wet", target_type="binary").panel.schema.target == "y"


def test_any_event_of_a_week_makes_it_one(tmp_path: Path) -> None:
    """Coarser steps of two classes: max says whether the event came at all."""
    cells = ["no"] * 7 + ["no", "yes", *["no"] * 5] + ["yes"] * 7

    result = read(tmp_path, cells, target_type="binary", resample="W-MON", aggregate="max")

    assert 1.0 in result.panel.values[1:]
    assert set(result.panel.values) <= {0.0, 1.0}


HOSTILE = ("=cmd()", 'a,"b"', "<b>\n")


def table() -> ForecastTable:
    """Forecasts of three classes with names that want to be something else."""
    schema = Schema(
        layout="long",
        time="day",
        time_format=TimeFormat(),
        target="sky",
        classes=HOSTILE,
    )
    return ForecastTable(
        schema=schema,
        series_ids=["sky"] * 2,
        ticks=np.array([0, 86_400_000_000]),
        columns={
            "forecast": np.array([1.0, np.nan]),
            **{f"p_{label}": np.array([0.25, np.nan]) for label in HOSTILE},
        },
    )


def test_codes_are_written_as_labels() -> None:
    """In every form of the table, quoted where they must be, and nothing where nothing is known."""
    rows = list(csv.reader(io.StringIO(to_csv(table()).decode(), newline="")))
    lines = [json.loads(line) for line in to_jsonl(table()).splitlines()]
    stored = pq.read_table(io.BytesIO(to_parquet(table()))).to_pylist()

    assert rows[0] == ["day", "forecast", *(f"p_{label}" for label in HOSTILE)]
    assert [row[1:] for row in rows[1:]] == [[HOSTILE[1], "0.25", "0.25", "0.25"], ["", "", "", ""]]
    assert [line["forecast"] for line in lines] == [HOSTILE[1], None]
    assert [row["forecast"] for row in stored] == [HOSTILE[1], None]
    framed = to_frame(table())["forecast"]
    assert framed[0] == HOSTILE[1]
    assert list(framed.isna()) == [False, True]  # pandas 2 has None there, pandas 3 NaN


def test_mended_table_holds_the_labels(tmp_path: Path) -> None:
    """What check --fix writes can be read again."""
    rows = [f"{day},{cell}\n" for day, cell in zip(days(20), ["no", "yes"] * 10, strict=True)]
    path = write(tmp_path, "".join(["day,sky\n", *rows]))
    placed = place_table(path, DataSettings(target_type="binary"))

    assert to_tidy(placed.panel(), placed.grid).decode().splitlines()[:3] == [
        "day,sky",
        "2024-01-01,no",
        "2024-01-02,yes",
    ]


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2, max_size=20, unique=True)
)
def test_numbers_as_labels_are_ordered_by_size(numbers: list[float]) -> None:
    """However they are written, and each stands once."""
    written = [form(one) for one in numbers for form in (repr, "{:.17e}".format)]

    found = labels_of(written)

    assert [float(one) for one in found] == sorted({float(f"{one:.15g}") for one in numbers})
