"""What comes after a cutoff may be anything: nothing that is said of the time before changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tsforecast
from tests.workflows.tables import HORIZON, START, write_daily
from tsforecast.artifacts import load_artifact
from tsforecast.config import FitSettings
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.reading import read_panel
from tsforecast.data.rows.repair import FILLERS, fill_gaps
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.data.times.timestamps import TimeFormat
from tsforecast.data.windows import Windows
from tsforecast.evaluation.histories import Histories
from tsforecast.evaluation.scores import mase_scales
from tsforecast.training.search import Trained
from tsforecast.workflows.evaluate import Evaluation
from tsforecast.workflows.fit import train

FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GARBAGE = st.tuples(
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-3, 1.0, 1e6]),
    st.sampled_from([0.0, -1e5, 1e5]),
    st.booleans(),
)
"""Seed, size and level of random numbers, and whether some of them are missing."""

COVARIATES: dict[str, Any] = {"past": ("weather",), "future": ("promo",), "static": ("region",)}


def garbage(drawn: tuple[int, float, float, bool], count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers that have nothing to do with those before."""
    seed, size, level, holes = drawn
    random = np.random.default_rng(seed)
    made = level + size * random.normal(size=count)
    made[random.random(count) < 0.1 * holes] = np.nan
    return made


def write_shops(path: Path) -> Path:
    """Write two shops that count something, with covariates of every kind."""
    random = np.random.default_rng(5)
    lines = ["shop,day,sales,weather,promo,region"]
    for shop, region in (("a", "hill"), ("b", "sea")):
        for day in range(110):
            date, promo = np.datetime64(START) + day, int(random.random() < 0.3)
            sales = round(30 + 8 * float(np.sin(2 * np.pi * day / 7)) + 10 * promo + float(random.normal()))
            known = f"{sales},{random.normal():.3f}" if day < 100 else ","
            lines.append(f"{shop},{date},{known},{promo},{region}")
    path.write_text("\n".join(lines) + "\n")
    return path


def spoiled(panel: Panel, rows: np.ndarray[Any, Any], drawn: tuple[int, float, float, bool]) -> Panel:
    """Replace targets and past covariates from these rows on."""
    values, beside = panel.values.copy(), panel.covariates
    for index, row in enumerate(rows):
        begin, end = panel.offsets[index] + row, panel.offsets[index + 1]
        values[begin:end] = garbage(drawn, end - begin)
    if beside is None:
        return replace(panel, values=values)
    beside = replace(beside, values=beside.values.copy())
    for index, row in enumerate(rows):
        block = beside.series(index)[row : panel.lengths[index], : len(panel.schema.past)]
        block[:] = garbage(drawn, block.size).reshape(block.shape)
    return replace(panel, values=values, covariates=beside)


def told(trained: Trained) -> str:
    """Tell what was chosen and learnt before the backtest, as text that can be compared."""
    arrays = {**trained.tested.state_dict(), **dict(trained.tested.named_buffers())}
    plain = {
        "spec": trained.tested.spec.to_json(),
        "blend": repr(trained.blend),
        "scores": [group.score for group in trained.groups],
        "steps": [group.steps for group in trained.groups],
        "gains": trained.covariate_gains,
        "arrays": {name: value.numpy().tobytes().hex() for name, value in arrays.items()},
    }
    return json.dumps(plain, sort_keys=True, default=str)


@pytest.fixture(scope="module", params=["counts", "covariates", "recurrent"])
def kind(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Panel, FitSettings]:
    """Give a panel and how to fit it."""
    more: dict[str, dict[str, Any]] = {
        "counts": {"no_covariates": True},
        "covariates": {**COVARIATES, "calendar": ("auto",)},
        "recurrent": {
            "no_covariates": True,
            "network": "recurrent",
            "hidden": (4,),
            "normalisation": "minmax",
        },
    }
    chosen = FitSettings(target="sales", steps=3, members=1, horizon=HORIZON, **more[request.param])
    data = write_shops(tmp_path_factory.mktemp("cutoffs") / "shops.csv")
    return read_panel(data, chosen, for_model=True).panel, chosen


@FEW
@given(drawn=GARBAGE)
def test_a_fit_knows_nothing_of_its_backtest(
    kind: tuple[Panel, FitSettings], drawn: tuple[int, float, float, bool]
) -> None:
    """Weights, scales, seasons, floor, blend, calibration, stopping and MASE scales come from the rows before it."""
    panel, chosen = kind
    honest, split, _ = train(panel, chosen, lambda *_: None)
    other = spoiled(panel, split.known, drawn)

    trained, again, _ = train(other, chosen, lambda *_: None)

    assert again.words == split.words
    assert told(honest) == told(trained)
    np.testing.assert_array_equal(
        mase_scales(panel.head(split.known), 7), mase_scales(other.head(split.known), 7)
    )


def rolled(model: Path, data: Path, **options: Any) -> Evaluation:
    """Backtest a model."""
    return tsforecast.evaluate(model, data, step=3, baselines=("naive", "seasonal naive", "theta"), **options)


@FEW
@given(drawn=GARBAGE, kept=st.integers(121, 133))
def test_an_evaluation_knows_nothing_after_each_cutoff(
    model: Path, longer_csv: Path, tmp_path: Path, drawn: tuple[int, float, float, bool], kept: int
) -> None:
    """Rows after a day may be anything: forecasts, intervals, baselines and scales of cutoffs before stay."""
    lines = longer_csv.read_text().splitlines()
    days = {str(np.datetime64(START) + day) for day in range(kept, 134)}
    noise = iter(garbage(drawn, 2 * 134))
    changed = [
        f"{line.rsplit(',', 1)[0]},{next(noise):.6f}".replace("nan", "")
        if line.split(",")[1] in days
        else line
        for line in lines
    ]
    (tmp_path / "changed.csv").write_text("\n".join(changed) + "\n")

    before, after = (rolled(model, one).backtest for one in (longer_csv, tmp_path / "changed.csv"))

    assert seen(before, kept) == seen(after, kept)
    assert seen(before, kept)


def seen(backtest: Any, rows: int) -> dict[tuple[int, int], tuple[bytes, ...]]:
    """Everything but what came, of windows cut before a row, by series and cutoff."""
    found = {}
    for place, key in enumerate(zip(backtest.series.tolist(), backtest.cutoffs.tolist(), strict=True)):
        if key[1] <= rows:
            arrays = [backtest.quantiles, backtest.scale, backtest.squared_scale, *backtest.points.values()]
            found[key] = tuple(np.ascontiguousarray(one[place]).tobytes() for one in arrays)
    return found


@settings(max_examples=40, deadline=None)
@given(
    drawn=GARBAGE,
    how=st.sampled_from(sorted(FILLERS)),
    holes=st.lists(st.integers(1, 59), min_size=5, max_size=40, unique=True),
    cutoff=st.integers(8, 58),
)
def test_a_context_knows_no_guess_that_looks_past_its_cutoff(
    drawn: tuple[int, float, float, bool], how: str, holes: list[int], cutoff: int
) -> None:
    """A gap across a cutoff is filled from both sides, and none of that reaches contexts, histories or heads."""
    values = 10.0 + np.arange(60) % 7
    values[holes] = np.nan
    other = values.copy()
    other[cutoff:] = garbage(drawn, 60 - cutoff)
    other[-1] = values[-1] = 5.0
    schema = Schema(layout="long", time="ds", time_format=TimeFormat())

    def known(one: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
        panel, _ = fill_gaps(Panel.of(["s"], [one], [0], parse_frequency("D"), schema), how)
        place, rows = np.array([0]), np.array([cutoff])
        history = Histories.before(panel, place, rows)
        head = panel.head(rows)
        return [
            Windows(panel, 20, 3).contexts(place, rows),
            Windows(head.tail(30), 20, 3).contexts(place, np.minimum(rows, 30)),
            Windows(panel, 20, 3).contexts(place, rows - 4),
            Windows(head.select(place), 20, 3).contexts(place, rows - 4),
            history.interpolated(),
            head.values,
        ]

    first, again = known(values), known(other)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(first[0], first[1])
    np.testing.assert_array_equal(first[2], first[3])


def test_an_evaluation_of_filled_gaps_knows_nothing_after_each_cutoff(
    longer_csv: Path, daily_csv: Path, tmp_path: Path
) -> None:
    """The value that ends a gap may be anything: cutoffs inside the gap stay as they are."""
    filled = tsforecast.fit(
        daily_csv, tmp_path / "m", steps=2, members=1, horizon=HORIZON, fill="linear"
    ).path
    gap = {str(np.datetime64(START) + day) for day in range(122, 128)}
    end = str(np.datetime64(START) + 128)
    lines = [line for line in longer_csv.read_text().splitlines() if line.split(",")[1] not in gap]
    for name, value in (("one", "7"), ("two", "7000")):
        changed = [
            f"{line.rsplit(',', 1)[0]},{value}" if line.split(",")[1] == end else line for line in lines
        ]
        (tmp_path / f"{name}.csv").write_text("\n".join(changed) + "\n")

    one, two = (rolled(filled, tmp_path / f"{name}.csv").backtest for name in ("one", "two"))

    assert seen(one, 128) == seen(two, 128)
    assert any(122 < cutoff <= 128 for _, cutoff in seen(one, 128))


CLIPPED: dict[str, Any] = {"steps": 2, "members": 1, "horizon": HORIZON, "outliers": "clip"}


def write_spiked(path: Path, rows: int, drawn: tuple[int, float, float, bool] | None, kept: int) -> Path:
    """Write three series, each with an early spike, whose rows from ``kept`` on may be garbage."""
    lines = write_daily(path, 0, rows, ("north", "south", "west")).read_text().splitlines()
    noise = iter(garbage(drawn or (0, 1.0, 0.0, False), 3 * rows))
    for place, line in enumerate(lines[1:]):
        head, day = line.rsplit(",", 1)[0], place % rows
        if day == 30:
            lines[place + 1] = f"{head},9999"
        elif day >= kept and drawn is not None:
            lines[place + 1] = f"{head},{next(noise):.6f}".replace("nan", "")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("drawn", [(3, 1e6, 1e5, False), (4, 1e6, -1e5, True)])
def test_a_fit_clips_by_what_was_usual_before_its_validation(
    tmp_path: Path, drawn: tuple[int, float, float, bool]
) -> None:
    """The rows that are chosen on and tested on may be anything: fences, scales and the first forecast stay."""
    first, known = 84, 102  # rows of the training part, and those before the backtest
    tables = [(known, None), (known, drawn), (first, drawn)]
    paths = [
        write_spiked(tmp_path / f"{place}.csv", 120, one, row) for place, (row, one) in enumerate(tables)
    ]
    models = [tsforecast.fit(path, path.with_suffix(""), **CLIPPED).path for path in paths]

    plain, late, early = [load_artifact(model, "windows") for model in models]
    honest, spoilt = (tsforecast.evaluate(model).backtest for model in models[:2])

    for other in (late, early):
        assert (
            other.description["data"]["repairs"]["limits"] == plain.description["data"]["repairs"]["limits"]
        )
    assert seen(honest, known) == seen(spoilt, known)
    assert len(seen(honest, known)) == 3


@pytest.fixture(scope="module")
def clipping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a model of two of the series, which clips."""
    data = write_spiked(tmp_path_factory.mktemp("clipping") / "daily.csv", 120, None, 0)
    lines = [line for line in data.read_text().splitlines() if not line.startswith("west")]
    data.write_text("\n".join(lines) + "\n")
    return tsforecast.fit(data, data.with_suffix(".tsf"), fill="zero", **CLIPPED).path


@pytest.mark.parametrize("drawn", [(3, 1e6, 1e5, False), (4, 1e6, -1e5, True)])
def test_an_evaluation_that_clips_knows_nothing_after_each_cutoff(
    clipping: Path, tmp_path: Path, drawn: tuple[int, float, float, bool]
) -> None:
    """Neither of the series of the model nor of a stranger, whose half before its first cutoff holds a spike."""
    tables = (
        write_spiked(tmp_path / f"{place}.csv", 134, one, 126) for place, one in enumerate((None, drawn))
    )
    before, after = (rolled(clipping, table).backtest for table in tables)

    assert seen(before, 126) == seen(after, 126)
    assert {index for index, _ in seen(before, 126)} == {0, 1, 2}


def test_a_refit_that_clips_knows_nothing_after_its_cutoff(clipping: Path, tmp_path: Path) -> None:
    """Its fits learn what is usual from the rows before their own validation, strangers included."""
    drawn = (3, 1e6, 1e5, False)
    tables = (
        write_spiked(tmp_path / f"{place}.csv", 134, one, 126) for place, one in enumerate((None, drawn))
    )
    before, after = (
        tsforecast.evaluate(clipping, table, refit="each", origins=2).backtest for table in tables
    )

    assert seen(before, 126) == seen(after, 126)
    assert {index for index, _ in seen(before, 126)} >= {0, 1}


def test_a_forecast_without_a_fit_knows_nothing_after_its_cutoff(tmp_path: Path) -> None:
    """Seasons, context and fences come from the rows up to it."""
    how: dict[str, Any] = {"zero_shot": True, "cutoff": str(np.datetime64(START) + 99), "outliers": "clip"}
    tables = (
        write_spiked(tmp_path / f"{place}.csv", 134, one, 100)
        for place, one in enumerate((None, (3, 1e6, 1e5, False)))
    )

    before, after = (tsforecast.predict(data=table, **how).table.columns for table in tables)

    assert before.keys() == after.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name])


def test_a_refit_knows_nothing_after_its_cutoff(daily_csv: Path, longer_csv: Path, tmp_path: Path) -> None:
    """Each of its fits gets the rows up to its cutoff and no others."""
    model = tsforecast.fit(daily_csv, tmp_path / "m", steps=2, members=1, horizon=HORIZON).path
    lines = longer_csv.read_text().splitlines()
    late = {str(np.datetime64(START) + day) for day in range(126, 134)}
    changed = [f"{line.rsplit(',', 1)[0]},-77" if line.split(",")[1] in late else line for line in lines]
    (tmp_path / "changed.csv").write_text("\n".join(changed) + "\n")

    before, after = (
        tsforecast.evaluate(model, one, refit="each", origins=2).backtest
        for one in (longer_csv, tmp_path / "changed.csv")
    )

    assert seen(before, 126) == seen(after, 126)
    assert len(seen(before, 126)) == 2
