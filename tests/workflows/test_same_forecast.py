from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.data.tables import days
from tsforecast.config import PredictSettings
from tsforecast.data.writing import to_csv
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


@pytest.mark.parametrize("write", [as_european_csv, as_json_lines, as_parquet, as_wide])
def test_form_of_the_table_does_not_change_the_forecast(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    """The same numbers give the same bytes, whatever they were written in."""
    settings = PredictSettings(zero_shot=True, horizon=5)
    as_csv(tmp_path / "plain")
    write(tmp_path / "other")

    plain, other = (predict(None, tmp_path / name, settings=settings).table for name in ("plain", "other"))
    assert to_csv(other) == to_csv(plain)
