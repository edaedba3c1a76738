"""What a table may hold if the user says so: other missing markers, short rows, midnight as 24:00."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.tables import by_id, daily, days, read
from tsforecast.errors import DataError

SHORT = (
    "ds,y,z\n2024-01-01,1,1\n2024-01-02,2\n\n2024-01-03,3,3\n2024-01-04\n2024-01-05,5,5\n2024-01-06,6,6\n"
    + "".join(f"{day},7,7\n" for day in days(14)[6:])
)


@pytest.mark.parametrize("written", ["absent", "-999", "-999.0", "#N/A"])
def test_markers_are_missing_values(tmp_path: Path, written: str) -> None:
    """A text or a number, however it is written, stands for nothing."""
    text = daily(10).replace(",4\n", f",{written}\n")
    values = by_id(read(tmp_path, text, na=("absent", "-999", "#N/A")).panel)["y"]

    assert np.isnan(values[3])
    assert np.isfinite(values).sum() == 9


def test_error_names_the_flag(tmp_path: Path) -> None:
    """Who meets an unknown marker is told how to name it."""
    with pytest.raises(DataError, match="'absent' is not a number") as caught:
        read(tmp_path, daily(10).replace(",4\n", ",absent\n"))

    assert caught.value.hint.startswith("--na absent reads it as a missing value")


def test_number_as_marker_spares_series_and_hours(tmp_path: Path) -> None:
    """Series 0 at hour 0 is not missing where a value of 0 is."""
    rows = [f"{one},{day},{hour},{hour}\n" for one in (0, 1) for day in days(3) for hour in range(24)]
    panel = read(tmp_path, "id,date,hour,y\n" + "".join(rows), na=("0",)).panel

    assert panel.series_ids == ("0", "1")
    assert [int(np.isnan(values).sum()) for values in panel] == [
        2,
        2,
    ]  # the first hour is before the first value


@pytest.mark.parametrize(
    ("how", "values"), [("skip", [1, None, 3, None, 5, 6]), ("fill", [1, 2, 3, None, 5, 6])]
)
def test_short_rows_are_left_out_or_filled_up(tmp_path: Path, how: str, values: list[float | None]) -> None:
    """What became of them is counted, and lines below keep their numbers."""
    found = read(tmp_path, SHORT, on_short_row=how, target="y")

    known = np.isfinite(by_id(found.panel)["y"][:6])
    assert known.tolist() == [value is not None for value in values]
    assert found.repairs.counts[f"short_rows_{how}"] == 2
    assert any("2 rows with fewer cells than the header" in note.text for note in found.notes)
    with pytest.raises(DataError, match=r"data\.csv:7:2: 'x' is not a number"):
        read(tmp_path, SHORT.replace("05,5", "05,x"), on_short_row=how, target="y")


def test_short_row_is_an_error_that_names_the_flag(tmp_path: Path) -> None:
    """Nobody fills up rows by stealth."""
    with pytest.raises(DataError, match=r"data\.csv:3:3: 2 fields where the header has 3") as caught:
        read(tmp_path, SHORT, target="y")

    assert "--on-short-row skip" in caught.value.hint


def test_end_of_a_day_is_the_next_midnight(tmp_path: Path) -> None:
    """The 24:00 of one day is the 00:00 of the next, as ISO 8601 says; 24:01 is no time."""
    hours = [f"{day} {hour:02d}:00" for day in days(2) for hour in range(1, 25)]
    text = "ds,y\n" + "".join(f"{hour},{number}\n" for number, hour in enumerate(hours))
    panel = read(tmp_path, text).panel
    ticks = panel.frequency.ticks(np.array([panel.last[0]]))

    assert (panel.frequency.alias, panel.lengths.tolist()) == ("h", [48])
    assert panel.schema.time_format.render(ticks) == ["2024-01-03 00:00"]
    with pytest.raises(DataError, match="'2024-01-01 24:01' is not a timestamp"):
        read(tmp_path, text.replace("2024-01-01 24:00", "2024-01-01 24:01"))


def test_every_repair_is_counted(tmp_path: Path) -> None:
    """Merged rows and series that were left out are in the provenance, too."""
    long = "".join(f"a,{day},{number % 5 + number}\n" for number, day in enumerate(days(30)))
    text = f"id,ds,y\n{long}a,2024-01-05,7\nb,2024-01-01,1\nb,2024-01-02,2\n"
    found = read(tmp_path, text, duplicates="first", drop_short=True)

    assert found.repairs.counts == {"merged": 1, "dropped_series": 1}
