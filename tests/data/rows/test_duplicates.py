"""Timestamps that stand twice are told by their lines, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.tables import days, write
from tsforecast.config import DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.data.rows import duplicates
from tsforecast.errors import DataError

GIVEN = DataSettings(id="shop", time="ds", target="y", freq="D")
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), min_size=2, max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_the_first_pairs_of_lines_are_told(tmp_path: Path, rows: list[tuple[str, int]]) -> None:
    """As one finds them who reads the table from the top and looks for the row above with the same time."""
    above: dict[tuple[str, int], int] = {}
    pairs = []
    for line, row in enumerate(rows, start=2):
        if row in above:
            pairs.append((above[row], line))
        above[row] = line
    text = "".join(f"{shop},{days(6)[day]},{line}\n" for line, (shop, day) in enumerate(rows))
    path = write(tmp_path, f"shop,ds,y\n{text}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_PART", 3)
        if not pairs:
            return
        with pytest.raises(DataError) as caught:
            read_panel(path, GIVEN)

    told = ", ".join(f"line {upper} and {lower}" for upper, lower in pairs[:5])
    more = f" and {len(pairs) - 5} more" if len(pairs) > 5 else ""
    assert caught.value.line == pairs[0][1]
    assert caught.value.message.startswith(f"{len(pairs)} duplicate timestamp")
    assert caught.value.message.endswith(f": {told}{more}")


def test_series_with_duplicates_are_left_out_by_request(tmp_path: Path) -> None:
    """Those that have none stay, and a row that ends one series is no duplicate of the next one's first."""
    rows = [("a", 0), ("a", 1), ("a", 2), ("b", 2), ("b", 3), ("b", 3), ("c", 3), ("c", 4)]
    text = "".join(f"{shop},{days(6)[day]},{line}\n" for line, (shop, day) in enumerate(rows))
    read = read_panel(write(tmp_path, f"shop,ds,y\n{text}"), GIVEN, skip=True)

    assert (read.panel.series_ids, read.skipped) == (("a", "c"), ("b",))
