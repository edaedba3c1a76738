"""What the measurements compute, on numbers that can be checked by hand."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tests.benchmarks import activations, airline, covariates, ltsf, peers, recurrence, seasons
from tests.benchmarks.differences import difference, window_errors
from tests.benchmarks.pages import fill, page_of
from tests.benchmarks.results import RESULTS, medians, stored
from tests.benchmarks.tables import TABLES, best_peer, pooled_coverage
from tsforecast.models import LSTM


def long_table(values: dict[str, list[float]], start: int = 0) -> pd.DataFrame:
    """Series as rows of ``unique_id, ds, y``, by day."""
    stamps = pd.Timestamp("2020-01-01")
    rows = [
        (name, f"{stamps + pd.Timedelta(days=start + place):%Y-%m-%d}", value)
        for name, series in values.items()
        for place, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=["unique_id", "ds", "y"])


TRAIN = long_table({"a": [0.0, 2.0, 4.0, 6.0], "b": [0.0, 1.0, 0.0, 1.0]})
TEST = long_table({"a": [8.0, 8.0, 8.0, 8.0], "b": [1.0, 1.0, 1.0, np.nan]}, start=4)


def test_window_errors_are_scaled_by_the_training_part_of_each_series() -> None:
    """Errors of 4 and 1 are 2 and 1 in the steps of their own series, whatever the order of the forecasts."""
    forecasts = TEST.assign(forecast=[4.0, 4.0, 8.0, 8.0, 0.0, 0.0, 1.0, 1.0]).drop(columns="y")
    errors = window_errors(forecasts[::-1], TRAIN, TEST, 1, 2)

    assert errors.to_dict() == {("a", 0): 2.0, ("a", 1): 0.0, ("b", 0): 1.0, ("b", 1): 0.0}


def test_a_test_part_without_stride_is_one_window() -> None:
    """Every series gives one error then, over the values that were observed."""
    forecasts = TEST.assign(y_hat=[4.0, 4.0, 8.0, 8.0, 0.0, 1.0, 1.0, 1.0])
    errors = window_errors(forecasts, TRAIN, TEST, 1, None)

    assert errors.to_dict() == pytest.approx({("a", 0): 1.0, ("b", 0): 1 / 3})


def test_a_missing_forecast_is_refused() -> None:
    """A row that was not forecast must not make a score better."""
    with pytest.raises(ValueError, match="1 test rows have no forecast"):
        window_errors(TEST.assign(y_hat=1.0)[1:], TRAIN, TEST, 1, None)


def test_difference_is_that_of_paired_windows() -> None:
    """What both find hard does not count: only how the pairs differ does."""
    ours, theirs = pd.Series([1.0, 10.0, 100.0]), pd.Series([2.0, 11.0, 102.0])
    mean, error = difference(ours, theirs)

    assert mean == pytest.approx(-4 / 3)
    assert error == pytest.approx(np.std([-1, -1, -2], ddof=1) / np.sqrt(3))
    assert np.isnan(difference(ours[:1], theirs[:1])[1])


def test_medians_are_taken_over_the_runs_that_have_a_number() -> None:
    """A score that one seed lacks is the median of the others."""
    assert medians({"0": {"MASE": 1.0}, "1": {"MASE": 4.0, "OWA": 2.0}, "2": {"MASE": 2.0}}) == {
        "MASE": 2.0,
        "OWA": 2.0,
    }


def test_pooled_coverage_weighs_small_sets_by_their_values() -> None:
    """Ten values all covered and thirty half covered are 62.5 % of forty; a large set is left out."""
    results = {
        "small": {"values": 10, "cov80": 1.0},
        "less small": {"values": 30, "cov80": 0.5},
        "large": {"values": 500, "cov80": 0.0},
    }

    share, values, sets = pooled_coverage(results)
    assert (values, sets) == (40, 2)
    assert share == pytest.approx(0.625)


def test_the_best_of_other_libraries_is_named() -> None:
    """A method that was stopped has no score and cannot be best."""
    assert best_peer({"AutoETS": {"MASE": 1.5}, "Theta": {"MASE": 1.25}, "LSTM": {"skipped": "-"}}) == (
        "1.250 (Theta)"
    )
    assert best_peer({}) == "-"


def test_refits_of_blocks_are_counted_in_rows() -> None:
    """Two series of 10 rows and three blocks of 5: fits to 10, 15 and 20 rows of each."""
    facts = {"h": 5, "stride": 5, "test_len": [15, 15], "train_rows": 20, "n_series": 2}

    assert peers.fitted_rows(facts) == 2 * (10 + 15 + 20)


@pytest.mark.parametrize(
    ("method", "season", "series", "rows", "skipped"),
    [
        ("AutoETS", 24, 10, 1000, False), ("AutoETS", 52, 10, 1000, True), ("AutoARIMA", 12, 10, 100_000, False),
        ("AutoARIMA", 12, 10, 100_001, True), ("AutoARIMA", 1, 10, 100_001, False), ("AutoARIMA", 24, 1, 100, True),
        ("AutoARIMA", 12, 1101, 10_000, True), ("Theta", 365, 10, 1000, False), ("LSTM", 24, 10, 1000, True),
    ],
)  # fmt: skip
def test_peers_are_left_out_by_the_rules_that_the_page_states(
    method: str, season: int, series: int, rows: int, skipped: bool
) -> None:
    """A dash in the table has one of the stated reasons."""
    facts = {"h": 6, "m": season, "stride": None, "test_len": [6, 6], "train_rows": rows, "n_series": series}

    assert (peers.reason_to_skip("some", facts, method) is not None) == skipped


def test_percentage_errors_are_of_whole_years_only() -> None:
    """Windows that run past the last month are left out; the rest must be thirteen."""
    windows = [
        pd.DataFrame({"cutoff": cutoff, "actual": 100.0, "forecast": 90.0}, index=range(12))
        for cutoff in range(13)
    ]
    cut = pd.DataFrame({"cutoff": 13, "actual": [100.0] * 5 + [np.nan] * 7, "forecast": 0.0})

    assert airline.mean_percentage_error(pd.concat([*windows, cut])) == pytest.approx(10.0)
    with pytest.raises(ValueError, match="12 whole windows"):
        airline.mean_percentage_error(pd.concat(windows[1:]))


def test_seasonal_naive_repeats_the_year_before() -> None:
    """A series that doubles every year is missed by half."""
    values = np.repeat(2.0 ** np.arange(6), 12)

    assert airline.seasonal_naive(values, 36) == pytest.approx(50.0)


def test_long_horizon_windows_are_whole_and_in_order() -> None:
    """Cutoffs ascend, channels are as asked for, and a window that runs past the end is dropped."""
    table = pd.DataFrame(
        [
            (
                name,
                cutoff,
                cutoff + step,
                0.0 if cutoff + step < 5 else np.nan,
                100 * sign + 10 * cutoff + step,
            )
            for name, sign in (("b", 2), ("a", 1))
            for cutoff in (3, 1, 2)
            for step in (1, 2)
        ],
        columns=["series", "cutoff", "t", "actual", "forecast"],
    )
    windows = ltsf.whole_windows(table, ["a", "b"], 2)

    assert windows[:, :, 0].tolist() == [[111, 112], [121, 122]]
    assert windows[:, :, 1].tolist() == [[211, 212], [221, 222]]


def test_things_measured_in_turn_are_divided_round_by_round() -> None:
    """A slow round slows both, so the ratio is that of a round; every call is made in every round."""
    calls = {"a": 0, "b": 0}

    def count(name: str) -> None:
        calls[name] += 1

    taken = recurrence.in_turn({"a": lambda: count("a"), "b": lambda: count("b")}, 3, 0.0)

    assert calls == {"a": 4, "b": 4}
    assert [len(one) for one in taken.values()] == [3, 3]
    assert recurrence.ratio({"a": [2.0, 20.0, 8.0], "b": [1.0, 10.0, 1.0]}, "a", "b") == 2.0


def test_the_plain_loop_is_the_same_network() -> None:
    """What is measured beside our layer gives what it gives."""
    torch.manual_seed(0)
    loop, ours = recurrence.NaiveLSTM(2, 3), LSTM(2, 3)
    weights = {
        "weight_ih_l0": loop.enter.weight, "bias_ih_l0": loop.enter.bias,
        "weight_hh_l0": loop.recur.weight, "bias_hh_l0": loop.recur.bias,
    }  # fmt: skip
    ours.load_state_dict(weights)
    inputs = torch.randn(5, 4, 2)

    torch.testing.assert_close(loop(inputs)[0], ours(inputs)[0])


def test_ratios_of_activations_are_averaged_without_taking_sides() -> None:
    """Twice as good on one set and twice as bad on another is equal."""
    runs = {"relu": {"0": 1.0, "1": 3.0, "2": 2.0}, "tanh": {"0": 4.0, "1": 4.0, "2": 9.0}}

    assert activations.summary(runs) == {"relu": 2.0, "tanh": 4.0, "ratio": 0.5}
    assert activations.geometric_mean([0.5, 2.0]) == pytest.approx(1.0)


def test_rows_to_forecast_hold_nothing_that_comes_later() -> None:
    """Target and past covariates are emptied; what is known ahead and the timestamps stay."""
    test = TEST.assign(promo=1.0, rain=2.0)
    given = covariates.Given("", past=("rain",), future=("promo",))
    ahead = covariates.known_ahead(test, given)

    assert ahead[["y", "rain"]].isna().all(axis=None)
    assert ahead[["unique_id", "ds", "promo"]].equals(test[["unique_id", "ds", "promo"]])
    assert given.options == ["--past", "rain", "--future", "promo"]
    assert covariates.NONE.options == ["--no-covariates"]


@pytest.mark.parametrize("kind", seasons.KINDS, ids=lambda kind: kind.words)
def test_generated_series_are_of_their_kind(kind: seasons.Kind) -> None:
    """Lengths ascend and are those that the kind offers, and six of the longest are seen, with few holes."""
    generator = np.random.default_rng(3)
    for _ in range(10):
        chosen = seasons.choose_seasons(kind, generator)
        values = seasons.generate(chosen, generator)

        assert list(chosen) == sorted(set(chosen))
        assert chosen in kind.choices if kind.choices else not set(chosen) & set(seasons.SUGGESTED)
        assert len(values) >= 6 * chosen[-1] - 1
        assert np.isnan(values).mean() < 0.2


def test_a_table_is_put_between_its_markers_alone() -> None:
    """What stands around it stays, and a page without the place is refused."""
    page = "before\n<!-- one -->\nold\n<!-- end one -->\nafter"

    assert fill(page, "one", r"new \1") == "before\n<!-- one -->\nnew \\1\n<!-- end one -->\nafter"
    with pytest.raises(ValueError, match="0 places"):
        fill(page, "two", "new")


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_what_is_stored(name: str) -> None:
    """Tables are never edited by hand; each has its place and its command."""
    page = page_of(name).read_text(encoding="utf-8")

    assert re.search(rf"^    python -m tests\.benchmarks {name}\b", page, re.M)
    if found := stored(name):
        assert fill(page, name, TABLES[name](found)) == page


def test_stored_results_name_no_folder_of_the_machine() -> None:
    """Commands are stored as anybody can run them."""
    for file in RESULTS.glob("*.json"):
        text = file.read_text(encoding="utf-8")
        json.loads(text)
        assert not re.search(r'"[^"]*(?:^|[" ])/\w+/', text), file.name


@pytest.mark.parametrize(
    ("name", "results", "row"),
    [
        (
            "activations",
            {"ratio": 0.5, "sets": {"a": {"runs": {"relu": {"0": 1.0}}, "relu": 1.0, "tanh": 2.0, "ratio": 0.5}}},
            "| a | 1 | **1.000** | 2.000 | 0.500 |",
        ),
        (
            "covariates",
            {"sets": {"walmart_weekly": {
                given.words: {"MASE": mase, "seeds": {"0": {}}, "members": 6, "steps": 40}
                for given, mase in zip(covariates.SETS["walmart_weekly"], (2.0, 1.5), strict=True)
            }}},
            f"| walmart_weekly | {covariates.SETS['walmart_weekly'][1].words} | 1 | 6 x 40 | **1.500** | +25.0 % | - |",
        ),
        (
            "airline",
            {"MAPE": 3.0, "snaive": 11.5, "seeds": {"0": {"members": 6, "steps": 40, "MAPE": 3.25}}},
            "| seed 0 | 6 x 40 | 3.25 % |",
        ),
        (
            "origins",
            {"a": {"horizon": 6, "origins": [{"MASE": 1.0, "snaive": 3.0, "theta": 2.0},
                                             {"MASE": 2.0, "snaive": 2.0, "theta": 2.0}]}},
            "| a | 6 | 2 | **1.500** | 2.000 | -0.500 ± 0.500 | 0.707 |",
        ),
        (
            "throughput",
            {"ours": 900.0, "versions": {}, "peers": {"small": {"speed": 300.0, "ratio": 3.01}}},
            "| neuralforecast LSTM, small | 300 | 3.0 |",
        ),
        (
            "networks",
            {"steps": 9, "files": {"a": {"x": {"MASE": 1.0, "snaive": 2.0, "members": 1, "steps": 9,
                                               "exploded": True}}}},
            "| x | **1.000** (1 x 9, exploded) |",
        ),
        (
            "recurrence",
            {
                "shapes": [{"shape": [100, 32, 1, 128, 64], "torch_ms": 2.0, "ours": 1.5, "limit": 2.5, "loop": 3.25}],
                "keras": {"ours": 9.0, "versions": {}, "backends": {}},
                "graph": {"ratio": 0.4, "limit": 0.5, "lstm_nodes": 1, "nodes": 9, "difference": 1e-7},
                "loop": {"ratio": 0.8, "limit": 1.0, "steps": 12, "difference": 0.0},
            },
            "| 100, 32, 1, 128, 64 | 2.00 | 1.50 | 2.5 | 3.2 |",
        ),
        (
            "ltsf",
            {"": {"set": "e", "horizon": 96, "context_length": 336.0, "seeds": {"0": {}}, "members": 4, "steps": 50,
                  "MSE": 0.375, "MAE": 0.4, "seconds": 59.6}},
            "| e | 96 | 336 | 1 | 4 x 50 | 0.375 | 0.400 | 60 |",
        ),
        (
            "peers",
            {"versions": {}, "sets": {"new": {"Theta": {"MASE": 1.0, "seconds": 2.4}, "LSTM": {"skipped": "slow"}}}},
            "| new | - | 1.000 in 2 s | - | - | slow |",
        ),
    ],
)  # fmt: skip
def test_results_become_rows(name: str, results: dict[str, Any], row: str) -> None:
    """Numbers stand in the column they belong to, the better of two in bold."""
    assert row in TABLES[name](results).splitlines()
