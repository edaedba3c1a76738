"""Several targets beside an id, from the table to the forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tsforecast
from tests.data.tables import write
from tests.workflows.tables import HORIZON, START, value_of
from tsforecast.config import ExportSettings
from tsforecast.data.output.writing import to_csv, to_jsonl
from tsforecast.workflows.bundle import bundle
from tsforecast.workflows.report import render_report

ROWS = 60
SHOPS = ("north", "east, lower")
ROLES: dict[str, Any] = {"id": "shop", "target": "sales,price", "horizon": HORIZON}


def cells(shop: str, day: int) -> dict[str, str]:
    """Sales and prices of a shop on a day; the second shop has no prices."""
    place = SHOPS.index(shop)
    return {"sales": f"{value_of(place, day)}", "price": "" if place else f"{value_of(7, day) / 10:.4f}"}


def beside(folder: Path, first: int = 0, last: int = ROWS, name: str = "beside.csv") -> Path:
    """Write one row per shop and day, with a column per target."""
    rows = [
        f'"{shop}",{stamp(day)},{cells(shop, day)["sales"]},{cells(shop, day)["price"]}\n'
        for day in range(first, last)
        for shop in SHOPS
    ]
    return write(folder, "shop,day,sales,price\n" + "".join(rows), name)


def below(folder: Path) -> Path:
    """Write one row per shop, target and day, without empty ones."""
    rows = [
        f'"{shop}",{target},{stamp(day)},{cells(shop, day)[target]}\n'
        for shop in SHOPS
        for target in ("sales", "price")
        for day in range(ROWS)
        if cells(shop, day)[target]
    ]
    return write(folder, "shop,target,day,y\n" + "".join(rows), "below.csv")


def stamp(day: int) -> str:
    """Date of a day."""
    return str(START.fromordinal(START.toordinal() + day))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model of two targets."""
    folder = tmp_path_factory.mktemp("targets")
    tsforecast.fit(beside(folder), folder / "m.tsf", steps=3, members=1, **ROLES)
    return folder / "m.tsf"


def test_layout_does_not_change_the_forecast(model: Path, tmp_path: Path) -> None:
    """Targets beside each other are learnt and forecast as below each other, to the last byte."""
    tsforecast.fit(
        below(tmp_path), tmp_path / "m.tsf", steps=3, members=1, id="shop,target", target="y", horizon=HORIZON
    )

    for form in (to_csv, to_jsonl):
        one, other = (form(tsforecast.predict(path).table) for path in (model, tmp_path / "m.tsf"))
        assert one == other
    assert to_csv(tsforecast.predict(model).table).startswith(
        b"shop,target,day,forecast,q0.1,q0.9\nnorth,sales,"
    )


def test_full_and_new_rows_give_the_same_forecast(model: Path, tmp_path: Path) -> None:
    """What lacks in new rows is known from the history."""
    full = tsforecast.predict(model, beside(tmp_path, last=ROWS + 3)).table
    new = tsforecast.predict(model, beside(tmp_path, first=ROWS, last=ROWS + 3)).table

    assert to_csv(new) == to_csv(full)
    assert set(zip(*full.ids.values(), strict=True)) == {
        ("north", "sales"),
        ("north", "price"),
        ("east, lower", "sales"),
    }


def test_each_pair_is_forecast_from_its_own_end(model: Path, tmp_path: Path) -> None:
    """Rows of one shop with one of its targets move that series on, and no other."""
    path = write(tmp_path, f"shop,day,sales\nnorth,{stamp(ROWS)},61\n")
    forecast = tsforecast.predict(model, path, horizon=1)
    rows = to_csv(forecast.table).decode().splitlines()[1:]

    assert [row.rsplit(",", 3)[0] for row in rows] == [
        f"north,sales,{stamp(ROWS + 1)}",
        f"north,price,{stamp(ROWS)}",
        f'"east, lower",sales,{stamp(ROWS)}',
    ]
    assert any("has no column for 'price'" in note.text for note in forecast.notes)


def test_new_shop_without_a_target_has_none(model: Path, tmp_path: Path) -> None:
    """Its other target is forecast; a shop without anything is told, as in the long layout."""
    rows = "".join(f"new,{stamp(day)},{50 + day % 7},\n" for day in range(ROWS))
    head = "shop,day,sales,price\n"
    forecast = tsforecast.predict(model, write(tmp_path, head + rows))

    assert forecast.panel.series_ids[-1] == "new,sales"
    assert "series 'new,price' has no value and is left out" in {note.text for note in forecast.notes}
    with pytest.raises(tsforecast.errors.DataError, match="series 'void,sales': no value is known"):
        tsforecast.predict(model, write(tmp_path, head + rows + f"void,{stamp(ROWS)},,\n"))


def test_backtest_names_target_and_id(model: Path, tmp_path: Path) -> None:
    """Scores are told by series, and forecasts of the backtest have both columns."""
    result = tsforecast.evaluate(model, beside(tmp_path, last=ROWS + 20), worst=1)

    assert result.forecasts.names[:2] == ["shop", "target"]
    assert str(result.worst[0].key) in {"north,sales", "north,price", '"east, lower",sales'}


def test_findings_and_mended_table(tmp_path: Path) -> None:
    """A bad cell is told with id and column; what is written has the user's own columns."""
    lines = beside(tmp_path).read_text().splitlines(keepends=True)
    lines[9] = lines[9].rsplit(",", 1)[0] + ",wrong\n"
    assert lines[9].startswith('"north"')
    path = write(tmp_path, "".join([*lines, lines[20]]))
    result = tsforecast.check(path, fix=tmp_path / "fixed.csv", **ROLES)
    fixed = (tmp_path / "fixed.csv").read_text()

    assert {one.series for one in result.findings if "'wrong'" in one.found} == {"north,price"}
    assert any("1 duplicate timestamp" in one.found for one in result.findings)
    assert not any(one.severity == "error" for one in result.left)
    assert fixed.startswith(f"shop,day,sales,price\nnorth,{START},")
    assert f'"east, lower",{START},{cells(SHOPS[1], 0)["sales"]},\n' in fixed


def test_short_target_is_left_out_alone(tmp_path: Path) -> None:
    """--drop-short takes one target of one id."""
    text = beside(tmp_path).read_text() + f'"east, lower",{stamp(ROWS)},1,2\n'
    forecast = tsforecast.predict(
        data=write(tmp_path, text),
        zero_shot=True,
        drop_short=True,
        id="shop",
        target="sales,price",
        horizon=2,
    )

    assert forecast.panel.series_ids == ("north,sales", "north,price", '"east, lower",sales')


def test_metrics_that_average_targets_of_different_sizes_are_told(tmp_path: Path) -> None:
    """Pieces and dollars have no mean: fit, evaluate, the report and the card say so where they show one."""
    rows = [f"{stamp(day)},{20 + day % 7},{900 + day % 7 * 50}\n" for day in range(ROWS)]
    data = write(tmp_path, "day,units,revenue\n" + "".join(rows), "two.csv")
    fitted = tsforecast.fit(
        data, tmp_path / "m.tsf", steps=2, members=1, target="units,revenue", horizon=HORIZON
    )
    found = tsforecast.evaluate(fitted.path)
    folder = bundle(fitted.path, tmp_path / "b", settings=ExportSettings(no_check=True)).folder
    card = " ".join((folder / "README.md").read_text().split())

    for notes in (fitted.notes, found.notes):
        assert notes[-1].text.startswith("'units' and 'revenue' are averaged in MAE, RMSE and bias, though")
        assert "of 'revenue' are usually 46 times as large" in notes[-1].text
    assert "are averaged in MAE" in render_report(found)
    assert "MAE averages `units` with `revenue`, whose values are usually 46 times as large" in card
    for quiet in (
        tsforecast.evaluate(fitted.path, metrics=["MASE"]),
        tsforecast.evaluate(near_alike(tmp_path)),
    ):
        assert not any("averaged" in note.text for note in quiet.notes)


def near_alike(folder: Path) -> Path:
    """Model of two targets of the same size."""
    rows = [f"{stamp(day)},{20 + day % 7},{30 + day % 5}\n" for day in range(ROWS)]
    data = write(folder, "day,first,second\n" + "".join(rows), "alike.csv")
    settings: dict[str, Any] = {"steps": 2, "members": 1, "target": "first,second", "horizon": HORIZON}
    return tsforecast.fit(data, folder / "alike.tsf", **settings).path
