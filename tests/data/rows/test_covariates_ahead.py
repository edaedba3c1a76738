"""Covariates by name need values ahead, or a model could not forecast from its own history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tsforecast
from tsforecast.config import DataSettings
from tsforecast.data.panel import Panel
from tsforecast.data.reading import read_panel
from tsforecast.data.rows.covariates_ahead import without_unknown_ahead
from tsforecast.errors import ArtifactError


def panel_of(tmp_path: Path, ahead: int) -> Panel:
    """Twenty days of sales; promotions are known some days longer, a kind of day is a label."""
    lines = ["day,sales,promo,event,past_wind"]
    lines += [f"2024-01-{day + 1:02},{day % 7 + 0.5},{day % 2},fair,{day}" for day in range(20)]
    lines += [f"2024-01-{day + 21:02},,{day % 2},," for day in range(ahead)]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_panel(path, DataSettings()).panel


def test_what_ends_with_the_target_is_left_out_and_told(tmp_path: Path) -> None:
    """Past covariates stay, labels go with their column."""
    panel, notes = without_unknown_ahead(panel_of(tmp_path, ahead=0), ())
    assert (panel.schema.past, panel.schema.future, panel.schema.categories) == (("past_wind",), (), {})
    assert panel.covariates is not None
    assert panel.covariates.values.shape[1] == 1
    assert "left out 'promo' and 'event'" in notes[0].text


def test_the_description_names_only_what_takes_part(tmp_path: Path) -> None:
    """A table read for a model does not promise a covariate in one line and take it back in the next."""
    panel_of(tmp_path, ahead=0)
    read = read_panel(tmp_path / "shop.csv", DataSettings(), for_model=True)
    assert "past_wind" in read.description
    assert "promo" not in read.description
    assert any("left out 'promo' and 'event'" in note.text for note in read.notes)


def test_what_goes_on_or_was_asked_for_stays(tmp_path: Path) -> None:
    """A value ahead or the user's word is enough."""
    panel, notes = without_unknown_ahead(panel_of(tmp_path, ahead=3), ("event",))
    assert (panel.schema.future, notes) == (("promo", "event"), ())


def test_a_table_without_rows_ahead_can_be_forecast_from_history(tmp_path: Path) -> None:
    """Fit and predict without data work on a table that happens to have a column called promo."""
    panel_of(tmp_path, ahead=0)
    model = tmp_path / "shop.tsf"
    tsforecast.fit(tmp_path / "shop.csv", model, target="sales", horizon=3, steps=2, members=1)
    assert len(tsforecast.predict(model).to_frame()) == 3


def test_rows_of_the_future_need_no_target(tmp_path: Path) -> None:
    """A plan of promotions has no sales: alone, with the past, or with an empty column it says the same."""
    text = "store,item,day,sold,promo\n" + "".join(
        f"n,milk,2024-01-{day + 1:02},{day},0\n" for day in range(20)
    )
    (tmp_path / "past.csv").write_text(text)
    (tmp_path / "plan.csv").write_text("store,item,day,promo\nn,milk,2024-01-21,1\nn,milk,2024-01-22,0\n")
    (tmp_path / "mended.csv").write_text(
        "store,item,day,sold,promo\nn,milk,2024-01-21,,1\nn,milk,2024-01-22,,0\n"
    )
    past = read_panel(
        tmp_path / "past.csv", DataSettings(id="store,item", target="sold", future=("promo",))
    ).panel
    known: dict[str, Any] = {"schema": past.schema, "frequency": past.frequency}
    plan, mended = (read_panel(tmp_path / name, **known) for name in ("plan.csv", "mended.csv"))
    both = read_panel([tmp_path / "past.csv", tmp_path / "plan.csv"], **known)

    assert plan.panel.lengths.tolist() == mended.panel.lengths.tolist() == [0]
    assert plan.panel.covariates is not None
    assert mended.panel.covariates is not None
    assert plan.panel.covariates.values.tolist() == mended.panel.covariates.values.tolist() == [[1], [0]]
    assert "plan.csv has no column 'sold': its rows are taken for what is known ahead" in plan.notes[0].text
    assert both.panel.lengths.tolist() == [20]


def test_rows_that_lack_more_than_the_target_are_refused(tmp_path: Path) -> None:
    """A table without the promotions is no plan of them; the hint names columns as the file does."""
    (tmp_path / "past.csv").write_text(
        "store,item,day,sold,promo\n" + "".join(f"n,milk,2024-01-{day + 1:02},{day},0\n" for day in range(20))
    )
    (tmp_path / "other.csv").write_text("store,item,day,price\nn,milk,2024-01-21,1\n")
    settings = DataSettings(id="store,item", target="sold", future=("promo",))
    past = read_panel(tmp_path / "past.csv", settings).panel
    with pytest.raises(ArtifactError, match=r"no column 'sold'.*no column 'promo'") as caught:
        read_panel(tmp_path / "other.csv", schema=past.schema, frequency=past.frequency)

    assert caught.value.hint == "its columns are 'store', 'item', 'day' and 'price'"


def test_an_open_end_is_told_unless_something_is_known_ahead(tmp_path: Path) -> None:
    """Rows without a value at the end are past where nothing is known ahead: the forecast begins after them."""
    panel_of(tmp_path, ahead=3)
    ahead = read_panel(tmp_path / "shop.csv", DataSettings())
    past = read_panel(tmp_path / "shop.csv", DataSettings(no_covariates=True, target="sales"))
    told = [note.text for note in past.notes if "have no value" in note.text]

    assert (ahead.panel.lengths.tolist(), past.panel.lengths.tolist()) == ([20], [23])
    assert not [note for note in ahead.notes if "have no value" in note.text]
    assert [text.partition(",")[0] for text in told] == ["the last 3 steps of series 'sales' have no value"]
