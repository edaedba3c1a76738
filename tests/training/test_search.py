from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch

from tests.models.building import panel_of, seasonal_panel, seasonal_windows
from tsforecast.config import FitSettings
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel
from tsforecast.data.windows import Windows
from tsforecast.errors import UsageError
from tsforecast.evaluation.blending import Blend
from tsforecast.models.mixture import MixtureLSTM
from tsforecast.models.network import Network
from tsforecast.training import search
from tsforecast.training.checkpoint import Checkpoint, open_checkpoint
from tsforecast.training.finishing import find_adjustments
from tsforecast.training.geometry import FEWEST_CONTEXT, choose_spec
from tsforecast.training.groups import Clock, choose_members
from tsforecast.training.loop import Outcome, Schedule, Trainer
from tsforecast.training.search import Trained, choose_device, train_and_refit
from tsforecast.training.split import Split, split_panel
from tsforecast.training.validation import Validation

SETTINGS = FitSettings(steps=12, horizon=6, members=1)


def quiet(*_: object) -> None:
    """Listen to no progress."""


def fit(
    panel: Panel, settings: FitSettings = SETTINGS, tell: Any = quiet, checkpoint: Checkpoint | None = None
) -> tuple[Trained, Split]:
    """Train twice on a panel with a season of four."""
    spec = choose_spec(panel, (4,), settings, choose_members(panel, settings))
    split = split_panel(panel, spec.horizon, 4, spec.horizon + FEWEST_CONTEXT)
    return train_and_refit(panel, spec, split, settings, tell, checkpoint), split


def state_of(network: Network) -> dict[str, Any]:
    """Weights and adjustments as arrays."""
    return {name: value.numpy() for name, value in network.state_dict().items()}


def same(first: Network, second: Network) -> bool:
    """Whether two networks have the same bytes."""
    ours, theirs = state_of(first), state_of(second)
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_train_and_refit_shows_nothing_of_the_backtest_to_the_tested_network() -> None:
    """Rows of the backtest may be anything: the network whose scores are printed is the same."""
    series = list(seasonal_windows(3, 100, seed=1))
    changed = [one.copy() for one in series]
    known = fit(panel_of(series))[1].known
    for one, rows in zip(changed, known, strict=True):
        one[rows:] = 1e6 * np.random.default_rng(2).normal(size=len(one) - rows)

    (honest, split), (other, _) = fit(panel_of(series)), fit(panel_of(changed))

    assert same(honest.tested, other.tested)
    assert not same(honest.final, other.final)
    assert honest.groups[0].score == other.groups[0].score
    where = split.backtest
    contexts = [
        Windows(panel_of(one), honest.spec.context_length, 6).contexts(where[0], split.known[where[0]])
        for one in (series, changed)
    ]
    np.testing.assert_array_equal(
        honest.tested.forecast(Inputs.of(contexts[0]))[0], other.tested.forecast(Inputs.of(contexts[1]))[0]
    )


def test_train_and_refit_trains_on_nothing_of_the_validation_part() -> None:
    """Validation chooses when to stop; with nothing to choose the weights do not depend on it."""
    series = list(seasonal_windows(2, 100, seed=1))
    settings = FitSettings(steps=10, horizon=6, members=1)
    split = fit(panel_of(series), settings)[1]
    changed = [one.copy() for one in series]
    for one, rows in zip(changed, split.training, strict=True):
        one[rows:] += 3.0

    first, second = (state_of(fit(panel_of(one), settings)[0].tested) for one in (series, changed))

    assert all(np.array_equal(first[name], second[name]) for name in first if name != "adjustments")


def test_train_and_refit_is_the_same_twice() -> None:
    """The same input, seed and steps give the same bytes, another seed others."""
    first, again = (fit(seasonal_panel())[0] for _ in range(2))
    other = fit(seasonal_panel(), FitSettings(steps=12, horizon=6, members=1, seed=1))[0]

    assert same(first.final, again.final)
    assert same(first.tested, again.tested)
    assert not same(first.final, other.final)


def test_train_and_refit_saves_a_network_that_has_seen_everything() -> None:
    """The newest rows are what a forecast needs most."""
    trained = fit(seasonal_panel())[0]

    assert not same(trained.tested, trained.final)


def test_the_saved_intervals_have_learned_from_the_backtest() -> None:
    """The tested network keeps what validation gave it; the saved one takes the mean of that and of the backtest's."""
    panel = seasonal_panel()
    trained, split = fit(panel)
    assert isinstance(trained.tested, MixtureLSTM)
    spec = trained.tested.spec
    validation = Validation(panel.head(split.known), spec, *split.validation, 0)
    backtest = Validation(panel, spec, *split.backtest, 0)
    kept = trained.tested.adjustments.clone()

    older, newer = (find_adjustments(trained.tested, windows) for windows in (validation, backtest))
    np.testing.assert_array_equal(older, kept)
    np.testing.assert_array_equal((older + newer) / 2, trained.final.adjustments)
    assert not torch.equal(kept, trained.final.adjustments)


@pytest.mark.parametrize(("still_better", "goes_on"), [(-1.0, True), (2.0, False)])
def test_the_saved_network_goes_on_where_training_ended_too_soon(
    monkeypatch: pytest.MonkeyPatch, still_better: float, goes_on: bool
) -> None:
    """It begins with the weights of the tested one where that was still improving, else from nothing."""
    monkeypatch.setattr("tsforecast.training.groups.STILL_BETTER", still_better)
    monkeypatch.setattr(Clock, "again", lambda *_: Schedule(steps=1, rate=0.0))

    trained = fit(seasonal_panel())[0]

    tested, final = (state_of(one)["gate_weight"] for one in (trained.tested, trained.final))
    assert np.array_equal(tested, final) is goes_on


def test_the_saved_intervals_are_those_of_validation_where_the_newest_windows_do_not_move() -> None:
    """Series that have come to rest say nothing of how far forecasts miss."""
    series = [one.copy() for one in seasonal_windows(3, 120, seed=1)]
    context = choose_spec(panel_of(series), (4,), SETTINGS, 1).context_length
    for one in series:
        one[-(context + 3 * 6) :] = one[-1]
    trained, split = fit(panel_of(series))

    assert not len(Validation(panel_of(series), trained.spec, *split.backtest, 0))
    tested, final = (state_of(one)["adjustments"] for one in (trained.tested, trained.final))
    assert final.any()
    np.testing.assert_array_equal(final, tested)


@pytest.mark.parametrize(
    ("still_better", "share", "steps", "trainings"),
    [(-1.0, 0.5, None, 3), (-1.0, 0.0, None, 2), (2.0, 0.5, None, 2), (-1.0, 0.5, 2, 2)],
)
def test_a_network_is_judged_again_where_time_alone_kept_it_behind(
    monkeypatch: pytest.MonkeyPatch, still_better: float, share: float, steps: int | None, trainings: int
) -> None:
    """Once more where a classical forecast is ahead of one that was still improving, not where steps were asked for."""
    monkeypatch.setattr("tsforecast.training.groups.STILL_BETTER", still_better)
    for plan in ("search", "again"):
        monkeypatch.setattr(Clock, plan, lambda *_: Schedule(steps=2))
    blend = Blend(classical="Theta (4)" if share else "", share=share)
    monkeypatch.setattr(search, "find_blend", lambda *_: blend)
    with mock.patch.object(search, "_run", wraps=search._run) as run:
        fit(seasonal_panel(), FitSettings(steps=steps, horizon=6, members=1))

    assert run.call_count == trainings


def test_a_season_that_repeats_to_the_digit_is_repeated() -> None:
    """There seasonal naive makes no error, so MASE has no unit: the network is held against it all the same."""
    panel = panel_of([np.tile([3.0, 1.0, 4.0, 8.0], 25)])

    trained, _ = fit(panel)

    assert trained.blend.classical == "seasonal naive (4)"
    assert trained.blend.share == 1
    assert trained.blend.classical_error < 1e-6 < trained.blend.network_error
    newest = panel.values[-trained.spec.context_length :]
    np.testing.assert_allclose(
        trained.final.forecast(Inputs.of(newest[None]))[0][0, :, 6], [3, 1, 4, 8, 3, 1], rtol=1e-5
    )


def test_the_saved_network_is_trained_for_as_long_as_the_one_that_was_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where more training soon ended to help: the steps of both trainings count."""
    outcomes = [
        Outcome(steps=400, best_step=400, best_share=1.0, score=1.0, explosions=0, seconds=1.0),
        Outcome(steps=200, best_step=50, best_share=0.25, score=0.9, explosions=0, seconds=0.5),
        Outcome(steps=450, best_step=450, best_share=0.75, score=None, explosions=0, seconds=1.0),
    ]
    schedules = []

    def run(*given: Any) -> Outcome:
        schedules.append(given[2]())
        return outcomes[len(schedules) - 1]

    monkeypatch.setattr(search, "_run", run)
    monkeypatch.setattr(search, "find_blend", lambda *_: Blend(classical="Theta (4)", share=0.5))
    fit(seasonal_panel(), FitSettings(horizon=6, members=1))

    assert len(schedules) == 3
    assert (schedules[2].steps, schedules[2].share) == (600, 0.75)


@pytest.mark.parametrize("stop", [7, 10])
def test_a_fit_that_was_killed_while_it_was_judged_again_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """At the first step of the second part or within it: both networks are those of a fit that was left alone."""
    for plan in ("search", "again"):
        monkeypatch.setattr(Clock, plan, lambda *_: Schedule(steps=6))
    monkeypatch.setattr("tsforecast.training.groups.STILL_BETTER", -1.0)
    monkeypatch.setattr(search, "find_blend", lambda *_: Blend(classical="Theta (4)", share=0.5))
    monkeypatch.setattr(Checkpoint, "is_due", lambda _: True)
    settings = FitSettings(horizon=6, members=1)
    whole = fit(seasonal_panel(), settings)[0]
    learn, steps = Trainer._learn, iter(range(1, 100))

    def killed(trainer: Trainer, step: int, share: float) -> None:
        if next(steps) == stop:
            raise SystemExit
        learn(trainer, step, share)

    monkeypatch.setattr(Trainer, "_learn", killed)
    with pytest.raises(SystemExit):
        fit(seasonal_panel(), settings, checkpoint=Checkpoint(tmp_path))
    monkeypatch.setattr(Trainer, "_learn", learn)
    again = fit(seasonal_panel(), settings, checkpoint=open_checkpoint(tmp_path, {}))[0]

    assert same(again.tested, whole.tested)
    assert same(again.final, whole.final)


def test_train_and_refit_takes_the_steps_that_validated_best() -> None:
    """The refit is as long as the best of the first training."""
    trained = fit(seasonal_panel(), FitSettings(steps=30, horizon=6, members=1))[0]

    assert 1 <= trained.steps <= 30
    assert trained.steps / 30 == pytest.approx(trained.groups[0].share)


def test_train_and_refit_tells_both_stages() -> None:
    """A person sees the training and the refit."""
    told: list[str] = []
    fit(seasonal_panel(), FitSettings(steps=20, horizon=6, members=1), lambda stage, *_: told.append(stage))

    assert sorted(set(told)) == ["refit", "training"]


@pytest.mark.parametrize("stage", ["training", "refit"])
def test_train_and_refit_says_that_it_was_interrupted(stage: str) -> None:
    """Ctrl-C in either training gives weights that forecast, marked so."""

    def interrupt(told: str, *_: object) -> None:
        if told == stage:
            raise KeyboardInterrupt

    trained = fit(seasonal_panel(), FitSettings(steps=20, horizon=6, members=1), interrupt)[0]

    assert trained.interrupted
    assert np.isfinite(
        trained.final.forecast(Inputs.of(seasonal_windows(2, trained.spec.context_length)))[0]
    ).all()


@pytest.mark.parametrize("rows", [[9], [10, 9], [12], [9, 200]])
def test_train_and_refit_survives_short_series(rows: list[int]) -> None:
    """As few rows as one window needs still give a model."""
    panel = panel_of([np.sin(np.arange(one)) for one in rows])

    trained, split = fit(panel)

    assert len(split.backtest[0]) > 0
    assert np.isfinite(
        trained.final.forecast(Inputs.of(seasonal_windows(2, trained.spec.context_length)))[0]
    ).all()


@pytest.mark.parametrize(
    "series", [[5.0] * 60, [np.nan] * 30 + [*np.sin(np.arange(30.0))]], ids=["constant", "late"]
)
def test_train_and_refit_survives_series_that_teach_little(series: list[float]) -> None:
    """A constant series, or one whose first half is unknown, is no reason to fail."""
    trained = fit(panel_of([series]))[0]

    assert trained.notes == ()
    assert np.isfinite(
        trained.final.forecast(Inputs.of(seasonal_windows(2, trained.spec.context_length)))[0]
    ).all()


def test_gate_shares_are_shares_of_the_experts() -> None:
    """One number per expert, together one, also beside a series without any value."""
    panel = panel_of([*seasonal_windows(2, 100), np.full(100, np.nan)])
    trained = fit(panel)[0]

    shares = trained.gate_shares(panel)

    assert len(trained.spec.expert_names) == len(shares)
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("settings", "members"),
    [
        (FitSettings(members=3, steps=5), 3),
        (FitSettings(steps=5), 6),
        (FitSettings(), 6),
        (FitSettings(budget=1.0), 6),
    ],
)
def test_choose_members_of_a_small_panel(settings: FitSettings, members: int) -> None:
    """What is asked for; otherwise as many as cost nothing."""
    assert members == choose_members(panel_of([np.arange(300.0)]), settings)


@pytest.mark.parametrize(("budget", "members"), [(1.0, 1), (40.0, 2), (600.0, 4)])
def test_choose_members_of_a_large_panel_follows_the_budget(budget: float, members: int) -> None:
    """More members only where there is time for them."""
    assert members == choose_members(panel_of([np.arange(30_000.0)]), FitSettings(budget=budget))


def test_choose_device_refuses_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without such a device is told so, and what works."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    with pytest.raises(UsageError, match="--device cuda"):
        choose_device("cuda")


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_choose_device_stays_on_the_processor(name: str) -> None:
    """Small networks need no other device."""
    assert torch.device("cpu") == choose_device(name)
