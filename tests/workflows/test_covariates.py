from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

import tsforecast
from tests.workflows.tables import within_limit

FIRST = np.datetime64("2023-01-02")
DAYS, AHEAD = 120, 14


def write_promoted(path: Path, first: int = 0, last: int = DAYS) -> Path:
    """Write days of one shop: promotions are known ``AHEAD`` days after the last sale, the weather is not."""
    random = np.random.default_rng(0)
    lines = ["day,sales,promo,weather"]
    for day in range(DAYS + AHEAD + 40):
        promo, noise = random.random() < 0.2, random.normal()
        sales = 50 + 5 * np.sin(2 * np.pi * day / 7) + 20 * promo + noise
        if first <= day < last:
            lines.append(f"{FIRST + day},{sales:.3f},{int(promo)},{noise:.3f}")
        elif last <= day < last + AHEAD:
            lines.append(f"{FIRST + day},,{int(promo)},")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_covariates_go_from_the_table_through_all_four_verbs(tmp_path: Path) -> None:
    """Fit takes them, predict feeds them, evaluate rolls over them, export describes and checks them."""
    data, model = write_promoted(tmp_path / "shop.csv"), tmp_path / "shop.tsf"
    fitted = tsforecast.fit(
        data, model, future=("promo",), past=("weather",), calendar=("weekday",), holidays="DE",
        steps=20, members=1, horizon=7,
    )  # fmt: skip
    about = json.loads((model / "model.json").read_text())

    stored, fresh = tsforecast.predict(model).table, tsforecast.predict(model, data).table
    rolled = tsforecast.evaluate(model, write_promoted(tmp_path / "later.csv", last=DAYS + 30))
    exported = tsforecast.export(model, tmp_path / "shop.onnx")

    features = {"calendar feature weekday", "calendar feature holiday"}
    assert {"promo", "weather", *features} == set(about["training"]["covariate_gains"])
    np.testing.assert_array_equal(stored.columns["forecast"], fresh.columns["forecast"])
    assert len(stored.columns["forecast"]) == fitted.horizon
    assert rolled.windows > 1
    assert within_limit(exported)
    graph = onnx.load_model(str(tmp_path / "shop.onnx"))
    inputs = {one.name for one in graph.graph.input}
    assert inputs == {"context", "past_covariates", "future_covariates", "timestamps"}
    said = json.loads(graph.metadata_props[0].value)
    assert (said["calendar"], said["holidays"]) == (
        ["weekday", "holiday"],
        {"country": "DE", "years": [2023, 2033]},
    )


@pytest.mark.parametrize(("horizon", "needs_rows"), [(AHEAD, False), (AHEAD + 1, True)])
def test_fit_tells_what_predict_will_need(horizon: int, needs_rows: bool, tmp_path: Path) -> None:
    """A table that ends before its plan must: the model is made, and the first step without a value is named."""
    data = write_promoted(tmp_path / "shop.csv")

    fitted = tsforecast.fit(
        data, tmp_path / "m.tsf", past=("weather",), future=("promo",), steps=2, members=1, horizon=horizon
    )

    lacking = FIRST + DAYS + AHEAD
    said = (
        f"rows of what is known ahead: future covariate 'promo' of series 'sales' has no value for {lacking}"
    )
    assert fitted.needs_rows == needs_rows == any(said in note.text for note in fitted.notes)
