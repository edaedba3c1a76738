"""Several columns are forecast, each a series, or one of every id."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.tables import by_id, days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.output.tidy import to_csv
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.reading import place_table, read_panel
from tsforecast.data.series_ids import in_quotes, join_id, split_id
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.errors import ArtifactError, DataError, UsageError

NUMBER = 12
IDS = ("a", "b,c")
Rows = list[list[object]]


def rows_of(shops: tuple[str, ...] = IDS, number: int = NUMBER) -> Rows:
    """Shop, day, units and price; units of a shop are above 100 times its place, prices below."""
    return [
        [shop, day, 100 * place + 100 + step, place + step / 10]
        for place, shop in enumerate(shops)
        for step, day in enumerate(days(number))
    ]


def table(rows: Rows, header: str = "shop,ds,units,price") -> str:
    """Write rows as CSV."""
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    return f"{header}\n{sink.getvalue()}"


def test_every_target_of_every_id_is_a_series(tmp_path: Path) -> None:
    """By id and then by column, whatever the order they are named in; the schema comes back from JSON."""
    panel = read(tmp_path, table(rows_of()), target="price, units").panel
    steps = np.arange(NUMBER)

    assert panel.series_ids == ("a,units", "a,price", '"b,c",units', '"b,c",price')
    assert [one.tolist() for one in panel] == [
        (100.0 + steps).tolist(),
        (steps / 10).tolist(),
        (200.0 + steps).tolist(),
        (1 + steps / 10).tolist(),
    ]
    assert panel.schema.id_output == ("shop", "target")
    assert panel.schema.id_cells('"b,c",price') == ("b,c", "price")
    assert Schema.from_json(json.loads(json.dumps(panel.schema.to_json()))) == panel.schema


def test_targets_need_no_id(tmp_path: Path) -> None:
    """Named columns are the series, the others are not used, and that is said."""
    text = table([[*row[1:], 7] for row in rows_of(("a",))], "ds,units,price,more")
    result = read(tmp_path, text, target="units,price")

    assert result.panel.series_ids == ("units", "price")
    assert result.panel.schema.id_output == ("series",)
    assert any(note.text.startswith("1 column not used: 'more'") for note in result.notes)


@pytest.mark.parametrize("settings", [{"id": "shop"}, {}])
def test_wide_layout_takes_every_number_of_an_id(tmp_path: Path, settings: dict[str, Any]) -> None:
    """The id is found where timestamps repeat, as in the long layout."""
    panel = read(tmp_path, table(rows_of()), layout="wide", **settings).panel

    assert (panel.schema.id, panel.schema.series_columns) == ("shop", ("units", "price"))
    assert len(panel) == 4


def test_several_columns_name_the_rows_of_several_targets(tmp_path: Path) -> None:
    """Their cells stand in columns of their own in a forecast."""
    rows = [[shop, item, *rest] for item in "xy" for shop, *rest in rows_of()]
    panel = read(
        tmp_path, table(rows, "shop,item,ds,units,price"), id="shop,item", target="units,price"
    ).panel

    assert len(panel) == 8
    assert panel.schema.id_output == ("shop", "item", "target")
    assert panel.schema.id_cells(panel.series_ids[-1]) == ("b,c", "y", "price")


def test_column_with_that_very_name_comes_first(tmp_path: Path) -> None:
    """A comma in a name is no list; quotes say which is meant."""
    text = table(rows_of(), 'shop,ds,units,"units,ds"')

    assert read(tmp_path, text, target="units,ds").panel.schema.target == "units,ds"
    assert read(tmp_path, text, target='"units,ds"').panel.schema.target == "units,ds"
    assert read(tmp_path, text, target='units,"units,ds"').panel.schema.targets == ("units", "units,ds")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": "units,prise"}, "no column 'prise' for --target"),
        ({"target": "units,units"}, "--target names a column twice"),
        ({"target": "units,shop", "id": "shop"}, "'shop' is named by --id and by --target"),
        ({"target": "units,price", "id": "shop,price"}, "'price' is named by --id and by --target"),
        ({"target": "units,ds", "time": "ds"}, "'ds' is named by --time and by --target"),
        ({"target": "units,price", "past": ("price",)}, "'price' is named by --target and by --past"),
        ({"target": "units,price", "target_type": "category"}, "a target of classes is a single column"),
        ({"target": "units,price", "layout": "long"}, "--layout long has one target"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """A column has one role, and a slip in a name is told."""
    with pytest.raises(UsageError, match=message):
        read(tmp_path, table(rows_of()), **settings)


def test_static_covariate_needs_an_id(tmp_path: Path) -> None:
    """Without one it would be the same everywhere; with one it is a fact of all targets of the id."""
    rows = [[*row, len(str(row[0]))] for row in rows_of()]
    text = table(rows, "shop,ds,units,price,size")
    panel = read(tmp_path, text, target="units,price", static=("size",)).panel

    assert panel.covariates is not None
    assert panel.covariates.static.ravel().tolist() == [1, 1, 3, 3]
    with pytest.raises(UsageError, match="--static means nothing"):
        read(
            tmp_path,
            table([row[1:] for row in rows[:NUMBER]], "ds,units,price,size"),
            layout="wide",
            static=("size",),
        )


@pytest.mark.parametrize(
    ("number", "proposed"),
    [(2, "--target c1,c2 to forecast them all"), (5, "--layout wide to forecast them all")],
)
def test_several_candidates_propose_them_all(tmp_path: Path, number: int, proposed: str) -> None:
    """Who has two targets beside an id learns that both can be forecast."""
    names = [f"c{place + 1}" for place in range(number)]
    text = table([[*row[:2], *[row[2]] * number] for row in rows_of()], ",".join(["shop", "ds", *names]))

    with pytest.raises(UsageError, match="could be the target") as caught:
        read(tmp_path, text)
    assert caught.value.hint == f"choose one, for example --target c1, or {proposed}"


def test_what_an_id_never_has_is_no_series(tmp_path: Path) -> None:
    """A shop without prices has one series; one without anything is told as in the long layout."""
    rows = [[*row[:3], "" if row[0] == "a" else row[3]] for row in rows_of()]
    rows += [["empty", day, "", ""] for day in days(NUMBER)]
    result = read(tmp_path, table(rows), target="units,price")

    assert result.panel.series_ids == ("a,units", '"b,c",units', '"b,c",price', "empty,units", "empty,price")
    assert {note.text for note in result.notes} >= {
        "series 'a,price' has no value and is left out",
        "2 series have no values: 'empty,units' and 'empty,price'",
    }


def test_rows_are_counted_once(tmp_path: Path) -> None:
    """A row holds several targets, and stays one row in what is said of it."""
    rows = rows_of()
    rows.insert(3, [rows[2][0], rows[2][1], 7, 7])
    text = table(rows)

    with pytest.raises(DataError, match=r"1 duplicate timestamp, .* of series 'a,units': line 4 and 5$"):
        read(tmp_path, text, target="units,price")
    merged = read(tmp_path, text, target="units,price", duplicates="last")
    assert merged.repairs.counts == {"merged": 1}
    assert by_id(merged.panel)["a,price"][2] == 7
    coarser = read(tmp_path, text, target="units,price", resample="2D", aggregate="sum")
    assert coarser.repairs.counts["resampled"] == 2 * NUMBER + 1
    off = table(rows_of()).replace("2024-01-05", "2024-01-05 05:00", 1)
    with pytest.raises(DataError, match=r"of the other timestamps$"):
        read(tmp_path, off, target="units,price", freq="D")


def test_covariates_are_shared_by_the_targets_of_a_row(tmp_path: Path) -> None:
    """They are found by their names as in the long layout, and go on behind the targets."""
    rows = [[*row, place % 2] for place, row in enumerate(rows_of())]
    plan = [["a", day, "", "", 1] for day in days(3, NUMBER + 1)]
    panel = read(tmp_path, table([*rows, *plan], "shop,ds,units,price,promo"), target="units,price").panel

    assert panel.covariates is not None
    assert panel.lengths.tolist() == [NUMBER] * 4
    assert panel.covariates.lengths.tolist() == [NUMBER + 3, NUMBER + 3, NUMBER, NUMBER]
    np.testing.assert_array_equal(panel.covariates.series(0), panel.covariates.series(1))


def model_of(folder: Path, text: str, **settings: Any) -> Schema:
    """Give what a model of a table remembers of it."""
    return read(folder, text, **settings).panel.schema


def test_new_rows_may_lack_a_target(tmp_path: Path) -> None:
    """The others are read, and what is missing is told; without any of them the table does not fit."""
    schema = model_of(tmp_path, table(rows_of()), target="units,price")
    fewer = write(tmp_path, table([row[:3] for row in rows_of()], "shop,ds,units"))
    result = read_panel(fewer, schema=schema)

    assert result.panel.series_ids == ("a,units", '"b,c",units')
    assert any("has no column for 'price'" in note.text and note.warning for note in result.notes)
    none = write(tmp_path, table([row[:2] for row in rows_of()], "shop,ds"))
    with pytest.raises(ArtifactError, match="it has none of the targets 'units' and 'price'"):
        read_panel(none, schema=schema)


def test_named_targets_are_all_there_are(tmp_path: Path) -> None:
    """A column beside them that is called alike was not named, so it is no series of new rows either."""
    text = table([[*row, 5] for row in rows_of()], "shop,ds,s1,s2,s3")
    settings: dict[str, Any] = {"target": "s1,s2", "id": "shop"}
    schema = model_of(tmp_path, text, **settings)
    again = read_panel(write(tmp_path, text), DataSettings(**settings), schema=schema)

    assert again.panel.series_ids == ("a,s1", "a,s2", '"b,c",s1', '"b,c",s2')


@pytest.mark.parametrize("given", [("units",), ()])
def test_plan_needs_no_column_of_a_target(tmp_path: Path, given: tuple[str, ...]) -> None:
    """Rows of what is known ahead are read for the targets that they do not name."""
    rows = [[*row, 1] for row in rows_of()]
    text = table(rows, "shop,ds,units,price,promo")
    model = read(tmp_path, text, target="units,price", future=("promo",)).panel
    plan = [["a", day, 1, *[""] * len(given)] for day in days(3, NUMBER + 1)]
    path = write(tmp_path, table(plan, ",".join(["shop", "ds", "promo", *given])))
    result = read_panel(path, schema=model.schema, frequency=model.frequency)

    assert result.panel.lengths.tolist() == [0, 0]
    assert result.panel.covariates is not None
    assert result.panel.covariates.lengths.tolist() == [3, 3]
    assert any("its rows are taken for what is known ahead" in note.text for note in result.notes)


@pytest.mark.parametrize(
    ("names", "expected"), [(("target",), "target_"), (("target", "target_"), "target__")]
)
def test_column_of_the_targets_takes_no_other_name(names: tuple[str, ...], expected: str) -> None:
    """Columns of a forecast table have different names whatever those of the input are."""
    schema = Schema(
        layout="wide",
        time="ds",
        time_format=TimeFormat(),
        id=join_id(names),
        id_columns=names,
        series_columns=("a", "b"),
    )

    assert schema.id_output == (*names, expected)


def test_files_are_series_of_several_targets(tmp_path: Path) -> None:
    """North and south have the same columns and times: each has its units and prices."""
    for name in ("north", "south"):
        write(tmp_path, table([row[1:] for row in rows_of(("a",))], "ds,units,price"), f"{name}.csv")
    files = [tmp_path / "north.csv", tmp_path / "south.csv"]
    panel = read_panel(files, DataSettings(target="units,price")).panel

    assert panel.series_ids == ("north,units", "north,price", "south,units", "south,price")
    assert panel.schema.id_output == ("file", "target")


def test_mended_table_keeps_its_layout(tmp_path: Path) -> None:
    """What check --fix writes has the same columns and reads back the same, with what is known ahead."""
    rows: Rows = [
        [*row[:3], "" if row[0] == "a" else row[3], place % 2, row[0]] for place, row in enumerate(rows_of())
    ]
    rows += [["b,c", day, "", "", 1, "b,c"] for day in days(2, NUMBER + 1)]
    settings = DataSettings(target="units,price", future=("promo",), static=("region",))
    placed = place_table(write(tmp_path, table(rows, "shop,ds,units,price,promo,region")), settings)
    panel = placed.panel()
    text = to_csv(panel, placed.grid).decode()
    again = read_panel(write(tmp_path, text, "fixed.csv"), settings).panel

    assert text == table(rows, "shop,ds,units,price,promo,region")
    assert same(panel, again)
    assert panel.covariates is not None
    assert again.covariates is not None
    np.testing.assert_array_equal(panel.covariates.values, again.covariates.values)


def same(one: Panel, other: Panel) -> bool:
    """Whether two panels have the same series."""
    return (
        one.series_ids == other.series_ids
        and one.first.tolist() == other.first.tolist()
        and np.array_equal(one.values, other.values, equal_nan=True)
    )


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=5)
CELLS = st.lists(st.floats(-1e9, 1e9), min_size=NUMBER, max_size=NUMBER)


@settings(max_examples=25)
@given(
    ids=st.lists(NAMES.map(lambda name: f"i{name}"), min_size=2, max_size=3, unique=True),
    names=st.lists(NAMES.map(lambda name: f"c{name}"), min_size=2, max_size=3, unique=True),
    cells=st.lists(CELLS, min_size=9, max_size=9),
)
def test_same_panel_as_below_each_other(ids: list[str], names: list[str], cells: list[list[float]]) -> None:
    """Targets side by side are the series of a column with their names, whatever they are called."""
    import pandas as pd

    place = {
        (one, name): cells[3 * row + column]
        for row, one in enumerate(ids)
        for column, name in enumerate(names)
    }
    stamps = days(NUMBER)
    wide = [
        {"shop": one, "when": day, **{name: place[one, name][step] for name in names}}
        for one in ids
        for step, day in enumerate(stamps)
    ]
    long = [
        {"shop": one, "what": name, "when": day, "y": place[one, name][step]}
        for one, name in place
        for step, day in enumerate(stamps)
    ]
    said: dict[str, Any] = {"time": "when", "freq": "D"}
    beside = DataSettings(id="shop", target=in_quotes(names), **said)
    below = DataSettings(id="shop,what", target="y", **said)
    panels = [read_panel(pd.DataFrame(rows), one).panel for rows, one in ((wide, beside), (long, below))]

    assert same(*panels)
    assert [split_id(one) for one in panels[0].series_ids] == [*place]


def test_delimiters_at_the_end_of_lines_make_no_target(tmp_path: Path) -> None:
    """Columns without a name and a value are none, also where others were joined before."""
    rows = [[shop, "x", *rest, "", ""] for shop, *rest in rows_of()]
    panel = read(tmp_path, table(rows, "shop,item,ds,units,price,,"), id="shop,item", layout="wide").panel

    assert panel.schema.targets == ("units", "price")
