from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tsforecast.errors import UsageError
from tsforecast.evaluation.metrics import METRICS, Outcome, at_level, coverage, skipped_windows

LEVELS = (0.1, 0.5, 0.9)
VALUES = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-3)


def outcome(actual: Any, forecast: Any, scale: Any = None, **more: Any) -> Outcome:
    """Windows of plain lists, scale 1 unless given."""
    actual = np.array(actual, dtype=float)
    scale = np.ones(len(actual)) if scale is None else np.array(scale, dtype=float)
    return Outcome(
        actual=actual, forecast=np.array(forecast, dtype=float), scale=scale, squared_scale=scale**2, **more
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MAE", (1 + 2 + 3) / 3),
        ("RMSE", np.sqrt((1 + 4 + 9) / 3)),
        ("bias", (1 - 2 + 3) / 3),
        ("WAPE", 6 / 10),
        ("WQL", 6 / 10),
        ("MAPE", (100 * (1 / 2 + 2 / 4) / 2 + 100 * 3 / 4) / 2),
        ("sMAPE", (200 * (1 / 5 + 2 / 6) / 2 + 200 * 3 / 11) / 2),
        ("MASE", (1.5 / 2 + 3 / 4) / 2),
        ("RMSSE", (np.sqrt(2.5) / 2 + 3 / 4) / 2),
    ],
)
def test_metric_gives_the_value_worked_out_by_hand(name: str, expected: float) -> None:
    """Two windows, one of them with a missing actual, follow the documented formula."""
    windows = outcome([[2.0, 4.0], [4.0, np.nan]], [[3.0, 2.0], [7.0, 99.0]], scale=[2.0, 4.0])

    assert expected == pytest.approx(METRICS[name](windows))


@pytest.mark.parametrize("name", METRICS)
def test_metric_names_its_formula_and_source(name: str) -> None:
    """Nobody has to guess what a column means."""
    metric = METRICS[name]

    assert all((metric.about, metric.formula, metric.source))


@pytest.mark.parametrize("name", METRICS)
@given(data=st.data())
def test_metric_ignores_what_stands_beside_a_missing_actual(name: str, data: st.DataObject) -> None:
    """A forecast for a step without an actual changes nothing, whatever it says."""
    actual, forecast = (data.draw(arrays(float, (3, 4), elements=VALUES)) for _ in range(2))
    missing = data.draw(arrays(bool, (3, 4)))
    actual = np.where(missing, np.nan, actual)
    scores = [
        METRICS[name](
            outcome(actual, point, quantiles=np.repeat(point[:, :, None], 3, axis=2), levels=LEVELS)
        )
        for point in (forecast, np.where(missing, np.nan, forecast))
    ]

    np.testing.assert_equal(scores[0], scores[1])


@pytest.mark.parametrize("name", [name for name in METRICS if name not in ("coverage", "interval score")])
@given(actual=arrays(float, (3, 4), elements=VALUES))
def test_metric_is_zero_for_a_perfect_forecast(name: str, actual: np.ndarray) -> None:
    """The actuals themselves score 0, or nothing where there is nothing to divide by."""
    score = METRICS[name](outcome(actual, actual))

    assert score == 0 or (np.isnan(score) and (actual == 0).all())


@pytest.mark.parametrize("name", [name for name in METRICS if name not in ("coverage", "interval score")])
def test_metric_shows_a_missing_forecast(name: str) -> None:
    """A forecast that is NaN where an actual exists cannot hide: the score is NaN."""
    assert np.isnan(METRICS[name](outcome([[1.0, 2.0]], [[1.0, np.nan]])))


@pytest.mark.parametrize("name", METRICS)
def test_metric_by_group_equals_the_metric_of_that_group(name: str) -> None:
    """Splitting windows by series and scoring each part alone gives the same numbers."""
    rng = np.random.default_rng(0)
    actual, quantiles = rng.normal(5, 1, (6, 4)), np.sort(rng.normal(5, 1, (6, 4, 3)))
    groups = np.array([0, 2, 0, 1, 2, 2])
    scale = np.array([1.0, 2.0, 3.0, 4.0, 0.0, np.nan])

    def some(keep: np.ndarray) -> Outcome:
        chosen = quantiles[keep]
        return outcome(actual[keep], chosen[..., 1], scale[keep], quantiles=chosen, levels=LEVELS)

    together = METRICS[name].grouped(some(np.arange(6)), groups, 3)

    np.testing.assert_allclose(together, [METRICS[name](some(groups == group)) for group in range(3)])


def test_wql_of_a_degenerate_distribution_equals_wape() -> None:
    """Quantiles that all equal the point forecast cost what the point forecast costs."""
    rng = np.random.default_rng(0)
    actual, point = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    windows = outcome(actual, point, quantiles=np.repeat(point[:, :, None], 3, axis=2), levels=LEVELS)

    assert METRICS["WAPE"](windows) == pytest.approx(METRICS["WQL"](windows))


def test_wql_averages_the_pinball_losses_of_all_levels() -> None:
    """One actual of 10: misses below weigh q, misses above 1 - q."""
    windows = outcome([[10.0]], [[9.0]], quantiles=np.array([[[6.0, 9.0, 13.0]]]), levels=LEVELS)

    assert pytest.approx(METRICS["WQL"](windows)) == 2 * (0.1 * 4 + 0.5 * 1 + 0.1 * 3) / 3 / 10


def test_mase_skips_and_counts_windows_without_a_scale() -> None:
    """A constant or too short series has no MASE; it neither helps nor hurts, and it is counted."""
    windows = outcome(
        [[1.0], [1.0], [1.0], [np.nan]], [[3.0], [9.0], [9.0], [9.0]], scale=[1.0, 0.0, np.nan, 0.0]
    )

    assert (METRICS["MASE"](windows), skipped_windows(windows)) == (2.0, 2)


def test_mape_skips_actuals_of_zero() -> None:
    """A step whose actual is 0 has no percentage error."""
    assert METRICS["MAPE"](outcome([[0.0, 2.0], [0.0, 0.0]], [[7.0, 3.0], [1.0, 1.0]])) == 50.0


def test_smape_of_zero_forecast_as_zero_is_no_error() -> None:
    """Nothing divided by nothing counts as a hit."""
    assert METRICS["sMAPE"](outcome([[0.0, 0.0]], [[0.0, 3.0]])) == 100.0


@pytest.mark.parametrize(("nominal", "expected"), [(0.8, 2 / 3), (0.4, 1 / 3)])
def test_coverage_counts_actuals_inside_any_nominal_interval(nominal: float, expected: float) -> None:
    """Ends count as inside; levels between the given ones are interpolated."""
    quantiles = np.tile([0.0, 5.0, 10.0], (1, 3, 1))
    windows = outcome([[10.0, 5.0, 11.0]], [[5.0, 5.0, 5.0]], quantiles=quantiles, levels=LEVELS)

    assert expected == pytest.approx(coverage(windows, nominal))


def test_coverage_in_the_registry_is_that_of_the_80_percent_interval() -> None:
    """Levels 0.1 and 0.9 are the ends, whatever other levels there are."""
    quantiles = np.tile([-9.0, 0.0, 5.0, 10.0, 99.0], (1, 4, 1))
    windows = outcome(
        [[1.0, 2.0, 3.0, 50.0]], [[5.0] * 4], quantiles=quantiles, levels=(0.05, 0.1, 0.5, 0.9, 0.95)
    )

    assert METRICS["coverage"](windows) == 0.75


def test_coverage_does_not_exist_for_point_forecasts_and_narrow_levels() -> None:
    """Where there is no 80 % interval the score is NaN, not 0."""
    narrow = outcome([[1.0]], [[1.0]], quantiles=np.ones((1, 1, 2)), levels=(0.25, 0.75))

    assert np.isnan([METRICS["coverage"](narrow), METRICS["coverage"](outcome([[1.0]], [[1.0]]))]).all()


def test_coverage_refuses_an_interval_the_levels_do_not_reach() -> None:
    """Outside the learnt levels there is nothing to interpolate."""
    windows = outcome([[1.0]], [[1.0]], quantiles=np.ones((1, 1, 3)), levels=LEVELS)

    with pytest.raises(UsageError, match=r"0\.95"):
        coverage(windows, 0.95)


def test_at_level_interpolates_between_neighbours_and_refuses_outside() -> None:
    """Levels between are linear, given ones exact, outer ones an error."""
    quantiles = np.array([[[0.0, 4.0, 8.0]]])

    assert pytest.approx([at_level(quantiles, LEVELS, q).item() for q in (0.1, 0.2, 0.5, 0.9)]) == [
        0.0,
        1.0,
        4.0,
        8.0,
    ]
    with pytest.raises(UsageError, match="outside"):
        at_level(quantiles, LEVELS, 0.95)


def test_crps_of_a_point_forecast_is_its_mae() -> None:
    """Quantiles that all lie on one point make the score fall back to the absolute error, as it does without any."""
    error = np.array([[2.0, -3.0]])
    one = outcome([[0.0, 0.0]], error, quantiles=np.repeat(error[..., None], 3, axis=2), levels=LEVELS)

    assert METRICS["CRPS"](one) == pytest.approx(2.5)
    assert METRICS["CRPS"](outcome([[0.0, 0.0]], error)) == pytest.approx(2.5)


def test_crps_of_many_quantiles_nears_the_integral() -> None:
    """For the uniform distribution on 0 to 1 and an actual of 0.5 it is 1/12, which is known."""
    levels = tuple(np.linspace(0.005, 0.995, 100).tolist())
    quantiles = np.array(levels)[None, None, :]

    found = METRICS["CRPS"](outcome([[0.5]], [[0.5]], quantiles=quantiles, levels=levels))

    assert found == pytest.approx(1 / 12, rel=1e-3)


@pytest.mark.parametrize(("actual", "score"), [(5.0, 4.0), (2.0, 4.0 + 10.0), (8.5, 4.0 + 15.0)])
def test_interval_score_is_the_width_and_ten_times_the_miss(actual: float, score: float) -> None:
    """An 80 % interval from 3 to 7: what lies outside counts 2 / 0.2 times."""
    quantiles = np.array([[[3.0, 5.0, 7.0]]])

    assert METRICS["interval score"](
        outcome([[actual]], [[5.0]], quantiles=quantiles, levels=LEVELS)
    ) == pytest.approx(score)
