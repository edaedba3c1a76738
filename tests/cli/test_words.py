"""Plain words of a command are read without the parser, and mean what they mean to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsforecast.cli.app import parse_and_run
from tsforecast.cli.registry import PURPOSES, load
from tsforecast.cli.words import plain_words
from tsforecast.errors import UsageError

WORDS = [
    "a.tsf",
    "b.csv",
    "-",
    "--",
    "-o",
    "-v",
    "-vq",
    "-of",
    "7",
    "-7",
    "x y",
    "=",
    "",
    "--=",
    "-h",
    "ä",
    "--help",
]


def parsed(name: str, words: list[str]) -> dict[str, Any] | None:
    """Give what the parser finds, without options that were not given; None where it refuses."""
    found: dict[str, Any] = {}
    try:
        parse_and_run(load(name), list(words), found.update)
    except UsageError:
        return None
    return {key: value for key, value in found.items() if value is not None} | {"help": bool(found["help"])}


@given(data=st.data(), name=st.sampled_from(list(PURPOSES)))
def test_words_mean_what_they_mean_to_the_parser(data: st.DataObject, name: str) -> None:
    """A word is left to the parser or read as it would read it."""
    flags = [flag for option in load(name).options for flag in (*option.flags, option.negative_flag)]
    word = st.sampled_from(WORDS) | st.sampled_from(flags) | st.sampled_from(flags).map("{}=3".format)
    words = data.draw(st.lists(word, max_size=6))
    found = plain_words(load(name), words)

    if found is not None:
        assert parsed(name, words) == found


@pytest.mark.parametrize(
    "words",
    [
        ["m.tsf"],
        ["m.tsf", "new.csv", "-o", "f.csv"],
        ["m.tsf", "a.csv", "b.csv", "--quantiles", "0.1,0.9", "--quiet"],
        ["--zero-shot", "-", "--horizon", "3"],
    ],
)
def test_usual_words_are_plain(words: list[str]) -> None:
    """What stands in a crontab costs no parser."""
    found = plain_words(load("predict"), words)

    assert found is not None
    assert parsed("predict", words) == found
