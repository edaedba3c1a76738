from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.data.tables import days, read
from tsforecast.data.column_names import is_covariate_name, is_id_name
from tsforecast.data.columns.wide import follow_pattern
from tsforecast.errors import DataError, UsageError

DAYS = days(12)


def table(header: str, *columns: Sequence[object]) -> str:
    """CSV text from columns."""
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join([header, *rows]) + "\n"


WAVE = [10 + (index * 7) % 5 + 0.5 for index in range(12)]
COUNT = list(range(1, 13))
TWICE = [*DAYS, *DAYS]


@pytest.mark.parametrize(
    ("text", "time", "series_id", "target"),
    [
        (table("when,load", DAYS, WAVE), "when", None, "load"),
        (table("load,when", WAVE, DAYS), "when", None, "load"),
        (table("step,load", COUNT, WAVE), "step", None, "load"),
        (table("y,t", COUNT, COUNT), "t", None, "y"),
        (table("year,load", [1900 + n for n in COUNT], WAVE), "year", None, "load"),
        (table("epoch,load", [1_700_000_000 + 3600 * n for n in COUNT], WAVE), "epoch", None, "load"),
        (table(",when,load", COUNT, DAYS, WAVE), "when", None, "load"),
        (table("when,temp,value", DAYS, COUNT, WAVE), "when", None, "value"),
        (table("ds,shop,y", TWICE, ["a"] * 12 + ["b"] * 12, WAVE * 2), "ds", "shop", "y"),
        (table("ds,store,y", TWICE, [1] * 12 + [2] * 12, WAVE * 2), "ds", "store", "y"),
        (table("ds,who,y", TWICE, ["a", "b"] * 6 + ["b", "a"] * 6, WAVE * 2), "ds", "who", "y"),
        (table("ds,unique_id,y", DAYS, ["a"] * 12, WAVE), "ds", "unique_id", "y"),
        (table("ds,id,y", DAYS, COUNT, WAVE), "ds", None, "y"),
        (table("t,id,y", COUNT * 2, ["a"] * 12 + ["b"] * 12, WAVE * 2), "t", "id", "y"),
        (table("ds,weather,y", DAYS, ["sun", "rain"] * 6, WAVE), "ds", None, "y"),
    ],
)
def test_columns_are_found_by_content(
    tmp_path: Path, text: str, time: str, series_id: str | None, target: str
) -> None:
    """Time, id and target need no flags where only one answer makes sense."""
    schema = read(tmp_path, text).panel.schema

    assert (schema.time, schema.id, schema.target, schema.layout) == (time, series_id, target, "long")


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        (table("when,sales,orders", DAYS, WAVE, COUNT), "--target"),
        (table("when,sales,price", DAYS, WAVE, COUNT), "--target sales,price"),
        (table("start,end,y", DAYS, DAYS, WAVE), "--time"),
        (table("a,b,c", COUNT, COUNT, WAVE), "--time"),
        (
            table(
                "ds,shop,item,y", TWICE * 2, ["a"] * 24 + ["b"] * 24, (["x"] * 12 + ["z"] * 12) * 2, WAVE * 4
            ),
            "--id",
        ),
    ],
)
def test_two_good_answers_name_the_flag(tmp_path: Path, text: str, flag: str) -> None:
    """Ambiguity is exit 2 with the flag that ends it, never a guess."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)

    assert flag in caught.value.hint


@pytest.mark.parametrize("flag", ["time", "id", "target"])
def test_unknown_column_gets_the_nearest_name(tmp_path: Path, flag: str) -> None:
    """A typing error in a flag is met with the right name."""
    with pytest.raises(UsageError, match=f"has no column 'lod' for --{flag}") as caught:
        read(tmp_path, table("when,load", DAYS, WAVE), **{flag: "lod"})

    assert "did you mean 'load'? the columns are 'when' and 'load'" in caught.value.hint


def test_settings_win_over_what_would_be_found(tmp_path: Path) -> None:
    """Flags choose any column, and what is left over is told."""
    text = table("start,end,sales,price", DAYS, DAYS, WAVE, COUNT)
    result = read(tmp_path, text, time="end", target="price")

    assert (result.panel.schema.time, result.panel.schema.target) == ("end", "price")
    assert any("2 columns not used: 'start' and 'sales'" in note.text for note in result.notes)


@pytest.mark.parametrize(
    "text",
    [
        table("ds,soup,salad,bread", DAYS, WAVE, COUNT, WAVE),
        table("ds,s1,s2", DAYS, WAVE, COUNT),
        table("ds,zone_a_kw,zone_b_kw", DAYS, WAVE, [1e6 * n for n in COUNT]),
        table("ds,1,2,3", DAYS, WAVE, COUNT, [""] * 12),
    ],
)
def test_series_side_by_side_are_found(tmp_path: Path, text: str) -> None:
    """Names of one pattern, or alike values, make one column per series."""
    panel = read(tmp_path, text).panel

    assert panel.schema.layout == "wide"
    assert panel.series_ids == panel.schema.series_columns == tuple(text.split("\n", 1)[0].split(",")[1:])
    assert panel.schema.id_output == ("series",)


@pytest.mark.parametrize(
    "columns",
    [
        ("sales", "temperature", "wind"),
        ("open", "high", "low"),
    ],
)
def test_covariates_do_not_make_a_wide_table(tmp_path: Path, columns: tuple[str, ...]) -> None:
    """A target with what explains it is not a set of series."""
    with pytest.raises(UsageError, match="could be the target"):
        read(tmp_path, table(f"ds,{','.join(columns)}", DAYS, WAVE, WAVE, WAVE))


@pytest.mark.parametrize(
    ("header", "proposed"),
    [("ds,net sales,gross", "--target 'net sales'"), ("open at,shut at,sales", "--time 'open at'")],
)
def test_a_proposed_column_can_be_pasted_into_a_shell(tmp_path: Path, header: str, proposed: str) -> None:
    """A name with a blank stands in quotes."""
    times = 2 if "shut" in header else 1
    columns = [DAYS] * times + [WAVE] * (3 - times)
    with pytest.raises(UsageError) as found:
        read(tmp_path, table(header, *columns))
    assert proposed in found.value.hint


def test_layout_can_be_forced(tmp_path: Path) -> None:
    """The user knows better, and may not contradict the table."""
    text = table("ds,sales,price", DAYS, WAVE, COUNT)

    assert read(tmp_path, text, layout="wide").panel.series_ids == ("sales", "price")
    assert read(tmp_path, text, layout="wide", target="price").panel.series_ids == ("price",)
    with pytest.raises(UsageError, match="could be the target"):
        read(tmp_path, text.replace("sales,price", "s1,s2"), layout="long")


def test_one_bad_id_is_a_duplicate_not_another_layout(tmp_path: Path) -> None:
    """A panel with one row twice is told so by line."""
    text = table("ds,shop,y", TWICE, ["a"] * 12 + ["b"] * 12, WAVE * 2) + f"{DAYS[0]},b,3\n"

    with pytest.raises(DataError, match=r"1 duplicate timestamp.*of series 'b': line 14 and 26"):
        read(tmp_path, text)


def test_numbers_that_may_name_the_series_are_proposed(tmp_path: Path) -> None:
    """A column of numbers that tells rows of one time apart may be an id; the proposal can be pasted."""
    text = table("ds,filiale,umsatz", DAYS * 2, ["1"] * 12 + ["2"] * 12, WAVE * 2)

    with pytest.raises(UsageError) as found:
        read(tmp_path, text)
    assert found.value.hint.startswith("--id filiale --target umsatz if 'filiale' names the series")
    assert read(tmp_path, text, id="filiale", target="umsatz").panel.series_ids == ("1", "2")


def test_names_that_follow_one_pattern() -> None:
    """A shared part and a short mark that differs."""
    assert follow_pattern(("s1", "s2", "s10"))
    assert follow_pattern(("load_a", "load_b"))
    assert not follow_pattern(("sales", "price"))
    assert not follow_pattern(("sales", "sales_lag"))


def test_kinds_of_names() -> None:
    """Names that usually mean an id or a covariate are known, whatever their case."""
    assert is_id_name("Store_ID")
    assert is_id_name("itemId")
    assert is_id_name("store_nbr")
    assert not is_id_name("paid")
    assert is_covariate_name("Temperature")
    assert is_covariate_name("is_open")
    assert not is_covariate_name("sales")
