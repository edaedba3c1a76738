"""A small plain file is read in a short way, and nobody can tell by what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.odd.case import Odd
from tests.data.odd.registry import ODD
from tests.data.tables import daily, days, write
from tests.fuzz.reading import NASTY, answer_of
from tsforecast.config import DataSettings
from tsforecast.data.panel import Reading
from tsforecast.data.plain_csv import SMALL, read_plain
from tsforecast.data.reading import read_panel
from tsforecast.errors import ForecastError

SHOPS = "shop,day,sales\n" + "".join(
    f"{name},{day},{row}.25\n" for name in ("north", "south 2") for row, day in enumerate(days(9))
)
WIDE = "when,north,south\n" + "".join(f"{day},{row},-{row}.5\n" for row, day in enumerate(days(9)))
HOURS = "t,y\n" + "".join(f"2024-01-01{{}}{hour:02}:00{{}},{hour}\n" for hour in range(12))
PLAIN = {
    "days": daily(),
    "months": "month,y\n" + "".join(f"2024-{month:02},{month}.5\n" for month in range(1, 13)),
    "minutes": HOURS.format(*[" ", ""] * 12),
    "minutes with a T": HOURS.format(*["T", ""] * 12),
    "seconds": HOURS.format(*[" ", ":00"] * 12),
    "seconds with a T": HOURS.format(*["T", ":00"] * 12),
    "series by name": SHOPS,
    "series by column": WIDE,
    "lines of Windows": SHOPS.replace("\n", "\r\n"),
    "no last line end": SHOPS.removesuffix("\n"),
    "letters of the world": SHOPS.replace("north", "Zürich 北"),
}
MODELS = {"days": daily(12), "series by name": SHOPS, "series by column": WIDE}


def assert_same(path: Path, model: Any, said: DataSettings) -> bool:
    """Whether the short way reads a file for a model; what it reads is what the usual way reads."""
    short = read_plain(path, said, model.schema, model.frequency)
    if short is None:
        return False
    usual = read_panel(path, said, schema=model.schema, frequency=model.frequency)
    one, other = short.panel, usual.panel
    assert (one.schema, one.series_ids, one.frequency) == (other.schema, other.series_ids, other.frequency)
    for panel in (one, other):
        assert panel.covariates is None
        assert panel.observed is None
    for name in ("values", "offsets", "first"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert (ours.dtype, ours.tolist()) == (theirs.dtype, theirs.tolist())
    assert _beside(short) == _beside(usual)
    return True


def _beside(read: Reading) -> tuple[Any, ...]:
    return read.notes, read.source, read.skipped


def model_of(folder: Path, content: str) -> Any:
    """Panel that a model was made from."""
    layout = "wide" if content is WIDE else "auto"
    return read_panel(write(folder, content, "model.csv"), DataSettings(layout=layout)).panel


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_take_the_short_way(name: str, tmp_path: Path) -> None:
    """Files as most are cost no more than they must."""
    path = write(tmp_path, PLAIN[name])

    assert assert_same(path, model_of(tmp_path, PLAIN[name]), DataSettings())


@pytest.mark.parametrize("odd", [odd for files in ODD.values() for odd in files], ids=lambda odd: odd.what)
def test_odd_files_are_left_alone_or_read_the_same(tmp_path: Path, odd: Odd) -> None:
    """Whatever is odd is told as always, to a model of such files and to any other."""
    path, said = write(tmp_path, odd.content), DataSettings(**odd.settings)
    models = [model_of(tmp_path, content) for content in MODELS.values()]
    own = answer_of(lambda: read_panel(path, said))
    models += [] if isinstance(own, ForecastError) else [own.panel]

    for model in models:
        assert_same(path, model, said)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_left_alone_or_read_the_same(tmp_path: Path, data: st.DataObject) -> None:
    """A few bytes more or fewer are never passed over."""
    name = data.draw(st.sampled_from(list(PLAIN)))
    content = PLAIN[name].encode()
    at = data.draw(st.integers(0, len(content)))
    end = at + data.draw(st.sampled_from([0, 0, 1, 2, 40]))
    put = data.draw(
        st.one_of(st.sampled_from(NASTY), st.text("0123456789-:.,T xé\n", max_size=3).map(str.encode))
    )

    assert_same(
        write(tmp_path, content[:at] + put + content[end:]), model_of(tmp_path, PLAIN[name]), DataSettings()
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.floats(-1e15, 1e15) | st.integers(-(10**16), 10**16), min_size=2, max_size=9),
    names=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=3),
)
def test_panels_are_read_the_same(tmp_path: Path, values: list[float], names: list[str]) -> None:
    """Numbers keep their last digit, and ids their letters."""
    rows = (
        f"{name},{day},{value}\n"
        for name in names
        for day, value in zip(days(len(values)), values, strict=True)
    )

    assert_same(
        write(tmp_path, "shop,day,sales\n" + "".join(rows)), model_of(tmp_path, SHOPS), DataSettings()
    )


@pytest.mark.parametrize(
    "said", [{"fill": "linear"}, {"na": ("3",)}, {"duplicates": "last"}, {"outliers": "clip"}, {"tz": "UTC"}]
)
def test_models_with_repairs_take_the_usual_way(tmp_path: Path, said: dict[str, Any]) -> None:
    """What a model does to its tables is done to new ones, too."""
    model = model_of(tmp_path, SHOPS)

    assert read_plain(write(tmp_path, SHOPS), DataSettings(**said), model.schema, model.frequency) is None


@pytest.mark.parametrize("cells", ["{},5", "1.000.{:03},5", "1 000 {:03}"])
def test_models_of_other_marks_take_the_usual_way(cells: str, tmp_path: Path) -> None:
    """Whoever writes a comma before decimals means something else by a point."""
    rows = "".join(f"{day};{cells.format(row)}\n" for row, day in enumerate(days(9)))
    model = model_of(tmp_path, "ds;y\n" + rows)
    path = write(tmp_path, "ds,y\n" + "".join(f"{day},{row}.250\n" for row, day in enumerate(days(9))))

    assert read_plain(path, DataSettings(), model.schema, model.frequency) is None


def test_large_files_take_the_usual_way(tmp_path: Path) -> None:
    """Beyond some size pyarrow is quicker, import and all."""
    values = np.arange(SMALL // 12)
    body = "".join(f"{step},{value}\n" for step, value in zip(days(len(values)), values, strict=True))
    model = model_of(tmp_path, daily())

    assert read_plain(write(tmp_path, "ds,y\n" + body), DataSettings(), model.schema, model.frequency) is None
