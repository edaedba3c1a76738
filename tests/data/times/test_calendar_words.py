"""Names of months and days in several languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tsforecast.data.times.calendar_words import (
    LANGUAGES,
    MONTHS,
    WEEKDAYS,
    month_number,
    weekday_number,
    written_months,
    written_weekdays,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_languages_disagree(language: str) -> None:
    """A name means one month or day wherever it is used, so that a name alone can be read."""
    for table, number in ((MONTHS, month_number), (WEEKDAYS, weekday_number)):
        for style in table[language]:
            names = style.split()

            assert [number(name) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dress", [str, str.upper, str.lower, lambda name: f"{name}."])
def test_all_names_are_found_again(language: str, dress: Callable[[str], str]) -> None:
    """A column that shows a year shows its names, whatever capitals and dots it has."""
    for table, written in ((MONTHS, written_months), (WEEKDAYS, written_weekdays)):
        for style in table[language]:
            names = tuple(dress(name) for name in style.split())

            assert written(dict(enumerate(names, start=1))) == names


@pytest.mark.parametrize("word", ["", "foo", "ma", "Sat", "Mayor", "13"])
def test_other_words_are_no_months(word: str) -> None:
    """Nothing is guessed from the first letters."""
    assert month_number(word) == 0
