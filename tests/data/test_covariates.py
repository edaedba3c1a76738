from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.data.tables import by_id, days, read, write
from tsforecast.data.covariates import Covariates
from tsforecast.data.panel import Panel
from tsforecast.data.reading import ReadResult, read_panel
from tsforecast.errors import ArtifactError, DataError, UsageError

NAN = float("nan")
ROWS = 12


def table(header: str, *columns: list[Any], sep: str = ",") -> str:
    """Table of columns of equal length."""
    rows = [sep.join(str(cell) for cell in row) for row in zip(*columns, strict=True)]
    return "\n".join([header, *rows]) + "\n"


DAYS, TARGET = days(ROWS), list(range(10, 10 + ROWS))
PROMO, TEMP = [day % 2 for day in range(ROWS)], [day + 0.5 for day in range(ROWS)]


def shops(header: str, **columns: list[Any]) -> str:
    """Table of two shops, ``north`` and ``south``; each further column has one list for both."""
    both = {name: [*values, *values] for name, values in columns.items()}
    ids = ["north"] * ROWS + ["south"] * ROWS
    return table(header, ids, [*DAYS, *DAYS], [*TARGET, *TARGET], *both.values())


def beside(panel: Panel) -> Covariates:
    """Covariates that must be there."""
    assert panel.covariates is not None
    return panel.covariates


def read_again(folder: Path, text: str, model: ReadResult) -> ReadResult:
    """Read rows for a model, as predict does."""
    panel = model.panel
    return read_panel(write(folder, text, "new.csv"), schema=panel.schema, frequency=panel.frequency)


def said(result: ReadResult) -> str:
    """Text of all notes."""
    return "\n".join(note.text for note in result.notes)


def test_declared_covariates_are_read_beside_the_target(tmp_path: Path) -> None:
    """Past ones first, then future ones; the target is the number that is left; the description names all."""
    text = table("ds,temp,y,price", DAYS, TEMP, TARGET, PROMO)

    result = read(tmp_path, text, past=("temp",), future=("price",))

    panel = result.panel
    assert (panel.schema.target, panel.schema.past, panel.schema.future) == ("y", ("temp",), ("price",))
    np.testing.assert_array_equal(beside(panel).values, np.column_stack([TEMP, PROMO]))
    assert beside(panel).static.shape == (1, 0)
    assert "target 'y' by 'ds', with past covariates 'temp', future 'price', daily (D)" in result.description


def test_covariates_are_found_by_name(tmp_path: Path) -> None:
    """Prefixes and well-known names need no flag, and what was found is said."""
    header = "shop,ds,sales,past_visits,Promo,future_price,static_size"
    text = shops(header, visits=TEMP, promo=PROMO, price=TEMP, size=[5] * ROWS)

    result = read(tmp_path, text)

    schema = result.panel.schema
    assert (schema.id, schema.target) == ("shop", "sales")
    assert (schema.past, schema.future) == (("past_visits",), ("Promo", "future_price"))
    assert schema.static == ("static_size",)
    found = "with past covariates 'past_visits', future 'Promo' and 'future_price', static 'static_size'"
    assert found in result.description


def test_a_name_with_a_comma_is_told_how_to_be_given(tmp_path: Path) -> None:
    """Divided at its comma it is no column: the hint writes it as the command line takes it."""
    text = table("ds;y;a,b", DAYS, TARGET, PROMO, sep=";")

    with pytest.raises(UsageError, match="no column 'a' for --past") as caught:
        read(tmp_path, text, past=("a", "b"))

    assert caught.value.hint.endswith("""--past '"a,b"'""")
    assert read(tmp_path, text, past=("a,b",)).panel.schema.past == ("a,b",)


def test_no_covariates_switches_finding_off(tmp_path: Path) -> None:
    """Without names as evidence only what is declared counts."""
    text = table("ds,y,promo,holiday", DAYS, TARGET, PROMO, PROMO)

    result = read(tmp_path, text, no_covariates=True, future=("promo",))

    assert result.panel.schema.future == ("promo",)
    assert "1 column not used: 'holiday'; --past, --future or --static would use them" in said(result)


@pytest.mark.parametrize("flag", ["past", "future", "static"])
def test_unknown_column_is_met_with_the_nearest(tmp_path: Path, flag: str) -> None:
    """A typing error in a flag is met with the right name."""
    with pytest.raises(UsageError, match=f"has no column 'temmp' for --{flag}") as caught:
        read(tmp_path, table("ds,y,temp", DAYS, TARGET, TEMP), **{flag: ("temmp",)})

    assert "did you mean 'temp'?" in caught.value.hint


def test_column_with_two_roles_is_refused(tmp_path: Path) -> None:
    """The target cannot explain itself, and nothing is known ahead and not ahead."""
    text = table("ds,y,temp", DAYS, TARGET, TEMP)
    for settings in ({"target": "y", "past": ("y",)}, {"past": ("temp",), "future": ("temp",)}):
        with pytest.raises(UsageError, match="is named by --"):
            read(tmp_path, text, **settings)


@pytest.mark.parametrize("header", ["ds,promo", "ds,past_sales"])
def test_name_does_not_take_the_only_target(tmp_path: Path, header: str) -> None:
    """A table of promotions forecasts promotions."""
    assert read(tmp_path, table(header, DAYS, TARGET)).panel.schema.target == header.split(",")[1]


def test_named_target_and_id_are_no_covariates(tmp_path: Path) -> None:
    """What a flag says wins over what a name promises."""
    text = shops("event,ds,promo", promo=PROMO).replace(",0\n", "\n").replace(",1\n", "\n")

    schema = read(tmp_path, text, id="event", target="promo").panel.schema

    assert (schema.id, schema.target, schema.future) == ("event", "promo", ())


def test_other_numbers_stay_candidates_for_the_target(tmp_path: Path) -> None:
    """A number whose name promises nothing is still a question."""
    text = table("ds,sales,price,promo", DAYS, TARGET, TEMP, PROMO)

    with pytest.raises(UsageError, match="'sales' or 'price' could be the target"):
        read(tmp_path, text)


def test_labels_become_codes_and_booleans_numbers(tmp_path: Path) -> None:
    """Code 1 is the first label in order, 0 a missing one; true and false are 1 and 0."""
    weather = ["rain", "", "sun ", "fog"] * 3
    is_open = ["True", "false", "", "TRUE"] * 3
    text = table("ds,y,weather,open", DAYS, TARGET, weather, is_open)

    result = read(tmp_path, text, past=("weather", "open"))

    panel = result.panel
    assert "covariate 'weather' holds 3 labels: 'fog', 'rain' and 'sun'" in said(result)
    assert panel.schema.categories == {"weather": ("fog", "rain", "sun")}
    np.testing.assert_array_equal(beside(panel).values[:4], [[2, 1], [0, 0], [3, NAN], [1, 1]])


def test_data_frame_gives_the_same_covariates(tmp_path: Path) -> None:
    """Typed columns, booleans and categories included, mean what their text means."""
    frame = pd.DataFrame(
        {
            "ds": pd.to_datetime(DAYS),
            "y": TARGET,
            "promo": [bool(one) for one in PROMO],
            "event": pd.Categorical([["a", None, "b"][day % 3] for day in range(ROWS)]),
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)

    one, other = (read_panel(source).panel for source in (frame, tmp_path / "a.csv"))

    assert one.schema.future == other.schema.future == ("promo", "event")
    assert one.schema.categories == other.schema.categories == {"event": ("a", "b")}
    np.testing.assert_array_equal(beside(one).values, beside(other).values)


def test_decimal_comma_holds_for_covariates(tmp_path: Path) -> None:
    """They are read as targets are."""
    temp = [str(one).replace(".", ",") for one in TEMP]

    panel = read(tmp_path, table("ds;y;temp", DAYS, TARGET, temp, sep=";"), past=("temp",)).panel

    np.testing.assert_array_equal(beside(panel).values[:, 0], TEMP)


def test_bad_number_is_told_with_its_place(tmp_path: Path) -> None:
    """File, line and column, as for targets."""
    temp = [*TEMP[:4], "warm", *TEMP[5:]]

    with pytest.raises(DataError, match=r"data.csv:6:3: 'warm' is not a number in column 'temp'"):
        read(tmp_path, table("ds,y,temp", DAYS, TARGET, temp), past=("temp",))


def test_column_of_many_labels_is_no_covariate(tmp_path: Path) -> None:
    """Declared, it is refused; by its name alone, it is left out."""
    count = 101
    text = table("ds,y,event", days(count), list(range(count)), [f"label {one}" for one in range(count)])

    with pytest.raises(UsageError, match="'event' has 101 labels, a covariate can have 100"):
        read(tmp_path, text, future=("event",))
    assert "1 column not used: 'event'" in said(read(tmp_path, text))


def test_column_of_dates_is_no_covariate(tmp_path: Path) -> None:
    """A date is neither a number nor a label."""
    with pytest.raises(UsageError, match="'opened' holds dates"):
        read(tmp_path, table("ds,y,opened", DAYS, TARGET, DAYS), time="ds", past=("opened",))


def test_static_covariates_are_one_row_per_series(tmp_path: Path) -> None:
    """A missing cell takes nothing away from a fact that another row tells."""
    region = ["hill", "", *["hill"] * 10, *["coast"] * ROWS]
    size = [NAN] * ROWS + [7.5] * ROWS
    ids = ["north"] * ROWS + ["south"] * ROWS
    text = table("shop,ds,y,region,size", ids, [*DAYS, *DAYS], [*TARGET, *TARGET], region, size)

    panel = read(tmp_path, text, id="shop", static=("region", "size")).panel

    assert panel.schema.categories == {"region": ("coast", "hill")}
    np.testing.assert_array_equal(beside(panel).static, [[2, NAN], [1, 7.5]])


def test_static_covariate_that_changes_is_told(tmp_path: Path) -> None:
    """Series, both values and the place of the second."""
    region = ["hill"] * 5 + ["coast"] * 7

    with pytest.raises(DataError) as caught:
        read(tmp_path, shops("shop,ds,y,region", region=region), static=("region",))

    assert "data.csv:7:4" in str(caught.value)
    assert "'region' of series 'north' is 'hill' before and 'coast' here" in caught.value.message


def test_covariates_follow_their_rows_when_these_are_sorted(tmp_path: Path) -> None:
    """Rows in any order give the same panel."""
    text = shops("shop,ds,y,promo,temp", promo=PROMO, temp=TEMP)
    lines = text.splitlines()
    mixed = "\n".join([lines[0], *np.random.default_rng(0).permutation(lines[1:])]) + "\n"

    one, other = (read(tmp_path, each, past=("temp",)).panel for each in (text, mixed))

    for name in one.series_ids:
        first, second = one.series_ids.index(name), other.series_ids.index(name)
        np.testing.assert_array_equal(beside(one).series(first), beside(other).series(second))


def test_absent_steps_are_missing_and_counted(tmp_path: Path) -> None:
    """Covariates stand on the grid of the target, and their gaps are told."""
    text = table("ds,y,temp", DAYS, TARGET, TEMP).replace(f"{DAYS[4]},14,4.5\n", "").replace(",7.5\n", ",\n")

    result = read(tmp_path, text, future=("temp",))

    missing = np.flatnonzero(np.isnan(beside(result.panel).values[:, 0]))
    assert missing.tolist() == [4, 7]
    assert "covariates without a value: 'temp' at 2 of 12 time steps" in said(result)


def test_rows_after_the_target_are_the_future(tmp_path: Path) -> None:
    """They lengthen the covariates, not the target, and do not count as missing targets."""
    text = table("ds,y,promo", days(ROWS + 8), [*TARGET, *[""] * 8], [*PROMO, *[1] * 8])

    result = read(tmp_path, text)

    assert result.panel.lengths.tolist() == [ROWS]
    np.testing.assert_array_equal(beside(result.panel).values[:, 0], [*PROMO, *[1] * 8])
    assert "missing" not in said(result)


@pytest.mark.parametrize("settings", [{"past": ("promo",)}, {"no_covariates": True, "target": "y"}])
def test_trailing_rows_stay_rows_of_the_target_without_future_covariates(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    """What is not known ahead says nothing about a future."""
    text = table("ds,y,promo", days(ROWS + 2), [*TARGET, "", ""], [*PROMO, 1, 1])

    assert read(tmp_path, text, **settings).panel.lengths.tolist() == [ROWS + 2]


def test_trailing_rows_without_a_future_value_stay_rows_of_the_target(tmp_path: Path) -> None:
    """Rows in which nothing is known are missing targets, as ever."""
    text = table("ds,y,promo", days(ROWS + 2), [*TARGET, "", ""], [*PROMO, "", ""])

    assert read(tmp_path, text).panel.lengths.tolist() == [ROWS + 2]


def test_future_far_away_is_a_mistyped_timestamp(tmp_path: Path) -> None:
    """A wrong century of a future row does not fill the memory."""
    text = table("ds,y,promo", [*DAYS, "2924-01-13"], [*TARGET, ""], [*PROMO, 1])

    with pytest.raises(DataError, match="the longest gap is 2024-01-13 to 2924-01-12"):
        read(tmp_path, text, freq="D")


def test_wide_table_shares_its_covariates(tmp_path: Path) -> None:
    """Every series has the values of the declared columns; the other numbers are series."""
    text = table("ds,s1,s2,temp,promo", DAYS, TARGET, TEMP, TEMP, PROMO)

    panel = read(tmp_path, text, past=("temp",), future=("promo",)).panel

    assert panel.series_ids == ("s1", "s2")
    for index in range(2):
        np.testing.assert_array_equal(beside(panel).series(index), np.column_stack([TEMP, PROMO]))


def test_wide_table_has_no_static_covariates(tmp_path: Path) -> None:
    """One column cannot say something else about every series."""
    with pytest.raises(UsageError, match="--static means nothing where every column is a series"):
        read(tmp_path, table("ds,s1,s2", DAYS, TARGET, TEMP), layout="wide", static=("s2",))


def test_wide_table_finds_no_covariates_by_name(tmp_path: Path) -> None:
    """Asked for series, every number is one."""
    panel = read(tmp_path, table("ds,soup,promo", DAYS, TARGET, PROMO), layout="wide").panel

    assert panel.series_ids == ("soup", "promo")
    assert panel.covariates is None


def test_model_decides_columns_and_labels(tmp_path: Path) -> None:
    """New rows get the codes of the model; a label it has not is 0, with a warning."""
    text = table("ds,y,weather", DAYS, TARGET, ["rain", "sun", "fog"] * 4)
    model = read(tmp_path, text, past=("weather",))

    result = read_again(tmp_path, "ds,y,weather\n2024-01-13,5,sun\n2024-01-14,6,hail\n", model)

    np.testing.assert_array_equal(beside(result.panel).values, [[3], [0]])
    assert result.panel.schema == model.panel.schema
    [note] = [note for note in result.notes if note.warning]
    assert note.text == "1 label of column 'weather' is unknown to the model and counts as missing: 'hail'"


def test_missing_covariate_column_does_not_fit_the_model(tmp_path: Path) -> None:
    """It is named with its role, as other columns are."""
    model = read(tmp_path, table("ds,y,promo", DAYS, TARGET, PROMO))

    with pytest.raises(ArtifactError, match=r"no column 'promo' \(a future covariate\)"):
        read_again(tmp_path, "ds,y\n2024-01-13,5\n", model)


def test_wide_model_takes_no_covariate_for_a_series(tmp_path: Path) -> None:
    """A further number is a further series, but for the covariates."""
    text = table("ds,s1,s2,temp", DAYS, TARGET, TEMP, TEMP)

    result = read_again(tmp_path, text, read(tmp_path, text, past=("temp",)))

    assert result.panel.series_ids == ("s1", "s2")


def test_rows_of_the_future_alone_are_read_for_a_model(tmp_path: Path) -> None:
    """What is known ahead may come in a file of its own; it has no target and is no cause for a warning."""
    model = read(tmp_path, table("ds,y,promo", DAYS, TARGET, PROMO))

    result = read_again(tmp_path, table("ds,y,promo", days(3, start=13), ["", "", ""], [1, 0, 1]), model)

    assert by_id(result.panel) == {"y": []}
    np.testing.assert_array_equal(beside(result.panel).values[:, 0], [1, 0, 1])
    assert result.notes == ()


def test_reading_covariates_loads_nothing_heavy(tmp_path: Path) -> None:
    """Labels, truths and facts are read without pandas, and without calendars."""
    text = shops(
        "shop,ds,y,promo,event,static_size", promo=["true"] * ROWS, event=["fair"] * ROWS, size=[1] * ROWS
    )
    code = (
        "import sys\nfrom tsforecast.data.reading import read_panel\n"
        "found = read_panel(sys.argv[1]).panel.schema.future\n"
        "sys.exit(found != ('promo', 'event') or bool({'pandas', 'holidays'} & {*sys.modules}))"
    )

    done = subprocess.run([sys.executable, "-c", code, str(write(tmp_path, text))], check=False)

    assert done.returncode == 0
