from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsforecast.data.arrays import Floats
from tsforecast.data.covariates import Covariates
from tsforecast.data.inputs import Inputs
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.errors import DataError, UsageError
from tsforecast.evaluation.backtest import Backtest, run_backtest
from tsforecast.evaluation.baselines import BASELINES
from tsforecast.evaluation.scores import mase_scales

LEVELS = (0.1, 0.5, 0.9)
HORIZON = 3


def summary_forecast(inputs: Inputs) -> Floats:
    """Use every value of the context: (B, T) to (B, H, Q)."""
    contexts = inputs.context
    weights = np.linspace(0.1, 1.0, contexts.shape[1])
    middle = (np.nan_to_num(contexts) * weights).sum(axis=1)
    forecast: Floats = middle[:, None, None] + np.zeros((1, HORIZON, 1)) + np.array([-1.0, 0.0, 1.0])
    return forecast


def backtest(panel: Panel, series: Any, cutoffs: Any, **changes: Any) -> Backtest:
    """Run a backtest with defaults that a test may change."""
    arguments: dict[str, Any] = {
        "levels": LEVELS,
        "context_length": 5,
        "horizon": HORIZON,
        "series": np.array(series),
        "cutoffs": np.array(cutoffs),
        "season_lengths": (2, 4),
        "scales": mase_scales(panel, 2),
    }
    return run_backtest(panel, summary_forecast, **arguments | changes)


def test_run_backtest_lines_up_actuals_contexts_and_baselines(make_panel: Any) -> None:
    """Row ``cutoff`` is the first that is scored, row ``cutoff - 1`` the last that is seen."""
    panel = make_panel([np.arange(10.0), 100.0 + np.arange(8.0)])
    result = backtest(panel, [0, 1], [6, 4])

    np.testing.assert_array_equal(result.actual, [[6, 7, 8], [104, 105, 106]])
    np.testing.assert_array_equal(result.points["naive"], [[5, 5, 5], [103, 103, 103]])
    np.testing.assert_array_equal(result.points["seasonal naive (2)"], [[4, 5, 4], [102, 103, 102]])
    np.testing.assert_array_equal(result.points["model"], result.quantiles[:, :, 1])
    np.testing.assert_array_equal(
        result.quantiles[0], summary_forecast(Inputs.of(np.arange(1.0, 6.0)[None]))[0]
    )
    assert next(iter(result.points)) == "model"


def test_run_backtest_keeps_partial_windows_and_drops_empty_ones(make_panel: Any) -> None:
    """One actual is enough to be scored, none is not."""
    panel = make_panel([np.array([1.0, 2.0, 3.0, 4.0, np.nan, np.nan, np.nan, 5.0])])
    result = backtest(panel, [0, 0, 0], [3, 4, 7])

    assert result.cutoffs.tolist() == [3, 7]
    np.testing.assert_array_equal(result.actual, [[4, np.nan, np.nan], [5, np.nan, np.nan]])


def test_run_backtest_without_anything_to_score_says_so(make_panel: Any) -> None:
    """An empty backtest is an error with a hint, not an empty table."""
    with pytest.raises(DataError, match="nothing to score") as error:
        backtest(make_panel([np.arange(4.0)]), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    assert error.value.hint


def test_run_backtest_forecasts_at_most_1024_windows_at_a_time(make_panel: Any) -> None:
    """Memory stays bounded however many windows there are, and no window is lost."""
    panel = make_panel([np.arange(1600.0)])
    sizes: list[int] = []

    def counting(inputs: Inputs) -> Floats:
        sizes.append(len(inputs))
        return summary_forecast(inputs)

    series, cutoffs = np.zeros(1500, dtype=np.int64), np.arange(98, 1598)
    result = run_backtest(
        panel, counting, levels=LEVELS, context_length=5, horizon=HORIZON, series=series, cutoffs=cutoffs,
        season_lengths=(), scales=mase_scales(panel, 1),
    )  # fmt: skip

    assert sizes == [1024, 476]
    np.testing.assert_array_equal(result.points["naive"], result.actual - [1, 2, 3])


@st.composite
def pasts_and_futures(draw: st.DrawFn) -> tuple[list[list[float]], list[list[float]], list[list[float]]]:
    """Series up to their cutoff, and two different continuations of the same length."""
    values = st.floats(-1e3, 1e3) | st.just(np.nan)
    lengths = draw(st.lists(st.tuples(st.integers(1, 25), st.integers(0, 6)), min_size=1, max_size=4))
    pasts = [draw(st.lists(values, min_size=seen, max_size=seen)) for seen, _ in lengths]
    futures = [
        # One actual in each, so that no window is left out.
        [
            [draw(st.floats(-1e3, 1e3)), *draw(st.lists(values, min_size=rest, max_size=rest))]
            for _, rest in lengths
        ]
        for _ in range(2)
    ]
    return pasts, futures[0], futures[1]


@settings(max_examples=60)
@given(drawn=pasts_and_futures())
def test_nothing_after_a_cutoff_is_ever_seen(make_panel: Any, drawn: Any) -> None:
    """Whatever happens after a cutoff, the forecasts made there and the training scales are the same."""
    pasts, *continuations = drawn
    cutoffs = np.array([len(past) for past in pasts])
    first, second = (
        _all_forecasts(
            make_panel([np.array(past + more) for past, more in zip(pasts, future, strict=True)]), cutoffs
        )
        for future in continuations
    )

    assert first.keys() == second.keys()
    for name, forecast in first.items():
        np.testing.assert_array_equal(forecast, second[name], err_msg=name)


def _all_forecasts(panel: Panel, cutoffs: Any) -> dict[str, Floats]:
    """Every number of a backtest that must not depend on the future."""
    scales = mase_scales(panel.head(cutoffs), 3)
    result = backtest(panel, np.arange(len(panel)), cutoffs, baselines=tuple(BASELINES), scales=scales)
    return result.points | {
        "quantiles": result.quantiles,
        "scale": result.scale,
        "squared": result.squared_scale,
    }


def test_a_gap_leaves_out_the_first_steps(make_panel: Any) -> None:
    """Forecasts are the same; only what is scored begins later."""
    panel = make_panel([np.arange(10.0)])
    plain, late = (backtest(panel, [0], [6], gap=gap) for gap in (0, 2))

    np.testing.assert_array_equal(late.actual, [[np.nan, np.nan, 8.0]])
    np.testing.assert_array_equal(late.quantiles, plain.quantiles)
    with pytest.raises(UsageError, match="--gap 3 leaves no step"):
        backtest(panel, [0], [6], gap=HORIZON)


def test_a_sliding_window_hides_old_rows_from_the_baselines(make_panel: Any) -> None:
    """Drift then spans the rows that the model sees, 5 here, and nothing before them matters."""
    old, new = np.full(10, 1e6), np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    sliding = backtest(
        make_panel([np.concatenate([old, new])]), [0], [15], sliding=True, baselines=("drift",)
    )

    np.testing.assert_allclose(sliding.points["drift"], [[5.0, 6.0, 7.0]])


PAST, FUTURE, TIMES = "traffic", "promo", "D"


@settings(max_examples=60)
@given(
    seen=st.integers(1, 12),
    rest=st.integers(1, 6),
    seeds=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
)
def test_nothing_after_a_cutoff_is_seen_of_the_covariates(
    seen: int, rest: int, seeds: tuple[int, int]
) -> None:
    """Past covariates end at the cutoff, future ones at the end of the horizon; targets after it never count."""
    first, second = (_with_covariates(seen, rest, seed) for seed in seeds)

    np.testing.assert_array_equal(_everything(first, seen), _everything(second, seen))


def _with_covariates(seen: int, rest: int, seed: int) -> Panel:
    """Make a series that is the same up to row ``seen`` and, in its future covariate, for one horizon more."""
    known, later = np.random.default_rng(0), np.random.default_rng(seed)
    rows = seen + rest + HORIZON
    values, beside = known.normal(size=rows), known.normal(size=(rows, 2))
    values[seen:] = later.normal(size=rows - seen)
    beside[seen:, 0] = later.normal(size=rows - seen)
    beside[seen + HORIZON :, 1] = later.normal(size=rest)
    schema = Schema(layout="long", time="day", time_format=TimeFormat(), past=(PAST,), future=(FUTURE,))
    covariates = Covariates(values=beside, offsets=np.array([0, rows]), static=np.empty((1, 0)))
    return Panel.of(["a"], [values], [0], parse_frequency(TIMES), schema, covariates)


def _everything(panel: Panel, cutoff: int) -> Floats:
    """Forecast with a method that reads all that it is given."""
    result: list[Floats] = []

    def reading(inputs: Inputs) -> Floats:
        result.extend(
            np.nan_to_num(np.asarray(array, dtype=np.float64)).ravel() for _, array in inputs.arrays()
        )
        return np.zeros((len(inputs), HORIZON, 3))

    run_backtest(
        panel, reading, levels=LEVELS, context_length=5, horizon=HORIZON, series=np.array([0]),
        cutoffs=np.array([cutoff]), season_lengths=(), scales=mase_scales(panel.head(np.array([cutoff])), 1),
        timestamps=True,
    )  # fmt: skip
    return np.concatenate(result)
