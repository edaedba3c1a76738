"""Several columns name a series together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsforecast
from tests.data.tables import days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.output.tidy import to_csv
from tsforecast.data.output.writing import FORMATS
from tsforecast.data.panel import Schema
from tsforecast.data.reading import place_table, read_panel
from tsforecast.data.series_ids import join_id, split_id
from tsforecast.errors import ArtifactError, DataError, UsageError

ITEMS = [("a,b", "7"), ("a", "b,7"), ("a", "7")]


def sales(number: int = 30) -> str:
    """Panel whose series only store and item tell apart, one store with a comma in its name."""
    rows = [
        f'"{store}","{item}",{day},{place + step}\n'
        for place, (store, item) in enumerate(ITEMS)
        for step, day in enumerate(days(number))
    ]
    return "store,item,ds,y\n" + "".join(rows)


@given(st.lists(st.text(max_size=5), min_size=2, max_size=4))
def test_joined_ids_come_apart_again(parts: list[str]) -> None:
    """Whatever the cells hold, two ids never become one."""
    assert tuple(parts) == split_id(join_id(parts))


def test_columns_name_series_together(tmp_path: Path) -> None:
    """A series per store and item, called by both; the schema keeps the names of both."""
    panel = read(tmp_path, sales(), id="store, item").panel

    assert panel.series_ids == tuple(join_id(one) for one in ITEMS)
    assert (panel.schema.id, panel.schema.id_columns) == ("store,item", ("store", "item"))
    assert Schema.from_json(json.loads(json.dumps(panel.schema.to_json()))) == panel.schema


def test_refusal_names_the_flag(tmp_path: Path) -> None:
    """Nobody has to join columns by hand."""
    with pytest.raises(UsageError, match="'store' and 'item' do so together") as caught:
        read(tmp_path, sales())

    assert caught.value.hint == "--id store,item takes both"


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"id": "store,itm"}, "no column 'itm' for --id"), ({"id": "store,store"}, "names a column twice")],
)
def test_wrong_names_are_told(tmp_path: Path, settings: dict[str, str], message: str) -> None:
    """A slip in a name is a usage error, as with one column."""
    with pytest.raises(UsageError, match=message):
        read(tmp_path, sales(), **settings)


def test_missing_part_is_told_with_its_place(tmp_path: Path) -> None:
    """Half an id is none."""
    with pytest.raises(DataError, match=r"data\.csv:3:2: the series id is missing in column 'item'"):
        read(tmp_path, "store,item,ds,y\na,1,2024-01-01,1\na,,2024-01-02,2\n", id="store,item")


def test_part_can_be_a_covariate_as_well(tmp_path: Path) -> None:
    """The store is a fact of its series, too."""
    panel = read(tmp_path, sales(), id="store,item", static=("store",)).panel

    assert panel.schema.static == ("store",)
    assert panel.covariates is not None
    assert panel.covariates.static.ravel().tolist() == [2.0, 1.0, 1.0]


def test_new_rows_need_every_part(tmp_path: Path) -> None:
    """A table without one of the columns does not fit the model, and the missing one is named."""
    schema = read(tmp_path, sales(), id="store,item").panel.schema
    with pytest.raises(ArtifactError, match=r"no column 'item' \(a part of the series id\)$"):
        read_panel(write(tmp_path, "store,ds,y\na,2024-02-01,1\n"), schema=schema)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_forecast_has_the_same_columns(tmp_path: Path, form: str) -> None:
    """Every form of the table names store and item in columns of their own."""
    path = write(tmp_path, sales())
    table = tsforecast.predict(data=path, zero_shot=True, horizon=1, id="store,item").table
    back = write(tmp_path, FORMATS[form](table), f"forecast.{form}")

    assert table.names[:3] == ["store", "item", "ds"]
    assert list(zip(*table.ids.values(), strict=True)) == ITEMS
    if form == "csv":
        assert back.read_text().splitlines()[1].startswith('"a,b",7,2024-01-31,')


def test_mended_table_has_the_same_columns(tmp_path: Path) -> None:
    """What check --fix writes is read back as the same panel."""
    placed = place_table(write(tmp_path, sales()), DataSettings(id="store,item"))
    panel = placed.panel()
    again = read_panel(
        write(tmp_path, to_csv(panel, placed.grid), "fixed.csv"), DataSettings(id="store,item")
    ).panel

    assert (panel.series_ids, panel.values.tolist()) == (again.series_ids, again.values.tolist())


def overlapping(name: str, *more: str) -> str:
    """Two series of which one begins just before the other ends; more columns are the same in all rows."""
    cells = ["x"] * len(more)
    rows = [[one, *cells, day, "1"] for one, start in (("a", 1), ("b", 58)) for day in days(60, start)]
    return "\n".join(",".join(row) for row in [[name, *more, "ds", "y"], *rows]) + "\n"


def test_name_of_an_id_is_enough_where_few_times_repeat(tmp_path: Path) -> None:
    """Two series that hardly overlap are told apart by a column that is called like an id."""
    assert read(tmp_path, overlapping("shop")).panel.series_ids == ("a", "b")


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        (overlapping("Filiale"), "--id Filiale if this column names the series; else --duplicates"),
        (overlapping("Filiale", "Art"), "--id Filiale if this column names the series; else --duplicates"),
        (
            "Filiale,"
            + overlapping("shop").replace("a,", "x,a,").replace("b,", "x,b,")
            + "y,a,2024-01-01,1\n",
            "--id shop,Filiale if these columns name the series together; else --duplicates",
        ),
    ],
)
def test_duplicates_name_the_column_that_may_tell_them_apart(
    tmp_path: Path, text: str, proposed: str
) -> None:
    """A column of any other name is no proof, so the error proposes it; one that says nothing is not named with it."""
    with pytest.raises(DataError, match="duplicate timestamp") as caught:
        read(tmp_path, text)

    assert caught.value.hint.startswith(proposed)
