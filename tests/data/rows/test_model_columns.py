"""New rows have the columns of the model, or are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.tables import days, read, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import ArtifactError

NAMES = ("units", "PV Dach", "promo")
ROWS = "".join(f"{day},{row},{row + 50}.5,{row % 2}\n" for row, day in enumerate(days(20)))


@pytest.mark.parametrize("targets", ["units", "units,PV Dach"])
@pytest.mark.parametrize(
    "header", ["day,unit,PV Dach,promo", "day,Units,PV Dach,promo", "day,units_,PV Dach,promo"]
)
def test_a_target_that_was_renamed_is_refused(tmp_path: Path, targets: str, header: str) -> None:
    """Taken for a plan without targets, such rows gave a forecast of old values without a word."""
    known = read(tmp_path, f"day,{','.join(NAMES)}\n{ROWS}", target=targets, future=("promo",)).panel
    path = write(tmp_path, f"{header}\n2024-01-21,1,2,0\n")

    with pytest.raises(ArtifactError, match=r"has no column 'units' \(a target\), but one called"):
        read_panel(path, DataSettings(), schema=known.schema, frequency=known.frequency)


def test_a_plan_has_no_column_like_a_target(tmp_path: Path) -> None:
    """What is known ahead may stand in a table of its own, beside columns that the model does not know."""
    known = read(tmp_path, f"day,{','.join(NAMES)}\n{ROWS}", target="units,PV Dach", future=("promo",)).panel
    path = write(tmp_path, "day,promo,remark\n2024-01-21,1,7\n")

    plan = read_panel(path, DataSettings(), schema=known.schema, frequency=known.frequency).panel

    assert plan.lengths.tolist() == [0, 0]
