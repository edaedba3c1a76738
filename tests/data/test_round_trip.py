from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tests.data.dialects import FORMS, SERIES, Form, encode, times_of
from tests.data.tables import write
from tests.fuzz import reading
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(series=SERIES, form=FORMS, holes=reading.HOLES)
def test_written_panel_reads_back_equal(
    tmp_path: Path, series: dict[str, list[float]], form: Form, holes: set[int]
) -> None:
    """Whatever the dialect, the container and the layout, the values, ids and times of a panel survive a file."""
    cells = reading.with_holes(series, holes, form)
    write(tmp_path, encode(cells, form))

    panel = read_panel(tmp_path / "data.csv", DataSettings(**form.settings)).panel

    assert panel.series_ids == tuple(cells)
    for index, values in enumerate(cells.values()):
        np.testing.assert_array_equal(panel.series(index), values)
    rendered = panel.schema.time_format.render(panel.frequency.ticks(panel.first))
    assert [str(text) for text in rendered] == times_of(form, 1) * len(cells)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=reading.FILES, given_settings=reading.SETTINGS)
def test_any_bytes_give_a_panel_or_our_own_error(
    tmp_path: Path, data: bytes, given_settings: DataSettings
) -> None:
    """No input ends in a traceback, whatever the flags; python -m tests.fuzz looks longer."""
    reading.try_file(write(tmp_path, data), given_settings)


@pytest.mark.parametrize("rows", [2, 3])
def test_very_short_series_are_read(tmp_path: Path, rows: int) -> None:
    """Two rows make a panel; whether that is enough is for others to say."""
    text = "ds,y\n" + "".join(f"2024-0{month}-01,{month}.5\n" for month in range(1, rows + 1))

    assert len(read_panel(write(tmp_path, text), DataSettings()).panel.values) == rows
