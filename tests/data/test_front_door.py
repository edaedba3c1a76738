"""Settings, encodings and zones at the front door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.data.tables import days, read, write
from tsforecast.data.reading import read_panel
from tsforecast.errors import UsageError

NUMBERS = [100.0 + number for number in range(14)]


def column(form: str, values: list[float] = NUMBERS, header: str = "ds,y", sep: str = ",") -> str:
    """Daily table whose cells are written in a form such as ``€{:.1f}``."""
    rows = zip(days(len(values)), values, strict=True)
    return header + "\n" + "".join(f"{day}{sep}{form.format(value)}\n" for day, value in rows)


def stamps(*texts: str) -> str:
    """Table of timestamps that counts."""
    return "ds,y\n" + "".join(f"{text},{number}.5\n" for number, text in enumerate(texts))


SUMMER = [f"2024-03-31T{hour:02d}:00+{1 if hour < 2 else 2:02d}:00" for hour in (0, 1, 3, 4, 5, 6, 7)]
WINTER = [
    "2024-10-27T00:00+02:00",
    "2024-10-27T01:00+02:00",
    "2024-10-27T02:00+02:00",
    "2024-10-27T02:00+01:00",
    "2024-10-27T03:00+01:00",
    "2024-10-27T04:00+01:00",
]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"day_first": True, "month_first": True}, "contradict"),
        ({"tz": "Europe/Nowhere"}, "unknown time zone"),
        ({"encoding": "latin-99"}, "unknown encoding"),
        ({"resample": "fortnight"}, "unknown frequency"),
        ({"time": "ds,y"}, "make no time together"),
    ],
)
def test_settings_that_mean_nothing_are_usage_errors(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    """A flag is never ignored, also where the table would not need it."""
    with pytest.raises(UsageError, match=message):
        read(tmp_path, column("{:.1f}x").replace("x", ""), **settings)


def test_windows_text_is_no_latin_1(tmp_path: Path) -> None:
    """The euro sign of a Windows file stays a euro sign."""
    rows = "".join(f"K\u00f6ln \u20ac,{day},1.5\nUlm,{day},2.5\n" for day in days(9))
    result = read(tmp_path, ("ort,ds,y\n" + rows).encode("cp1252"))

    assert result.panel.series_ids == ("K\u00f6ln \u20ac", "Ulm")
    assert any("Windows-1252" in note.text for note in result.notes)


def test_numbers_too_long_for_a_float_are_warned_of(tmp_path: Path) -> None:
    """Digits that get lost are told."""
    result = read(tmp_path, column("12345678901234567{:.0f}"))

    assert any("last digits are rounded" in note.text and note.warning for note in result.notes)


def test_new_rows_in_another_offset_stand_on_the_clock_of_the_model(tmp_path: Path) -> None:
    """An instant is the same instant, however it is written."""
    model = read(tmp_path, stamps(*(f"2024-01-01T{hour:02d}:00Z" for hour in range(8)))).panel
    new = write(tmp_path, stamps("2024-01-01T09:00+01:00", "2024-01-01T10:00+01:00"))
    panel = read_panel(new, schema=model.schema, frequency=model.frequency).panel

    assert panel.first.tolist() == (model.last + 1).tolist()
    assert panel.schema.time_format.render(panel.frequency.ticks(panel.first)) == ["2024-01-01T08:00+00:00"]


def test_forecast_keeps_the_zone(tmp_path: Path) -> None:
    """The offset of a step to come is the one that its zone will have then."""
    panel = read(tmp_path, stamps(*SUMMER)).panel
    ticks = panel.frequency.ticks(panel.last + 24 * 220)

    assert str(panel.schema.time_format.render(ticks)[0]).endswith("+01:00")


def test_wide_table_may_lack_a_series_of_the_model(tmp_path: Path) -> None:
    """A column that is gone is told, as a series without rows is no error in a long table."""
    text = "ds,tea,coffee,milk\n" + "".join(
        f"{day},{i}.5,{i + 1}.5,{i + 2}.5\n" for i, day in enumerate(days(9))
    )
    model = read(tmp_path, text, layout="wide").panel
    new = write(tmp_path, "ds,tea,milk,rain\n2024-01-10,1,2,3\n")
    result = read_panel(new, schema=model.schema, frequency=model.frequency)

    assert result.panel.series_ids == ("tea", "milk")
    texts = [note.text for note in result.notes]
    assert "series 'coffee' has no column" in texts
    assert "1 column not used: 'rain'" in texts
