"""Covariates by name need values ahead, or a model could not forecast from its own history."""

from __future__ import annotations

from pathlib import Path

import tsforecast
from tsforecast.config import DataSettings
from tsforecast.data.covariates_ahead import without_unknown_ahead
from tsforecast.data.panel import Panel
from tsforecast.data.reading import read_panel


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
