from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.words import counted, listed, nearest, printable


@given(st.text(max_size=300))
def test_printable_text_is_short_and_harmless(text: str) -> None:
    """Nothing from the data can move a cursor or fill a screen."""
    shown = printable(text)

    assert shown.isprintable()
    assert len(shown) <= 60


@given(st.text(st.characters(categories=["L", "N"]), max_size=60))
def test_harmless_text_is_shown_as_it_is(text: str) -> None:
    """Names in any script stay readable."""
    assert printable(text) == text


def test_lists_read_as_sentences() -> None:
    """One, two, and more than fit."""
    assert listed(["a"]) == "'a'"
    assert listed(["a", "b"], joint="or") == "'a' or 'b'"
    assert listed("abcd", limit=2) == "'a', 'b' and 2 more"
    assert listed([]) == ""


def test_numbers_agree_with_their_nouns() -> None:
    """Series is its own plural."""
    assert [counted(1, "row"), counted(2, "row"), counted(1, "series"), counted(3, "series")] == [
        "1 row",
        "2 rows",
        "1 series",
        "3 series",
    ]


def test_nearest_name_comes_first() -> None:
    """A guess where there is one, the list always."""
    assert nearest("slaes", ["ds", "sales"]) == "did you mean 'sales'? the columns are 'ds' and 'sales'"
    assert nearest("zzz", ["ds"]) == "the columns are 'ds'"


@pytest.mark.parametrize(
    ("name", "others"), [("y", "us"), ("ds", "us"), ("day", "date"), ("y", "my"), ("temp", "time")]
)
def test_name_that_is_not_near_is_not_guessed(name: str, others: str) -> None:
    """A letter in common is no typing error; a wrong guess costs more than none."""
    assert nearest(name, [others]) == f"the columns are '{others}'"
