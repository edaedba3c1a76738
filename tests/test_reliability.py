from __future__ import annotations

from tests.benchmarks.results import stored
from tests.reliability import NAME, PAGE, rows_of


def test_the_page_says_what_was_counted() -> None:
    """Nobody types a count; the last line of the table is followed by the end mark."""
    assert f"{rows_of(stored(NAME))}\n<!-- end {NAME} -->" in PAGE.read_text()


def test_what_was_counted_keeps_the_promises() -> None:
    """A run that found damage must not be stored and passed over."""
    found = stored(NAME)

    assert sum(found["kills"]["kills"].values()) >= 300
    assert (found["kills"]["damaged"], found["kills"]["lost"], found["kills"]["temporaries_after"]) == (
        0,
        0,
        0,
    )
    assert set(found["overlaps"]["codes"]) <= {"0", "8"}
    assert found["overlaps"]["damaged"] == 0
    assert found["mutations"]["refused"] + found["mutations"]["same"] == found["mutations"]["runs"] >= 5000
    assert all(found["mutations"][name] == 0 for name in ("wrong", "crashed", "slow", "foreign"))
    assert found["checkpoints"]["share"] < 0.02
