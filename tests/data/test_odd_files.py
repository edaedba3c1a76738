"""What people really have: odd and broken files of many kinds, understood or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.odd.case import Odd
from tests.data.odd.events import EVENTS, Event
from tests.data.odd.page import PAGE, page
from tests.data.odd.registry import ODD
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import ForecastError

FILES = [one for files in ODD.values() for one in files]


def test_there_are_many_files_of_many_kinds_and_none_twice() -> None:
    """A kind of file that was once a trouble stays in the list."""
    names = [(one.kind, one.what, *one.settings) for one in FILES]

    assert len(FILES) >= 120
    assert len({one.kind for one in FILES}) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("odd", FILES, ids=lambda odd: f"{odd.kind}: {odd.what}")
def test_odd_file_has_its_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: Odd) -> None:
    """It is read as a person reads it, and what had to be decided is told; or it is refused with place and hint."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_bytes(odd.content)
    if odd.values is None:
        with pytest.raises(ForecastError) as caught:
            read_panel("data.csv", DataSettings(**odd.settings))
        assert odd.said in str(caught.value)
        assert (caught.value.exit_code, str(caught.value).isprintable()) == (odd.code, True)
        assert caught.value.hint
        assert odd.hint in caught.value.hint
        return

    result = read_panel("data.csv", DataSettings(**odd.settings))

    assert result.panel.values.tolist() == pytest.approx(list(odd.values), nan_ok=True)
    told = " | ".join(note.text for note in result.notes)
    assert odd.said in told
    assert (told + result.description).isprintable()


def test_every_input_of_the_contract_has_its_outcome() -> None:
    """None of the eighty inputs and events is forgotten."""
    seen = {one.number for one in FILES} | {event.number for event in EVENTS}

    assert seen - {None} == set(range(1, 81))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.what)
def test_event_is_shown_by_a_test(event: Event) -> None:
    """What the page promises is tested where it says."""
    file, _, name = event.test.partition("::")

    assert f"def {name}(" in (Path(__file__).parents[1] / file).read_text(encoding="utf-8")


def test_page_lists_every_file_and_event() -> None:
    """The list that people read is made from the table that is tested: python -m tests.data.odd."""
    assert page() == PAGE.read_text(encoding="utf-8")
