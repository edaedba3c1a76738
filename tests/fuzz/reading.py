"""Files that were written well and then damaged, and flags that may not fit them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from tests.data.dialects import FORMS, SERIES, Form, encode
from tests.data.odd.registry import ODD
from tsforecast.config import CheckSettings, DataSettings
from tsforecast.data.reading import read_panel
from tsforecast.errors import ForecastError
from tsforecast.workflows.check import check

HOLES = st.sets(st.integers(2, 9), max_size=2)
Answer = TypeVar("Answer")
NASTY = [
    b"\0", b'"', b"'", b"\r", b"\n", b"\n\n", b",", b";", b"\t", b"|", b"#", b"\xff", b"\xef\xbb\xbf", b"\xe2\x82\xac",
    b"-", b"--", b"inf", b"nan", b"NA", b"1e400", b"9" * 30, b"0x1", b"1,234", b"1.234,5", b"\x1b[2J", b"=cmd()",
    b"2024-02-30", b"24:00", b"9999-12-31", b"0001-01-01", b"01/02/03", b"+14:00", b"1970", b"{", b"}", b"[]", b"null",
    b"true", b"PAR1", b"ARROW1", b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"x" * 5000, b"," * 300, b"\n" * 300,
]  # fmt: skip
"""What breaks readers, put where it does not belong."""

UNDECIDED = (
    "several targets", "currency", "range of time", "clocks", "two columns", "minus", "percent", "seconds since 1970",
)  # fmt: skip
"""Kinds of odd files that a reader of numbers and times has most to decide about, so they come more often."""

ALPHABET = '0123456789-/:.,;\t\n" ay.é+TZ%€'


def with_holes(series: dict[str, list[float]], holes: set[int], form: Form) -> dict[str, list[float]]:
    """Series with missing values, all of one length where they stand side by side."""
    length = min(map(len, series.values())) if form.layout == "wide" else None
    return {
        name: [np.nan if row in holes else value for row, value in enumerate(values[:length])]
        for name, values in series.items()
    }


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """File that was a table before a few bytes were put in, taken out or cut off."""
    files = [odd for files in ODD.values() for odd in files if len(odd.content) < 5000]
    known = st.sampled_from([odd.content for odd in files])
    open_ones = st.sampled_from([odd.content for odd in files if odd.kind in UNDECIDED])
    written = st.builds(
        lambda series, form, holes: encode(with_holes(series, holes, form), form), SERIES, FORMS, HOLES
    )
    data = draw(st.one_of(known, open_ones, written))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = at + draw(st.sampled_from([0, 0, 0, 1, 1, 5, 40, 10_000]))
        data = (
            data[:at]
            + draw(st.one_of(st.sampled_from(NASTY), st.just(b""), st.binary(max_size=4)))
            + data[end:]
        )
    return data


FILES = st.one_of(
    st.binary(max_size=200), st.text(ALPHABET, max_size=200).map(str.encode), damaged(), damaged()
)
_COLUMNS = st.sampled_from(
    [None, None, None, None, "ds", "y", "id", "when", "sold", "shop", "units", "nothing"]
)
SETTINGS = st.builds(
    DataSettings,
    target=st.one_of(_COLUMNS, st.sampled_from(["sold,shop", "sold,id", "units,price", "y,ds", '"y"', "y,"])),
    time=_COLUMNS,
    id=st.one_of(_COLUMNS, st.sampled_from(["shop,id", "shop,when"])),
    freq=st.sampled_from([None, None, "h", "D", "B", "W-SUN", "MS", "QS", "YS", "step"]),
    layout=st.sampled_from(["auto", "auto", "long", "wide"]),
    past=st.sampled_from([(), (), ("y",), ("shop",)]),
    future=st.sampled_from([(), (), ("sold",), ("x",)]),
    static=st.sampled_from([(), (), ("shop",)]),
    delimiter=st.sampled_from([None, None, ",", ";", "tab", "|"]),
    decimal=st.sampled_from([None, None, ",", "."]),
    thousands=st.sampled_from([None, None, ",", ".", "'", "space"]),
    day_first=st.booleans(),
    month_first=st.sampled_from([False, False, False, True]),
    tz=st.sampled_from([None, None, "Europe/Berlin", "America/New_York", "UTC", "Asia/Beirut"]),
    na=st.sampled_from([(), (), ("-999",), ("k.A. €", "y")]),
    on_short_row=st.sampled_from(["error", "error", "skip", "fill"]),
    encoding=st.sampled_from([None, None, None, "utf-8", "cp1252", "utf-16", "cp037"]),
    duplicates=st.sampled_from(["error", "first", "last", "mean", "sum"]),
    resample=st.sampled_from([None, None, "h", "D", "MS"]),
    aggregate=st.sampled_from(["mean", "sum", "median", "min", "max", "first", "last"]),
    fill=st.sampled_from(["none", "linear", "seasonal", "zero", "ffill"]),
    outliers=st.sampled_from(["keep", "clip"]),
    min_rows=st.sampled_from([None, None, 1, 5]),
    drop_short=st.booleans(),
    skip_rows=st.sampled_from([0, 0, 0, 1, 3, 100]),
).map(lambda one: one if one.resample else replace(one, aggregate="mean"))
"""Flags in any combination, also those that contradict each other."""


def try_file(path: Path, given: DataSettings) -> None:
    """Read and check a file; our own error is an answer too, any other exception is not."""
    answer = answer_of(lambda: read_panel(path, given))
    if isinstance(answer, ForecastError):
        assert answer.message
        assert answer.message.isprintable()
        assert answer.exit_code in (2, 3, 4)
    else:
        assert len(answer.panel) > 0
        assert (answer.description + "".join(note.text for note in answer.notes)).isprintable()
    options = CheckSettings(**{item.name: getattr(given, item.name) for item in fields(given)})
    found = answer_of(lambda: check(path, settings=options))
    if isinstance(found, ForecastError):
        assert found.exit_code in (2, 4)
    else:
        assert all(one.found for one in found.findings)


def answer_of(act: Callable[[], Answer]) -> Answer | ForecastError:
    """Give what is answered, or our own error."""
    try:
        return act()
    except ForecastError as error:
        return error
