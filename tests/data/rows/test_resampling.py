"""Rows become the steps that --resample asks for, and steps that the data cut are none."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tests.data.tables import by_id, daily, read, write
from tsforecast.config import DataSettings
from tsforecast.data.panel import Schema
from tsforecast.data.reading import read_panel
from tsforecast.errors import DataError, UsageError

NAN = float("nan")
CHOICES = {item.name: item.metadata["choices"] for item in fields(DataSettings)}


@pytest.mark.parametrize(
    ("how", "value"), [("mean", 11.5), ("sum", 276), ("max", 23), ("last", 23), ("first", 0)]
)
def test_rows_become_coarser_steps(tmp_path: Path, how: str, value: float) -> None:
    """Hours become days by the function that was asked for."""
    rows = [f"2024-01-{day:02d} {hour:02d}:00,{hour}" for day in range(1, 9) for hour in range(24)]
    result = read(tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate=how)

    assert result.panel.frequency.alias == "D"
    assert result.panel.values.tolist() == [value] * 8


@pytest.mark.parametrize(("how", "values"), [("last", [19, 43, 67]), ("first", [4, 28, 52])])
def test_rows_without_a_value_are_passed_over(tmp_path: Path, how: str, values: list[float]) -> None:
    """The last reading of a day is the last that was taken; a row that says nothing takes none away."""
    cells = [hour if 4 <= hour % 24 < 20 else "" for hour in range(72)]
    rows = [f"2024-01-{hour // 24 + 1:02d} {hour % 24:02d}:00,{cell}" for hour, cell in enumerate(cells)]
    result = read(tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate=how)

    assert result.panel.values.tolist() == values


@pytest.mark.parametrize(
    ("name", "alias"), [("M", "MS"), ("month", "MS"), ("Q", "QS-OCT"), ("yearly", "YS-JAN")]
)
def test_names_that_leave_the_day_open_begin_with_the_first(tmp_path: Path, name: str, alias: str) -> None:
    """Who asks for months need not know that they are named MS."""
    assert read(tmp_path, daily(1500), resample=name).panel.frequency.alias == alias


def test_irregular_rows_become_regular_by_request(tmp_path: Path) -> None:
    """Without the flag an irregular table is refused with the command that helps."""
    text = "ds,y\n2024-01-01 00:13,1\n2024-01-01 05:17,2\n2024-01-02 19:43,3\n2024-01-03 01:01,4\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)

    assert "--resample" in caught.value.hint
    result = read(tmp_path, text, resample="D")
    assert result.panel.values.tolist() == [1.5, 3, 4]


@pytest.mark.parametrize("how", ["sum", "mean", "max"])
def test_steps_that_the_data_cut_are_left_out(tmp_path: Path, how: str) -> None:
    """Seven hours are no day with few sales, neither as the first nor as the last."""
    rows = [f"2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,1" for step in range(15, 24 * 5 + 7)]
    result = read(tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate=how)

    assert result.panel.values.tolist() == [24 if how == "sum" else 1] * 4
    texts = [note.text for note in result.notes]
    assert "the first step begins before the data and was left out: 9 rows where 24 are usual" in texts
    assert "the last step ends after the data and was left out: 7 rows where 24 are usual" in texts


def test_the_last_hours_alone_do_not_pass_for_days(tmp_path: Path) -> None:
    """New rows for a model may hold a piece of yesterday, a whole day, and a piece of today."""
    rows = [f"2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,1" for step in range(18, 55)]

    assert read(
        tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate="sum"
    ).panel.values.tolist() == [24]


def test_rows_without_one_whole_day_are_refused(tmp_path: Path) -> None:
    """An evening and a morning are no two days."""
    rows = [f"2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,1" for step in range(18, 30)]
    with pytest.raises(DataError, match="covers no whole step that is daily, about 24 rows"):
        read(tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate="sum")


def _hours(first: int, end: int, name: str = "") -> list[str]:
    return [f"{name}2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,1" for step in range(first, end)]


@pytest.mark.parametrize(
    ("hours", "left"),
    [
        ((24 * 5, 24 * 5 + 7), None),
        ((24 * 5 + 9, 24 * 6), None),
        ((24 * 5, 24 * 6), [24]),
        ((24 * 4, 24 * 5 + 7), [24]),
    ],
)
def test_the_model_knows_whether_its_newest_rows_are_a_whole_day(
    tmp_path: Path, hours: tuple[int, int], left: list[int] | None
) -> None:
    """Rows within one day do not tell how many a day has; those that the model was made from do."""
    settings = DataSettings(resample="D", aggregate="sum")
    model = read_panel(write(tmp_path, "\n".join(["ds,y", *_hours(0, 24 * 5)])), settings).panel
    new = write(tmp_path, "\n".join(["ds,y", *_hours(*hours)]), "new.csv")
    schema = Schema.from_json(model.schema.to_json())
    if left is None:
        with pytest.raises(DataError, match="covers no whole step that is daily, about 24 rows") as caught:
            read_panel(new, settings, schema=schema, frequency=model.frequency)
        assert "a model folder forecasts from its history without any" in caught.value.hint
        return
    result = read_panel(new, settings, schema=schema, frequency=model.frequency)

    assert result.panel.values.tolist() == left
    said = any(
        "the last step ends after the data and was left out: 7 rows" in one.text for one in result.notes
    )
    assert said == (hours[1] % 24 > 0)


def test_series_of_one_day_in_progress_are_left_out_of_the_new_rows(tmp_path: Path) -> None:
    """The others go on; nothing is known of a series whose first day is not over."""
    settings = DataSettings(resample="D", aggregate="sum")
    lines = ["id,ds,y", *_hours(0, 24 * 4, "a,"), *_hours(0, 24 * 4, "b,")]
    model = read_panel(write(tmp_path, "\n".join(lines)), settings).panel
    lines = ["id,ds,y", *_hours(24 * 4, 24 * 5, "a,"), *_hours(24 * 4, 24 * 4 + 5, "b,")]
    result = read_panel(
        write(tmp_path, "\n".join(lines), "new.csv"), settings, schema=model.schema, frequency=model.frequency
    )

    assert by_id(result.panel) == {"a": [24]}
    assert any("was left out of 1 series: 5 rows where 24 are usual" in note.text for note in result.notes)


def test_shops_that_close_at_night_have_whole_days_for_their_model(tmp_path: Path) -> None:
    """A day of nine hours is one where all days of the model are so; its table says so, not the clock."""
    settings = DataSettings(resample="D", aggregate="sum")
    rows = [f"2024-01-{day:02d} {hour:02d}:00,1" for day in range(1, 7) for hour in range(9, 18)]
    model = read_panel(write(tmp_path, "\n".join(["ds,y", *rows[:-9]])), settings).panel
    new = write(tmp_path, "\n".join(["ds,y", *rows[-9:]]), "new.csv")
    result = read_panel(new, settings, schema=model.schema, frequency=model.frequency)

    assert result.panel.values.tolist() == [9]
    assert not [note for note in result.notes if note.warning]


def test_hours_of_opening_are_whole_days(tmp_path: Path) -> None:
    """A night in which nothing is ever counted cuts no day."""
    rows = [f"2024-01-{day:02d} {hour:02d}:00,1" for day in (1, 2) for hour in range(9, 18)]

    assert read(
        tmp_path, "\n".join(["ds,y", *rows]), resample="D", aggregate="sum"
    ).panel.values.tolist() == [9, 9]


def test_a_day_in_progress_is_no_newest_value(tmp_path: Path) -> None:
    """Where something is known ahead of it, a day that is not over is missing, and each series has its own end."""
    lines = ["id,ds,y,future_x"]
    for name, hours in (("a", 24 * 4 + 5), ("b", 24 * 4)):
        for step in range(24 * 6):
            value = "1" if step < hours else ""
            lines.append(f"{name},2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,{value},2")
    result = read(tmp_path, "\n".join(lines), resample="D", aggregate="sum")

    assert by_id(result.panel) == {"a": [24] * 4, "b": [24] * 4}
    assert any("was left out of 1 series: 5 rows" in note.text for note in result.notes)


def test_a_short_last_step_that_may_be_whole_is_warned_of(tmp_path: Path) -> None:
    """Purchases come when they come: a day with few of them may be over; and a last price is a price."""
    times = [f"2024-01-{day:02d} {hour:02d}:07" for day in range(1, 8) for hour in (2, 9, 15, 22)]
    irregular = "\n".join(["ds,y", *(f"{time},1" for time in [*times, "2024-01-08 21:00"])])
    rows = [f"2024-01-{step // 24 + 1:02d} {step % 24:02d}:00,{step}" for step in range(24 * 5 + 7)]
    for text, how, last in ((irregular, "sum", 1), ("\n".join(["ds,y", *rows]), "last", 126)):
        result = read(tmp_path, text, resample="D", aggregate=how)

        assert result.panel.values[-1] == last
        assert any("may be incomplete" in note.text and note.warning for note in result.notes)


def test_steps_named_by_their_end_are_refused(tmp_path: Path) -> None:
    """A row belongs to the step that begins before it."""
    with pytest.raises(UsageError, match="--resample ME"):
        read(tmp_path, daily(40), resample="ME")
