from __future__ import annotations

import numpy as np
import pytest

from tsforecast.data.arrays import Floats
from tsforecast.errors import MissingExtraError
from tsforecast.evaluation import statistical
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.statistical import STATISTICAL, check_statistical, statistical_forecasts

HORIZON, SEASON = 5, 4


def some_series() -> list[Floats]:
    """Give one with a season, one with holes, one constant, and one that is too short for most methods."""
    random = np.random.default_rng(0)
    season = 50 + 10 * np.sin(np.arange(40) * 2 * np.pi / SEASON) + random.normal(size=40)
    holed = season.copy()
    holed[[0, 7, 8, 39]] = np.nan
    return [season, holed, np.full(30, 3.5), np.array([1.0, 2.0])]


def test_a_missing_library_is_exit_10_with_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any work, and only where one of its methods is asked for."""
    monkeypatch.setattr(statistical, "find_spec", lambda _: None)
    check_statistical(["naive", "theta"])

    with pytest.raises(MissingExtraError, match="auto_ces comes from statsforecast") as caught:
        check_statistical(["naive", "auto_ces"])

    assert caught.value.exit_code == 10
    assert caught.value.hint == "pip install statsforecast"


@pytest.mark.slow
def test_forecasts_are_those_of_the_library() -> None:
    """Every history gets finite numbers, the seasonal one those that the library gives when asked directly."""
    models = pytest.importorskip("statsforecast.models")
    histories = Histories.of(some_series())

    found = statistical_forecasts(histories, HORIZON, SEASON, ("naive", "auto_ets"), 300)

    assert list(found) == ["auto_ets"]
    assert found["auto_ets"].shape == (4, HORIZON)
    assert np.isfinite(found["auto_ets"]).all()
    np.testing.assert_allclose(found["auto_ets"][2], 3.5)
    np.testing.assert_array_equal(found["auto_ets"][3], 2.0)
    direct = models.AutoETS(season_length=SEASON).forecast(y=some_series()[0], h=HORIZON)["mean"]
    np.testing.assert_allclose(found["auto_ets"][0], direct, rtol=1e-9)


@pytest.mark.parametrize("name", STATISTICAL)
def test_a_method_that_takes_too_long_is_left_out(name: str) -> None:
    """The limit holds whatever the method is doing."""
    found = statistical_forecasts(Histories.of(some_series()), HORIZON, SEASON, (name,), 0.01)

    assert found == {}
