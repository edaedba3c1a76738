from __future__ import annotations

import pytest

from tsforecast.workflows.little_history import known_otherwise


@pytest.mark.parametrize(
    ("known", "new", "said"),
    [
        (("007", "12"), ("7", "12"), "'7' beside '007'"),
        (("7",), ("7.0",), "'7.0' beside '7'"),
        (("North",), ("north ",), "'north ' beside 'North'"),
        (("1", "2", "3", "4"), ("01", "02", "03", "04"), "4 series .*'03' beside '3', ..."),
    ],
)
def test_ids_written_otherwise_are_told(known: tuple[str, ...], new: tuple[str, ...], said: str) -> None:
    """A spreadsheet that takes zeros off ids makes new series of them; nobody would see why."""
    (note,) = known_otherwise(known, new)

    assert note.warning
    assert said.split(" .*")[0] in note.text
    assert said.split(".*")[-1] in note.text


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (("007", "7"), ("7",)),
        (("7",), ("7", "007")),
        (("a",), ("b",)),
        (("0.5",), ("00.5",)),
        (("10",), ("1",)),
    ],
)
def test_other_new_series_are_no_mistake(known: tuple[str, ...], new: tuple[str, ...]) -> None:
    """A new shop is one; so is an id beside the one it is like, and numbers that are not the same."""
    assert known_otherwise(known, new) == ()
