from __future__ import annotations

import numpy as np
import pytest

from tests.models.building import small_spec
from tsforecast.evaluation.blending import Blend
from tsforecast.workflows.description import blend_in_words, with_classical


@pytest.mark.parametrize(
    ("share", "own", "other", "words"),
    [
        (
            0.0,
            0.8,
            1.0,
            "On the validation windows the network alone is 20 % better than Theta (12), the best",
        ),
        (
            0.3,
            1.02,
            1.0,
            "The network has 70 % of the forecast: on the validation windows it is 2 % worse than",
        ),
        (
            1.0,
            1.5,
            1.0,
            "The network does not help here: on the validation windows it is 50 % worse than Theta",
        ),
        (
            1.0,
            0.5,
            0.0,
            "The network does not help here: on the validation windows it is far worse than Theta",
        ),
        (
            1.0,
            0.5,
            1e-9,
            "The network does not help here: on the validation windows it is far worse than Theta",
        ),
    ],
)
def test_blend_in_words_says_who_has_the_forecast_and_why(
    share: float, own: float, other: float, words: str
) -> None:
    """The share and its reason, also where the rival makes next to no error and a percentage says nothing."""
    blend = Blend(classical="Theta (12)", share=share, network_error=own, classical_error=other)

    assert blend_in_words(blend).startswith(words)
    assert blend_in_words(blend).endswith("Its share is zero.") == (share == 1)


def test_blend_in_words_is_silent_where_nothing_was_compared() -> None:
    """No window, no claim."""
    assert blend_in_words(Blend()) == ""


@pytest.mark.parametrize(
    ("seasons", "classical", "names", "shares"),
    [
        ((), "last value", ("last value", "mean", "drift"), [0.7, 0.2, 0.1]),
        ((), "Theta", ("last value", "mean", "drift", "Theta"), [0.2, 0.2, 0.1, 0.5]),
    ],
)
def test_with_classical_tells_every_part_once(
    seasons: tuple[int, ...], classical: str, names: tuple[str, ...], shares: list[float]
) -> None:
    """What is an expert and the classical forecast at once has one share; all together are one."""
    spec = small_spec(season_lengths=seasons, classical=classical, classical_share=0.5)

    found, told = with_classical(np.array([0.4, 0.4, 0.2]), spec)

    assert told == names
    np.testing.assert_allclose(found, shares)
