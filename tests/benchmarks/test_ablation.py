"""What an ablation changes, and what it scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tests.benchmarks import ablation
from tests.benchmarks.changes import AS_IT_IS, CHANGES, NO_PRETRAINED, Change, only_last_value, put
from tests.benchmarks.differences import window_errors
from tests.benchmarks.tables import TABLES
from tests.models.building import small_spec
from tsforecast.evaluation.blending import Blend
from tsforecast.models import mixture
from tsforecast.models.experts import expert_forecasts
from tsforecast.models.mixture import normal_quantiles
from tsforecast.training import groups, optimiser, search

NAMED = {change.words: change for change in CHANGES}
HORIZON = 4


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> ablation.HeldOut:
    """Two short weekly-seasonal series, the last two horizons of each held out in two blocks."""
    folder: Path = tmp_path_factory.mktemp("sets")
    random = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=78).strftime("%Y-%m-%d")
    rows = pd.DataFrame(
        [
            (name, day, level + 3 * np.sin(2 * np.pi * place / 7) + random.normal())
            for name, level in (("a", 10), ("b", 500))
            for place, day in enumerate(days)
        ],
        columns=["unique_id", "ds", "y"],
    )
    late = rows["ds"] >= days[70]
    rows[~late].to_csv(folder / "s.train.csv", index=False)
    rows[late].to_csv(folder / "s.test.csv", index=False)
    facts = {"train": "s.train.csv", "test": "s.test.csv", "h": HORIZON, "m": 7, "stride": HORIZON}
    return ablation.HeldOut(folder, facts)


def test_a_score_is_that_of_the_windows_of_the_test_part(held: ablation.HeldOut) -> None:
    """The table that the scorer gets, measured window by window, comes to the same MASE."""
    network = held.fit(NAMED[AS_IT_IS], 2, 0)
    assert network is not None
    error, table = held.score(network)
    windows = window_errors(table, held.train, held.test, 7, HORIZON)

    assert len(windows) == 4
    assert error == pytest.approx(windows.mean())


def test_without_residual_members_only_mix_experts(held: ablation.HeldOut) -> None:
    """Training leaves the bell as it was, in pre-trained members too, and moves the rest."""
    network = held.fit(NAMED["experts only, no residual"], 3, 0)
    usual = held.fit(NAMED[AS_IT_IS], 3, 0)
    assert network is not None
    assert usual is not None

    assert not network.residual_weight.any()
    assert torch.equal(network.residual_bias, normal_quantiles(network.spec.members, network.spec))
    assert network.gate_weight.any()
    assert usual.residual_weight.any()


def test_without_experts_only_the_last_value_is_mixed() -> None:
    """The gate keeps its size, but all it can choose is one forecast."""
    values, observed = torch.randn(3, 24), torch.ones(3, 24)
    usual = expert_forecasts(values, observed, (4, 12), 5)
    found = only_last_value(values, observed, (4, 12), 5)

    assert found.shape == usual.shape
    assert torch.equal(found, values[:, -1:, None].expand_as(usual))


def test_changes_are_of_one_thing_and_come_back(held: ablation.HeldOut) -> None:
    """Each change alters the network or what the trainer finds, and afterwards everything is as before."""
    owners = (groups, search, mixture, optimiser, groups.Group)
    before = [dict(vars(owner)) for owner in owners]
    usual = small_spec(members=2)
    for change in CHANGES[1:]:
        assert change.patches or change.spec(usual) not in (None, usual), change.words
    for words in (NO_PRETRAINED, "no average of weights", "no blend"):
        assert held.fit(NAMED[words], 1, 0) is not None

    assert [dict(vars(owner)) for owner in owners] == before
    with pytest.raises(RuntimeError), put(optimiser, "AVERAGE", 0.5):
        raise RuntimeError
    assert vars(optimiser)["AVERAGE"] == before[3]["AVERAGE"]


def test_what_a_change_would_leave_as_it_is_has_no_score() -> None:
    """Taking seasons away needs seasons, reading step by step a context that is short and has patches."""
    plain = small_spec(season_lengths=(), patch_length=1)
    long = small_spec(context_length=240, season_lengths=(12,))

    assert [NAMED[words].spec(plain) for words in ("no season found", "one step per patch")] == [None, None]
    assert [NAMED[words].spec(long) for words in ("shortest season only", "one step per patch")] == [
        None,
        None,
    ]


def test_without_blend_the_network_has_all_of_the_forecast(
    held: ablation.HeldOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What validation says for a classical forecast counts as it is, and not without the blend."""
    half = Blend(classical="Theta (7)", share=0.5)
    monkeypatch.setattr(search, "find_blend", lambda *_: half)
    shares = []
    for words in (AS_IT_IS, "no blend"):
        network = held.fit(NAMED[words], 1, 0)
        assert network is not None
        shares.append(network.spec.classical_share)

    assert shares == [0.5, 0.0]


def test_changes_that_lose_the_shipped_weights_are_held_against_a_fit_without_them(
    held: ablation.HeldOut,
) -> None:
    """Otherwise two things would differ: the change and the start."""
    assert held.fit(NAMED["hidden width 32"], 1, 0) is not None
    assert held.fit(NAMED["one member"], 1, 0) is not None
    runs = {AS_IT_IS: {"0": 1.0, "1": 3.0}, NO_PRETRAINED: {"0": 4.0}, "hidden width 32": {"0": 2.0}}
    found = ablation.summary(runs, held.starts_anew)

    assert held.starts_anew == {"hidden width 32"}
    assert found[NO_PRETRAINED] == {"MASE": 4.0, "beside": AS_IT_IS, "ratio": 2.0}
    assert found["hidden width 32"] == {"MASE": 2.0, "beside": NO_PRETRAINED, "ratio": 0.5}


def test_means_are_over_the_sets_that_have_a_ratio() -> None:
    """Half on one set and double on another is one; a set without the change does not count."""
    found = {
        "a": {"changes": {"x": {"ratio": 0.5}, "y": {"ratio": 3.0}}},
        "b": {"changes": {"x": {"ratio": 2.0}}},
    }

    assert ablation.mean_ratios(found) == pytest.approx({"x": 1.0, "y": 3.0})


def test_a_scorer_that_disagrees_ends_it(tmp_path: Path) -> None:
    """A table of numbers that another program does not confirm is not stored."""
    scorer = tmp_path / "scorer.py"
    scorer.write_text(f"print({json.dumps([{'MASE': 1.5}])!r})\n")
    table = pd.DataFrame({"unique_id": ["a"], "ds": ["2024-01-01"], "y_hat": [1.0]})

    ablation.check(scorer, tmp_path / "set", table, 1.5)
    with pytest.raises(SystemExit, match="scorer finds a MASE of"):
        ablation.check(scorer, tmp_path / "set", table, 1.4)


def test_ratios_become_rows() -> None:
    """A dash where a change was not measured, a star where it is held against another fit."""
    own = {"MASE": 2.0, "beside": AS_IT_IS, "ratio": 1.0}
    other = {"MASE": 3.0, "beside": NO_PRETRAINED, "ratio": 1.5}
    runs = {AS_IT_IS: {"0": 2.0}}
    sets = {"a": {"changes": {AS_IT_IS: own, "tanh instead of ReLU": other}, "runs": runs},
            "b": {"changes": {AS_IT_IS: own}, "runs": runs}}  # fmt: skip
    table = TABLES["ablation"](
        {"steps": 300, "sets": sets, "ratios": ablation.mean_ratios(sets)}
    ).splitlines()

    assert "| as it is, MASE | 2.000 | 2.000 |  |" in table
    assert "| tanh instead of ReLU | 1.500* | - | 1.500 |" in table


def test_every_row_has_its_own_name() -> None:
    """Results are stored by these words."""
    assert len(NAMED) == len(CHANGES)
    assert all(isinstance(change, Change) for change in CHANGES)
