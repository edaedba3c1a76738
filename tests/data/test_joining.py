from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import by_id
from tsforecast.data import joining
from tsforecast.data.joining import join_panels
from tsforecast.data.panel import Panel, Schema
from tsforecast.data.times.time_format import TimeFormat
from tsforecast.data.times.timeline import parse_frequency
from tsforecast.errors import ArtifactError, DataError

SCHEMA = Schema(layout="long", time="ds", time_format=TimeFormat(), id="shop", target="y")


def panel(series: dict[str, tuple[int, list[float]]], alias: str = "D") -> Panel:
    """Panel of series by id, each with its first ordinal."""
    values = [np.array(one[1]) for one in series.values()]
    return Panel.of([*series], values, [one[0] for one in series.values()], parse_frequency(alias), SCHEMA)


def test_new_values_win_and_old_ones_fill() -> None:
    """Where both have a value the new one counts; where the new one is missing the old one stays."""
    joined = join_panels(panel({"a": (0, [1.0, 2.0, 3.0])}), panel({"a": (1, [np.nan, 30.0, 40.0])}))

    assert by_id(joined) == {"a": [1.0, 2.0, 30.0, 40.0]}
    assert joined.first.tolist() == [0]


def test_gap_between_history_and_new_rows_is_missing() -> None:
    """Steps nobody saw are missing, not closed up."""
    joined = join_panels(panel({"a": (0, [1.0, 2.0])}), panel({"a": (4, [5.0])}))

    np.testing.assert_array_equal(joined.values, [1.0, 2.0, np.nan, np.nan, 5.0])


def test_older_rows_may_come_before_the_history() -> None:
    """A full file reaches further back than the stored context."""
    joined = join_panels(panel({"a": (5, [6.0])}), panel({"a": (3, [4.0, 5.0, 6.5])}))

    assert (by_id(joined), joined.first.tolist()) == ({"a": [4.0, 5.0, 6.5]}, [3])


def test_series_of_both_sides_are_kept_in_order() -> None:
    """The model's series first, then those it never saw."""
    joined = join_panels(panel({"a": (0, [1.0]), "b": (0, [2.0])}), panel({"c": (9, [3.0]), "b": (1, [4.0])}))

    assert by_id(joined) == {"a": [1.0], "b": [2.0, 4.0], "c": [3.0]}
    assert joined.first.tolist() == [0, 0, 9]


ROWS = st.tuples(st.integers(0, 2), st.lists(st.sampled_from([1.0, 2.0, np.nan]), max_size=4))
PANELS = st.lists(ROWS, min_size=1, max_size=3).map(lambda rows: panel(dict(zip("abc", rows, strict=False))))


@given(history=PANELS, new=PANELS)
def test_full_files_are_joined_as_all_are(history: Panel, new: Panel) -> None:
    """Rows that leave nothing to the history are not joined series by series, and give the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "_has_all", lambda *_: False)
        slowly = join_panels(history, new)
    joined = join_panels(history, new)

    assert joined.series_ids == slowly.series_ids
    for name in ("values", "offsets", "first"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(slowly, name))


def test_joining_does_not_change_its_arguments() -> None:
    """Both panels stay what they were."""
    history, new = panel({"a": (0, [1.0, 2.0])}), panel({"a": (0, [9.0, 9.0])})

    join_panels(history, new)

    assert by_id(history) == {"a": [1.0, 2.0]}


def test_other_frequency_is_refused() -> None:
    """Ordinals of two grids mean different times."""
    with pytest.raises(ArtifactError, match=r"the model is daily \(D\), the data are hourly \(h\)"):
        join_panels(panel({"a": (0, [1.0])}), panel({"a": (0, [1.0])}, "h"))


def test_rows_far_away_are_refused() -> None:
    """A wrong century does not fill the memory with missing values."""
    with pytest.raises(DataError, match="series 'a' lies 9999998 steps away"):
        join_panels(panel({"a": (0, [1.0])}), panel({"a": (9_999_999, [1.0])}))
