"""Steps within the data that lack rows."""

from __future__ import annotations

from pathlib import Path

import tsforecast
from tests.data.tables import days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel


def _quarters(gaps: dict[int, range], hours: int = 24) -> str:
    """42 days of a row each quarter of an hour, without some rows of some days."""
    lines = ["ds,y"]
    for day in range(42):
        shown = days(42)[day]
        lines += [
            f"{shown} {row // 4:02d}:{row % 4 * 15:02d},1"
            for row in range(4 * hours)
            if row not in gaps.get(day, ())
        ]
    return "\n".join(lines) + "\n"


def test_sums_of_days_with_a_gap_are_warned_of(tmp_path: Path) -> None:
    """A day of 84 quarters of an hour is no day with less; its mean is as good as any."""
    text = _quarters({3: range(40, 52), 9: range(80, 96), 10: range(30)})
    warned = {
        how: [note for note in read(tmp_path, text, resample="D", aggregate=how).notes if note.warning]
        for how in ("sum", "mean")
    }

    assert [note.text for note in warned["sum"]] == [
        "3 of 42 steps have fewer rows than usual, the first is 2024-01-04 00:00 (84 where 96 are usual): "
        "sums of them may be too low"
    ]
    assert warned["sum"][0].row == 3 * 96
    assert not [note for note in warned["mean"] if "fewer" in note.text]
    found = tsforecast.check(tmp_path / "data.csv", resample="D", aggregate="sum").findings
    assert [(one.severity, one.line) for one in found if "fewer rows than usual" in one.found] == [
        ("warning", 290)
    ]


def test_half_days_that_come_each_week_are_whole(tmp_path: Path) -> None:
    """A shop that closes early on Saturdays sells no less than it sold, at fit and in the new rows of its model."""
    settings = DataSettings(resample="D", aggregate="sum")
    short = dict.fromkeys(range(5, 42, 7), range(20, 40))
    model = read_panel(write(tmp_path, _quarters(short, 10)), settings)
    new = write(tmp_path, _quarters({**short, 8: range(10, 20)}, 10), "new.csv")
    again = read_panel(new, settings, schema=model.panel.schema, frequency=model.panel.frequency)

    assert not [note for note in model.notes if "fewer" in note.text]
    (warning,) = [note.text for note in again.notes if "fewer" in note.text]
    assert warning.startswith(
        "1 of 42 steps has fewer rows than usual, the first is 2024-01-09 00:00 (30 where 40"
    )
