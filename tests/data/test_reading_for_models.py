"""New rows for a model are read as its table was, or refused with everything that differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.tables import by_id, daily, days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.errors import ArtifactError

LONG = daily()


def test_model_schema_decides_the_columns(tmp_path: Path) -> None:
    """For predict the columns are those of the model, in any order, beside any others."""
    model = read(tmp_path, LONG).panel
    text = "b,y,ds\n" + "".join(f"{index}.5,7,{day}\n" for index, day in enumerate(days(3, start=11)))
    result = read_panel(write(tmp_path, text), DataSettings(), schema=model.schema, frequency=model.frequency)

    assert by_id(result.panel) == {"y": [7.0, 7.0, 7.0]}
    assert result.panel.first.tolist() == (model.last + 1).tolist()


def test_one_new_row_is_enough_for_a_known_model(tmp_path: Path) -> None:
    """What is too little for fit is normal for predict."""
    model = read(tmp_path, LONG).panel
    path = write(tmp_path, "ds,y\n2024-01-11,5\n")

    assert (
        len(read_panel(path, DataSettings(), schema=model.schema, frequency=model.frequency).panel.values)
        == 1
    )


def test_every_missing_column_of_the_model_is_named(tmp_path: Path) -> None:
    """One run tells everything that does not fit."""
    model = read(tmp_path, LONG).panel

    with pytest.raises(
        ArtifactError, match=r"no column 'ds' \(the time\), no column 'y' \(the target\)"
    ) as caught:
        read_panel(
            write(tmp_path, "date,sales\n2024-01-11,5\n"), schema=model.schema, frequency=model.frequency
        )

    assert caught.value.exit_code == 5


@pytest.mark.parametrize("header", ["ds,amount", "when,amount", "when,y"])
@pytest.mark.parametrize("name", ["h", "W-SUN", "MS"])
def test_missing_columns_and_another_frequency_are_named_together(
    tmp_path: Path, header: str, name: str
) -> None:
    """Who mends the header should not learn of the frequency only then."""
    model = read(tmp_path, LONG).panel
    path = write(tmp_path, LONG.replace("ds,y", header))
    unlike = r"does not fit the model: no column .*; the model is .*, the data are daily \(D\)$"
    with pytest.raises(ArtifactError, match=unlike):
        read_panel(path, schema=model.schema, frequency=parse_frequency(name))

    with pytest.raises(ArtifactError, match=r"does not fit the model: no column [^;]*$"):
        read_panel(path, schema=model.schema, frequency=model.frequency)


def test_a_wide_table_of_other_series_and_another_frequency_is_told_of_both(tmp_path: Path) -> None:
    """The same holds where each column is a series."""
    wide = "ds,a,b,c\n" + "".join(f"{day},1,2,{row}\n" for row, day in enumerate(days(10)))
    model = read(tmp_path, wide).panel

    with pytest.raises(ArtifactError, match=r"none of the series 'a', 'b' and 'c'; the model is hourly"):
        read_panel(
            write(tmp_path, wide.replace("a,b,c", "k,l,m")),
            schema=model.schema,
            frequency=parse_frequency("h"),
        )


def test_other_frequency_than_the_model_is_named(tmp_path: Path) -> None:
    """Daily rows for an hourly model are refused, not stretched."""
    model = read(tmp_path, LONG).panel
    for name, found in (("h", "hourly"), ("W-SUN", "weekly on Sundays")):
        with pytest.raises(ArtifactError, match=rf"the model is {found} .* the data are daily \(D\)"):
            read_panel(write(tmp_path, LONG), schema=model.schema, frequency=parse_frequency(name))


def test_day_first_of_the_model_decides_ambiguous_rows(tmp_path: Path) -> None:
    """New rows that could be read both ways are read as the model's were."""
    long = read(tmp_path, "ds,y\n" + "".join(f"{day:02d}/01/2024,1.{day}\n" for day in range(1, 29))).panel
    new = write(tmp_path, "ds,y\n01/02/2024,3\n02/02/2024,4\n")

    panel = read_panel(new, schema=long.schema, frequency=long.frequency).panel

    assert str(long.schema.time_format.render(panel.frequency.ticks(panel.first))[0]) == "01/02/2024"
    assert panel.first[0] - long.first[0] == 31


def test_wide_table_takes_new_columns_as_new_series(tmp_path: Path) -> None:
    """A column the model has not seen is a series, and that is said."""
    rows = "".join(f"{day},{i},{i + 1.5}\n" for i, day in enumerate(days(9)))
    model = read(tmp_path, "ds,s1,s2\n" + rows).panel
    text = "ds,s2,s1,s3\n" + "".join(f"{day},{i},{i},{i}\n" for i, day in enumerate(days(9)))
    result = read_panel(write(tmp_path, text), schema=model.schema, frequency=model.frequency)

    assert result.panel.series_ids == ("s1", "s2", "s3")
    assert any("'s3' is a series that the model has not seen" in note.text for note in result.notes)
    assert replace(result.panel.schema, series_columns=("s1", "s2")) == model.schema
