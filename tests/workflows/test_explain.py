from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tsforecast
from tests.models.building import small_spec
from tsforecast.artifacts import load_artifact
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.workflows.description import expert_in_words
from tsforecast.workflows.explain import Explanation, step_blocks, summarise

HOURS = parse_frequency("h")


def explained(model: Path, data: Path | None = None, **settings: object) -> Explanation:
    """Explain the backtest of a model."""
    explanation = tsforecast.evaluate(model, data, explain=True, **settings).explanation
    assert explanation is not None
    return explanation


@pytest.mark.parametrize("newer", [False, True])
def test_shares_add_up(model: Path, longer_csv: Path, newer: bool) -> None:
    """Every expert has a share, the largest first, and together they are one, over all steps and in each block."""
    explanation = explained(model, longer_csv if newer else None)

    shares = [one.share for one in explanation.shares]
    stored = load_artifact(model).description
    parts = set(stored["gate"]) | ({stored["blend"]["classical"]} if stored["blend"]["share"] else set())
    assert {one.name for one in explanation.shares} == parts
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    np.testing.assert_allclose(np.sum([one.by_steps for one in explanation.shares], axis=0), 1)
    assert explanation.windows == tsforecast.evaluate(model, longer_csv if newer else None).windows


def test_shares_have_words_for_seasons(model: Path) -> None:
    """A person reads of weeks, a program finds the length."""
    words = {one.name: one.words for one in explained(model).shares}

    assert words["last season (7)"] == "last week"
    assert words["last value"] == "last value"


def test_explanation_by_series_names_the_largest_share(model: Path, longer_csv: Path) -> None:
    """Each series once, with its own windows."""
    explanation = explained(model, longer_csv, by="series")

    assert [one.series for one in explanation.series] == ["north", "south"]
    assert sum(one.windows for one in explanation.series) == explanation.windows
    assert explained(model, longer_csv).series == ()


def test_summary_counts_blocks_by_their_steps() -> None:
    """A block that is cut by the horizon counts for the steps that are left; a series for its own windows."""
    spec = small_spec(horizon=5, patch_length=4, season_lengths=(24,), context_length=48)
    weights = np.zeros((3, 2, len(spec.expert_names)))
    weights[:2, :, 0] = 1.0
    weights[2, 0, 3] = weights[2, 1, 1] = 1.0

    summary = summarise(weights, spec, HOURS, ["a", "a", "b"])

    assert summary.steps == ((1, 4), (5, 5))
    top, second, third = summary.shares[:3]
    assert (top.words, second.words, third.words) == ("last value", "last day", "mean")
    assert (top.share, second.share, third.share) == pytest.approx((2 / 3, 4 / 15, 1 / 15))
    assert second.by_steps == pytest.approx((1 / 3, 0))
    assert third.by_steps == pytest.approx((0, 1 / 3))
    told = [(one.series, one.windows, one.words, one.share) for one in summary.series]
    assert told == [("a", 2, "last value", 1.0), ("b", 1, "last day", pytest.approx(0.8))]


def test_summary_of_no_window_is_empty() -> None:
    """Series without a single value are no reason to fail."""
    spec = small_spec()
    summary = summarise(np.empty((0, spec.future_patches, len(spec.expert_names))), spec, HOURS)

    assert {one.share for one in summary.shares} == {0.0}
    assert summary.windows == 0


@pytest.mark.parametrize(("horizon", "patch"), [(1, 4), (4, 4), (5, 4), (12, 1)])
def test_blocks_cover_the_horizon(horizon: int, patch: int) -> None:
    """Every step lies in one block, and there are as many as the network has future patches."""
    spec = small_spec(horizon=horizon, patch_length=patch)
    blocks = step_blocks(spec)

    assert [step for first, last in blocks for step in range(first, last + 1)] == list(range(1, horizon + 1))
    assert len(blocks) == spec.future_patches


def test_explanation_is_plain_json_and_absent_where_nobody_asked(model: Path) -> None:
    """Machines read shares by name; without the flag there is no such key."""
    asked, unasked = (tsforecast.evaluate(model, explain=flag).to_json() for flag in (True, False))

    json.dumps(asked, allow_nan=False)
    assert asked["explanation"]["shares"][0].keys() == {"name", "words", "share", "by_steps"}
    assert asked.keys() - unasked.keys() == {"explanation"}


def test_explaining_needs_no_torch(model: Path) -> None:
    """The graph is built from the stored weights, as predict runs it."""
    script = (
        "import sys, tsforecast\n"
        f"tsforecast.evaluate({str(model)!r}, explain=True)\n"
        "print('torch' in sys.modules)"
    )
    with subprocess.Popen([sys.executable, "-c", script], text=True, stdout=subprocess.PIPE) as process:
        assert process.communicate()[0].strip() == "False"


def test_a_season_is_named_as_a_word_only() -> None:
    """A day is a season of 24 hours, but nothing is forecast "dayally"."""
    words = [expert_in_words(name, HOURS) for name in ("last season (24)", "seasonal naive (24)", "drift")]

    assert words == ["last day", "seasonal naive (24)", "drift"]
