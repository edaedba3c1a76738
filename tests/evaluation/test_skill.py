from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tsforecast.evaluation.backtest import Backtest
from tsforecast.evaluation.scores import score_table, verdict
from tsforecast.evaluation.skill import skill_of


def backtest(model_error: float, *, origins: int = 6, series: int = 5, noise: float = 0.0) -> Backtest:
    """Every series at every origin; the naive error is 2, the drift error 3."""
    random = np.random.default_rng(0)
    count = origins * series
    actual = random.normal(100, 5, (count, 4))
    own = model_error + noise * random.normal(size=(count, 1))
    points = {"model": actual + own, "naive": actual - 2.0, "drift": actual + 3.0}
    return Backtest(
        series_ids=tuple(f"s{index}" for index in range(series)),
        series=np.repeat(np.arange(series), origins),
        cutoffs=np.tile(np.arange(10, 10 + origins), series),
        origins=np.tile(np.arange(10, 10 + origins), series),
        actual=actual,
        scale=np.ones(count),
        squared_scale=np.ones(count),
        points=points,
        quantiles=points["model"][..., None],
        levels=(0.5,),
    )


def test_skill_is_the_share_of_the_best_baselines_error_that_is_saved() -> None:
    """Half the error of naive, the better of two baselines, is a skill of one half, at every resample."""
    skill = skill_of(backtest(1.0))

    assert skill is not None
    assert (skill.rival, skill.metric, skill.origins, skill.series) == ("naive", "MASE", 6, 5)
    assert [skill.value, skill.low, skill.high] == pytest.approx([0.5, 0.5, 0.5])
    assert not skill.may_be_chance


def test_interval_of_the_skill_is_wide_where_there_are_few_windows() -> None:
    """A difference that comes and goes from window to window is called possible chance."""
    few, many = (skill_of(backtest(1.7, origins=size, series=size, noise=1.5)) for size in (2, 30))

    assert few is not None
    assert many is not None
    assert few.may_be_chance
    assert few.high - few.low > 2 * (many.high - many.low)
    assert few.low <= few.value <= few.high


def test_one_window_has_a_skill_without_an_interval() -> None:
    """Nothing can be drawn from one origin of one series, and the verdict does not pretend."""
    alone = backtest(1.0, origins=1, series=1)
    skill = skill_of(alone)

    assert skill is not None
    assert skill.value == pytest.approx(0.5)
    assert np.isnan(skill.low)
    assert skill.may_be_chance
    assert verdict(score_table(alone), skill).endswith(" (1 origin of 1 series, which may be chance).")
    json.dumps(skill.to_json(), allow_nan=False)


def test_windows_of_one_series_are_not_taken_for_independent() -> None:
    """Copies of the same series say no more than the series itself does about other series."""
    one = backtest(1.7, origins=8, series=4, noise=1.0)
    # Four copies of each window in the same series and at the same origin: the same evidence, counted four times.
    copies = np.repeat(np.arange(len(one.series)), 4)
    copied = replace(
        one,
        **{
            name: getattr(one, name)[copies]
            for name in (
                "series", "cutoffs", "origins", "actual", "scale", "squared_scale", "quantiles",
            )
        },
        points={name: values[copies] for name, values in one.points.items()},
    )  # fmt: skip
    before, after = skill_of(one), skill_of(copied)

    assert before is not None
    assert after is not None
    assert (before.low, before.high) == pytest.approx((after.low, after.high))


def test_skill_is_the_same_every_time() -> None:
    """The draws have their own seed, so that a gate does not open by chance at the second try."""
    assert skill_of(backtest(1.7, noise=1.0)) == skill_of(backtest(1.7, noise=1.0))


def test_skill_falls_back_to_mae_and_to_none() -> None:
    """Constant series have no MASE; without a baseline there is no skill at all."""
    flat = replace(backtest(1.0), scale=np.zeros(30))
    lone = replace(flat, points={"model": flat.points["model"]})
    skill = skill_of(flat)

    assert skill is not None
    assert skill.metric == "MAE"
    assert skill_of(lone) is None


def test_skill_against_a_perfect_baseline_is_as_bad_as_can_be() -> None:
    """Any error is infinitely more than none; none beside none is no skill."""
    perfect = backtest(1.0)
    perfect.points["naive"][:] = perfect.actual
    equal = backtest(0.0)
    equal.points["naive"][:] = equal.actual
    worse, even = skill_of(perfect), skill_of(equal)

    assert worse is not None
    assert even is not None
    assert worse.value == -np.inf
    assert even.value == 0.0


def test_verdict_is_one_sentence_that_says_how_sure_it_is() -> None:
    """The interval stands in it, and the word chance where the interval reaches 0."""
    clear, vague = backtest(1.0, noise=0.1), backtest(1.9, noise=2.0)
    sentences = [verdict(score_table(one), skill_of(one)) for one in (clear, vague)]

    assert "90 % interval" in sentences[0]
    assert "6 origins of 5 series" in sentences[0]
    assert "may be chance" not in sentences[0]
    assert "may be chance" in sentences[1]
