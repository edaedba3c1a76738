from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from tests.data.tables import days
from tsforecast.config import FitSettings, PredictSettings
from tsforecast.data.output.writing import to_csv
from tsforecast.workflows.fit import fit
from tsforecast.workflows.predict import predict

NOISE = np.random.default_rng(7).normal(size=(2, 80))
SERIES = {name: [repr(float(50 + one)) for one in NOISE[row]] for row, name in enumerate(("s1", "s2"))}
DAYS = days(80)


def long_rows() -> list[tuple[str, str, str]]:
    """Rows of series, day and value."""
    return [(name, day, cells[row]) for name, cells in SERIES.items() for row, day in enumerate(DAYS)]


def as_csv(path: Path) -> None:
    """Long, comma separated."""
    path.write_text("series,day,y\n" + "".join(",".join(row) + "\n" for row in long_rows()))


def as_european_csv(path: Path) -> None:
    """Long, semicolons, decimal comma, a currency sign, Windows line ends."""
    rows = (f"{name};{day};{cell.replace('.', ',')} €\r\n" for name, day, cell in long_rows())
    path.write_bytes(("series;day;y\r\n" + "".join(rows)).encode("cp1252"))


def as_json_lines(path: Path) -> None:
    """Long, one object per line."""
    rows = (json.dumps({"series": name, "day": day, "y": float(cell)}) for name, day, cell in long_rows())
    path.write_text("\n".join(rows) + "\n")


def as_parquet(path: Path) -> None:
    """Long, with numbers as numbers."""
    names, stamps, cells = zip(*long_rows(), strict=True)
    table = pa.table({"series": names, "day": stamps, "y": [float(cell) for cell in cells]})
    pyarrow.parquet.write_table(table, path)


def as_wide(path: Path) -> None:
    """One column per series."""
    rows = (",".join(row) + "\n" for row in zip(DAYS, *SERIES.values(), strict=True))
    path.write_text("day," + ",".join(SERIES) + "\n" + "".join(rows))


def as_arrow(path: Path) -> None:
    """Long, with categories in another order than their rows."""
    names, stamps, cells = zip(*long_rows(), strict=True)
    kinds = pa.DictionaryArray.from_arrays(
        pa.array([1 if name == "s1" else 0 for name in names]), ["s2", "s1"]
    )
    table = pa.table({"series": kinds, "day": stamps, "y": [float(cell) for cell in cells]})
    pyarrow.feather.write_feather(table, str(path))


def as_timestamps(path: Path) -> None:
    """Long, with times as times."""
    as_parquet(path)
    table = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(table.set_column(1, "day", table["day"].cast(pa.timestamp("us"))), path)


def as_rows_of_days(path: Path) -> None:
    """Long, all series of a day below each other."""
    rows = sorted(long_rows(), key=lambda row: row[1])
    path.write_text("series,day,y\n" + "".join(",".join(row) + "\n" for row in rows))


def as_wide_json_lines(path: Path) -> None:
    """One key per series."""
    rows = zip(DAYS, *SERIES.values(), strict=True)
    path.write_text("".join(json.dumps(dict(zip(("day", *SERIES), row, strict=True))) + "\n" for row in rows))


FORMS = [
    as_european_csv, as_json_lines, as_parquet, as_arrow, as_timestamps, as_rows_of_days, as_wide, as_wide_json_lines,
]  # fmt: skip


@pytest.mark.parametrize("write", FORMS)
def test_form_of_the_table_does_not_change_the_forecast(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    """The same numbers give the same bytes, whatever they were written in."""
    settings = PredictSettings(zero_shot=True, horizon=5)
    as_csv(tmp_path / "plain")
    write(tmp_path / "other")

    plain, other = (predict(None, tmp_path / name, settings=settings).table for name in ("plain", "other"))
    assert to_csv(other) == to_csv(plain)


@pytest.mark.parametrize("write", [as_json_lines, as_arrow, as_timestamps, as_wide])
def test_form_of_the_table_does_not_change_the_model(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """What is learnt from it is the same too, where series stand in the same order."""
    settings = FitSettings(steps=5, members=1, horizon=5)
    as_csv(tmp_path / "plain")
    write(tmp_path / "other")

    for name in ("plain", "other"):
        fit(tmp_path / name, tmp_path / f"{name}.tsf", settings=settings)
    plain, other = (
        predict(tmp_path / f"{name}.tsf", settings=PredictSettings()).table for name in ("plain", "other")
    )
    assert to_csv(other) == to_csv(plain)


def test_order_of_series_is_that_of_the_table(tmp_path: Path) -> None:
    """Of their first rows or of their columns; another order changes no more than the last digits of a forecast."""
    settings = PredictSettings(zero_shot=True, horizon=5)
    as_csv(tmp_path / "plain")
    header, *rows = (tmp_path / "plain").read_text().splitlines()
    (tmp_path / "turned").write_text("\n".join([header, *rows[80:], *rows[:80]]) + "\n")
    columns = (",".join(row) + "\n" for row in zip(DAYS, SERIES["s2"], SERIES["s1"], strict=True))
    (tmp_path / "wide").write_text("day,s2,s1\n" + "".join(columns))

    plain, turned, wide = (
        predict(None, tmp_path / name, settings=settings).table for name in ("plain", "turned", "wide")
    )
    assert to_csv(turned) == to_csv(wide)
    assert turned.series_ids == ["s2"] * 5 + ["s1"] * 5
    for name in ("forecast", "q0.1", "q0.9"):
        np.testing.assert_allclose(np.roll(turned.columns[name], 5), plain.columns[name], rtol=1e-6)
